"""Attacks on the rows of releases, in a simulated city with the truth."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.disclosure import closeness, release_gate
from analysis.disclosure.release import DISABILITY, WORDS, Audits
from analysis.disclosure.release_gate import rungs_of
from bench.release import worth
from geo import cells as h3cells
from tests.attacks.attack import Attack
from tests.attacks.conftest import AT_SIZE, AUDITS, CITIES, Note, Tell, city_of
from tests.attacks.told import (
    RESOLUTION,
    Told,
    clusters_by,
    fewest_left,
    fewest_left_of_totals,
    fewest_people,
    homes_found,
    likeliest,
    order_follows,
    pairs_across_classes,
    pairs_of_a_class,
    released,
    same_author,
    same_neighbourhood,
    shuffled,
    skew,
)

K = 10
_FOUND = 0.65 if AT_SIZE else 0.5
"""A small city has few cells in its worst tenth, and most of them at its edge."""


@pytest.fixture(scope="module")
def told() -> Told:
    return released(city_of(AUDITS))


@pytest.fixture
def uncapped(audits: Audits, monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the gate tells where busy people may have many rows in a class."""
    with monkeypatch.context() as patch:
        patch.setattr(release_gate, "CAP", 3)
        return released(audits)


def test_a1_singling_out(audits: Audits, told: Told, tell: Tell) -> None:
    rows_as_people = replace(audits, auditor=np.arange(len(audits), dtype=np.int32))
    careless = replace(released(rows_as_people), audits=audits)
    tell(
        Attack(
            name="A1 people in the smallest class",
            bound=K,
            ours=fewest_people(told.classes, told.who),
            weakened=fewest_people(careless.classes, careless.who),
            weakness="counts rows, not people",
            at_least=True,
        )
    )


def test_a2_linkage(told: Told, uncapped: Told, tell: Tell) -> None:
    tell(
        Attack(
            name="A2 probability of the target's row, all but ratings known",
            bound=1 / K,
            ours=likeliest(told),
            weakened=likeliest(uncapped),
            weakness="three rows of a person in a class",
        )
    )


def _with_a_clinic(audits: Audits) -> Audits:
    """Return the audits; whoever audits the busiest cell, where a clinic is, mostly says to be disabled."""
    own = h3cells.parent(audits.cell, resolution=RESOLUTION)
    cells, count = np.unique(own, return_counts=True)
    patients = np.unique(audits.auditor[own == cells[count.argmax()]])
    patients = patients[np.random.default_rng(3).random(len(patients)) < 0.7]
    yes = WORDS[DISABILITY].index("yes")
    said = np.where(np.isin(audits.auditor, patients), yes, audits.codes[DISABILITY]).astype(np.int8)
    return replace(audits, codes={**audits.codes, DISABILITY: said})


def test_a3_homogeneity(audits: Audits, tell: Tell, monkeypatch: pytest.MonkeyPatch) -> None:
    audits = _with_a_clinic(audits)
    ours = skew(released(audits, disability=True))
    with monkeypatch.context() as patch:
        patch.setattr(closeness, "close", lambda share, *_, **__: np.ones(len(share), dtype=bool))
        careless = skew(released(audits, disability=True))
    for name, bound, mine, weak in zip(
        ("distance of a class's disability", "largest share that says yes"),
        (0.2, 0.5),
        ours,
        careless,
        strict=True,
    ):
        tell(Attack(name=f"A3 {name}", bound=bound, ours=mine, weakened=weak, weakness="no t-closeness"))


def test_a7_what_is_left_of_a_parent(audits: Audits, told: Told, tell: Tell) -> None:
    tell(
        Attack(
            name="A7 people left of a parent without its children",
            bound=K,
            ours=fewest_left(told),
            weakened=fewest_left_of_totals(audits, k=K),
            weakness="tells whole parents",
            at_least=True,
        )
    )


@pytest.mark.parametrize("seed", CITIES)
def test_a8_rows_of_one_person(seed: int, tell: Tell, note: Note, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs within one class, beside the same with the authors dealt anew among its rows.

    Across classes nothing is promised, and what likeness tells there is told.
    """
    audits = city_of(AUDITS, seed=seed)
    ours = released(audits)
    assert same_author(ours, pairs_of_a_class(ours.classes)) <= 0.60
    across = pairs_across_classes(ours, np.random.default_rng(8), count=200_000)
    areas = same_author(ours, across), same_neighbourhood(ours, across)
    note(
        f"A8 pairs by one person in different classes, city {seed}, area under the curve: "
        f"{areas[0]:.3f} by likeness of ratings, {areas[1]:.3f} by nearness"
    )
    monkeypatch.setattr(release_gate, "CAP", 3)
    tell(
        Attack(
            name=f"A8 pairs by one person in a class, area above chance, city {seed}",
            bound=0.05,
            ours=_above_chance(ours),
            weakened=_above_chance(released(audits)),
            weakness="three rows of a person in a class",
        )
    )


def _above_chance(told: Told) -> float:
    pairs, rng = pairs_of_a_class(told.classes), np.random.default_rng(8)
    return same_author(told, pairs) - same_author(told, pairs, shuffled(told, rng))


def test_a8_order_of_rows(told: Told, tell: Tell) -> None:
    in_order = Told(told.audits, replace(told.found, origin=np.sort(told.found.origin)), told.number)
    tell(
        Attack(
            name="A8 correlation of the order of rows",
            bound=4 / np.sqrt(len(told.rows)),
            ours=order_follows(told),
            weakened=order_follows(in_order),
            weakness="rows as they are stored",
        )
    )


def test_a9_homes(told: Told, tell: Tell) -> None:
    rng = np.random.default_rng(9)
    by_chance = homes_found(told, clusters_by(told, rng.random(len(told.rows))))
    by_style = homes_found(told, clusters_by(told, told.style))
    with_pseudonym = homes_found(told, np.unique(told.who, return_inverse=True)[1])
    tell(
        Attack(
            name="A9 homes found by style, share above chance",
            bound=0.01,
            ours=by_style - by_chance,
            weakened=with_pseudonym - by_chance,
            weakness="a pseudonym in each row",
        )
    )


def test_a11_false_devices_beside_a_lone_person(audits: Audits, tell: Tell) -> None:
    alone, attacked = _with_false_devices(audits, fresh=K - 1)
    everybody = replace(attacked, counted=np.ones(len(attacked), dtype=np.bool_))
    tell(
        Attack(
            name="A11 lone people told at their cell beside false devices, share",
            bound=0,
            ours=_told_at_home(released(attacked), alone),
            weakened=_told_at_home(released(everybody), alone),
            weakness="fresh devices count",
        )
    )


def _with_false_devices(audits: Audits, *, fresh: int) -> tuple[NDArray[np.int64], Audits]:
    """Return the rows of audits that are alone in their cell, and the audits with fresh devices beside them.

    The fresh devices say of themselves what their victim says; none of them counts.
    """
    own = h3cells.parent(audits.cell, resolution=RESOLUTION)
    _, first, count = np.unique(own, return_index=True, return_counts=True)
    victims = first[count == 1]
    rows = np.concatenate([np.arange(len(audits)), np.repeat(victims, fresh)])
    auditor = audits.auditor[rows]
    auditor[len(audits) :] = auditor.max() + 1 + np.arange(len(victims) * fresh)
    return victims, replace(
        audits,
        cell=audits.cell[rows],
        auditor=auditor,
        counted=np.arange(len(rows)) < len(audits),
        codes={name: codes[rows] for name, codes in audits.codes.items()},
        ratings=audits.ratings[rows],
    )


def _told_at_home(told: Told, victims: NDArray[np.int64]) -> float:
    at_home = told.found.origin[h3cells.resolution_of(told.rows.cell) == RESOLUTION]
    return float(np.isin(victims, at_home).mean())


def test_a14_nothing_is_safe_by_telling_nothing(
    audits: Audits, told: Told, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = worth(audits, told.found, k=K)
    with monkeypatch.context() as patch:
        patch.setattr(release_gate, "rungs_of", lambda resolution: rungs_of(resolution - 3))
        timid = worth(audits, released(audits).found, k=K)
    with monkeypatch.context() as patch:
        patch.setattr(release_gate, "FEWEST", 4 * K)
        patch.setattr(release_gate, "rungs_of", lambda resolution: rungs_of(resolution)[:1])
        bare = worth(audits, released(audits).found, k=K)
    figures = (
        ("kept, share of capped rows", 0.95, ours.kept, bare.kept, "40 people in a class, no ladder", True),
        (
            "told at resolution 8 or finer, share",
            0.80,
            ours.fine,
            timid.fine,
            "resolution 6 at the finest",
            True,
        ),
        (
            "error of cell means, rating steps",
            0.10,
            ours.error,
            timid.error,
            "resolution 6 at the finest",
            False,
        ),
        (
            "worst tenth of cells found",
            _FOUND,
            ours.found,
            timid.found,
            "resolution 6 at the finest",
            True,
        ),
    )
    for name, bound, mine, weak, weakness, at_least in figures:
        tell(
            Attack(
                name=f"A14 {name}",
                bound=bound,
                ours=mine,
                weakened=weak,
                weakness=weakness,
                at_least=at_least,
            )
        )
