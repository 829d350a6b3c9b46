"""Colours of the report: the scale of scores (`server.styles`), its ends for what is worse and better."""

from server.styles.scale import SCALE, colour_of

GROUND, INK = SCALE.unknown, SCALE.ink
LINE, QUIET = "#8a857d", "#6a665f"
WORSE, SAME, BETTER, UNKNOWN = colour_of(1.0), "#d8d4cd", colour_of(5.0), "#ffffff"
DARK = "#4a3b73"


def of_score(score: float) -> str:
    """Return the colour of a score 0..5, in steps of half a point."""
    return colour_of(round(score * 2) / 2)


def of_level(level: int, top: int) -> str:
    """Return the colour of a level 0..top."""
    return of_score(SCALE.top * level / top)
