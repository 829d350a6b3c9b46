"""One call to an address that the operator configured, and to no other: bounded, and never redirected."""

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_S = 10.0
"""For each wait."""
DEADLINE_S = 30.0
"""For an answer as a whole."""
LARGEST_ANSWER = 2**20


class Unreachable(Exception):  # noqa: N818 - what is known, not a kind of error
    """Nothing was sent: no connection came about."""


class Interrupted(Exception):  # noqa: N818 - as above
    """Something was sent, and no whole answer came back."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """Return the answer; Unreachable where nothing was sent, Interrupted where that is not known.

    `timeout_s` is for each wait.
    """
    address = urlsplit(url)
    connection = _connection(url, timeout_s)
    try:
        try:
            connection.connect()
        except (OSError, ValueError) as error:
            raise Unreachable(f"{url} cannot be reached: {error}") from error
        path = f"{address.path}?{address.query}" if address.query else address.path
        connection.request(method, path, body=body, headers=dict(headers))
        response = connection.getresponse()
        return Answer(status=response.status, body=_read(response))
    except (OSError, http.client.HTTPException) as error:
        raise Interrupted(f"{url} gave no whole answer: {error or type(error).__name__}") from error
    finally:
        connection.close()


def _connection(url: str, timeout_s: float) -> http.client.HTTPConnection:
    address = urlsplit(url)
    host: Any = address.hostname
    if address.scheme == "https":
        return http.client.HTTPSConnection(
            host, address.port, timeout=timeout_s, context=ssl.create_default_context()
        )
    return http.client.HTTPConnection(host, address.port, timeout=timeout_s)


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
