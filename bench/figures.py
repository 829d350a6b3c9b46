"""The figures of docs/method.md, drawn from simulation by the method: python -m bench.figures [FOLDER].

Each is an SVG of its own; equal on equal machines. The palette is Okabe and Ito's, told apart by the
colour-blind, and cividis for scores; nothing is told by colour alone.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bench import figure_data as data
from bench.figure_data import Admitted, Evidence, Flagged, Maps

FOLDER = Path(__file__).parents[1] / "docs" / "figures"
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#767676"
_UNKNOWN = "#ececec"
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "safeaudit",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "path.simplify": True,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--only", action="append", choices=FIGURES, help="one figure; may be repeated")
    chosen = parser.parse_args()
    for name in chosen.only or FIGURES:
        save(FIGURES[name](), chosen.folder / f"{name}.svg")


def save(figure: Figure, file: Path) -> None:
    """Write a figure as SVG, without the date and the program's version."""
    with mpl.rc_context(_STYLE):
        figure.savefig(file, metadata={"Date": None, "Creator": None}, bbox_inches="tight")


def evidence(found: Evidence) -> Figure:
    """Draw the score of one cell and its interval, as more people, or one person, audit it."""
    figure, panels = _panels(2, width=8.0)
    for axes, title, low, mean, high in (
        (panels[0], "by so many people, once each", *found.people),
        (panels[1], "by one person, so many times", *found.one_person),
    ):
        axes.fill_between(found.audits, low, high, color=BLUE, alpha=0.2, lw=0, label="95 % interval")
        axes.plot(found.audits, mean, color=BLUE, marker="o", ms=3, label="score")
        axes.axhline(found.said, color=ORANGE, ls="--", label="what each of them says")
        axes.axhline(found.city, color=GREY, ls=":", label="mean of the city")
        axes.set(title=title, xlabel="audits of the cell", ylim=(0, 5))
    panels[0].set_ylabel("score, 0 worst to 5 best")
    panels[0].legend(frameon=False, fontsize=8, loc="upper right")
    return figure


def smoothing(maps: Maps) -> Figure:
    """Draw a city as it is, as plain means show it, and as the field does."""
    figure, panels = _panels(3, width=9.0)
    titles = ("what is true", "plain means of audits", "scores")
    for axes, title, score in zip(panels, titles, (maps.true, maps.plain, maps.score), strict=True):
        known = ~np.isnan(score)
        axes.add_collection(
            PolyCollection(_only(maps.shapes, ~known), facecolor=_UNKNOWN, edgecolor="white", lw=0.2)
        )
        drawn = PolyCollection(
            _only(maps.shapes, known), array=score[known], cmap="cividis", lw=0.1, edgecolor="face"
        )
        drawn.set_clim(*maps.range)
        axes.add_collection(drawn)
        outlined = _only(maps.shapes, maps.outlined[title])
        axes.add_collection(PolyCollection(outlined, facecolor="none", edgecolor=ORANGE, lw=0.9))
        axes.set(title=title, aspect=maps.aspect)
        axes.autoscale_view()
        axes.axis("off")
    bar = figure.colorbar(drawn, ax=panels, shrink=0.7, pad=0.01)
    bar.set_label("score")
    return figure


def discoveries(rows: list[Flagged]) -> Figure:
    """Draw, for each detector, how much of what is bad it finds, and how much of what it flags is not."""
    figure, (axes,) = _panels(1, width=7.0)
    place = range(len(rows))[::-1]
    for row, y in zip(rows, place, strict=True):
        axes.plot([row.false, row.recall], [y, y], color="#cccccc", zorder=1)
    axes.scatter([row.recall for row in rows], place, color=BLUE, label="of the bad cells, found", zorder=2)
    axes.scatter(
        [row.false for row in rows],
        place,
        color=ORANGE,
        marker="X",
        label="of the flagged cells, not bad",
        zorder=2,
    )
    axes.axvline(0.05, color=GREY, ls=":")
    axes.text(0.055, len(rows) - 0.55, "5 %", color=GREY, fontsize=8)
    axes.set(xlim=(0, 1), yticks=list(place), yticklabels=[row.name for row in rows], xlabel="share")
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    return figure


def waiting(admitted: Admitted) -> Figure:
    """Draw how the public map fills: shares of audits and cells by day, and how long audits waited."""
    figure, panels = _panels(2, width=8.0)
    axes, beside = panels
    axes.plot(admitted.days, admitted.audits, color=BLUE, label="of the audits so far: in public layers")
    axes.plot(admitted.days, admitted.cells, color=ORANGE, ls="--", label="of the cells ever shown: shown")
    axes.set(xlabel="day since the first audit", ylabel="share", ylim=(0, 1))
    axes.legend(frameon=False, fontsize=8, loc="lower right")
    beside.hist(admitted.waited, bins=range(0, 155, 5), color=BLUE)
    middle = admitted.median_wait
    beside.axvline(middle, color=ORANGE, ls="--")
    beside.text(middle + 2, beside.get_ylim()[1] * 0.9, f"half waited up to {middle:.0f} days", fontsize=8)
    beside.set(xlabel="days until admitted", ylabel="audits")
    return figure


def event_study(found: data.EventStudy) -> Figure:
    """Draw how far a place lay from its matches in each month before and after something was done."""
    figure, (axes,) = _panels(1, width=7.0)
    axes.axhline(0, color=GREY, lw=0.8)
    axes.axvline(-0.5, color=GREY, ls=":")
    axes.errorbar(
        found.month, found.estimate, yerr=found.reach, color=BLUE, fmt="o", ms=4, capsize=2, label="month"
    )
    axes.plot([-0.5, max(found.month) + 0.5], [found.true] * 2, color=ORANGE, ls="--", label="true effect")
    axes.set(
        xlabel="months of 30 days; the work is between -1 and 0", ylabel="rating steps above its matches"
    )
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    return figure


FIGURES: dict[str, Callable[[], Figure]] = {
    "evidence": lambda: evidence(data.evidence()),
    "smoothing": lambda: smoothing(data.maps()),
    "discoveries": lambda: discoveries(data.discoveries()),
    "waiting": lambda: waiting(data.waiting()),
    "event-study": lambda: event_study(data.event_study()),
}
"""By the name of their file."""


def _only(shapes: list[data.Floats], which: NDArray[np.bool_]) -> list[data.Floats]:
    return [shape for shape, there in zip(shapes, which, strict=True) if there]


def _panels(count: int, *, width: float) -> tuple[Figure, list[Axes]]:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width, 3.0), layout="constrained")
        return figure, list(figure.subplots(1, count, squeeze=False)[0])


if __name__ == "__main__":
    main()
