import math
from datetime import UTC, datetime

import pytest
from shapely.geometry import MultiPolygon, box

from analysis.disclosure.layer import Field, Value
from server.layer_table import LayerTable


def table_of(kind: str, value: Value) -> LayerTable:
    field = Field(name="x", type=kind, title="x")  # type: ignore[arg-type]
    row = ("a", box(0, 0, 1.00000001, 1), {"x": value})
    return LayerTable.of([row], name="l", title="l", as_of=datetime(2026, 1, 1, tzinfo=UTC), fields=[field])


@pytest.mark.parametrize(
    ("kind", "value"),
    [("integer", 1.0), ("integer", True), ("text", 1), ("boolean", 1), ("number", math.nan), ("number", "1")],
)
def test_a_value_of_another_type_is_refused(kind: str, value: Value) -> None:
    with pytest.raises(TypeError, match=f"field x: a value that is no {kind}"):
        table_of(kind, value)


@pytest.mark.parametrize("kind", ["integer", "text", "boolean", "number"])
def test_every_type_may_be_null(kind: str) -> None:
    assert table_of(kind, None).columns["x"] == [None]


def test_a_number_that_lost_its_point_is_a_float_again() -> None:
    (number,) = table_of("number", 2).columns["x"]
    assert type(number) is float


def test_one_multiple_shape_makes_all_shapes_multiple() -> None:
    rows = [("a", box(0, 0, 1, 1), {}), ("b", MultiPolygon([box(2, 0, 3, 1)]), {})]
    table = LayerTable.of(rows, name="l", title="l", as_of=datetime(2026, 1, 1, tzinfo=UTC), fields=[])
    assert {shape.geom_type for shape in table.shapes} == {"MultiPolygon"}
    assert table.shapes[0].equals(box(0, 0, 1, 1))


def test_coordinates_are_rounded_to_seven_decimals() -> None:
    assert table_of("text", "a").shapes[0].bounds == (0.0, 0.0, 1.0, 1.0)
