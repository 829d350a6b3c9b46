"""The kinds of problem the API tells of: one stable slug each, its status, its meaning.

A slug is never renamed or used again: clients tell problems apart by `/problems/{slug}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from server import errors
from server.api.problem_titles import LANGUAGES, TITLES
from server.services.read_layer import NoRun


@dataclass(frozen=True)
class ProblemType:
    """One kind of problem: what it means, and what the sender can do about it."""

    slug: str
    status: int
    meaning: str
    unnamed_title: str = ""
    """For the rare HTTP errors that have no page of their own."""

    @property
    def path(self) -> str:
        """The address of its page: the `type` of every problem of this kind."""
        return f"/problems/{self.slug}"

    def title(self, language: str) -> str:
        """Return the title in one of LANGUAGES."""
        if not self.slug:
            return self.unnamed_title
        return TITLES[self.slug][LANGUAGES.index(language)]


UNPARSABLE = ProblemType(
    "unparsable",
    400,
    "The request cannot be read: broken JSON or compression, text that is not UTF-8, a key given twice, "
    "NaN or Infinity. `detail` says where. Nothing was kept; mend the body and send it again.",
)
BAD_PARAMETER = ProblemType(
    "bad-parameter",
    400,
    "A parameter of the query cannot be used, or is not known here. `detail` names it, says what is wrong "
    "and what exists; for a filter it says where.",
)
INVALID = ProblemType(
    "invalid",
    422,
    "The request was read, but its content breaks the rules. `errors` lists every fault with a JSON pointer "
    "to its place. Nothing of the item was kept; correct it and send it again.",
)
NOT_AUTHENTICATED = ProblemType(
    "not-authenticated",
    401,
    "A token is needed, and the one sent is missing, malformed, unknown, revoked, or of another city. Send "
    "`Authorization: Bearer TOKEN`; a phone without a valid token enrols again.",
)
NOT_ALLOWED = ProblemType(
    "not-allowed",
    403,
    "The token is valid, but its role does not open this. Ask the operator for a key of the role that "
    "`detail` names.",
)
NOT_THERE = ProblemType(
    "not-there",
    404,
    "There is nothing here, or it is not yours: the two are told alike, so that nobody can find out what "
    "others have sent.",
)
NO_RUN = ProblemType(
    "no-run",
    404,
    "This city has not been analysed yet. Its layers come with the first run; until then nothing is said of "
    "any place.",
)
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed",
    405,
    "This address does not know the method; the header `Allow` lists those it knows.",
)
CONFLICT = ProblemType(
    "conflict",
    409,
    "What is stored under this name differs from what was sent, or its state does not allow the act. What is "
    "stored was not changed.",
)
TOO_LARGE = ProblemType(
    "too-large",
    413,
    "The body is larger than the limit, before or after decompression. Send it in smaller parts.",
)
WRONG_MEDIA_TYPE = ProblemType(
    "wrong-media-type",
    415,
    "This address does not read this content type or encoding; `detail` names what it reads.",
)
TOO_MANY = ProblemType(
    "too-many",
    429,
    "Too many requests in too short a time. Nothing was kept; send again after the seconds in `Retry-After`.",
)
INTERNAL = ProblemType(
    "internal",
    500,
    "A fault of this server. Nothing was acknowledged; sending again does no harm. The operator finds the "
    "cause in the log under the request's id, `instance`.",
)
UNAVAILABLE = ProblemType(
    "unavailable",
    503,
    "The store cannot be reached or has no room just now. Nothing was acknowledged; send again after the "
    "seconds in `Retry-After`. Sending twice does no harm.",
)
TYPES = (
    UNPARSABLE,
    BAD_PARAMETER,
    NOT_AUTHENTICATED,
    NOT_ALLOWED,
    NOT_THERE,
    NO_RUN,
    METHOD_NOT_ALLOWED,
    CONFLICT,
    TOO_LARGE,
    WRONG_MEDIA_TYPE,
    INVALID,
    TOO_MANY,
    INTERNAL,
    UNAVAILABLE,
)
BY_SLUG: Mapping[str, ProblemType] = {one.slug: one for one in TYPES}
BY_STATUS: Mapping[int, ProblemType] = {
    one.status: one for one in TYPES if one not in (NO_RUN, BAD_PARAMETER)
}
BY_REFUSAL: Mapping[type[errors.Refusal], ProblemType] = {
    errors.Unparsable: UNPARSABLE,
    errors.BadParameter: BAD_PARAMETER,
    errors.Invalid: INVALID,
    errors.NotAuthenticated: NOT_AUTHENTICATED,
    errors.NotAllowed: NOT_ALLOWED,
    NoRun: NO_RUN,
    errors.NotThere: NOT_THERE,
    errors.Conflict: CONFLICT,
    errors.TooLarge: TOO_LARGE,
    errors.WrongMediaType: WRONG_MEDIA_TYPE,
    errors.TooMany: TOO_MANY,
    errors.Unavailable: UNAVAILABLE,
}


def type_of(refusal: errors.Refusal) -> ProblemType:
    """Return the type of a refusal, by its nearest class in the table; KeyError for a class left out."""
    return next(BY_REFUSAL[kind] for kind in type(refusal).__mro__ if kind in BY_REFUSAL)


def unnamed(status: int) -> ProblemType:
    """Return a type for the rare HTTP errors that have no page of their own."""
    phrase = HTTPStatus(status).phrase
    return ProblemType("", status, phrase, phrase)


def documentation() -> str:
    """Return the Markdown page of all types, as in docs/problems.md."""
    sections = [
        f"## {one.slug}\n\n`{one.path}`, status {one.status}: {one.title(LANGUAGES[0])}.\n\n{one.meaning}\n"
        for one in TYPES
    ]
    return (
        "# Problems\n\nEvery error is [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) "
        "`application/problem+json`: `type` is one of the paths below and never changes, `title` follows\n"
        "`Accept-Language` (" + ", ".join(LANGUAGES) + "), `instance` is the id of the request, and `errors` "
        "lists all faults of a content\nas `{pointer, detail}`. The titles other than the English ones have "
        "not been checked by native speakers.\n\n" + "\n".join(sections)
    )
