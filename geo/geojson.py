"""RFC 7946 GeoJSON in and out of shapely geometries, longitude first, WGS 84."""

import json
from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import GeoJSONError

_DECIMALS = 7  # about 1 cm


def read(document: Mapping[str, Any]) -> BaseGeometry:
    """Return the 2-D geometry of a GeoJSON geometry, Feature or FeatureCollection (a GeometryCollection).

    Raises GeoJSONError for anything else, and for coordinates that are not degrees of longitude and latitude.
    """
    try:
        geometry = shapely.force_2d(shapely.from_geojson(json.dumps(document, allow_nan=False)))
    except (shapely.errors.ShapelyError, ValueError, TypeError, RecursionError) as error:
        raise GeoJSONError(f"not GeoJSON: {str(error)[:200]}") from error
    if geometry is None or geometry.is_empty:
        raise GeoJSONError("the GeoJSON holds no geometry; give a geometry, Feature or FeatureCollection")
    _check_degrees(geometry)
    return geometry


def write(geometry: BaseGeometry) -> dict[str, Any]:
    """Return the GeoJSON geometry, coordinates rounded to 7 decimals, exterior rings counter-clockwise."""
    rounded = shapely.transform(geometry, lambda points: points.round(_DECIMALS))
    document: dict[str, Any] = json.loads(shapely.to_geojson(shapely.orient_polygons(rounded)))
    return document


def _check_degrees(geometry: BaseGeometry) -> None:
    west, south, east, north = geometry.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise GeoJSONError(
            f"coordinates reach from ({west:g}, {south:g}) to ({east:g}, {north:g}); they must be longitude "
            "-180..180, latitude -90..90: reproject the file to EPSG:4326"
        )
