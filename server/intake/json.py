"""Reading JSON that strangers send: strict where Python's reader is lenient."""

import json
from typing import Any, TypeVar

import msgspec

from server.errors import Unparsable

T = TypeVar("T")

_ANYTHING: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class _UnusableError(ValueError):
    """Well-formed JSON that means two things or none."""


def strict_loads(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8.

    Raises Unparsable, saying where, for: invalid UTF-8, malformed or truncated text, a key given
    twice, NaN and Infinity, numbers beyond a double, NUL or lone surrogates in texts, and nesting
    beyond Python's recursion limit.
    """
    found = read_plain(body, _ANYTHING)
    return _read_thoroughly(body) if found is None else found


def read_plain(body: bytes, decoder: msgspec.json.Decoder[T]) -> T | None:
    """Return what a decoder makes of a body that is plainly unambiguous; None where it may be otherwise.

    msgspec refuses everything `strict_loads` must refuse but doubled keys and what escapes can hide. Without
    escapes every key and every text stands between two quotes. Encoded again, each key stands there once: as
    many quotes as before means that none was given twice. (A type whose defaults are omitted when encoded
    may fall short of the body, and is then unsure, but never the other way.)
    """
    if b"\\" in body:
        return None
    try:
        value = decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, OverflowError):
        return None
    return value if msgspec.json.encode(value).count(b'"') == body.count(b'"') else None


def _read_thoroughly(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
        value = _DECODER.decode(text)
        if "\\u" in text:
            _check_texts(value)
    except UnicodeDecodeError as fault:
        raise Unparsable(f"the body is not UTF-8 at byte {fault.start}") from None
    except json.JSONDecodeError as fault:
        raise Unparsable(f"no JSON at line {fault.lineno}, column {fault.colno}: {fault.msg}") from None
    except RecursionError:
        raise Unparsable("the JSON is nested too deeply") from None
    except ValueError as fault:
        raise Unparsable(f"unusable JSON: {fault}") from None
    return value if msgspec.json.encode(value).count(b'"') == body.count(b'"') else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _UnusableError(f"the key {twice[:40]!r} is given twice in one object")
    return found


def _constant(name: str) -> Any:
    raise _UnusableError(f"{name} is no number here; leave the field out instead")


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _UnusableError(f"the number {text[:40]} is too large")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)


def _check_texts(value: Any) -> None:
    """Refuse what neither UTF-8 nor PostgreSQL can hold."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise _UnusableError("a text holds NUL or half a surrogate pair; leave that character out")
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)
