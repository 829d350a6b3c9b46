"""What SQL alone needs for the questions of `bench.serving`: the best statements we know, on the best table.

Typed, indexed columns, the shapes in both systems, and each feature as finished GeoJSON text: nothing is left
to be computed that could have been kept. All statements answer the whole question; results are shipped.
"""

from sqlalchemy import Connection, text

FLOOR = "peers.floor"
_FEATURE = "json_build_object('type', 'Feature', 'id', cell, 'properties', {properties}, 'geometry', {shape})"


def make_floor(connection: Connection, *, source: str, fields: list[str]) -> None:
    """Make the table from one with typed `fields` and `geom` in lng/lat."""
    properties = ", ".join(f"'{name}', \"{name}\"" for name in fields)
    feature = _FEATURE.format(
        properties=f"json_build_object({properties})", shape="CAST(ST_AsGeoJSON(geom, 7) AS json)"
    )
    for statement in (
        f"CREATE TABLE {FLOOR} AS SELECT *, ST_Transform(geom, 3857) AS geom_3857, "
        f"CAST({feature} AS text) AS feature FROM {source}",
        f"ALTER TABLE {FLOOR} ADD PRIMARY KEY (cell)",
        f"CREATE INDEX ON {FLOOR} USING gist (geom)",
        f"CREATE INDEX ON {FLOOR} USING gist (geom_3857)",
        f"CREATE INDEX ON {FLOOR} (score)",
    ):
        connection.execute(text(statement))


def page_sql(*, where: str, limit: int) -> str:
    """Return the statement of a page of features in the order of their ids, and how many there are in all."""
    matching = f"SELECT cell, feature FROM {FLOOR} WHERE {where}"
    page = f"SELECT feature FROM matching ORDER BY cell LIMIT {limit}"
    return (
        f"WITH matching AS MATERIALIZED ({matching}) SELECT (SELECT count(*) FROM matching), "
        f"(SELECT string_agg(feature, ',') FROM ({page}) AS page)"
    )


def box_sql(box: str) -> str:
    """Return the condition of a box of west,south,east,north."""
    return f"ST_Intersects(geom, ST_MakeEnvelope({box}, 4326))"


def tile_sql(place: tuple[int, int, int], *, where: str, fields: list[str]) -> str:
    """Return the statement of a vector tile with all fields."""
    z, x, y = place
    columns = ", ".join(f'"{name}"' for name in fields)
    envelope, around = (
        f"ST_TileEnvelope({z}, {x}, {y})",
        f"ST_TileEnvelope({z}, {x}, {y}, margin => 0.015625)",
    )
    shown = (
        f"SELECT ST_AsMVTGeom(geom_3857, {envelope}, 4096, 64, true) AS shape, {columns} FROM {FLOOR} "
        f"WHERE geom_3857 && {around} AND {where}"
    )
    return f"SELECT ST_AsMVT(shown, 'cells', 4096, 'shape') FROM ({shown}) AS shown"
