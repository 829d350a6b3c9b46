"""A layer as columns of distinct values, and a tree of its shapes: filters are answered from memory alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from analysis.disclosure.layer import Field, Value
from server.layer_table import LayerTable

_BLANKS: Mapping[str, Value] = {"text": "", "integer": 0.0, "number": 0.0, "boolean": False}
_DTYPES: Mapping[str, Any] = {"text": object, "boolean": np.bool_}  # all numbers are compared as float64
_TEXT_BYTES = 60  # of a short str and its place
_SHAPE_BYTES = 580  # of a geometry without its points, and its place in the tree, as measured
_POINT_BYTES = 16


@dataclass(frozen=True, eq=False)
class Column:
    """The value of each feature: `values[codes]` where `known`, and nothing elsewhere."""

    values: NDArray[Any]
    """Each different one once, in order; at least one, which may be nobody's."""
    codes: NDArray[np.int32]
    known: NDArray[np.bool_]

    @classmethod
    def of(cls, field: Field, given: Sequence[Value]) -> Self:
        """Return the column of a field's values, None where there is none."""
        known = np.array([value is not None for value in given], dtype=np.bool_)
        blank = _BLANKS[field.type]
        filled = [blank if value is None else value for value in given] or [blank]
        dtype = _DTYPES.get(field.type, np.float64)
        values, codes = np.unique(np.array(filled, dtype=dtype), return_inverse=True)
        return cls(values, codes[: len(given)].astype(np.int32), known)

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        texts = _TEXT_BYTES * len(self.values) if self.values.dtype == object else 0
        return self.values.nbytes + self.codes.nbytes + self.known.nbytes + texts


@dataclass(frozen=True, eq=False)
class LayerIndex:
    """What can be asked of the features of a layer, in the order of their ids."""

    ids: tuple[str, ...]
    columns: Mapping[str, Column]
    """By field name."""
    tree: shapely.STRtree
    """Of the shapes as published, in lng/lat."""

    @classmethod
    def of(cls, table: LayerTable) -> Self:
        """Return the index of a layer."""
        columns = {field.name: Column.of(field, table.columns[field.name]) for field in table.fields}
        return cls(table.ids, columns, shapely.STRtree(table.shapes))

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        points = int(shapely.get_num_coordinates(self.tree.geometries).sum())
        shapes = _SHAPE_BYTES * len(self) + _POINT_BYTES * points
        return shapes + _TEXT_BYTES * len(self) + sum(one.size_bytes for one in self.columns.values())
