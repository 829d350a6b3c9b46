"""What the last run published to one audience: all that a report may know."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from analysis.disclosure.layer import Value
from analysis.disclosure.summary import Summary
from server.cities import City
from server.errors import NotThere
from server.instruments.document import Document
from server.layer_table import LayerTable
from server.queries.layers import PLANNER, PUBLIC, PublishedLayer, list_latest
from server.queries.runs import read_parameters
from server.services.read_layer import read_layer

Row = Mapping[str, Value]

_NEEDED = {
    PUBLIC: ("cells", "cells-night", "hotspots", "zones", "city", "interventions"),
    PLANNER: (
        *("cells-now", "cells-night", "hotspots-now", "zones-now", "city", "interventions"),
        *("dark-spots", "gaps"),
    ),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Published:
    """The layers that an audience's report is made from, and the run's summary for it."""

    city: City
    planner: bool
    document: Document
    as_of: datetime | None
    """None before the first run."""
    tables: Mapping[str, LayerTable]
    summary: Summary
    street_km: Mapping[str, float]
    """Kilometres of street: `city`, and in the cells shown; empty until streets are loaded."""

    @property
    def cells(self) -> str:
        """The name of the audience's layer of cells."""
        return "cells-now" if self.planner else "cells"

    @property
    def hotspots(self) -> str:
        """The name of the audience's layer of hotspots."""
        return "hotspots-now" if self.planner else "hotspots"

    @property
    def zones(self) -> str:
        """The name of the audience's layer of zones."""
        return "zones-now" if self.planner else "zones"

    def rows(self, layer: str) -> list[Row]:
        """Return the rows of a layer; none where it was not published."""
        table = self.tables.get(layer)
        return [] if table is None else list(_rows(table))


def find_layers(
    connection: Connection, city: City, *, planner: bool, instrument_id: str | None = None
) -> list[PublishedLayer]:
    """Return the layers an audience's report needs, of one instrument; none before the first run.

    `instrument_id` or else the city's first that has layers. NotThere names the instruments that have.
    """
    wanted = _NEEDED[PLANNER if planner else PUBLIC]
    latest = [layer for layer in list_latest(connection, city_id=city.city_id) if layer.name in wanted]
    have = {layer.instrument_id for layer in latest}
    if instrument_id is not None and instrument_id not in have:
        raise NotThere(f"no report of instrument {instrument_id!r}; there are: {', '.join(sorted(have))}")
    chosen = instrument_id or next((one for one in city.documents if one in have), None)
    return [layer for layer in latest if layer.instrument_id == chosen]


def read_published(
    connection: Connection, city: City, layers: list[PublishedLayer], *, planner: bool
) -> Published:
    """Return the layers with their rows and the summary of the run that made the audience's own layers."""
    instrument_id = layers[0].instrument_id if layers else city.default_instrument
    own = [layer for layer in layers if layer.audience == (PLANNER if planner else PUBLIC)]
    made: Mapping[str, Any] = {}
    if own:
        parameters = read_parameters(connection, city_id=city.city_id, run_id=own[0].run_id)
        made = parameters["instruments"][instrument_id]
    told = made.get("summary", {}).get(PLANNER if planner else PUBLIC)
    return Published(
        city=city,
        planner=planner,
        document=city.current(instrument_id),
        as_of=own[0].as_of if own else None,
        tables={layer.name: read_layer(connection, layer) for layer in layers},
        summary=Summary(falls=(), heard=()) if told is None else msgspec.convert(told, Summary),
        street_km=made.get("street_km", {}),
    )


def _rows(table: LayerTable) -> Iterator[Row]:
    names = list(table.columns)
    for values in zip(*table.columns.values(), strict=True):
        yield dict(zip(names, values, strict=True))
