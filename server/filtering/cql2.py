"""CQL2 text (OGC 21-065r2) -> a predicate on the fields of one layer.

The grammar beside this module accepts the parts that are declared. lark's LALR parser takes time in
proportion to the text, whatever it is; the ready-made parsers of CQL2 did not pass (docs/dependencies.md).
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, NoReturn

import shapely
from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import UnexpectedEOF, UnexpectedToken, VisitError
from lark.tree import Meta

from analysis.disclosure.layer import Field
from server.errors import BadParameter
from server.filtering.crs import Crs
from server.filtering.parameters import box_of, day_of
from server.predicates import (
    TIME_NAMES,
    All,
    Always,
    AnyOf,
    Between,
    CaseFolded,
    Comparison,
    Day,
    Intersects,
    Like,
    Missing,
    Not,
    OneOf,
    Predicate,
    Property,
    Term,
)

GEOMETRY = "geometry"
_LONGEST = 8000
_DEEPEST = 40
_PLAIN_WORDS = {"$END": "the end", "NAME": "a property", "STRING": "a text", "NUMBER": "a number"}


def parse(text: str, fields: Sequence[Field], *, crs: Crs, time_zone: str) -> Predicate:
    """Return the predicate a filter states; BadParameter says where it fails, and why.

    Properties are the `fields` and `geometry`; shapes are in `crs`; days are the city's.
    """
    _check_size(text)
    reading = _Reading(text, {field.name: field for field in fields}, crs, time_zone)
    try:
        found: Predicate = reading.transform(_parser().parse(text))
    except UnexpectedInput as error:
        raise BadParameter(_told(text, error)) from None
    except VisitError as error:
        raise error.orig_exc from None
    return found


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = files("server.filtering").joinpath("cql2.lark").read_text(encoding="utf-8")
    return Lark(
        grammar, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=False
    )


def _check_size(text: str) -> None:
    """Refuse what is too long, or nested so deeply that reading it would take a stack of its own."""
    if len(text) > _LONGEST:
        raise BadParameter(f"the filter has {len(text)} characters; at most {_LONGEST} are read")
    depth = deepest = 0
    for sign in re.sub(r"'(?:''|[^'])*'", "", text):
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    if deepest + len(re.findall(r"\bNOT\b", text, re.IGNORECASE)) > _DEEPEST:
        raise BadParameter(f"the filter is nested more than {_DEEPEST} deep")
    if "\0" in text:
        raise BadParameter("the filter holds NUL, which is in no text")


def _told(text: str, error: UnexpectedInput) -> str:
    """Return where the text stops making sense, and what might stand there."""
    wanted = error.accepts if isinstance(error, UnexpectedToken) else getattr(error, "allowed", None)
    named = sorted(_PLAIN_WORDS.get(name, name.strip("_")) for name in wanted or ())
    place = len(text) if isinstance(error, UnexpectedEOF) or _at_end(error) else error.pos_in_stream or 0
    near = text[place : place + 20] or "the end"
    return f"filter, character {place + 1}, at {near!r}: expected {', '.join(named)[:300]}"


def _at_end(error: UnexpectedInput) -> bool:
    return isinstance(error, UnexpectedToken) and error.token.type == "$END"


@v_args(meta=True)
class _Reading(Transformer[Token, Any]):
    """Parts of a filter -> predicates and terms, checked against the fields."""

    def __init__(self, text: str, fields: Mapping[str, Field], crs: Crs, time_zone: str) -> None:
        super().__init__()
        self._text, self._fields, self._crs, self._time_zone = text, fields, crs, time_zone

    def start(self, _: Meta, parts: list[Predicate]) -> Predicate:
        return parts[0]

    def disjunction(self, _: Meta, parts: list[Predicate]) -> Predicate:
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def conjunction(self, _: Meta, parts: list[Predicate]) -> Predicate:
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def negation(self, _: Meta, parts: list[Any]) -> Predicate:
        return Not(parts[1])

    def always(self, _: Meta, parts: list[Token]) -> Predicate:
        return Always(parts[0].lower() == "true")

    def comparison(self, meta: Meta, parts: list[Any]) -> Predicate:
        left, sign, right = parts
        self._of_one_kind(meta, left, right)
        return Comparison(left, str(sign), right)  # type: ignore[arg-type] # the grammar knows no other sign

    def like(self, meta: Meta, parts: list[Any]) -> Predicate:
        text, pattern = _terms(parts)
        self._all_of(meta, "text", text, pattern)
        if isinstance(_unfolded(pattern), Property):
            self._refuse(meta, "the pattern of LIKE must be a text, not a property")
        if _ends_open(pattern):
            self._refuse(
                meta, "the pattern of LIKE ends with \\, which takes the next character as it stands"
            )
        return _perhaps_not(parts, Like(text, pattern))

    def between(self, meta: Meta, parts: list[Any]) -> Predicate:
        value, low, high = _terms(parts)
        self._all_of(meta, "number", value, low, high)
        return _perhaps_not(parts, Between(value, low, high))

    def one_of(self, meta: Meta, parts: list[Any]) -> Predicate:
        value, *options = _terms(parts)
        self._of_one_kind(meta, value, *options)
        return _perhaps_not(parts, OneOf(value, tuple(options)))

    def missing(self, _: Meta, parts: list[Any]) -> Predicate:
        [found] = _terms(parts)
        return _perhaps_not(parts, Missing(found.field) if isinstance(found, Property) else Always(False))

    def intersects(self, meta: Meta, parts: list[Any]) -> Predicate:
        shapes = [part for part in parts[1:] if part != GEOMETRY]
        if len(shapes) != 1 or isinstance(shapes[0], Property):
            self._refuse(meta, "S_INTERSECTS needs `geometry` and a shape or BBOX")
        return Intersects(shapes[0])

    def property(self, meta: Meta, parts: list[Token]) -> Any:
        name = str(parts[0]).strip('"')
        if name == GEOMETRY:
            return GEOMETRY
        if name not in self._fields:
            self._refuse(meta, f"there is no property {name[:60]!r}; there are: {', '.join(self._fields)}")
        return Property(self._fields[name])

    def string(self, _: Meta, parts: list[Token]) -> str:
        return parts[0][1:-1].replace("''", "'").replace("\\'", "'")

    def number(self, meta: Meta, parts: list[Token]) -> float:
        number = float(parts[0])
        if not math.isfinite(number):
            self._refuse(meta, "the number is too large")
        return number

    def boolean(self, _: Meta, parts: list[Token]) -> bool:
        return parts[0].lower() == "true"

    def casei(self, meta: Meta, parts: list[Any]) -> CaseFolded:
        self._all_of(meta, "text", parts[1])
        return parts[1] if isinstance(parts[1], CaseFolded) else CaseFolded(parts[1])

    def day(self, meta: Meta, parts: list[Any]) -> Day:
        try:
            return Day(day_of(parts[1], time_zone=self._time_zone))
        except BadParameter as refusal:
            self._refuse(meta, refusal.detail)

    def bbox(self, meta: Meta, parts: list[Token]) -> Any:
        try:
            return box_of([self.number(meta, [part]) for part in parts[1:]], self._crs)
        except BadParameter as refusal:
            self._refuse(meta, refusal.detail)

    def wkt(self, meta: Meta, _: list[Any]) -> Any:
        try:
            shape = shapely.force_2d(shapely.from_wkt(self._text[meta.start_pos : meta.end_pos]))
        except shapely.errors.GEOSException as error:
            self._refuse(meta, str(error).split(":")[-1].strip())
        if not shapely.is_valid(shape):
            self._refuse(meta, f"the shape is not valid: {shapely.is_valid_reason(shape)}")
        return shapely.transform(shape, self._crs.to_lnglat)

    def group(self, _: Meta, parts: list[Any]) -> None:
        """Its text is read whole, with what it belongs to."""

    def _of_one_kind(self, meta: Meta, *terms: Term) -> None:
        if GEOMETRY in terms:
            self._refuse(meta, "`geometry` can only be asked for by S_INTERSECTS")
        kinds = {_kind(term) for term in terms}
        if "day" in kinds:
            kinds -= {"text"} if all(_is_time(term) for term in terms) else set()
        if len(kinds) > 1:
            self._refuse(meta, f"{' and '.join(sorted(kinds))} cannot be compared")

    def _all_of(self, meta: Meta, kind: str, *terms: Term) -> None:
        self._of_one_kind(meta, *terms)
        if {_kind(term) for term in terms} != {kind}:
            self._refuse(meta, f"{kind} is needed here, not {_kind(terms[0])}")

    def _refuse(self, meta: Meta, why: str) -> NoReturn:
        part = self._text[meta.start_pos : meta.end_pos][:40]
        raise BadParameter(f"filter, character {meta.start_pos + 1}, at {part!r}: {why}")


def _terms(parts: list[Any]) -> Iterator[Any]:
    return (part for part in parts if not isinstance(part, Token))


def _perhaps_not(parts: list[Any], predicate: Predicate) -> Predicate:
    negated = any(isinstance(part, Token) and part.type == "NOT" for part in parts)
    return Not(predicate) if negated else predicate


def _unfolded(term: Term) -> Term:
    return term.text if isinstance(term, CaseFolded) else term


def _ends_open(pattern: Term) -> bool:
    text = _unfolded(pattern)
    return isinstance(text, str) and (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _is_time(term: Term) -> bool:
    return isinstance(term, Day) or (isinstance(term, Property) and term.field.name in TIME_NAMES)


def _kind(term: Term) -> str:
    match term:
        case Property(field):
            return "number" if field.type == "integer" else field.type
        case CaseFolded() | str():
            return "text"
        case Day():
            return "day"
        case bool():
            return "boolean"
        case _:
            return "number"
