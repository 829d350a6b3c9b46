"""Cells as ids and values alone: what a page needs to colour a city, in a fraction of GeoJSON's bytes."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from geo.cells import numbers_within
from server.layer_table import LayerTable

CLASSES = ("severe", "hot", "watch", "none", "cold")


def encode_compact(table: LayerTable) -> bytes:
    """Return JSON of columns in the order of the cells (docs/tiles.md).

    `cells`: the first cell's number, then differences; `class`: one digit each, the place in `classes`;
    `score`, `low`, `high`: tenths, the last two as distances from the score. ValueError where cells differ in
    resolution.
    """
    resolutions = {int(one or 0) for one in table.columns["resolution"]}
    if len(resolutions) > 1:
        raise ValueError(f"cells of several resolutions: {sorted(resolutions)}")
    resolution = resolutions.pop() if resolutions else 0
    cells = numbers_within(np.array([int(id_, 16) for id_ in table.ids], np.int64), resolution=resolution)
    score, low, high = (_tenths(table, name) for name in ("score", "score_low", "score_high"))
    body = {
        "as_of": table.as_of,
        "resolution": resolution,
        "classes": CLASSES,
        "cells": np.diff(cells, prepend=0).tolist(),
        "class": "".join(str(CLASSES.index(str(one))) for one in table.columns["class"]),
        "score": score.tolist(),
        "low": (score - low).tolist(),
        "high": (high - score).tolist(),
    }
    return msgspec.json.encode(body)


def _tenths(table: LayerTable, name: str) -> NDArray[np.int64]:
    return np.rint(np.array(table.columns[name], dtype=np.float64) * 10).astype(np.int64)
