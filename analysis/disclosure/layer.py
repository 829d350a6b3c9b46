"""Publishable layers as types: nobody but the gate can make one."""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from typing import Literal

from shapely.geometry import MultiPolygon

FieldType = Literal["text", "integer", "number", "boolean"]
Value = str | int | float | bool | None

_SEAL = object()
"""Held by the gate alone (`analysis.disclosure.gate`); a test reads the sources to see that it stays so."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column of a layer: its name in every format, its type, and a title for people."""

    name: str
    type: FieldType
    title: str


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One row of a layer: a cell (its shape is the store's), or a hotspot with its outline and its cells.

    `properties` hold one value for each field of the layer, in order; numbers are always float, integers int.
    """

    id: str
    cell: int | None
    geometry: MultiPolygon | None
    properties: Mapping[str, Value]
    cells: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A named table of features that has passed the gate; constructing one elsewhere raises TypeError."""

    name: str
    title: str
    fields: tuple[Field, ...]
    features: tuple[Feature, ...]
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError(f"{type(self).__name__} {self.name!r}: only the disclosure gate makes layers")


class PublicLayer(Layer):
    """For everyone: admitted audits of shown cells, rounded, counts as lower bounds."""


class PlannerLayer(Layer):
    """For planners, whose reading is logged: every used audit, cells with k counted auditors."""


class OperatorLayer(Layer):
    """For the operator, who holds the raw audits anyway: all cells, exact counts; logged."""
