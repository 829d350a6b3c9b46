"""The fields of `dark-spots` and their values."""

import numpy as np

from analysis.darkness import LIGHTING, lighting
from analysis.disclosure.cell_columns import last_audits, place
from analysis.disclosure.columns import (
    Column,
    Precision,
    exposed,
    integer,
    joined,
    number,
    ranked,
    text,
)
from analysis.estimates import CellEstimates
from analysis.ranking import by_burden
from analysis.surroundings import Surroundings


def dark_spots(night: CellEstimates, surroundings: Surroundings, precision: Precision) -> list[Column]:
    """Return the columns of `dark-spots` for the dark cells among the night's estimates."""
    light = lighting(night)
    streets = surroundings.streets.there(night.cell)
    exposure = surroundings.exposure(night.cell)
    rank = np.empty(len(night), dtype=np.int64)
    rank[by_burden(light.shortfall, exposure.values, first=night.cell)] = np.arange(1, len(night) + 1)
    agency = surroundings.agencies.get(LIGHTING)
    scale = f"Lighting at night, 0 to {light.top}"
    return [
        *place(night.cell),
        number("probability", "Probability that it is below the middle of its scale", light.probability),
        number("lighting_mean", f"{scale}: mean level", light.mean),
        number("lighting_low", f"{scale}: lower end of the 95 % interval", light.low),
        number("lighting_high", f"{scale}: upper end", light.high),
        text("near", "Street or crossing there", map(surroundings.streets.near_cells, night.cell[:, None])),
        joined("streets", "Named streets through it, the longest first", (one.names for one in streets)),
        joined("owners", "Whose streets they are, most of it first", (one.owners for one in streets)),
        text("agency", "Whom the city names for its lighting", [agency] * len(night)),
        number("street_km", "Kilometres of street in it", (one.km for one in streets)),
        number("exposure", exposed(exposure), exposure.values),
        integer("rank", ranked(exposure).replace("deficit", "levels below the middle"), rank),
        integer("auditors_min", "At least so many auditors", map(precision.count, night.counted_auditors)),
        integer("audits_min", "At least so many audits", map(precision.count, night.audits)),
        text("last_audit", "Month of the latest audit", last_audits(night)),
    ]
