"""Attacks on smoothed scores: where was somebody, by what changed between two runs?"""

from dataclasses import replace

from server.instruments.catalogue import builtin
from tests.attacks.attack import Attack
from tests.attacks.conftest import AT_SIZE, Tell
from tests.attacks.one_auditor import Town, above_counts, admit_all
from tests.conftest import FEW

ONE_POINT = 0.01
SIDE_DEG, HISTORY = (0.05, 1500) if AT_SIZE else (0.035, 900)
NIGHTS, ALONE, UNRULED = (16, 200, 60) if AT_SIZE else (4, 25, 10)


def _town(**rule: object) -> Town:
    whole = builtin()["safetipin-9"].instrument
    few = replace(whole, questions=tuple(one for one in whole.questions if one.name in FEW))
    return Town(few, side_deg=SIDE_DEG, history=HISTORY, **rule)  # type: ignore[arg-type]


def test_a18_where_one_auditor_was(tell: Tell) -> None:
    nightly = list(_town().named(runs=NIGHTS))
    after_each = list(_town().named(runs=ALONE, a_run=1))
    unruled = [one for one in _town(rule=admit_all).named(runs=UNRULED, a_run=1) if one.waits]
    tell(
        Attack(
            name="A18 cells of a night of 60 audits, named by what changed, share above counts",
            bound=ONE_POINT,
            ours=above_counts(nightly),
            weakened=above_counts(after_each),
            weakness="a run after every audit",
        )
    )
    tell(
        Attack(
            name="A18 cell of one who comes alone and waits, named so, share above counts",
            bound=ONE_POINT,
            ours=above_counts([one for one in after_each if one.waits]),
            weakened=above_counts(unruled),
            weakness="admits who comes, no k together",
        )
    )
