"""Who is at the door: a phone or a key of staff, always of one city."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a token makes of its holder; all but AUDITOR are keys made by the operator."""

    AUDITOR = "auditor"
    ORGANISER = "organiser"
    PLANNER = "planner"
    MODERATOR = "moderator"
    ANALYST = "analyst"
    ADMIN = "admin"


STAFF = tuple(role for role in Role if role is not Role.AUDITOR)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The holder of a valid token; `id` is the device's or the key's."""

    role: Role
    city_id: int
    id: UUID
    minor: bool = False
    """Phones only: their holder said to be under 18."""
    practice_before: datetime | None = None
    """Phones of a campaign only: its start; what they observed earlier was practice."""
