"""A synthetic city as files: audits that import as they are, and the truth about every cell."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from analysis.observations import MISSING
from analysis.score import scale_top
from analysis.simulation.city import SimulatedCity
from analysis.simulation.people import AGE_BANDS, DISABILITIES, GENDERS
from geo import cells, geojson

_DECIMALS = 6  # about 10 cm


def write_audits(city: SimulatedCity, path: Path, *, time_zone: str, prefix: str) -> None:
    """Write the audits under the columns of an import, oldest first; auditors' names begin with `prefix`."""
    ratings = [rating.name for rating in city.instrument.ratings]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["lat", "lng", "observed_at", "auditor", "gender", "age_band", "disability", "mode", *ratings]
        )
        writer.writerows(_audit_rows(city, ZoneInfo(time_zone), prefix))


def _audit_rows(city: SimulatedCity, zone: ZoneInfo, prefix: str) -> Iterator[list[Any]]:
    order = np.lexsort((city.auditor, city.unix_seconds))
    people = city.people
    for index in order.tolist():
        who = int(city.auditor[index])
        levels = city.ratings[index].tolist()
        yield [
            round(float(city.lat[index]), _DECIMALS),
            round(float(city.lng[index]), _DECIMALS),
            datetime.fromtimestamp(int(city.unix_seconds[index]), zone).isoformat(),
            f"{prefix}-{who}",
            GENDERS[people.gender[who]],
            AGE_BANDS[people.age_band[who]],
            DISABILITIES[people.disability[who]],
            "walk",
            *("" if level == MISSING else level for level in levels),
        ]


def write_truth(city: SimulatedCity, path: Path) -> None:
    """Write the truth of every cell: GeoJSON where the path ends so, else CSV without the shapes.

    Per cell: `score`, `score_day`, `score_night` on 0..5 (place ratings, expected answers of an auditor of
    average severity), `deficit` of its disc of seven below the city in rating steps, and for planted
    places `zone`, `causes` (`;` between) and `night_only`.
    """
    rows = list(_truth_rows(city))
    if path.suffix.lower() in (".geojson", ".json"):
        shapes = cells.polygons(city.truth.cells)
        features = [
            {"type": "Feature", "id": row["cell"], "geometry": geojson.write(shape), "properties": row}
            for row, shape in zip(rows, shapes, strict=True)
        ]
        document = {"type": "FeatureCollection", "features": features}
        path.write_text(json.dumps(document) + "\n", encoding="utf-8")
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _truth_rows(city: SimulatedCity) -> Iterator[dict[str, Any]]:
    truth = city.truth
    steps = 5 / scale_top(city.instrument)
    scores = [_rounded(values * steps) for values in (truth.everything, truth.day, truth.night)]
    deficits = _rounded(truth.disc_deficit(truth.everything))
    for index, name in enumerate(cells.to_texts(truth.cells)):
        number = int(truth.zone[index])
        zone = truth.zones[number] if number >= 0 else None
        yield {
            "cell": name,
            "score": scores[0][index],
            "score_day": scores[1][index],
            "score_night": scores[2][index],
            "deficit": deficits[index],
            "zone": None if zone is None else number,
            "causes": None if zone is None else ";".join(zone.causes),
            "night_only": None if zone is None else zone.night_only,
        }


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [float(value) for value in values.round(4).tolist()]
