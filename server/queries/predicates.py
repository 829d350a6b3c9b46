"""Predicates -> SQL conditions on a published row: values are always bound, fields are those of the layer."""

from typing import Any

from shapely import to_wkb
from sqlalchemy import Boolean, ColumnElement, Float, and_, cast, func, literal, not_, or_, true

from analysis.disclosure.layer import Field
from server.models.layer import layer_row
from server.predicates import (
    All,
    Always,
    AnyOf,
    Between,
    CaseFolded,
    Comparison,
    Day,
    During,
    Intersects,
    Like,
    Missing,
    Not,
    OneOf,
    Predicate,
    Property,
    Term,
)

Condition = ColumnElement[bool]


def condition(predicate: Predicate, shape: ColumnElement[Any]) -> Condition:
    """Return the condition that a row satisfies the predicate; `shape` is its geometry in lng/lat."""
    match predicate:
        case All(parts):
            return and_(true(), *(condition(part, shape) for part in parts))
        case AnyOf(parts):
            return or_(*(condition(part, shape) for part in parts))
        case Not(part):
            return not_(condition(part, shape))
        case Intersects(given):
            # A constructor of literals: PostGIS sees a constant, and uses the index.
            return func.ST_Intersects(shape, func.ST_GeomFromWKB(to_wkb(given), 4326), type_=Boolean())
        case During():
            return _during(predicate)
        case _:
            return _of_values(predicate)


def _of_values(predicate: Predicate) -> Condition:
    match predicate:
        case Comparison(left, operator, right):
            return _sql(left, right).op(operator, is_comparison=True)(_sql(right, left))
        case Like(text, pattern):
            return _sql(text).like(_sql(pattern), escape="\\")
        case Between(value, low, high):
            return _sql(value).between(_sql(low), _sql(high))
        case OneOf(value, options):
            return _sql(value).in_([_sql(option, value) for option in options])
        case Missing(field):
            return _text(field).is_(None)
        case Always(truth):
            return literal(truth, type_=Boolean())
        case _:
            raise TypeError(f"no condition for {type(predicate).__name__}")


def _sql(term: Term, beside: Term = "") -> ColumnElement[Any]:
    """Return a term; a day beside a field of months is told as its month, to be compared as text."""
    match term:
        case Property(field):
            return _typed(field)
        case CaseFolded(text):
            return func.lower(_sql(text))
        case Day(iso) if isinstance(beside, Property):
            return _as_exact_as(_text(beside.field), iso)
        case _:
            return _constant(term)


def _typed(field: Field) -> ColumnElement[Any]:
    value = _text(field)
    if field.type == "text":
        return value
    return cast(value, Boolean if field.type == "boolean" else Float(53))


def _constant(term: Term) -> ColumnElement[Any]:
    match term:
        case Day(iso):
            return literal(iso)
        case bool():
            return literal(term, type_=Boolean())
        case float():
            return literal(term, type_=Float(53))
        case _:
            return literal(term)


def _during(predicate: During) -> Condition:
    begin, end = _text(predicate.begin), _text(predicate.end)
    parts: list[Condition] = [true()]
    if predicate.first is not None:
        parts.append(func.coalesce(end >= _as_exact_as(end, predicate.first), True))
    if predicate.last is not None:
        parts.append(func.coalesce(begin <= _as_exact_as(begin, predicate.last), True))
    return and_(*parts)


def _as_exact_as(time: ColumnElement[Any], day: str) -> ColumnElement[Any]:
    """Return a day told as exactly as a time is: 2026-10-31 beside 2026-10 is 2026-10."""
    return func.left(literal(day), func.length(time))


def _text(field: Field) -> ColumnElement[Any]:
    value: ColumnElement[Any] = layer_row.c.properties[field.name].astext
    return value
