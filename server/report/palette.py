"""Colours of the report, told apart in print and by colour-blind eyes: those of web/src/palette.ts."""

from analysis.score import PUBLISHED_TOP

_OF_SCORES = ("#97370a", "#cf6a1f", "#eda857", "#ecdcb8", "#86b5d3", "#2a6a9c")
"""Of the scores 0, 1, ... 5: orange against blue."""

GROUND, LINE, INK, QUIET = "#f1efec", "#8a857d", "#1d1b19", "#6a665f"
WORSE, SAME, BETTER, UNKNOWN = _OF_SCORES[1], "#d8d4cd", _OF_SCORES[5], "#ffffff"
DARK = "#4a3b73"


def of_score(score: float) -> str:
    """Return the colour of a score 0..5, in steps of half a point."""
    half = round(min(max(score, 0.0), PUBLISHED_TOP) * 2)
    low, between = divmod(half, 2)
    return _mixed(_OF_SCORES[low], _OF_SCORES[low + 1]) if between else _OF_SCORES[low]


def of_level(level: int, top: int) -> str:
    """Return the colour of a level 0..top."""
    return of_score(PUBLISHED_TOP * level / top)


def _mixed(first: str, second: str) -> str:
    parts = zip(bytes.fromhex(first[1:]), bytes.fromhex(second[1:]), strict=True)
    return "#" + bytes((a + b) // 2 for a, b in parts).hex()
