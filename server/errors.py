"""Every refusal of the product, one class each, without HTTP.

`server.api.problems` gives each class its status and its stable type; commands print the message.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was sent: where it is (a JSON pointer) and what to do about it."""

    pointer: str
    detail: str


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """The request cannot be granted; the message says why and what would help."""

    def __init__(self, detail: str, *, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)


class Unparsable(Refusal):
    """The body cannot be read."""


class BadParameter(Refusal):
    """A parameter of a query cannot be used, or is not known."""


class Invalid(Refusal):
    """The content breaks the rules; every fault is listed."""


class NotAuthenticated(Refusal):
    """A token is needed, and the one sent is missing, unknown or revoked."""


class NotAllowed(Refusal):
    """The key is known, but its role does not open this."""


class NotThere(Refusal):
    """Not there, or not yours: the two are told alike."""


class Conflict(Refusal):
    """What is stored under this name differs from what was sent."""


class TooLarge(Refusal):
    """The body is larger than the limit."""


class WrongMediaType(Refusal):
    """The content type is not one this address reads."""


class TooMany(Refusal):
    """Too many requests in too short a time."""

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Unavailable(Refusal):
    """The store cannot be reached; nothing was kept, so send again."""
