"""What earlier runs tell of hotspots: their ids live on, and since when they are known."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from analysis.disclosure.chronicle import Chronicle, Known, Work
from geo.cells import covering
from server.cities import City
from server.queries.layers import PublishedLayer, list_of_run, read_table
from server.queries.runs import find_run_before

_HOTSPOT_LAYERS = ("hotspots", "hotspots-night", "hotspots-now")


def read_chronicle(
    connection: Connection, city: City, *, instrument_id: str, as_of: datetime, works: Sequence[Work]
) -> Chronicle:
    """Return what the last run before `as_of` knew; the outline of a hotspot tells its cells."""
    today = as_of.astimezone(ZoneInfo(city.time_zone)).date().isoformat()
    before = find_run_before(connection, city_id=city.city_id, as_of=as_of)
    layers = [] if before is None else list_of_run(connection, city_id=city.city_id, run_id=before.run_id)
    known = {
        layer.name: _known(connection, layer, resolution=city.resolution)
        for layer in layers
        if layer.instrument_id == instrument_id and layer.name in _HOTSPOT_LAYERS
    }
    return Chronicle(today=today, known=known, works=works)


def _known(connection: Connection, layer: PublishedLayer, *, resolution: int) -> dict[str, Known]:
    table = read_table(connection, layer)
    return {
        id_: Known(cells=frozenset(covering(shape, resolution=resolution).tolist()), since=str(since))
        for id_, shape, since in zip(table.ids, table.shapes, table.columns["since"], strict=True)
    }
