"""Scores as colours, and how sharply they are known; `scale.json` is what the page in web/ reads too.

Burnt orange over sand to blue: apart in all common forms of colour blindness, and neither end is an alarm.
"""

from importlib.resources import files
from typing import Literal

import msgspec

Certainty = Literal["close", "rough", "vague"]


class Scale(msgspec.Struct, frozen=True, rename="camel"):
    """The colours of the scores 0, 1 … top; what has none; and widths of the 95 % interval."""

    top: int
    colours: tuple[str, ...]
    close_width: float
    rough_width: float
    unknown: str
    ink: str


SCALE = msgspec.json.decode(files("server.styles").joinpath("scale.json").read_bytes(), type=Scale)


def colour_of(score: float | None) -> str:
    """Return the colour of a score, between those of the whole scores; a quiet grey where there is none."""
    if score is None:
        return SCALE.unknown
    below = min(int(max(score, 0.0)), SCALE.top - 1)
    share = min(max(score - below, 0.0), 1.0)
    pairs = zip(_parts(SCALE.colours[below]), _parts(SCALE.colours[below + 1]), strict=True)
    return "#" + "".join(f"{round(low + share * (high - low)):02x}" for low, high in pairs)


def certainty_of(low: float, high: float) -> Certainty:
    """Return how sharply a score is known, by its 95 % interval."""
    width = high - low
    if width <= SCALE.close_width:
        return "close"
    return "rough" if width <= SCALE.rough_width else "vague"


def _parts(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue
