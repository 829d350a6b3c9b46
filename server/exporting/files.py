"""The file formats a layer comes in, by ending."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from server.errors import NotThere
from server.exporting.csv import encode_csv
from server.exporting.geojson import encode_geojson
from server.exporting.ogr import encode_flatgeobuf, encode_geopackage
from server.exporting.parquet import encode_geoparquet
from server.layer_table import LayerTable


@dataclass(frozen=True, kw_only=True)
class Format:
    """One file format: its name for people, its media type, and how its bytes are made."""

    title: str
    media_type: str
    encode: Callable[[LayerTable], bytes]
    is_text: bool = False
    """Text is worth compressing on its way; the other formats are compact or compressed already."""


FORMATS: Mapping[str, Format] = {
    "geojson": Format(
        title="GeoJSON", media_type="application/geo+json", encode=encode_geojson, is_text=True
    ),
    "gpkg": Format(title="GeoPackage", media_type="application/geopackage+sqlite3", encode=encode_geopackage),
    "fgb": Format(title="FlatGeobuf", media_type="application/flatgeobuf", encode=encode_flatgeobuf),
    "parquet": Format(
        title="GeoParquet", media_type="application/vnd.apache.parquet", encode=encode_geoparquet
    ),
    "csv": Format(title="CSV", media_type="text/csv; charset=utf-8", encode=encode_csv, is_text=True),
}


def format_of(ending: str) -> Format:
    """Return the format of a file ending without its dot; NotThere names those that exist."""
    if ending not in FORMATS:
        raise NotThere(f"no format {ending!r}; there are: {', '.join(FORMATS)}")
    return FORMATS[ending]
