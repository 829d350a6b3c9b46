"""Drawings as SVG without styles or scripts, so that the strictest content policy lets them be seen."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import shapely
from numpy.typing import NDArray

Point = tuple[float, float]


class Drawing:
    """A picture that is put together piece by piece; y grows downwards."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
            f'direction="ltr" aria-label={quoteattr(title)}><title>{escape(title)}</title>'
        )
        self._parts: list[str] = []

    def rectangle(self, corner: Point, width: float, height: float, **paint: object) -> None:
        """Draw a rectangle from its upper left corner."""
        x, y = corner
        self._add("rect", x=f"{x:.1f}", y=f"{y:.1f}", width=f"{width:.1f}", height=f"{height:.1f}", **paint)

    def line(self, start: Point, end: Point, **paint: object) -> None:
        """Draw a straight line."""
        (x1, y1), (x2, y2) = start, end
        self._add("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", **paint)

    def dot(self, centre: Point, radius: float, **paint: object) -> None:
        """Draw a dot."""
        self._add("circle", cx=f"{centre[0]:.1f}", cy=f"{centre[1]:.1f}", r=f"{radius:g}", **paint)

    def text(self, place: Point, words: str, **paint: object) -> None:
        """Write words at a place; `text_anchor` start, middle or end."""
        self._add("text", words, x=f"{place[0]:.1f}", y=f"{place[1]:.1f}", **paint)

    def shapes(self, rings: Iterable[NDArray[np.float64]], **paint: object) -> None:
        """Draw closed rings as one path; inner rings are holes. No path where there is no ring."""
        path = "".join(map(_ring, rings))
        if path:
            self._add("path", d=path, fill_rule="evenodd", **paint)

    def markup(self) -> str:
        """Return the picture."""
        return f"{self._head}{''.join(self._parts)}</svg>"

    def _add(self, element: str, content: str = "", /, **attributes: object) -> None:
        told = "".join(
            f" {name.replace('_', '-')}={quoteattr(str(value))}" for name, value in attributes.items()
        )
        self._parts.append(f"<{element}{told}>{escape(content)}</{element}>")


def rings_of(shapes: NDArray[np.object_]) -> list[NDArray[np.float64]]:
    """Return the rings of polygons and multipolygons, each float[n, 2]."""
    rings = shapely.get_rings(shapely.get_parts(shapes))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    return np.split(points, np.flatnonzero(np.diff(ring)) + 1) if len(rings) else []


def wrapped(words: str, width: int) -> list[str]:
    """Return words in lines of at most `width` letters where a blank allows."""
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + len(word) < width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _ring(points: NDArray[np.float64]) -> str:
    """Return a closed path in tenths, each point relative to the one before: half as long."""
    tenths = np.rint(points * 10).astype(np.int64)
    steps = np.diff(tenths, axis=0)[:-1]
    first = f"M{tenths[0, 0] / 10:g} {tenths[0, 1] / 10:g}l"
    return first + " ".join(f"{x / 10:g} {y / 10:g}" for x, y in steps.tolist()) + "z"
