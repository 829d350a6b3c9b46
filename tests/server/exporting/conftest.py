"""A layer with everything that can go wrong in a file format."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from analysis.disclosure.layer import Field
from geo import cells
from server.layer_table import LayerTable

FIELDS = (
    Field(name="cell", type="text", title="H3 cell"),
    Field(name="resolution", type="integer", title="H3 resolution"),
    Field(name="score", type="number", title="Score"),
    Field(name="exposure", type="number", title="People exposed"),
    Field(name="needs", type="text", title="Needs"),
    Field(name="adjusted", type="boolean", title="Adjusted"),
    Field(name="last_audit", type="text", title="Month of the latest audit"),
)
NEEDS = ("light;walk path", "", 'a "quoted", text', "अँधेरा\nनहीं", "=1+1")


def _table(count: int, *, lat: float = 28.6, lng: float = 77.25) -> LayerTable:
    found = cells.disc(cells.cell_of(lat, lng, resolution=9), k=3)[:count]
    rows = [
        (
            cells.to_text(cell),
            shape,
            {
                "cell": cells.to_text(cell),
                "resolution": 9,
                "score": float(index % 6),  # whole numbers alone: a reader must still see floats
                "exposure": None,
                "needs": NEEDS[index % len(NEEDS)],
                "adjusted": index % 2 == 0,
                "last_audit": None if index == 1 else "2026-10",
            },
        )
        for index, (cell, shape) in enumerate(zip(found.tolist(), cells.polygons(found), strict=True))
    ]
    return LayerTable.of(
        rows, name="cells", title="Safety of cells", as_of=datetime(2026, 11, 20, tzinfo=UTC), fields=FIELDS
    )


@pytest.fixture
def table() -> LayerTable:
    return _table(12)


@pytest.fixture
def empty() -> LayerTable:
    return _table(0)


@pytest.fixture
def make_table() -> Callable[..., LayerTable]:
    """Return a maker of layers: how many cells, and around where."""
    return _table
