"""How many kilometres of the city's streets the shown cells cover."""

from collections.abc import Iterable

import numpy as np
from shapely.geometry import MultiPolygon

from analysis.disclosure.columns import six_digits
from analysis.disclosure.layer import Layer
from analysis.streets import Streets

_SHOWN = ("cells-now", "cells")


def street_km(streets: Streets, area: MultiPolygon, layers: Iterable[Layer]) -> dict[str, float]:
    """Return kilometres of street: `city` within the area, `cells-now` and `cells` in the cells they show.

    Empty where no streets are loaded. What reaches from a shown cell beyond the boundary counts in neither.
    """
    if not len(streets):
        return {}
    inside = streets.within(area)
    found = {"city": inside.km}
    for layer in layers:
        if layer.name in _SHOWN:
            cells = np.sort(np.array([one.cell for one in layer.features], dtype=np.int64))
            found[layer.name] = float(inside.km_within(cells).sum())
    return {name: six_digits(km) for name, km in found.items()}
