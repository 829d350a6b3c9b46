"""One call to the address that the operator configured, and to no other: bounded, and never redirected."""

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 10.0
"""For each wait."""
DEADLINE_S = 30.0
"""For an answer as a whole."""
LARGEST_ANSWER = 2**20
_FORM = "application/x-www-form-urlencoded; charset=utf-8"


class Unreachable(Exception):  # noqa: N818 - what is known, not a kind of error
    """Nothing was sent: no connection came about."""


class Interrupted(Exception):  # noqa: N818 - as above
    """Something was sent, and no whole answer came back."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a city's agencies take requests."""

    url: str
    """Up to the version, such as https://311.example.org/open311/v2."""
    jurisdiction_id: str | None = None
    api_key: str | None = field(default=None, repr=False)

    def get(self, path: str, **query: str) -> Answer:
        """Return the answer to GET `path`, which begins behind the address and is quoted already."""
        said = urlencode(self._with_jurisdiction(query))
        return self._call("GET", f"{path}?{said}" if said else path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Return the answer to POST `path` with fields and the key, as a form."""
        key = {"api_key": self.api_key} if self.api_key else {}
        return self._call("POST", path, urlencode(key | self._with_jurisdiction(fields)).encode())

    def _with_jurisdiction(self, fields: Mapping[str, str]) -> dict[str, str]:
        own = {"jurisdiction_id": self.jurisdiction_id} if self.jurisdiction_id else {}
        return own | dict(fields)

    def _call(self, method: str, path: str, body: bytes | None) -> Answer:
        """Return the answer; Unreachable where nothing was sent, Interrupted where that is not known."""
        connection = _connection(self.url)
        try:
            try:
                connection.connect()
            except (OSError, ValueError) as error:
                raise Unreachable(f"{self.url} cannot be reached: {error}") from error
            headers = {"Accept": "text/xml"} | ({"Content-Type": _FORM} if body is not None else {})
            connection.request(method, f"{urlsplit(self.url).path}{path}", body=body, headers=headers)
            response = connection.getresponse()
            return Answer(status=response.status, body=_read(response))
        except (OSError, http.client.HTTPException) as error:
            raise Interrupted(f"{self.url} gave no whole answer: {error or type(error).__name__}") from error
        finally:
            connection.close()


def _connection(url: str) -> http.client.HTTPConnection:
    address = urlsplit(url)
    host: Any = address.hostname
    if address.scheme == "https":
        return http.client.HTTPSConnection(
            host, address.port, timeout=TIMEOUT_S, context=ssl.create_default_context()
        )
    return http.client.HTTPConnection(host, address.port, timeout=TIMEOUT_S)


def _read(response: http.client.HTTPResponse) -> bytes:
    """Return a body; a server that trickles or floods is cut off."""
    until = time.monotonic() + DEADLINE_S
    body = bytearray()
    while part := response.read1(2**16):
        body += part
        if len(body) > LARGEST_ANSWER:
            raise http.client.HTTPException(f"more than {LARGEST_ANSWER} bytes")
        if time.monotonic() > until:
            raise http.client.HTTPException(f"more than {DEADLINE_S:g} s")
    if response.length:
        raise http.client.IncompleteRead(bytes(body), response.length)
    return bytes(body)
