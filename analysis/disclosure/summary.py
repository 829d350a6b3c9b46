"""What a run tells of the city as a whole beside its layers: how ratings fall, and who was heard."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Fall:
    """How the answers to one rating fall on its levels, 0 first, in one daypart."""

    rating: str
    daypart: str
    """`day` or `night`."""
    answers_min: int
    """At least so many answers."""
    counts: Sequence[int | None]
    """Answers by level: None where fewer than k counted auditors gave it, lower bounds in public."""
    shares: Sequence[float | None]
    """Of all answers; None as above."""


@dataclass(frozen=True, kw_only=True)
class Heard:
    """How many of one group were heard; lower bounds, 0 where they were fewer than k or 5."""

    group: str
    """Such as `gender:woman`; empty: everybody."""
    auditors_min: int
    audits_min: int


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What one audience is told; ready for JSON."""

    falls: Sequence[Fall]
    heard: Sequence[Heard]


@dataclass(frozen=True, kw_only=True)
class Voices:
    """Counted auditors of one group, and their used audits, as they are: for the gate alone."""

    group: str
    auditors: int
    audits: int
