"""Requests -> values: bodies bounded and parsed, contents checked, with every fault named."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from flask import request

from server.api.checking import faults_of
from server.api.context import services
from server.errors import Fault, Invalid, NotThere, TooLarge, Unparsable, WrongMediaType
from server.intake.json import strict_loads

Shape = Mapping[str, Any]
T = TypeVar("T")

_GZIP = 31  # zlib: gzip header, 32 kB window


def json_body() -> Any:
    """Return the JSON of the body; WrongMediaType, TooLarge or Unparsable where there is none to read."""
    if request.mimetype != "application/json":
        raise WrongMediaType("send the body as Content-Type: application/json")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise WrongMediaType("send JSON in UTF-8")
    return strict_loads(body_bytes(services().settings.max_body_bytes))


def body_bytes(limit: int) -> bytes:
    """Return the body, unpacked; TooLarge where it has more bytes than `limit` on the way or unpacked."""
    request.max_content_length = limit + 1
    raw = request.get_data(cache=False)
    if len(raw) > limit:  # Werkzeug refuses a length announced, and cuts a chunked body one byte beyond
        raise TooLarge(f"the body has more than {limit} bytes; send it in smaller parts")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        return raw
    if encoding != "gzip":
        raise WrongMediaType("send the body plain or with Content-Encoding: gzip")
    return _inflate(raw, limit)


def checked(shape: Shape) -> dict[str, Any]:
    """Return the JSON object of the body; Invalid lists every way in which it is not of the shape."""
    body = json_body()
    faults = faults_of(body, shape)
    if faults:
        raise Invalid(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the body", faults=faults)
    result: dict[str, Any] = body
    return result


def uuid_in_path(text: str) -> UUID:
    """Return the UUID of a path; any other text names nothing: NotThere."""
    try:
        return UUID(text)
    except ValueError:
        raise NotThere("nothing here, or not yours") from None


def parameter(name: str, read: Callable[[str], T], *, default: T) -> T:
    """Return a query parameter as `read` makes it of its text; Invalid with the words of its ValueError."""
    text = request.args.get(name)
    if text is None:
        return default
    try:
        return read(text)
    except ValueError as error:
        raise Invalid(
            f"the parameter {name} cannot be used", faults=[Fault(f"?{name}", str(error))]
        ) from None


def one_of(*allowed: str) -> Callable[[str], str]:
    """Return a reader of a parameter with a fixed list of values."""

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of: {', '.join(allowed)}")
        return text

    return read


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of a parameter that is a whole number from `low` to `high`."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def _inflate(raw: bytes, limit: int) -> bytes:
    """Return a gzip body unpacked, never holding more than `limit` bytes of it."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        body = unpacker.decompress(raw, limit + 1)
    except zlib.error:
        raise Unparsable("the body is not gzip, though Content-Encoding says so") from None
    if len(body) > limit:
        raise TooLarge(f"the body unpacks to more than {limit} bytes; send it in smaller parts")
    if not unpacker.eof or unpacker.unused_data:
        raise Unparsable("the gzip body is cut short, or goes on after its end")
    return body
