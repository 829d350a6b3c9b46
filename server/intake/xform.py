"""From the XML that ODK Collect sends to the document of an audit; what is dangerous to parse is refused.

The form is the one of `server.instruments.xform`. Names are compared without their namespaces, because
clients and server versions write them with and without.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, ParseError, tostring

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from analysis.instrument import Instrument, Kind
from server.errors import Unparsable
from server.instruments.xform import AGREED, ANSWERS, CONSENT, CONSENT_VERSION, PHOTOS, YES

LARGEST_XML_BYTES = 1_000_000
LONGEST_INSTANCE_ID = 249  # OpenRosa metadata schema
_NOT_A_UUID = UUID("6e0b3d5a-3c0e-4a86-9c0c-8f1f6a2f6f51")  # the space of ids that are no UUIDs
_COMMENT = "comment"

_number = msgspec.json.Decoder(int | float).decode


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One filled form: which, by whom it calls itself, and its nodes as texts."""

    form_id: str
    form_version: str
    instance_id: str
    deprecated_id: str | None
    """The instance that this one corrects."""
    nodes: Mapping[str, Any]
    """Node -> text, list of texts where it is repeated, or a mapping of the nodes in it."""

    @property
    def file_names(self) -> list[str]:
        """The names of the files that belong to it."""
        photos = self.nodes.get(PHOTOS)
        return [name for name in photos.values() if isinstance(name, str)] if isinstance(photos, dict) else []

    @property
    def refused(self) -> bool:
        """Whether it says that its author does not agree to the consent text."""
        said = self._consent.get(AGREED)
        return said is not None and said != YES

    @property
    def consent_version(self) -> str | None:
        """The version of the consent text that its author agreed to, if it asked."""
        version = self._consent.get(CONSENT_VERSION)
        return version if isinstance(version, str) and self._consent.get(AGREED) == YES else None

    @property
    def _consent(self) -> Mapping[str, Any]:
        given = self.nodes.get(CONSENT)
        return given if isinstance(given, dict) else {}


def read_submission(xml: bytes) -> Submission:
    """Return the filled form in `xml`.

    Raises Unparsable for what is no XML, has a DTD or entities, is too large, or lacks the form's id or a
    usable instanceID. What an answer may be is not judged here.
    """
    root = _parse(xml)
    attributes = {_local(name): value for name, value in root.attrib.items()}
    meta = next((child for child in root if _local(child.tag) == "meta"), None)
    ids = {} if meta is None else {_local(child.tag): (child.text or "").strip() for child in meta}
    instance_id = ids.get("instanceID", "")
    if not 0 < len(instance_id) <= LONGEST_INSTANCE_ID:
        raise Unparsable(f"meta/instanceID must be there, with 1 to {LONGEST_INSTANCE_ID} characters")
    if not attributes.get("id"):
        raise Unparsable("the root element must name its form in the attribute id")
    return Submission(
        form_id=attributes["id"],
        form_version=attributes.get("version", ""),
        instance_id=instance_id,
        deprecated_id=ids.get("deprecatedID") or None,
        nodes=_nodes(root),
    )


def audit_id_of(instance_id: str) -> UUID:
    """Return the id of the audit that an instance makes: its own UUID, else one derived from its text."""
    try:
        return UUID(instance_id)
    except ValueError:
        return uuid5(_NOT_A_UUID, instance_id)


def audit_document(submission: Submission, instrument: Instrument, *, audit_id: UUID) -> dict[str, Any]:
    """Return the audit as `server.intake.reading.Reader` takes it; what does not fit stays as it was sent."""
    nodes = submission.nodes
    document = {
        "id": str(audit_id),
        "instrument": instrument.id,
        "location": _location(nodes.get("location")),
        "observed_at": _moment(nodes.get("observed_at")),
        "answers": _answers(nodes.get(ANSWERS), instrument),
        "comment": nodes.get(_COMMENT),
    }
    return {name: value for name, value in document.items() if value is not None}


def without_comment(xml: bytes) -> bytes:
    """Return the XML of a filled form with its comment taken out."""
    root = _parse(xml)
    for child in [child for child in root if _local(child.tag) == _COMMENT]:
        root.remove(child)
    return bytes(tostring(root, encoding="utf-8"))


def _parse(xml: bytes) -> Element:
    if len(xml) > LARGEST_XML_BYTES:
        raise Unparsable(f"the XML has more than {LARGEST_XML_BYTES} bytes")
    try:
        root: Element = fromstring(xml, forbid_dtd=True)
    except DefusedXmlException:
        raise Unparsable("the XML has a DTD or entities, which no form needs") from None
    except ParseError as fault:
        line, column = fault.position
        raise Unparsable(f"no XML at line {line}, column {column}") from None
    except (ValueError, LookupError):  # an encoding that is unknown, or needs more than one byte at once
        raise Unparsable("the XML is in an encoding that is not read here; send UTF-8") from None
    return root


def _nodes(parent: Element) -> dict[str, Any]:
    """Return the nodes below the root, two floors of them, without those left empty."""
    found: dict[str, Any] = {}
    for name, value in _pairs(parent):
        if name in found:
            earlier = found[name]
            found[name] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
        else:
            found[name] = value
    return found


def _pairs(parent: Element) -> Iterator[tuple[str, Any]]:
    for child in parent:
        name = _local(child.tag)
        if name in (CONSENT, ANSWERS, PHOTOS) and len(child):
            yield name, _nodes(child)
        elif child.text and child.text.strip():
            yield name, child.text


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _location(text: Any) -> Any:
    """Return `lat lng altitude accuracy` as a location; an accuracy of 0 is a pin placed by hand."""
    try:
        lat, lng, *further = (_number(part) for part in text.split())
    except (AttributeError, ValueError):
        return text
    accuracy_m = (further[1] or None) if len(further) > 1 else None
    return {"lat": lat, "lng": lng, "accuracy_m": accuracy_m}


def _moment(text: Any) -> Any:
    try:
        return datetime.fromisoformat(text.strip()).isoformat()
    except (AttributeError, ValueError):
        return text


def _answers(given: Any, instrument: Instrument) -> Any:
    if not isinstance(given, dict):
        return {} if given is None else given
    kinds = {question.name: question.kind for question in instrument.questions}
    return {name: _answer(value, kinds.get(name)) for name, value in given.items()}


def _answer(value: Any, kind: Kind | None) -> Any:
    if not isinstance(value, str):
        return value
    if kind is Kind.CHOICES:
        return value.split()
    if kind in (Kind.RATING, Kind.NUMBER):
        try:
            return _number(value.strip())
        except ValueError:
            return value
    return value.strip() if kind is Kind.CHOICE else value
