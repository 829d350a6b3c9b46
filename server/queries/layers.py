"""SQL of published layers. Takes only what the disclosure gate made; reads nothing but what it published."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import psycopg
import shapely
from geoalchemy2.functions import ST_AsBinary
from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Text, cast, func, insert, select, text

from analysis.disclosure.layer import Feature, Field, PlannerLayer, PublicLayer
from server.layer_table import LayerTable
from server.models.layer import cell_geometry, layer, layer_row, run

PUBLIC, PLANNER = "public", "planner"
_AUDIENCES: Mapping[type, str] = {PublicLayer: PUBLIC, PlannerLayer: PLANNER}

_DESCRIBED = select(layer, run.c.as_of, run.c.finished_at).join(
    run, (run.c.city_id == layer.c.city_id) & (run.c.run_id == layer.c.run_id)
)
_COPY = """
COPY layer_row (city_id, run_id, instrument_id, layer, feature_id, cell, geom, properties) FROM STDIN
"""


@dataclass(frozen=True, kw_only=True)
class PublishedLayer:
    """What is known of a published layer without reading its rows."""

    city_id: int
    run_id: int
    as_of: datetime
    finished_at: datetime
    instrument_id: str
    name: str
    audience: str
    """`public` or `planner`."""
    title: str
    fields: tuple[Field, ...]
    features: int

    @property
    def of_cells(self) -> bool:
        """Whether the features are cells, whose shapes are stored once for all runs."""
        return self.id_field == "cell"

    @property
    def id_field(self) -> str:
        """The field that holds the id of each feature."""
        return "cell" if any(field.name == "cell" for field in self.fields) else "id"


def publish(
    connection: Connection,
    *,
    city_id: int,
    run_id: int,
    instrument_id: str,
    layers: Sequence[PublicLayer | PlannerLayer],
) -> None:
    """Store the layers of a run with their rows; TypeError for anything the gate did not make to publish."""
    for one in layers:
        if type(one) not in _AUDIENCES:
            raise TypeError(f"{type(one).__name__} {one.name!r} is not made to be published")
        key = {"city_id": city_id, "run_id": run_id, "instrument_id": instrument_id, "layer": one.name}
        described = {
            "audience": _AUDIENCES[type(one)],
            "title": one.title,
            "fields": msgspec.to_builtins(one.fields),
            "features": len(one.features),
        }
        connection.execute(insert(layer).values(key | described))
        _copy_rows(connection, tuple(key.values()), one.features)


def refresh_statistics(connection: Connection) -> None:
    """Tell the planner how large the layers are: of rows that came a moment ago it would guess one each."""
    connection.execute(text("SELECT refresh_layer_statistics()"))


def list_latest(connection: Connection, *, city_id: int) -> list[PublishedLayer]:
    """Return the public layers of the last public run, and the planner's layers of the last run made."""
    of_last_run = (layer.c.city_id == city_id) & (layer.c.run_id == _last_run(city_id))
    planner = (layer.c.audience == PLANNER) & of_last_run
    chosen = of_latest_public_run(city_id) | planner
    query = _DESCRIBED.where(chosen).order_by(layer.c.instrument_id, layer.c.audience.desc(), layer.c.layer)
    return [_published(row) for row in connection.execute(query)]


def count_trends(connection: Connection, layer: PublishedLayer) -> dict[str, int]:
    """Return how many features of a layer have each `trend`."""
    trend = layer_row.c.properties["trend"].astext
    query = select(trend, func.count()).where(
        layer_row.c.city_id == layer.city_id,
        layer_row.c.run_id == layer.run_id,
        layer_row.c.instrument_id == layer.instrument_id,
        layer_row.c.layer == layer.name,
        trend.is_not(None),
    )
    return {name: count for name, count in connection.execute(query.group_by(trend).order_by(trend))}


def of_latest_public_run(city_id: int) -> ColumnElement[bool]:
    """Return the condition on `layer` that it is one of the city's public layers now."""
    of_city = (layer.c.city_id == city_id) & (layer.c.audience == PUBLIC)
    return of_city & (layer.c.run_id == _last_run(city_id, run.c.public))


def list_of_run(connection: Connection, *, city_id: int, run_id: int) -> list[PublishedLayer]:
    """Return every layer of one run."""
    query = _DESCRIBED.where(layer.c.city_id == city_id, layer.c.run_id == run_id).order_by(
        layer.c.instrument_id, layer.c.layer
    )
    return [_published(row) for row in connection.execute(query)]


def read_table(connection: Connection, published: PublishedLayer) -> LayerTable:
    """Return a published layer whole, its features in the order of their ids."""
    shape = func.coalesce(layer_row.c.geom, cell_geometry.c.geom)
    query = (
        select(
            layer_row.c.feature_id,
            ST_AsBinary(shape).label("shape"),
            cast(layer_row.c.properties, Text).label("properties"),
        )
        .outerjoin(
            cell_geometry,
            (cell_geometry.c.city_id == layer_row.c.city_id) & (cell_geometry.c.cell == layer_row.c.cell),
        )
        .where(
            layer_row.c.city_id == published.city_id,
            layer_row.c.run_id == published.run_id,
            layer_row.c.instrument_id == published.instrument_id,
            layer_row.c.layer == published.name,
        )
        .order_by(layer_row.c.feature_id.collate("C"))
    )
    rows = connection.execute(query).all()
    shapes = shapely.from_wkb([bytes(row.shape) for row in rows])
    properties = (msgspec.json.decode(row.properties) for row in rows)
    return LayerTable.of(
        zip((row.feature_id for row in rows), shapes, properties, strict=True),
        name=published.name,
        title=published.title,
        as_of=published.as_of,
        fields=published.fields,
    )


def _last_run(city_id: int, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    of_city = (run.c.city_id == city_id, run.c.finished_at.is_not(None), *conditions)
    return select(func.max(run.c.run_id)).where(*of_city).scalar_subquery()


def _published(row: Row[Any]) -> PublishedLayer:
    return PublishedLayer(
        city_id=row.city_id,
        run_id=row.run_id,
        as_of=row.as_of,
        finished_at=row.finished_at,
        instrument_id=row.instrument_id,
        name=row.layer,
        audience=row.audience,
        title=row.title,
        fields=tuple(Field(**field) for field in row.fields),
        features=row.features,
    )


def _copy_rows(connection: Connection, key: tuple[object, ...], features: Sequence[Feature]) -> None:
    cursor: psycopg.Cursor[Any] = connection.connection.cursor()  # type: ignore[assignment]
    with cursor.copy(_COPY) as copy:
        for row in _rows(features):
            copy.write_row((*key, *row))


def _rows(features: Sequence[Feature]) -> Iterator[tuple[object, ...]]:
    for feature in features:
        # A number keeps its decimal point on its way: 2.0 stays numeric 2.0 in JSONB.
        properties = msgspec.json.encode(feature.properties).decode()
        yield feature.id, feature.cell, _ewkb(feature), properties


def _ewkb(feature: Feature) -> str | None:
    if feature.geometry is None:
        return None
    return str(shapely.to_wkb(shapely.set_srid(feature.geometry, 4326), hex=True, include_srid=True))
