"""The cells an intervention is about."""

import numpy as np
from shapely.geometry import MultiPolygon

from geo.areas import common
from geo.cells import Cells, cell_of, covering
from server.cities import City


def treated_cells(area: MultiPolygon, city: City) -> Cells:
    """Return the cells whose centre it covers within the city; of a smaller place, the one it lies in."""
    inside = common(area, city.area) or area
    cells = covering(inside, resolution=city.resolution)
    if len(cells):
        return cells
    point = inside.representative_point()
    return np.array([cell_of(point.y, point.x, resolution=city.resolution)], dtype=np.int64)
