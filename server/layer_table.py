"""A layer as columns: what the store gives, and what every file format is written from."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import NoneType
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from analysis.disclosure.layer import Field, Value

_DECIMALS = 7  # about 1 cm, as RFC 7946 advises; rounded here once, so that all formats agree
_TYPES = {"text": str, "integer": int, "number": float, "boolean": bool}


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerTable:
    """One layer of one run: typed columns, a shape for each feature, in the order of the features."""

    name: str
    title: str
    as_of: datetime
    """The moment whose audits the layer knows."""
    fields: tuple[Field, ...]
    ids: tuple[str, ...]
    columns: Mapping[str, Sequence[Value]]
    """By field name; None where there is no value. Numbers are float and finite, never int."""
    shapes: NDArray[np.object_]
    """Polygons, or MultiPolygons where any is one; lng/lat, 7 decimals, shells counter-clockwise."""

    @classmethod
    def of(
        cls,
        rows: Iterable[tuple[str, BaseGeometry, Mapping[str, Value]]],
        *,
        name: str,
        title: str,
        as_of: datetime,
        fields: Sequence[Field],
    ) -> Self:
        """Return the table of (feature id, shape, properties) rows; TypeError for a value of another type."""
        ids, shapes, properties = zip(*rows, strict=True) if (rows := list(rows)) else ((), (), ())
        return cls(
            name=name,
            title=title,
            as_of=as_of,
            fields=tuple(fields),
            ids=ids,
            columns={field.name: _typed(field, [row[field.name] for row in properties]) for field in fields},
            shapes=settled(shapes),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def geometry_type(self) -> str:
        """`Polygon` or `MultiPolygon`: one for all features."""
        return geometry_type_of(self.shapes)


def geometry_type_of(shapes: NDArray[np.object_]) -> str:
    """Return `Polygon` or `MultiPolygon` for settled shapes."""
    multiple = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON
    return "MultiPolygon" if multiple.any() else "Polygon"


def _typed(field: Field, values: list[Value]) -> list[Value]:
    if field.type == "number":  # JSON of others may have lost the decimal point
        values = [float(value) if type(value) is int else value for value in values]
    strange = {type(value) for value in values} - {_TYPES[field.type], NoneType}
    if strange or not all(math.isfinite(value) for value in values if isinstance(value, float)):
        raise TypeError(f"field {field.name}: a value that is no {field.type}")
    return values


def settled(shapes: Sequence[BaseGeometry] | NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the shapes rounded, oriented, and all multiple if one is."""
    given = np.array(shapes, dtype=object)
    rounded = shapely.transform(given, lambda points: points.round(_DECIMALS))
    settled: NDArray[np.object_] = shapely.orient_polygons(rounded, exterior_cw=False)
    single = shapely.get_type_id(settled) == shapely.GeometryType.POLYGON
    if not single.all():
        settled[single] = [shapely.MultiPolygon([shape]) for shape in settled[single]]
    return settled
