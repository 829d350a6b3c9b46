"""A small map of a page of features: plain SVG, so that no script and nobody else's server is needed."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from server.styles.scale import colour_of

_WIDTH = 640.0
_TALLEST = 480.0
_MARGIN = 8.0

Point = tuple[float, float]
Feature = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """One feature on the map."""

    id: str
    path: str
    colour: str


@dataclass(frozen=True)
class Picture:
    """The map: its size in pixels, and what is on it."""

    width: float
    height: float
    shapes: Sequence[Shape]


def picture(features: Sequence[Feature]) -> Picture | None:
    """Return the map of GeoJSON features in lng/lat; None without any."""
    rings = {feature["id"]: list(_rings(feature["geometry"])) for feature in features}
    points = [point for those in rings.values() for ring in those for point in ring]
    if not points:
        return None
    place, width, height = _placing(points)
    shapes = [
        Shape(
            feature["id"], _path(rings[feature["id"]], place), colour_of(feature["properties"].get("score"))
        )
        for feature in features
    ]
    return Picture(width, height, shapes)


def _rings(geometry: dict[str, Any]) -> Iterator[list[Point]]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    for polygon in polygons:
        yield from polygon


def _placing(points: list[Point]) -> tuple[Any, float, float]:
    """Return what puts lng/lat on the map, and its size; metres are alike both ways in its middle."""
    turn = max(x for x, _ in points) - min(x for x, _ in points) > 180  # across the antimeridian

    def east(x: float) -> float:
        return x + 360 if turn and x < 0 else x

    west, right = min(east(x) for x, _ in points), max(east(x) for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    squeeze = max(math.cos(math.radians((south + north) / 2)), 0.01)
    wide, tall = max((right - west) * squeeze, 1e-9), max(north - south, 1e-9)
    scale = min((_WIDTH - 2 * _MARGIN) / wide, (_TALLEST - 2 * _MARGIN) / tall)

    def place(point: Point) -> str:
        x, y = point
        left, top = (east(x) - west) * squeeze * scale, (north - y) * scale
        return f"{left + _MARGIN:.1f} {top + _MARGIN:.1f}"

    return place, wide * scale + 2 * _MARGIN, tall * scale + 2 * _MARGIN


def _path(rings: list[list[Point]], place: Any) -> str:
    return "".join(f"M{'L'.join(place(point) for point in ring)}Z" for ring in rings)
