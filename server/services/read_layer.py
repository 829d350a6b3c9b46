"""The published layers of the latest run, and nothing else."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from server.errors import NotThere
from server.layer_table import LayerTable
from server.queries.layers import PublishedLayer, list_latest, read_table


class NoRun(NotThere):
    """The city has not been analysed yet."""


def find_layer(
    connection: Connection,
    *,
    city_id: int,
    name: str,
    instruments: Sequence[str],
    instrument_id: str | None = None,
) -> PublishedLayer:
    """Return what is known of a layer of the latest run, of one instrument or else of the first that has it.

    `instruments` are the city's, its first first. NoRun before the first run; NotThere names what exists.
    """
    latest = list_latest(connection, city_id=city_id)
    if not latest:
        raise NoRun("this city has not been analysed yet; its layers come with the first run")
    named = {layer.instrument_id: layer for layer in latest if layer.name == name}
    if not named:
        raise NotThere(f"no layer {name!r}; there are: {_names(layer.name for layer in latest)}")
    wanted = instrument_id or next((one for one in instruments if one in named), "")
    if wanted not in named:
        raise NotThere(f"no layer {name!r} of instrument {wanted!r}; there are: {_names(named)}")
    return named[wanted]


def read_layer(connection: Connection, layer: PublishedLayer) -> LayerTable:
    """Return the layer whole; NotThere where a later run has taken its place for so long that it is gone."""
    table = read_table(connection, layer)
    if len(table) != layer.features:
        raise NotThere(f"run {layer.run_id} is no longer kept; ask again")
    return table


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
