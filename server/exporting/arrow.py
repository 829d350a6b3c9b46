"""A layer as an Arrow table, from which the binary formats are written."""

from typing import TYPE_CHECKING

import shapely

from server.layer_table import LayerTable

if TYPE_CHECKING:
    from arro3.core import Table

GEOMETRY = "geometry"


def arrow_table(table: LayerTable) -> "Table":
    """Return the columns in order, typed even where all are null, and the shapes as WKB, last."""
    from arro3.core import Array, DataType, Field, Schema, Table  # noqa: PLC0415 - heavy, not for every start

    types = {
        "text": DataType.string(),
        "integer": DataType.int32(),
        "number": DataType.float64(),
        "boolean": DataType.bool(),
    }
    fields = [Field(field.name, types[field.type], nullable=True) for field in table.fields]
    arrays = [Array(table.columns[field.name], type=types[field.type]) for field in table.fields]
    fields.append(Field(GEOMETRY, DataType.binary(), nullable=False))
    arrays.append(Array(list(shapely.to_wkb(table.shapes)), type=DataType.binary()))
    return Table.from_arrays(arrays, schema=Schema(fields))
