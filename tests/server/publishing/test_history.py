"""What a run publishes of the past, and of where to audit next."""

from datetime import timedelta
from pathlib import Path

import geopandas
import numpy as np
import pandas
import pytest

from geo import cells
from server.exporting.files import FORMATS
from server.layer_table import LayerTable
from server.publishing.analyse_city import analyse_city
from server.queries.layers import list_of_run
from server.services.read_layer import read_layer

from .conftest import NOW, Town, scattered

READERS = {"csv": pandas.read_csv, "parquet": geopandas.read_parquet}


def tables(town: Town, run_id: int) -> dict[str, LayerTable]:
    with town.database.layer_reading() as connection:
        made = list_of_run(connection, city_id=town.city.city_id, run_id=run_id)
        return {layer.name: read_layer(connection, layer) for layer in made}


def column(table: LayerTable, name: str) -> dict[str, object]:
    return dict(zip(table.ids, table.columns[name], strict=True))


@pytest.fixture
def long_town(town: Town) -> Town:
    """A town audited for 15 months; two thirds of the way its middle became unsafe."""
    people = town.people(12)
    for month in range(15):
        told = [
            (one, place, 0 if place < 7 and month < 5 else 3 if (place + number) % 2 else 2)
            for place in range(37)
            for number, one in enumerate(people)
            if (place + number + month) % 3
        ]
        town.audits(told, at=NOW - timedelta(days=30 * month + 3))
    return town


def test_what_became_worse_is_told_to_everybody_and_its_history_to_planners(long_town: Town) -> None:
    made = tables(long_town, analyse_city(long_town.database, long_town.city))
    middle = cells.to_text(long_town.cell(0))
    outside = cells.to_text(long_town.cell(36))
    for layer in ("cells", "cells-night", "cells-now"):
        trend = column(made[layer], "trend")
        assert (trend[middle], trend[outside]) == ("new", "same"), layer
    (spot,) = column(made["hotspots"], "trend").values()
    assert spot == "new"
    history = made["cells-history"]
    scores = [field.name for field in history.fields if field.name.startswith("score_2")]
    assert len(scores) == 8
    first, last = scores[3], scores[-2]  # a year ago, and the last whole quarter
    assert float(str(column(history, first)[middle])) > 3.5
    assert float(str(column(history, last)[middle])) < 1.0
    assert float(str(column(history, last)[outside])) > 3.5
    category = column(made["cells-reference"], "category")
    assert category[middle] == "consecutive hot spot"
    assert category[outside] in ("no pattern detected", "consecutive cold spot", "sporadic cold spot")


def test_where_to_audit_next_goes_up_to_the_boundary_and_never_calls_the_unknown_safe(town: Town) -> None:
    scattered(town, auditors=30, places=91, seed=1)
    gaps = tables(town, analyse_city(town.database, town.city))["gaps"]
    assert sorted(map(int, map(str, gaps.columns["rank"]))) == list(range(1, len(gaps) + 1))
    known = column(gaps, "known")
    assert set(known.values()) == {True, False}
    assert not {"score", "class"} & set(gaps.columns)
    why = column(gaps, "why")
    assert all(str(why[id_]).startswith("unknown") for id_, here in known.items() if not here)
    assert set(column(gaps, "missing").values()) <= {"day;women;men", "day;night;women;men"}  # all by night
    lat, lng = cells.centre(np.array([cells.from_text(id_) for id_ in gaps.ids]))
    outside = town.city.boundary.distance_m(lat, lng) > 0
    assert not (outside & ~np.array([known[id_] for id_ in gaps.ids])).any()


def test_they_come_in_every_format(long_town: Town, tmp_path: Path) -> None:
    made = tables(long_town, analyse_city(long_town.database, long_town.city))
    for name in ("cells-history", "gaps", "cells-reference"):
        for ending in FORMATS:
            path = tmp_path / f"{name}.{ending}"
            path.write_bytes(FORMATS[ending].encode(made[name]))
            asked = {"layer": name} if ending == "gpkg" else {}  # beside the styles
            frame = READERS.get(ending, geopandas.read_file)(path, **asked)
            fields = [one for one in frame.columns if one not in ("id", "geometry")]
            assert fields == list(made[name].columns), (name, ending)
            assert len(frame) == len(made[name]) > 0


def test_a_city_without_a_past_has_layers_of_it_all_the_same(town: Town) -> None:
    made = tables(town, analyse_city(town.database, town.city))
    assert len(made["cells-history"]) == len(made["gaps"]) == 0
    assert len(made["cells-history"].fields) == 2 + 8 * 5
    town.audit(town.people(6), 0, at=None)
    made = tables(town, analyse_city(town.database, town.city))
    assert made["cells-reference"].columns["category"] == ["too_short"]
    assert {type(value) for value in made["cells-history"].columns["audits_min_" + _quarter()]} == {int}


def _quarter() -> str:
    return f"{NOW.year}q{(NOW.month - 1) // 3 + 1}"
