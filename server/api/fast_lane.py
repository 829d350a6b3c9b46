"""The short way for most submissions: audits without a fault, in a plain body, from a device that may send.

The application's machinery costs more than keeping the audits. This way asks for the same rights, spends of
the same limit, keeps by the same statement and tells the same; but what it cannot answer with 200 or 201, for
whatever reason, goes on to the application as if it had not been here, and is decided and told there. Keeping
an audit twice is keeping it once, so nothing is lost or doubled by that.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from time import perf_counter
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec
import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from server.actors import Actor
from server.api import access, headers, limiting, metrics, tracing
from server.api.context import Services
from server.api.presenting import batch_told
from server.api.short_memory import ShortMemory
from server.audit_store import GroupCommit
from server.cities import City
from server.errors import Refusal
from server.intake.content import AuditContent
from server.services.submit_audits import Outcome, Sender, submit_audits

_ADDRESS = re.compile(r"/api/v1/cities/([a-z0-9-]+)/audits(/batch)?")
_ONE, _MANY = f"{access.CITY}/audits", f"{access.CITY}/audits/batch"
_PLAIN_TYPES = frozenset({"application/json", "application/json; charset=utf-8"})
_KNOWN_FOR_S = 5

log = structlog.get_logger("fast lane")


@dataclass(frozen=True)
class _Submission:
    """What was sent, read and found without a fault."""

    town: City
    token: str
    contents: Sequence[AuditContent]
    route: str


@dataclass(frozen=True)
class _Known:
    """Who holds a token, and the bucket that their submissions are taken from."""

    actor: Actor
    bucket: bytes


class FastLane:
    """The application with the short way before it.

    Who holds a token is remembered for some seconds. That lets nobody in: the statement that keeps audits
    asks whether the device still stands, and its holder is still as young as believed.
    """

    def __init__(self, application: WSGIApplication, here: Services, audits: GroupCommit) -> None:
        self._application = application
        self._here = here
        self._audits = audits
        self._limit = limiting.submission(here.settings)
        self._known: ShortMemory[tuple[int, str], _Known] = ShortMemory(lasts_s=_KNOWN_FOR_S, most=10_000)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        began = perf_counter()
        submission = self._read(environ)
        if submission is None:
            return self._application(environ, start_response)
        request_id = tracing.begin(environ.get("HTTP_X_REQUEST_ID"))
        outcomes = self._keep(submission)
        if outcomes is None or (submission.route == _ONE and outcomes[0].status == "conflict"):
            return self._application(environ, start_response)
        status, body = _told(submission.route, outcomes)
        start_response(f"{status} {status.phrase}", _headers(body, request_id))
        seconds = perf_counter() - began
        tracing.end(method="POST", route=submission.route, status=status.value, seconds=seconds)
        return [body]

    def _read(self, environ: WSGIEnvironment) -> _Submission | None:
        address = _ADDRESS.fullmatch(environ["PATH_INFO"])
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if address is None or scheme != "Bearer" or not _is_plain(environ):
            return None
        town, body = self._town(address[1]), self._body(environ)
        if town is None or body is None:
            return None
        if address[2]:
            contents = town.reader.plain.batch(body)
            return None if contents is None else _Submission(town, token, contents, _MANY)
        content = town.reader.plain.audit(body)
        return None if content is None else _Submission(town, token, [content], _ONE)

    def _town(self, slug: str) -> City | None:
        try:
            return self._here.cities.get(slug)
        except (Refusal, SQLAlchemyError):
            return None

    def _body(self, environ: WSGIEnvironment) -> bytes | None:
        """Return the body, which can then be read again; None if too large, slow or of unknown length."""
        length = environ.get("CONTENT_LENGTH", "")
        if not (length.isascii() and length.isdigit() and int(length) <= self._here.settings.max_body_bytes):
            return None
        parts, missing = [], int(length)
        try:
            while missing and (part := environ["wsgi.input"].read(missing)):
                parts.append(part)
                missing -= len(part)
        except Refusal:
            return None
        body = b"".join(parts)
        environ["wsgi.input"] = BytesIO(body)
        return body

    def _keep(self, submission: _Submission) -> list[Outcome] | None:
        """Return what became of each audit, committed; None where the application has to say why not."""
        town, here = submission.town, self._here
        try:
            known = self._holder(submission)
            if known is None or known.actor.role not in (access.RULES[submission.route]["POST"] or ()):
                return None
            self._spend(known.bucket)
            actor = known.actor
            return submit_audits(
                self._audits,
                city=town,
                sender=Sender(device_id=actor.id, minor=actor.minor, practice_before=actor.practice_before),
                contents=submission.contents,
                secret=here.secret,
                now=here.now(),
            )
        except Refusal:
            self._known.forget((town.city_id, submission.token))
        except (psycopg.Error, SQLAlchemyError) as error:
            log.warning("submission goes the long way", exc_info=error)
        return None

    def _holder(self, submission: _Submission) -> "_Known | None":
        city_id, token = submission.town.city_id, submission.token
        known = self._known.get((city_id, token))
        if known is None:
            with self._here.database.of(city_id).statements() as connection:
                actor = self._here.find_actor(connection, city_id=city_id, token=token)
            if actor is not None:
                bucket = limiting.bucket_of(self._limit, actor.id.bytes, secret=self._here.secret)
                known = _Known(actor, bucket)
                self._known.put((city_id, token), known)
        return known

    def _spend(self, bucket: bytes) -> None:
        """Count the submission against its sender's limit; TooMany where that is reached."""
        if not limiting.spend_at_hand(bucket):
            with self._here.database.statements() as connection:
                limiting.spend_from(connection, self._limit, bucket)


def _is_plain(environ: WSGIEnvironment) -> bool:
    return (
        environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") in _PLAIN_TYPES
        and not environ["QUERY_STRING"]
        and "HTTP_CONTENT_ENCODING" not in environ
    )


def _told(route: str, outcomes: Sequence[Outcome]) -> tuple[HTTPStatus, bytes]:
    if route == _MANY:
        return HTTPStatus.OK, msgspec.json.encode(batch_told(outcomes))
    [one] = outcomes
    metrics.count_audits(one.status)
    return HTTPStatus.CREATED if one.status == "created" else HTTPStatus.OK, msgspec.json.encode(one)


def _headers(body: bytes, request_id: str) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        *headers.FIXED,
        headers.OF_DATA,
        ("X-Request-ID", request_id),
    ]
