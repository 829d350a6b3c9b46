"""A run: what it knows, what it publishes, what stays as it was."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from analysis.disclosure.chronicle import Chronicle
from analysis.disclosure.gate import operator_layers
from analysis.recipe import analyse
from geo import cells
from server.cities import City
from server.database import Database
from server.errors import Invalid, NotThere
from server.publishing.analyse_city import analyse_city
from server.publishing.knowledge import read_one
from server.publishing.unsuppressed import unsuppressed_layer
from server.queries.layers import list_latest, list_of_run, publish
from server.services.read_layer import NoRun, find_layer, read_layer

from .conftest import INSTRUMENT, NOW, Town, scattered

PUBLIC = {"cells", "cells-day", "cells-night", "hotspots", "hotspots-night", "city", "zones", "interventions"}
PLANNER = {
    *("cells-now", "cells-reference", "dark-spots", "hotspots-now", "incident-clusters"),
    *("zones-now", "cells-history", "gaps"),
}


def run(town: Town, **options: Any) -> int:
    return analyse_city(town.database, town.city, **options)


def layers_of(town: Town, run_id: int) -> dict[str, int]:
    with town.database.layer_reading() as connection:
        found = list_of_run(connection, city_id=town.city.city_id, run_id=run_id)
    return {layer.name: layer.features for layer in found}


def value(town: Town, statement: str, **values: Any) -> Any:
    with town.database.transaction() as connection:
        return connection.scalar(text(statement), values)


def test_a_run_publishes_cells_and_hotspots_for_both_audiences(busy_town: Town) -> None:
    counts = layers_of(busy_town, run(busy_town))
    assert counts.keys() == PUBLIC | PLANNER
    assert counts["cells"] == counts["cells-now"] == counts["cells-reference"] == 91
    assert counts["hotspots"] >= 1
    assert counts["hotspots-now"] >= 1
    assert counts["cells-day"] == 0  # all audits were by night


def test_the_same_audits_and_seed_give_the_same_rows(busy_town: Town) -> None:
    first, second = run(busy_town, seed=3), run(busy_town, seed=3)
    assert first != second
    assert busy_town.rows(first) == busy_town.rows(second)


def test_a_city_without_audits_publishes_empty_layers_of_its_first_scored_instrument(town: Town) -> None:
    nothing = dict.fromkeys(PUBLIC | PLANNER, 0)
    assert layers_of(town, run(town)) == nothing | {"city": 1}, "the city is there, with no figure"


def test_a_run_as_of_a_past_day_knows_earlier_audits_alone_and_is_never_public(town: Town) -> None:
    people = town.people(6)
    town.audit(people, 0, at=NOW - timedelta(days=30))
    town.audit(people, 1, at=NOW - timedelta(days=10))
    current = run(town)
    past = run(town, as_of=NOW - timedelta(days=20))
    assert layers_of(town, past).keys() == PLANNER
    assert town.shown(past, "cells-now") == {0}
    assert town.shown(current, "cells") == {0, 1}
    with town.database.layer_reading() as connection:
        latest = list_latest(connection, city_id=town.city.city_id)
    assert {layer.name: layer.run_id for layer in latest} == dict.fromkeys(PUBLIC, current) | dict.fromkeys(
        PLANNER, past
    )


def test_a_run_as_of_a_past_day_admits_nothing(town: Town) -> None:
    town.audit(town.people(6), 0, at=NOW - timedelta(days=30))
    run(town, as_of=NOW - timedelta(days=20))
    assert value(town, "SELECT count(*) FROM admission") == 0


def test_audits_fade_with_the_days_since_by_the_citys_own_half_life(busy_town: Town) -> None:
    """Some places were audited 400 days ago, the others today."""
    people = busy_town.people(8)
    busy_town.audits(
        [(one, place, 1) for one in people for place in range(100, 107)],
        at=NOW - timedelta(days=400),
    )

    def width(**settings: float) -> float:
        city = replace(busy_town.city, settings=settings)
        run_id = analyse_city(busy_town.database, city)
        with busy_town.database.layer_reading() as connection:
            made = {one.name: one for one in list_of_run(connection, city_id=city.city_id, run_id=run_id)}
            table = read_layer(connection, made["cells-now"])
        row = table.ids.index(cells.to_text(busy_town.cell(103)))
        return float(str(table.columns["score_high"][row])) - float(str(table.columns["score_low"][row]))

    assert width(half_life_days=30) > width() > width(half_life_days=3650)


def test_a_time_to_come_is_refused(town: Town) -> None:
    with pytest.raises(Invalid) as refused:
        run(town, as_of=NOW + timedelta(days=2))
    assert refused.value.faults[0].pointer == "as_of"


def test_a_hotspot_keeps_its_id_and_the_day_it_was_found(busy_town: Town) -> None:
    first = run(busy_town)
    with busy_town.database.transaction() as connection:
        connection.execute(
            text(
                'UPDATE layer_row SET properties = properties || \'{"since": "2025-01-31"}\''
                " WHERE layer = 'hotspots'"
            )
        )
    busy_town.audit(busy_town.people(6), 30)

    def spots(run_id: int) -> dict[str, str]:
        return {str(row[3]): str(row[-1]) for row in busy_town.rows(run_id) if row[1] == "hotspots"}

    before, after = spots(first), spots(run(busy_town))
    assert before
    assert before.keys() <= after.keys()
    assert all('"since": "2025-01-31"' in after[id_] for id_ in before)


def test_each_run_stands_as_published_whatever_comes_later(busy_town: Town) -> None:
    first = run(busy_town)
    before = busy_town.rows(first)
    busy_town.audit(busy_town.people(9), 3, 0)
    run(busy_town)
    assert busy_town.rows(first) == before


def test_a_failing_run_leaves_nothing_behind(busy_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("server.publishing.publication.insert_admissions", fail)
    with pytest.raises(OSError, match="disk"):
        run(busy_town)
    for table in ("run", "layer", "layer_row", "cell_geometry", "admission"):
        assert value(busy_town, f"SELECT count(*) FROM {table}") == 0
    with busy_town.database.layer_reading() as connection, pytest.raises(NoRun):
        find_layer(connection, city_id=busy_town.city.city_id, name="cells", instruments=())


def test_two_runs_at_once_wait_for_each_other(busy_town: Town) -> None:
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.append(run(busy_town))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(set(made)) == 2
    assert busy_town.rows(made[0]) == busy_town.rows(made[1])


def test_what_the_operator_alone_may_see_cannot_be_published(town: Town) -> None:
    with town.database.transaction() as connection:
        known = read_one(connection, town.city, instrument_id=INSTRUMENT, as_of=NOW)
    layers = operator_layers(
        analyse(known.used.observations, seed=0), chronicle=Chronicle(today="2026-11-20")
    )
    with (
        town.database.transaction() as connection,
        pytest.raises(TypeError, match="not made to be published"),
    ):
        publish(
            connection,
            city_id=town.city.city_id,
            run_id=1,
            instrument_id=INSTRUMENT,
            layers=layers,  # type: ignore[arg-type]
        )


@pytest.mark.parametrize("table", ["audit", "device", "profile", "admission", "campaign", "api_key", "event"])
def test_the_role_of_the_layer_path_has_no_right_on_raw_tables(town: Town, table: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        town.database.layer_reading() as connection,
    ):
        connection.execute(text(f"SELECT * FROM {table} LIMIT 1"))


def test_a_layer_read_back_has_the_values_and_types_it_was_published_with(busy_town: Town) -> None:
    run(busy_town)
    with busy_town.database.layer_reading() as connection:
        found = find_layer(
            connection, city_id=busy_town.city.city_id, name="cells-now", instruments=(INSTRUMENT,)
        )
        table = read_layer(connection, found)
    assert table.ids == tuple(sorted(table.ids))
    assert {type(one) for one in table.columns["score"]} == {float}
    assert {type(one) for one in table.columns["rank"]} == {int}
    assert set(table.columns["exposure"]) == {None}
    assert table.shapes[0].contains(table.shapes[0].centroid)
    assert "lighting_mean" in table.columns


@pytest.mark.parametrize(
    ("settings", "sides"), [({"standard": 0}, {False}), ({"standard": 5.0}, {True}), ({}, {False, True})]
)
def test_the_citys_own_standard_is_what_its_places_are_held_to(
    busy_town: Town, settings: dict[str, float], sides: set[bool]
) -> None:
    city = replace(busy_town.city, settings=settings)
    run_id = analyse_city(busy_town.database, city)
    with busy_town.database.layer_reading() as connection:
        made = {layer.name: layer for layer in list_of_run(connection, city_id=city.city_id, run_id=run_id)}
        cells, hotspots = (read_layer(connection, made[name]) for name in ("cells-now", "hotspots-now"))
    unsuppressed = unsuppressed_layer(busy_town.database, city, name="cells-now")
    for table in (cells, unsuppressed):
        assert {float(str(value)) > 0.5 for value in table.columns["below_standard"]} == sides
    assert {float(str(value)) > 0.5 for value in hotspots.columns["below_standard"]} <= sides
    assert len(hotspots.ids) >= 1


def test_another_city_is_neither_read_nor_shown(busy_town: Town, cities: Any) -> None:
    other = Town(busy_town.database, cities.get("othertown"))
    assert layers_of(other, run(other))["cells-now"] == 0
    with busy_town.database.layer_reading() as connection:
        assert list_latest(connection, city_id=busy_town.city.city_id) == []


def test_layers_of_runs_past_their_time_go_and_their_record_stays(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.publishing.retention._NIGHTS", 2)
    town.audit(town.people(6), 0)
    first = run(town)
    with town.database.layer_reading() as connection:
        [early, *_] = list_of_run(connection, city_id=town.city.city_id, run_id=first)
    later = [run(town), run(town)]
    assert [bool(layers_of(town, one)) for one in (first, *later)] == [False, True, True]
    assert value(town, "SELECT count(*) FROM run") == 3
    assert town.shown(later[-1]) == {0}  # admitted by the first run
    with town.database.layer_reading() as connection, pytest.raises(NotThere, match="no longer kept"):
        read_layer(connection, early)


def account(town: Town, run_id: int, audience: str) -> dict[str, Any]:
    parameters = value(town, "SELECT parameters FROM run WHERE run_id = :run_id", run_id=run_id)
    made: dict[str, Any] = parameters["instruments"][INSTRUMENT][audience]
    return made


def test_a_run_keeps_the_weights_and_variances_of_its_numbers(busy_town: Town) -> None:
    made = account(busy_town, run(busy_town), "public")
    assert made["weights_source"] == "fitted"
    assert sum(made["weights"].values()) == pytest.approx(1)
    assert made["shares"].keys() == made["slopes"].keys() == made["weights"].keys()
    assert made["variances"].keys() >= {"field", "auditor", "audit"}


def test_waiting_audits_teach_the_public_weights_nothing(busy_town: Town) -> None:
    """Four people in each place are not yet admitted; all they feel depends on who is about."""
    first = run(busy_town)
    rng = np.random.default_rng(2)
    people = busy_town.people(40)
    ratings = [rating.name for rating in busy_town.city.current(INSTRUMENT).instrument.ratings]
    crowd = ratings.index("people")
    told = [
        (people[index], place, [*levels, levels[crowd]])
        for place in range(91, 217)
        for index in rng.choice(40, size=4, replace=False)
        for levels in [rng.integers(0, 4, len(ratings) - 1).tolist()]
    ]
    busy_town.audits(told)
    second = run(busy_town)
    assert account(busy_town, second, "public") == account(busy_town, first, "public")
    assert account(busy_town, second, "planner")["weights"]["people"] > 0.3


def test_fitted_weights_stay_while_the_audits_allow(database: Database, city: City) -> None:
    """All ratings weigh alike here, so that which of them have 13 hundredths is chance."""
    busy_town = Town(database, city)
    scattered(busy_town, auditors=30, places=91, seed=1)
    first = account(busy_town, run(busy_town), "public")["weights"]
    names = sorted(first, key=lambda name: (first[name], name))
    turned = dict(zip(names, (first[name] for name in names[::-1]), strict=True))
    with busy_town.database.transaction() as connection:
        connection.execute(
            text("UPDATE run SET parameters = jsonb_set(parameters, :path, CAST(:weights AS jsonb))"),
            {"path": ["instruments", INSTRUMENT, "public", "weights"], "weights": json.dumps(turned)},
        )
    second = run(busy_town)
    assert account(busy_town, second, "public")["weights"] == turned != first
    assert account(busy_town, second, "planner")["weights"] == first
