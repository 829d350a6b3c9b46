"""What a release says of itself besides its rows: whose it is, what it is called, how to cite it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from server.cities import City
from server.period import Period

LICENCE = "CC-BY-4.0"
"""Of a release, where the city's `licence` says nothing else."""
_PAGES = {
    "CC-BY-4.0": ("Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "CC-BY-SA-4.0": (
        "Creative Commons Attribution-ShareAlike 4.0",
        "https://creativecommons.org/licenses/by-sa/4.0/",
    ),
    "CC0-1.0": ("Creative Commons Zero 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "ODbL-1.0": ("Open Database License 1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
}


@dataclass(frozen=True, kw_only=True)
class About:
    """The words of one release as they were when it was made."""

    release_id: str
    city: str
    publisher: str
    contact: str | None
    period: str
    instrument: str
    instrument_title: str
    licence: str
    made_at: datetime
    purpose: str | None
    software: str

    @property
    def title(self) -> str:
        """What the release is called."""
        return f"{self.city}: safety audits of {self.period}, anonymised"

    @property
    def citation(self) -> str:
        """How to cite it."""
        return (
            f"{self.publisher} ({self.made_at.year}). {self.title} [data set], release {self.release_id}. "
            f"Made with safeaudit {self.software}."
        )

    @property
    def licence_page(self) -> tuple[str, str | None]:
        """The licence's name for people, and its page where it is known."""
        return _PAGES.get(self.licence, (self.licence, None))

    def to_json(self) -> dict[str, Any]:
        """Return what the card tells."""
        name, page = self.licence_page
        return {
            "title": self.title,
            "citation": self.citation,
            "licence": {"id": self.licence, "name": name, "url": page},
            "publisher": self.publisher,
            "contact": self.contact,
            "software": f"safeaudit {self.software}",
        }


def about(
    city: City, *, release_id: str, period: Period, instrument_id: str, purpose: str | None, made_at: datetime
) -> About:
    """Return the words of a release of a city."""
    settings: Mapping[str, Any] = city.settings
    return About(
        release_id=release_id,
        city=city.name,
        publisher=settings.get("controller") or city.name,
        contact=settings.get("contact"),
        period=str(period),
        instrument=instrument_id,
        instrument_title=city.current(instrument_id).localised("en")["title"],
        licence=settings.get("licence", LICENCE),
        made_at=made_at.astimezone(ZoneInfo(city.time_zone)),
        purpose=purpose,
        software=version("safeaudit"),
    )
