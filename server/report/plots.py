"""Plots: how ratings fall on their levels, and values with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.report import palette
from server.report.svg import Drawing, wrapped

_WIDTH = 640.0


@dataclass(frozen=True, kw_only=True)
class Bar:
    """How one rating falls in one daypart: shares of its levels, 0 (worst) first."""

    label: str
    shares: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Span:
    """A value with its interval."""

    label: str
    value: float
    low: float
    high: float


def draw_falls(bars: Sequence[Bar], *, title: str, good: str, bad: str) -> str:
    """Return bars that stand on a line: what is good above it, bad below, middling on both sides."""
    reach, top, foot = 110.0, 14.0, 46.0
    drawing = Drawing(_WIDTH, top + 2 * reach + foot, title)
    line = top + reach
    step = (_WIDTH - 40) / max(len(bars), 1)
    for share in (-1.0, -0.5, 0.5, 1.0):
        y = line - share * reach
        drawing.line((40, y), (_WIDTH, y), stroke=palette.SAME, stroke_width=0.6)
        drawing.text((36, y + 4), f"{abs(share):.0%}", text_anchor="end", font_size=10, fill=palette.QUIET)
    for place, bar in enumerate(bars):
        middle = 40 + step * (place + 0.5)
        _bar(drawing, bar, middle=middle, wide=step * 0.62, line=line, reach=reach)
        for row, words in enumerate(wrapped(bar.label, max(int(step / 5.2), 6))[:3]):
            y = line + reach + 14 + 12 * row
            drawing.text((middle, y), words, text_anchor="middle", font_size=9.5, fill=palette.INK)
    drawing.line((40, line), (_WIDTH, line), stroke=palette.INK, stroke_width=1)
    drawing.text((44, top - 3), good, font_size=10.5, fill=palette.QUIET)
    drawing.text((44, line + reach - 4), bad, font_size=10.5, fill=palette.QUIET)
    return drawing.markup()


def _bar(drawing: Drawing, bar: Bar, *, middle: float, wide: float, line: float, reach: float) -> None:
    """Stack the levels from the line outwards, the middling ones next to it."""
    top = len(bar.shares) - 1
    neutral = [share for level, share in enumerate(bar.shares) if 2 * level == top]
    up = down = sum(neutral) / 2 * reach
    if neutral:
        colour = palette.of_level(top // 2, top)
        drawing.rectangle((middle - wide / 2, line - up), wide, up + down, fill=colour)
    for level in sorted(range(top + 1), key=lambda level: abs(2 * level - top)):
        height = bar.shares[level] * reach
        if 2 * level == top:
            continue
        if 2 * level > top:
            up += height
            y = line - up
        else:
            y = line + down
            down += height
        drawing.rectangle((middle - wide / 2, y), wide, height, fill=palette.of_level(level, top))


def draw_spans(
    spans: Sequence[Span], *, title: str, low: float, high: float, zero: float | None = None
) -> str:
    """Return a row for each value on an axis from low to high, its interval as a line, a mark at `zero`."""
    row, left, right = 20.0, 190.0, _WIDTH - 16
    drawing = Drawing(_WIDTH, row * len(spans) + 34, title)

    def across(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return left + share * (right - left)

    foot = row * len(spans) + 8
    for mark in (low, (low + high) / 2, high):
        drawing.line((across(mark), 4), (across(mark), foot), stroke=palette.SAME, stroke_width=0.6)
        drawing.text(
            (across(mark), foot + 14), f"{mark:g}", text_anchor="middle", font_size=10, fill=palette.QUIET
        )
    if zero is not None:
        drawing.line((across(zero), 4), (across(zero), foot), stroke=palette.INK, stroke_width=1)
    for place, span in enumerate(spans):
        y = row * (place + 0.7)
        words = span.label if len(span.label) <= 32 else f"{span.label[:31]}…"
        drawing.text((left - 8, y + 4), words, text_anchor="end", font_size=11, fill=palette.INK)
        drawing.line((across(span.low), y), (across(span.high), y), stroke=palette.QUIET, stroke_width=2.4)
        drawing.dot((across(span.value), y), 4, fill=palette.BETTER)
    return drawing.markup()
