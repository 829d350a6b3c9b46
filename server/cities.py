"""Cities as the server works with them: boundary prepared, instruments read, kept for a few seconds."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

from shapely.geometry import MultiPolygon
from sqlalchemy import Connection

from analysis.instrument import Instrument
from geo.areas import Boundary
from geo.cells import ancestor_text
from server.database import Database
from server.errors import NotThere
from server.instruments.document import Document
from server.instruments.reading import from_json
from server.instruments.xform import Agreement, XForm, make_xform
from server.intake.reading import Reader
from server.queries.cities import CityRow, list_cities
from server.queries.consent import find_current_version, find_texts
from server.queries.instruments import list_documents

_FRESH_FOR_S = 5.0
_READ_AGAIN_AFTER_S = 0.5  # for a slug nobody knows: asking for one must not load the store


@dataclass(frozen=True, kw_only=True)
class City:
    """One tenant, whole: what submitting, analysing and publishing need to know of it."""

    city_id: int
    slug: str
    name: str
    time_zone: str
    languages: tuple[str, ...]
    resolution: int
    k: int
    settings: Mapping[str, Any]
    area: MultiPolygon
    documents: Mapping[str, Mapping[int, Document]]
    """Instrument id -> version -> document; the city's first instrument first."""
    agreement: Agreement | None = None
    """The consent text the city approved last; None before the first."""

    @cached_property
    def boundary(self) -> Boundary:
        """The area prepared for distances."""
        return Boundary(self.area)

    @cached_property
    def instruments(self) -> dict[str, dict[int, Instrument]]:
        """Instrument id -> version -> instrument."""
        return {
            name: {version: document.instrument for version, document in versions.items()}
            for name, versions in self.documents.items()
        }

    @cached_property
    def reader(self) -> Reader:
        """What reads audits against the instruments."""
        return Reader(self.instruments)

    @cached_property
    def xforms(self) -> dict[str, XForm]:
        """Instrument id -> the form that phones with ODK Collect get of its newest version."""
        photos = bool(self.settings.get("photos"))
        return {
            name: make_xform(
                self.current(name),
                default_language=self.languages[0],
                photos=photos,
                agreement=self.agreement,
            )
            for name in self.documents
        }

    @property
    def default_instrument(self) -> str:
        """The id of the city's first instrument: what an audit without `instrument` answers."""
        return next(iter(self.documents))

    def public_cell(self, cell: int) -> str:
        """Return the text by which public layers know the place of a stored cell."""
        return ancestor_text(cell, resolution=self.resolution)

    def current(self, instrument_id: str) -> Document:
        """Return the newest version of an instrument; NotThere names what exists."""
        versions = self.documents.get(instrument_id)
        if versions is None:
            raise NotThere(f"no instrument {instrument_id!r} here; there are: {', '.join(self.documents)}")
        return versions[max(versions)]


@dataclass
class CityDirectory:
    """All cities by slug, read again after a few seconds, and sooner for a slug not yet known."""

    database: Database
    _cities: dict[str, City] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    def get(self, slug: str) -> City:
        """Return the city of a slug; NotThere where there is none."""
        found = self._fresh(_FRESH_FOR_S).get(slug) or self._fresh(_READ_AGAIN_AFTER_S).get(slug)
        if found is None:
            raise NotThere(f"no city {slug!r} on this server")
        return found

    def all(self) -> Sequence[City]:
        """Return every city, in the order of their making."""
        return list(self._fresh(_FRESH_FOR_S).values())

    def read_again(self) -> dict[str, City]:
        """Read every city anew, as after a change."""
        with self.database.transaction() as connection:
            known = {city.slug: city for city in self._cities.values()}
            cities = [
                _city(row, list_documents(connection, row.city_id), _agreement(connection, row), known)
                for row in list_cities(connection)
            ]
        self._cities = {city.slug: city for city in cities}
        self._read_at = time.monotonic()
        return self._cities

    def _fresh(self, age_s: float) -> dict[str, City]:
        if time.monotonic() - self._read_at < age_s:
            return self._cities
        with self._lock:
            stale = time.monotonic() - self._read_at >= age_s
            return self.read_again() if stale else self._cities


def _agreement(connection: Connection, row: CityRow) -> Agreement | None:
    """Return the city's current consent text, its first language first."""
    version = find_current_version(connection, city_id=row.city_id)
    if version is None:
        return None
    texts = find_texts(connection, city_id=row.city_id, version=version)
    order = sorted(texts, key=lambda code: (code != row.languages[0], code))
    return Agreement(version=version, texts={code: texts[code] for code in order})


def _city(
    row: CityRow,
    stored: Sequence[dict[str, Any]],
    agreement: Agreement | None,
    known: Mapping[str, City],
) -> City:
    """Return the city of a row, the one already known where nothing changed: its boundary is prepared."""
    before = known.get(row.slug)
    documents: dict[str, dict[int, Document]] = {}
    for content in stored:
        name, version = content["id"], content["version"]
        # A stored version never changes, so it is read but once.
        kept = before.documents.get(name, {}).get(version) if before else None
        documents.setdefault(name, {})[version] = kept or from_json(content, source=f"{row.slug}/{name}")
    fresh = City(**vars(row), documents=documents, agreement=agreement)
    return before if before is not None and before == fresh else fresh
