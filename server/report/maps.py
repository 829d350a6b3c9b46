"""Maps of a city: shapes in plain colours on a plain ground, north up, with scale and legend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, floor, log10, radians

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from server.report import palette
from server.report.svg import Drawing, rings_of

_WIDTH, _MOST_HEIGHT, _MARGIN = 640.0, 460.0, 8.0
_LEGEND_ROW, _LETTER = 18.0, 6.2
_M_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371 km."""


@dataclass(frozen=True, kw_only=True)
class Tone:
    """Shapes of one colour, and what the legend says of it; no words, no entry."""

    colour: str
    words: str
    shapes: Sequence[BaseGeometry]


def draw_map(
    area: BaseGeometry,
    tones: Sequence[Tone],
    *,
    title: str,
    ground: str,
    outlines: Sequence[BaseGeometry] = (),
) -> str:
    """Return a map of an area with tones on it and outlines over them; `ground` names what is not covered."""
    frame = _Frame.around(area)
    entries = [(palette.GROUND, ground), *((tone.colour, tone.words) for tone in tones if tone.words)]
    legend = _rows(entries)
    drawing = Drawing(_WIDTH, frame.height + _LEGEND_ROW * (len(legend) + 1), title)
    drawing.shapes(frame.rings([area]), fill=palette.GROUND, stroke=palette.LINE, stroke_width=0.8)
    for tone in tones:
        drawing.shapes(frame.rings(tone.shapes), fill=tone.colour, stroke=tone.colour, stroke_width=0.3)
    drawing.shapes(frame.rings(outlines), fill="none", stroke=palette.INK, stroke_width=1.4)
    _scale(drawing, frame)
    for place, row in enumerate(legend):
        _legend_row(drawing, row, y=frame.height + _LEGEND_ROW * (place + 1.7))
    return drawing.markup()


def score_tones(shapes: Sequence[BaseGeometry], scores: Sequence[float]) -> list[Tone]:
    """Return shapes in the colours of their scores, from low to high; whole scores are in the legend."""
    steps = np.rint(np.asarray(scores, dtype=np.float64) * 2).astype(np.int64)
    given = np.array(shapes, dtype=object)
    return [
        Tone(
            colour=palette.of_score(step / 2),
            words="" if step % 2 else str(step // 2),
            shapes=list(given[steps == step]),
        )
        for step in range(11)
    ]


def class_tones(
    shapes: Sequence[BaseGeometry], classes: Sequence[object], legend: Mapping[str, tuple[str, str]]
) -> list[Tone]:
    """Return shapes by class; `legend` tells colour and words of each class, and which there are."""
    return [
        Tone(
            colour=colour,
            words=words,
            shapes=[shape for shape, one in zip(shapes, classes, strict=True) if one == name],
        )
        for name, (colour, words) in legend.items()
    ]


@dataclass(frozen=True, kw_only=True)
class _Frame:
    """How lng/lat become places on paper: equirectangular, true in scale at the middle latitude."""

    left: float
    west: float
    north: float
    narrowing: float
    per_degree: float
    height: float

    @classmethod
    def around(cls, area: BaseGeometry) -> "_Frame":
        west, south, east, north = area.bounds
        narrowing = cos(radians((south + north) / 2))
        wide, high = max((east - west) * narrowing, 1e-9), max(north - south, 1e-9)
        per_degree = min((_WIDTH - 2 * _MARGIN) / wide, (_MOST_HEIGHT - 2 * _MARGIN) / high)
        return cls(
            left=(_WIDTH - wide * per_degree) / 2,
            west=west,
            north=north,
            narrowing=narrowing,
            per_degree=per_degree,
            height=high * per_degree + 2 * _MARGIN,
        )

    def rings(self, shapes: Sequence[BaseGeometry]) -> list[NDArray[np.float64]]:
        """Return the rings of shapes on paper."""
        return rings_of(shapely.transform(np.array(shapes, dtype=object), self._placed))

    def _placed(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        x = (points[:, 0] - self.west) * self.narrowing * self.per_degree + self.left
        y = (self.north - points[:, 1]) * self.per_degree + _MARGIN
        return np.column_stack([x, y])


def _scale(drawing: Drawing, frame: _Frame) -> None:
    """Draw a bar of a round length, about a sixth of the width."""
    m_per_unit = _M_PER_DEGREE / frame.per_degree
    most = _WIDTH / 6 * m_per_unit
    power = 10.0 ** floor(log10(most))
    length_m = max(step * power for step in (1, 2, 5) if step * power <= most)
    y, end = frame.height + 4, _WIDTH - _MARGIN
    start = end - length_m / m_per_unit
    drawing.line((start, y), (end, y), stroke=palette.INK, stroke_width=2)
    named = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    drawing.text((start - 4, y + 4), named, text_anchor="end", font_size=11, fill=palette.INK)


def _rows(entries: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Return the entries of a legend in rows that fit the width."""
    rows: list[list[tuple[str, str]]] = [[]]
    used = 0.0
    for entry in entries:
        wide = _wide(entry[1])
        if rows[-1] and used + wide > _WIDTH:
            rows.append([])
            used = 0.0
        rows[-1].append(entry)
        used += wide
    return rows


def _wide(words: str) -> float:
    return 28 + len(words) * _LETTER


def _legend_row(drawing: Drawing, row: Sequence[tuple[str, str]], *, y: float) -> None:
    x = _MARGIN
    for colour, words in row:
        drawing.rectangle((x, y - 9), 12, 10, fill=colour, stroke=palette.LINE, stroke_width=0.5)
        drawing.text((x + 16, y), words, font_size=11, fill=palette.INK)
        x += _wide(words)
