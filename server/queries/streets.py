"""SQL of the streets that a city loaded, as the ground below its maps."""

from sqlalchemy import Connection, func, literal_column, select, text

from server.models.reference import reference_feature, reference_set

STREET_ZOOMS = (13, 15)
"""From where streets are drawn to where their tiles are deepest: such a tile is 4.9 to 1.2 km wide."""
_STREETS = "streets"
_EXTENT = 4096
_MARGIN = 64 / _EXTENT


def attribution_of_streets(connection: Connection, *, city_id: int) -> str | None:
    """Return whom to name for the streets of a city, with the licence; None where none are loaded."""
    sets = reference_set.c
    query = (
        select(sets.attribution, sets.licence)
        .where(sets.city_id == city_id, sets.kind == _STREETS)
        .order_by(sets.name)
    )
    rows = connection.execute(query).all()
    if not rows:
        return None
    return "; ".join(", ".join(part for part in row if part) for row in rows if any(row))


def make_streets_tile(connection: Connection, *, city_id: int, place: tuple[int, int, int]) -> bytes:
    """Return a Mapbox Vector Tile of the streets of a city at z, x, y: lines without names or owners."""
    features = reference_feature.c
    frame = func.ST_TileEnvelope(*place)
    around = func.ST_TileEnvelope(*place, text("margin => :margin").bindparams(margin=_MARGIN))
    placed = func.ST_AsMVTGeom(func.ST_Transform(features.geom, 3857), frame, _EXTENT, 64, True)
    shown = (
        select(placed.label("shape"))
        .where(
            features.city_id == city_id,
            features.kind == _STREETS,
            features.geom.op("&&")(func.ST_Transform(around, 4326)),
        )
        .subquery("shown")
    )
    tile = select(func.ST_AsMVT(literal_column("shown"), _STREETS, _EXTENT, "shape")).select_from(shown)
    return bytes(connection.execute(tile).scalar_one() or b"")
