"""Cells as ids and values stay small."""

import gzip
from datetime import UTC, datetime

import numpy as np
import shapely

from analysis.disclosure.layer import Field
from geo import cells
from server.exporting.compact import CLASSES, encode_compact
from server.layer_table import LayerTable

NUMBERS = ("score", "score_low", "score_high")


def test_nine_thousand_cells_take_less_than_60_kb_compressed() -> None:
    """Every value is drawn by itself; neighbours in a city are alike, and compress better."""
    rng = np.random.default_rng(1)
    found = sorted(cells.disc(cells.cell_of(28.6, 77.2, resolution=9), k=54).tolist())
    score, low, high = (
        rng.normal(2.8, 0.6, len(found)),
        rng.uniform(0.2, 1.2, len(found)),
        rng.uniform(0.2, 1.2, len(found)),
    )
    told = np.round(np.column_stack([score, score - low, score + high]).clip(0, 5), 1)
    rows = [
        (
            cells.to_text(cell),
            shapely.box(0, 0, 1, 1),
            {
                "resolution": 9,
                "class": CLASSES[int(rng.choice(5, p=[0.02, 0.05, 0.08, 0.75, 0.1]))],
                **dict(zip(NUMBERS, numbers, strict=True)),
            },
        )
        for cell, numbers in zip(found, told.tolist(), strict=True)
    ]
    table = LayerTable.of(
        rows,
        name="cells",
        title="cells",
        as_of=datetime(2026, 11, 20, tzinfo=UTC),
        fields=[
            Field(name="resolution", type="integer", title=""),
            Field(name="class", type="text", title=""),
            *(Field(name=name, type="number", title="") for name in NUMBERS),
        ],
    )
    packed = len(gzip.compress(encode_compact(table), 6))
    print(f"{len(found)} cells: {packed:,} bytes")
    assert len(found) >= 8900
    assert packed <= 60_000
