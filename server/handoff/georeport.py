"""GeoReport v2 (https://wiki.open311.org/GeoReport_v2/), in XML, which every server must speak."""

from dataclasses import dataclass
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from server.handoff.endpoint import Endpoint
from server.outgoing import Answer, Interrupted

LONGEST_DESCRIPTION = 4000
_UNDECIDED = 408
"""Request Timeout: the one refusal that does not say that nothing was made."""


class Refused(Exception):  # noqa: N818 - what is known, not a kind of error
    """The agency's server said no: nothing was made of the request."""


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What a server calls a request: at once, or later by a token, or never."""

    service_request_id: str | None
    token: str | None


@dataclass(frozen=True, kw_only=True)
class Status:
    """How a request stands."""

    service_request_id: str
    status: str | None
    status_notes: str | None
    description: str


def post_request(endpoint: Endpoint, fields: dict[str, str]) -> Posted:
    """Send a request; Refused with the server's words, Unreachable or Interrupted as `Endpoint` tells."""
    request = _first(_understood(endpoint.post("/requests.xml", fields)))
    return Posted(service_request_id=_text(request, "service_request_id"), token=_text(request, "token"))


def read_token(endpoint: Endpoint, token: str) -> str | None:
    """Return the id that a token stands for; None while there is none."""
    request = _first(_understood(endpoint.get(f"/tokens/{quote(token, safe='')}.xml")))
    return _text(request, "service_request_id")


def read_request(endpoint: Endpoint, service_request_id: str) -> Status:
    """Return how a request stands."""
    path = f"/requests/{quote(service_request_id, safe='')}.xml"
    return _status(_first(_understood(endpoint.get(path))), service_request_id)


def find_by_reference(endpoint: Endpoint, reference: str, *, service_code: str) -> Status | None:
    """Return the request of the last 90 days whose description holds a reference of ours."""
    document = _understood(endpoint.get("/requests.xml", service_code=service_code))
    for request in document.iter("request"):
        found = _status(request, "")
        if reference in found.description and found.service_request_id:
            return found
    return None


def _understood(answer: Answer) -> Element:
    """Return the document of an answer that grants; Interrupted where it cannot be told whether it does."""
    if 300 <= answer.status < 400:
        raise Refused(f"it answers {answer.status} and leads elsewhere; configure the address it leads to")
    if answer.status >= 500 or answer.status == _UNDECIDED:
        raise Interrupted(f"it answers {answer.status}")
    try:
        document: Element = fromstring(answer.body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        if answer.status >= 400:
            raise Refused(f"it answers {answer.status}") from error
        raise Interrupted(f"its answer is no XML: {error}") from error
    if answer.status >= 400:
        raise Refused(f"it answers {answer.status}: {_words(document)}")
    return document


def _words(document: Element) -> str:
    said = [(_text(error, "code"), _text(error, "description")) for error in document.iter("error")]
    return "; ".join(" ".join(filter(None, words)) for words in said)[:500] or "without a reason"


def _first(document: Element) -> Element:
    request = next(document.iter("request"), None)
    if request is None:
        raise Interrupted("its answer names no request")
    return request


def _status(request: Element, otherwise: str) -> Status:
    return Status(
        service_request_id=_text(request, "service_request_id") or otherwise,
        status=_text(request, "status"),
        status_notes=_text(request, "status_notes"),
        description=_text(request, "description") or "",
    )


def _text(element: Element, name: str) -> str | None:
    return (element.findtext(name) or "").strip() or None
