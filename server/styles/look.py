"""How a layer is drawn: rules of colour and of pattern, from which MapLibre's, QGIS's and legends derive.

No hue carries a meaning that the colour-blind would miss, and nothing is red or green. What is known
roughly is striped (QGIS) or paler (MapLibre), and what is not known is grey.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.disclosure.layer import Field
from server.styles.scale import SCALE

Pattern = Literal["solid", "stripes", "crossed"]


@dataclass(frozen=True, kw_only=True)
class Test:
    """A condition on a field: from `low` to below `high`, or one value, or none at all."""

    field: str
    minus: str | None = None
    """Taken off the field first."""
    low: float | None = None
    high: float | None = None
    equals: str | None = None
    missing: bool = False


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What is drawn so, and what the legend says of it; `test` None: whatever there is."""

    label: str
    test: Test | None
    colour: str
    pattern: Pattern = "solid"


@dataclass(frozen=True)
class Look:
    """Every feature gets the colour of the first rule that holds, and the pattern likewise on top of it."""

    colours: Sequence[Rule]
    patterns: Sequence[Rule] = ()


NOT_ENOUGH = "Not enough audits to say"


def look_of(fields: Sequence[Field]) -> Look:
    """Return the look of a layer with these fields."""
    names = {field.name for field in fields}
    if {"score", "score_low", "score_high"} <= names:
        return Look(_by_score("score"), _by_certainty())
    if "gi_bin" in names:
        return Look(_by_bin())
    if "why" in names:
        return Look(_by_reason())
    return Look([Rule(label="Shown", test=None, colour=SCALE.colours[1])])


def _by_score(field: str) -> list[Rule]:
    """Return six steps around the whole scores, and grey for none."""
    words = {0: "0: much is missing", SCALE.top: f"{SCALE.top}: little is missing"}
    steps = [
        Rule(
            label=words.get(score, str(score)),
            test=Test(
                field=field,
                low=score - 0.5 if score else None,
                high=score + 0.5 if score < SCALE.top else None,
            ),
            colour=colour,
        )
        for score, colour in enumerate(SCALE.colours)
    ]
    return [Rule(label=NOT_ENOUGH, test=Test(field=field, missing=True), colour=SCALE.unknown), *steps]


def _by_certainty() -> list[Rule]:
    """Return the patterns of scores known to about one point, and hardly."""

    def width(low: float, high: float | None) -> Test:
        return Test(field="score_high", minus="score_low", low=low, high=high)

    # Widths are differences of rounded scores: half a step keeps 1.0 on its side.
    close, rough = SCALE.close_width + 0.05, SCALE.rough_width + 0.05
    return [
        Rule(
            label="Striped: known to about one point",
            test=width(close, rough),
            colour=SCALE.ink,
            pattern="stripes",
        ),
        Rule(
            label="Crossed: a rough idea only", test=width(rough, None), colour=SCALE.ink, pattern="crossed"
        ),
    ]


def _by_bin() -> list[Rule]:
    """Return the seven bins of Gi*, low scores in burnt orange."""
    low, lower, slight, _, high, higher = SCALE.colours
    colours = (low, lower, slight, SCALE.unknown, "#b7d0e0", high, higher)
    words = (
        "Low, 99 %",
        "Low, 95 %",
        "Low, 90 %",
        "Not significant",
        "High, 90 %",
        "High, 95 %",
        "High, 99 %",
    )
    return [
        Rule(label=word, test=Test(field="gi_bin", low=place - 3.5, high=place - 2.5), colour=colour)
        for place, (word, colour) in enumerate(zip(words, colours, strict=True))
    ]


def _by_reason() -> list[Rule]:
    reasons = {
        "unknown": (NOT_ENOUGH, SCALE.unknown),
        "undecided": ("Audits would decide", SCALE.colours[2]),
        "voices": ("Voices are missing", SCALE.colours[4]),
    }
    return [
        Rule(label=label, test=Test(field="why", equals=why), colour=colour)
        for why, (label, colour) in reasons.items()
    ]
