"""A basemap of a few streets, made as an operator would."""

from pathlib import Path

import geopandas
import shapely


def write_basemap(file: Path) -> Path:
    """Write a vector PMTiles file of testville with one layer, `roads`; return it."""
    streets = [
        shapely.LineString([(77.2, lat / 1000), (77.3, lat / 1000)]) for lat in range(28560, 28650, 10)
    ]
    frame = geopandas.GeoDataFrame(geometry=streets, crs=4326)
    frame.to_file(file, driver="PMTiles", MAXZOOM=12, layer="roads")
    return file
