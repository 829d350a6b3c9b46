"""Attacks on smoothed scores: where was somebody, by what changed between two runs?"""

from dataclasses import replace

import pytest

from server.instruments.catalogue import builtin
from tests.attacks.attack import Attack
from tests.attacks.conftest import AT_SIZE, Tell
from tests.attacks.one_auditor import Admit, Named, Town, above_counts, admit, admit_all, admit_each_cell
from tests.conftest import FEW

ONE_POINT = 0.01
SIDE_DEG, HISTORY, SEEDS = 0.05, 1500, (3, 4) if AT_SIZE else (4,)
"""Towns where no place draws all: there chance is least."""
UNRULED = 15 if AT_SIZE else 6


def _named(rule: Admit, *, audits: int, a_night: int) -> list[Named]:
    whole = builtin()["safetipin-9"].instrument
    few = replace(whole, questions=tuple(one for one in whole.questions if one.name in FEW))
    towns = [Town(few, side_deg=SIDE_DEG, history=HISTORY, seed=seed, rule=rule) for seed in SEEDS]
    return [one for town in towns for one in town.named(runs=audits // a_night, a_run=a_night)]


@pytest.mark.parametrize(
    ("a_night", "audits", "weak_night", "weak_audits", "weakness"),
    [
        (10, 1200 if AT_SIZE else 400, 5, 100 if AT_SIZE else 70, "each cell alone, five audits a night"),
        (60, 1200 if AT_SIZE else 360, 1, 100 if AT_SIZE else 30, "each cell alone, a run after every audit"),
    ],
)
def test_a18_where_one_auditor_was(
    a_night: int, audits: int, weak_night: int, weak_audits: int, weakness: str, tell: Tell
) -> None:
    ours = _named(admit, audits=audits, a_night=a_night)
    weak = _named(admit_each_cell, audits=weak_audits, a_night=weak_night)
    assert sum(one.by_change for one in ours) > 0
    tell(
        Attack(
            name=f"A18 cells of a night of {a_night} audits, named by what changed, share above counts",
            bound=ONE_POINT,
            ours=above_counts(ours),
            weakened=above_counts(weak),
            weakness=weakness,
        )
    )
    if a_night == 10:
        _tell_of_who_waits(ours, tell)


def _tell_of_who_waits(ours: list[Named], tell: Tell) -> None:
    unruled = _named(admit_all, audits=UNRULED, a_night=1)
    tell(
        Attack(
            name="A18 cells of those who wait of a night of 10 audits, named so, share above counts",
            bound=ONE_POINT,
            ours=above_counts([one for one in ours if one.waits]),
            weakened=above_counts([one for one in unruled if one.waits]),
            weakness="admits who comes, no k together",
        )
    )
