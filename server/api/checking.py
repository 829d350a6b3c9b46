"""Values against the documented shapes: what a shape says in JSON Schema is what is checked."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from jsonschema import Draft7Validator, FormatChecker, ValidationError

from server.errors import Fault

_FIRST_YEAR, _LAST_YEAR = 1900, 2200  # beyond, offsets and time zones lead out of what can be stored
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_formats = FormatChecker(formats=())


def moment(text: str) -> datetime:
    """Return the time of an RFC 3339 text with its offset; ValueError for any other text."""
    found = msgspec.convert(text, _Moment)
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError(f"years run from {_FIRST_YEAR} to {_LAST_YEAR}")
    return found


@_formats.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or bool(moment(value))


def faults_of(value: Any, shape: Mapping[str, Any]) -> list[Fault]:
    """Return every way in which a JSON value is not of a shape, in the order of the value."""
    found = _validator(msgspec.json.encode(shape)).iter_errors(value)
    return [
        fault
        for error in sorted(found, key=lambda error: _pointer(error.absolute_path))
        for fault in _faults(error)
    ]


@lru_cache(maxsize=64)
def _validator(shape: bytes) -> Draft7Validator:
    return Draft7Validator(msgspec.json.decode(shape), format_checker=_formats)


def _faults(error: ValidationError) -> list[Fault]:
    place = _pointer(error.absolute_path)
    wanted: Any = error.validator_value
    value: Any = error.instance
    schema: Any = error.schema
    if error.validator == "type" and "enum" in schema:
        return []  # the enum's own fault says more
    if error.validator == "required":
        missing = [name for name in wanted if name not in value and repr(name) in error.message]
        return [Fault(f"{place}/{name}", "is missing") for name in missing]
    if error.validator == "additionalProperties":
        known = schema["properties"]
        unknown = [name for name in value if name not in known]
        return [
            Fault(place + _pointer([name]), f"is not known here; known are: {', '.join(known)}")
            for name in unknown
        ]
    return [Fault(place, _detail(str(error.validator), wanted))]


def _detail(rule: str, wanted: Any) -> str:
    """Return what a value must be, in words; the value itself is not repeated."""
    if rule == "type":
        return "must be " + " or ".join(
            _TYPES[one] for one in ([wanted] if isinstance(wanted, str) else wanted)
        )
    if rule == "enum":
        return "must be one of: " + ", ".join("null" if one is None else str(one) for one in wanted)
    if rule == "format":
        return _FORMATS.get(wanted, f"must be a {wanted}")
    return _RULES[rule].format(wanted)


_TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_FORMATS = {"date-time": "must be a time with its offset, such as 2026-11-20T19:42:00+05:30"}
_RULES = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} items",
    "maxItems": "must have at most {} items",
    "minProperties": "must have at least {} fields",
    "pattern": "must match {}",
}


def _pointer(path: Iterable[object]) -> str:
    """Return an RFC 6901 pointer; the names in it may be anything, so each is kept short."""
    return "".join("/" + str(part)[:60].replace("~", "~0").replace("/", "~1") for part in path)
