"""Tell an organiser what a walk found, a minute after its end."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Row

from analysis.disclosure.debrief import debrief
from server.cities import City
from server.errors import Conflict
from server.intake.content import NO_ANSWER
from server.queries.campaigns import CampaignRow, lock_campaign
from server.queries.debriefs import find_debrief, list_walked, put_debrief

WAIT = timedelta(minutes=1)


@dataclass(frozen=True)
class Told:
    """A debrief as it was made; nothing where too few people sent audits of the walk."""

    made_at: datetime | None
    content: dict[str, Any] | None


def debrief_campaign(connection: Connection, *, city: City, campaign: CampaignRow, now: datetime) -> Told:
    """Return the debrief of a campaign by the city's first instrument; Conflict until a minute after its end.

    It is kept, and made anew only once at least k people have sent further audits: whoever fetches it after
    every phone learns no phone's answers.
    """
    over_at = min(campaign.ends_at, campaign.closed_at or campaign.ends_at) + WAIT
    if now < over_at:
        local = over_at.astimezone(ZoneInfo(city.time_zone)).isoformat(timespec="seconds")
        raise Conflict(f"the debrief is made a minute after the end of the walk: ask again after {local}")
    lock_campaign(connection, city_id=city.city_id, campaign_id=campaign.campaign_id)
    key = {"city_id": city.city_id, "campaign_id": campaign.campaign_id}
    last = find_debrief(connection, **key)  # type: ignore[arg-type]
    instrument_id = city.default_instrument
    rows = list_walked(connection, **key, instrument_id=instrument_id, time_zone=city.time_zone)  # type: ignore[arg-type]
    new = {row.device_id for row in rows if last is None or row.received_at > last[0]}
    content = _content(city, rows) if len(new) >= city.k else None
    if content is None:
        return Told(*(last or (None, None)))
    put_debrief(connection, **key, made_at=now, content=content)  # type: ignore[arg-type]
    return Told(now, content)


def _content(city: City, rows: list[Row[Any]]) -> dict[str, Any] | None:
    """Return the debrief of audits, whichever version of the instrument they answer."""
    versions = city.instruments[city.default_instrument]
    asked = versions[max(versions)].ratings
    levels = np.full((len(rows), len(asked)), NO_ANSWER, dtype=np.int8)
    for place, row in enumerate(rows):
        answered = zip(versions[row.instrument_version].ratings, row.ratings, strict=True)
        given = {(rating.name, rating.top): level for rating, level in answered}
        levels[place] = [given.get((rating.name, rating.top), NO_ANSWER) for rating in asked]
    _, person = np.unique([str(row.device_id) for row in rows], return_inverse=True)
    found = debrief(asked, levels, person, k=city.k)
    if found is None:
        return None
    ratings = [{**asdict(one), "mean": round(one.mean, 2)} for one in found.ratings]
    return {"instrument": city.default_instrument, **asdict(found), "ratings": ratings}
