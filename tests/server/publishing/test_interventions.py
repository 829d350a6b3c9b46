"""An intervention from its plan to the effect that is told once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon
from sqlalchemy import insert, text

from geo import cells
from server.errors import Conflict, Invalid
from server.models.audit import audit
from server.publishing.analyse_city import analyse_city
from server.publishing.evaluating import evaluate_now
from server.queries.interventions import Terms
from server.services.plan_intervention import change_intervention, plan_intervention

from .conftest import INSTRUMENT, Town

TODAY = datetime.now(UTC).date()
DONE = TODAY - timedelta(days=80)
CENTRE = cells.cell_of(28.60, 77.25, resolution=9)
PLACE = np.sort(cells.disc(CENTRE, k=1))
AREA = cells.outline(PLACE)


def terms(**changes: Any) -> Terms:
    said: dict[str, Any] = {
        "instrument_id": INSTRUMENT,
        "name": "Lights on Mill Road",
        "kind": "street lights",
        "area": AREA,
        "begins_on": DONE,
        "follow_up_days": 60,
        "cost": Decimal("120000.00"),
        "currency": "INR",
        "status": "done",
    }
    return Terms(**(said | changes))


def plan(town: Town, **changes: Any) -> Any:
    with town.database.transaction() as connection:
        return plan_intervention(connection, town.city, terms(**changes), today=TODAY, actor="operator")


def audited(town: Town, *, lift: float = 1.0, people: int = 8, seed: int = 3) -> None:
    """Let people of an import audit a disc of 397 cells before and after; the place is better after."""
    rng = np.random.default_rng(seed)
    everywhere = cells.disc(CENTRE, k=11)
    ratings = len(town.city.current(INSTRUMENT).instrument.ratings)
    crowd = town.people(40)
    severity = rng.normal(0, 0.2, len(crowd))
    rows = []
    for cell in everywhere.tolist():
        inside = cells.covering(cells.polygon(cell), resolution=11)
        fine = int(inside[cells.parent(inside, resolution=9) == cell][0])
        walkers = rng.choice(len(crowd), size=people, replace=False).tolist()
        for after in (False, True):
            for who in walkers:
                days = int(rng.integers(2, 60)) if after else int(rng.integers(100, 300))
                level = 1.4 + severity[who] + (lift if after and cell in PLACE else 0.0)
                given = np.rint(level + rng.normal(0, 0.6, ratings)).clip(0, 3).astype(int)
                moment = datetime.now(UTC) - timedelta(days=days)
                rows.append((crowd[who], fine, moment, given.tolist()))
    instrument = town.city.current(INSTRUMENT).instrument
    with town.database.transaction() as connection:
        connection.execute(
            insert(audit),
            [
                {
                    "city_id": town.city.city_id,
                    "audit_id": text_id(number),
                    "version": 1,
                    "device_id": who,
                    "content_hash": bytes(32),
                    "received_at": moment,
                    "instrument_id": instrument.id,
                    "instrument_version": instrument.version,
                    "cell": cell,
                    "observed_at": moment,
                    "daypart": 1,
                    "ratings": given,
                    "used": True,
                    "flags": [],
                }
                for number, (who, cell, moment, given) in enumerate(rows)
            ],
        )


def text_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def layer(town: Town, run_id: int) -> dict[str, dict[str, Any]]:
    with town.database.transaction() as connection:
        rows = connection.execute(
            text(
                "SELECT feature_id, properties FROM layer_row WHERE run_id = :run AND layer = 'interventions'"
            ),
            {"run": run_id},
        )
        return {row.feature_id: row.properties for row in rows}


def run(town: Town) -> int:
    return analyse_city(town.database, town.city)


def test_an_effect_is_told_once_and_never_changes(town: Town) -> None:
    audited(town)
    made = plan(town)
    elsewhere = cells.outline(cells.disc(int(cells.disc(CENTRE, k=11)[-1]), k=1))
    later = plan(town, name="Not over", area=elsewhere, begins_on=TODAY - timedelta(days=40))
    first = layer(town, run(town))
    told = first[str(made)]
    assert set(told) == {
        "id", "name", "kind", "targets", "from", "to", "cost", "currency", "owner", "status",
        "effect", "effect_low", "effect_high", "p", "n",
    }  # fmt: skip
    assert 0.8 <= told["effect"] <= 2.2
    assert told["effect_low"] > 0
    assert told["p"] == 0.05
    assert told["n"] == 100
    assert (told["from"], told["to"], told["cost"]) == (DONE.isoformat(), None, 120000.0)
    assert [first[str(later)][name] for name in ("effect", "p", "n")] == [None, None, None]
    with town.database.transaction() as connection:
        connection.execute(
            text("DELETE FROM admission; DELETE FROM audit WHERE observed_at > now() - interval '70 days'")
        )
    again = layer(town, run(town))
    assert again[str(made)] == told, "told for good"
    found = evaluate_now(town.database, town.city, made, actor="operator")
    assert found.final
    assert found.evaluation.effect is not None


def test_too_few_people_tell_nothing_to_anybody(town: Town) -> None:
    audited(town, people=4)  # fewer than k in a cell: none is ever admitted
    made = plan(town)
    assert layer(town, run(town))[str(made)]["effect"] is None
    assert evaluate_now(town.database, town.city, made, actor="operator").final, "planners know all used"


def test_what_has_been_told_keeps_place_days_and_targets(town: Town) -> None:
    audited(town)
    made = plan(town)

    def change(**changes: Any) -> Any:
        with town.database.transaction() as connection:
            return change_intervention(connection, town.city, made, changes, today=TODAY, actor="operator")

    assert change(targets=("lighting",)).targets == ("lighting",)
    change(targets=())
    run(town)
    with pytest.raises(Conflict, match="has been told"):
        change(begins_on=DONE - timedelta(days=1))
    assert change(owner="City works", begins_on=DONE).owner == "City works"


def test_an_interim_look_says_why_nothing_can_be_said(town: Town) -> None:
    made = plan(town, begins_on=TODAY - timedelta(days=3))
    found = evaluate_now(town.database, town.city, made, actor="operator")
    assert not found.final
    assert "has not begun" in found.evaluation.reason
    asked = plan(town, status="requested")
    assert "requested" in evaluate_now(town.database, town.city, asked, actor="operator").evaluation.reason
    twin = plan(town, name="The same place")
    assert not evaluate_now(town.database, town.city, twin, actor="operator").evaluation.sufficient


def test_hotspots_say_what_is_planned_there(busy_town: Town) -> None:
    first = [row for row in busy_town.rows(run(busy_town)) if row[1] == "hotspots"]
    assert first
    assert all('"status": "open"' in str(row[6]) for row in first)
    plan(busy_town, area=cells.outline(cells.disc(CENTRE, k=3)), status="planned")
    second = [row for row in busy_town.rows(run(busy_town)) if row[1] == "hotspots"]
    assert any('"status": "planned"' in str(row[6]) for row in second)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"area": MultiPolygon([shapely.box(10, 10, 11, 11)])}, "/area"),
        ({"completes_on": DONE - timedelta(days=1)}, "/to"),
        ({"begins_on": TODAY + timedelta(days=9)}, "/status"),
        ({"completes_on": TODAY + timedelta(days=9)}, "/status"),
        ({"begins_on": date(1066, 10, 14)}, "/from"),
        ({"targets": ("lamps",)}, "/targets/0"),
        ({"targets": ("feeling",)}, "/targets/0"),
        ({"targets": ("lighting", "lighting")}, "/targets"),
        ({"cost": Decimal("-1")}, "/cost"),
        ({"cost": None}, "/currency"),
        ({"currency": "rupees"}, "/currency"),
        ({"follow_up_days": 7}, "/follow_up_days"),
        ({"status": "dreamt"}, "/status"),
        ({"name": " "}, "/name"),
        ({"instrument_id": "nothing"}, "/instrument"),
        ({"instrument_id": "hazard"}, "/instrument"),
    ],
)
def test_a_plan_that_is_none_is_refused(town: Town, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        plan(town, **changes)
    assert pointer in [fault.pointer for fault in refused.value.faults]
    with town.database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM intervention")) == 0


def test_a_place_smaller_than_a_cell_is_the_cell_it_lies_in(town: Town) -> None:
    lat, lng = (float(one[0]) for one in cells.centre(PLACE[:1]))
    tiny = MultiPolygon([shapely.box(lng + 0.0005, lat + 0.0005, lng + 0.0006, lat + 0.0006)])
    made = plan(town, area=tiny, status="planned")
    assert (
        "too few audits" in evaluate_now(town.database, town.city, made, actor="operator").evaluation.reason
    )
