"""The short form of `make simulate-detector`: planted unsafe places in small cities, and none at all."""

from datetime import date

import numpy as np
import pytest
import shapely

from analysis.detector import detect
from analysis.estimates import Z95
from analysis.false_discovery import RATE
from analysis.instrument import Instrument, Kind, Question, Role
from analysis.score import equal_weights
from analysis.simulation.city import simulate
from analysis.simulation.recovery import causes_named, coverage, found, hot
from analysis.simulation.scenario import Scenario

EIGHT = Instrument(
    id="eight",
    version=1,
    questions=tuple(
        Question(name=f"rating_{number}", kind=Kind.RATING, role=Role.PLACE, top=3) for number in range(8)
    ),
)


def measured(*, seeds=3, **scenario):
    """Yield truth and estimates of each seed's city: 9,000 audits by 150 people."""
    for seed in range(seeds):
        city = simulate(
            instrument=EIGHT,
            area=shapely.box(77.12, 28.52, 77.28, 28.66),
            first_day=date(2026, 1, 1),
            seed=seed,
            audits=9000,
            auditors=150,
            scenario=Scenario(night_only_share=0.0, **scenario),
        )
        yield city.truth, detect(city.observations(), equal_weights(EIGHT), np.random.default_rng(0))


@pytest.fixture(scope="module")
def planted():
    return list(measured())


def pooled(results, flag):
    """Return recall and false discoveries over all seeds together."""
    lists = [found(truth, cells=seen.cell, flagged=flag(seen)) for truth, seen in results]
    count = sum(one.flagged for one in lists)
    return np.mean([one.recall for one in lists]), sum(one.false * one.flagged for one in lists) / count


def flagged(seen):
    return hot(seen.klass)


def covered(truth, seen):
    return coverage(truth, cells=seen.cell, mean=seen.mean, sd=seen.sd)[0]


def gi_star(seen):
    return (seen.gi_q <= RATE) & (seen.gi_z < 0)


def test_bad_places_are_found_and_few_are_falsely_named(planted):
    recall, false = pooled(planted, flagged)
    assert recall >= 0.45
    assert false <= 0.05


def test_plain_gi_star_misleads_several_times_as_often(planted):
    assert pooled(planted, gi_star)[1] > 3 * pooled(planted, flagged)[1]


def test_intervals_hold_the_truth(planted):
    assert np.mean([covered(*one) for one in planted]) == pytest.approx(0.95, abs=0.02)


def test_intervals_of_ratings_hold_the_truth(planted):
    held = []
    for truth, seen in planted:
        by_day, by_night = truth.ratings[:, truth.lattice.index_of(seen.cell)]
        true = (1 - truth.night_share) * by_day + truth.night_share * by_night
        off = np.abs(true - seen.parameter_mean) <= Z95 * seen.parameter_sd
        held.append(off[~np.isnan(seen.parameter_mean)].mean())
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


def test_the_cause_named_first_is_a_true_one(planted):
    assert np.nanmean([causes_named(*one) for one in planted]) >= 0.9


def test_noise_has_no_hotspots():
    for _, seen in measured(seeds=2, delta=0.0, background_sd=0.0, parameter_sd=0.0):
        assert not flagged(seen).any()
