"""A layer of all cells and all used audits, for the operator alone; every making is logged."""

from datetime import UTC, datetime

import numpy as np
from shapely.geometry.base import BaseGeometry

from analysis.disclosure.gate import operator_layers, operator_zones
from analysis.disclosure.layer import OperatorLayer
from analysis.recipe import analyse
from geo.cells import polygons
from server.cities import City
from server.database import Database
from server.errors import NotThere
from server.layer_table import LayerTable
from server.publishing.finding import standard_of
from server.publishing.knowledge import Knowledge, read_one, scored_instruments
from server.queries.events import OPERATOR, insert_event
from server.queries.runs import take_snapshot


def unsuppressed_layer(
    database: Database, city: City, *, name: str, instrument_id: str | None = None, seed: int = 0
) -> LayerTable:
    """Return a layer computed now; NotThere names the layers or the instruments that exist."""
    moment = datetime.now(UTC)
    knowledge = _read(database, city, instrument_id, as_of=moment)
    analysis = analyse(
        knowledge.used.observations, seed=seed, recency=knowledge.recency, held=knowledge.held.get("planner")
    )
    standard = standard_of(city)
    made = (
        *operator_layers(
            analysis,
            chronicle=knowledge.chronicle,
            surroundings=knowledge.surroundings,
            standard=standard,
            boundary=city.boundary,
        ),
        *operator_zones(analysis, zones=knowledge.zones, standard=standard),
    )
    layers = {layer.name: layer for layer in made}
    if name not in layers:
        raise NotThere(f"no layer {name!r}; there are: {', '.join(layers)}")
    with database.transaction() as connection:
        detail = {
            "layer": name,
            "instrument": knowledge.instrument_id,
            "features": len(layers[name].features),
        }
        insert_event(
            connection, city_id=city.city_id, actor=OPERATOR, action="layer.unsuppressed", detail=detail
        )
    return _table(layers[name], as_of=moment)


def _read(database: Database, city: City, instrument_id: str | None, *, as_of: datetime) -> Knowledge:
    scored = scored_instruments(city)
    wanted = instrument_id or next(iter(scored), "")
    if wanted not in scored:
        raise NotThere(f"no scored instrument {wanted!r}; there are: {', '.join(scored)}")
    with database.transaction() as connection:
        take_snapshot(connection)
        return read_one(connection, city, instrument_id=wanted, as_of=as_of)


def _table(layer: OperatorLayer, *, as_of: datetime) -> LayerTable:
    cells = [feature.cell for feature in layer.features if feature.cell is not None]
    shapes: dict[int | None, BaseGeometry] = dict(
        zip(cells, polygons(np.array(cells, dtype=np.int64)), strict=True)
    )
    rows = [
        (one.id, shapes[one.cell] if one.geometry is None else one.geometry, one.properties)
        for one in layer.features
    ]
    return LayerTable.of(rows, name=layer.name, title=layer.title, as_of=as_of, fields=layer.fields)
