"""The seam as its users see it; statistical power is measured by the simulation, not here."""

from datetime import date

import numpy as np
import pytest
import shapely

from analysis.detector import detect
from analysis.estimates import CLASSES, pooled
from analysis.observations import NO_DAY
from analysis.score import Weights, equal_weights, to_five
from analysis.simulation.city import simulate
from geo import cells as h3cells

MID = [2, 2, 2, 2]


def run(observations):
    return detect(observations, equal_weights(observations.instrument), np.random.default_rng(0))


def is_defined(estimates):
    """Return whether every number that must always be one is finite and ordered."""
    numbers = (
        estimates.score,
        estimates.score_low,
        estimates.score_high,
        estimates.deficit,
        estimates.probability,
    )
    statistics = (estimates.gi_z, estimates.gi_p, estimates.gi_q, estimates.n_eff)
    return (
        all(np.isfinite(column).all() for column in (*numbers, *statistics))
        and (estimates.score_low >= 0).all()
        and (estimates.score_low <= estimates.score).all()
        and (estimates.score <= estimates.score_high).all()
        and (estimates.score_high <= 5).all()
        and set(estimates.klass) <= set(CLASSES)
    )


@pytest.fixture(scope="module")
def found(diced):
    return run(diced(4000, auditors=150, seed=1))


def test_a_planted_zone_is_found_and_nothing_else(found, zone):
    flagged = set(found.cell[np.isin(found.klass, ["hot", "severe"])].tolist())
    near = {cell for member in zone.tolist() for cell in h3cells.disc(member, k=1).tolist()}
    assert set(zone.tolist()) <= flagged <= near


def test_scores_tell_the_zone_from_the_rest(found, zone):
    inside = np.isin(found.cell, zone)
    assert found.score[inside].mean() < 2.3
    assert found.score[~inside].mean() > 3.2
    # All have audited fewer than 40 cells: a fall that such people agree upon is believed to six sevenths.
    assert found.score_raw[inside].mean() == pytest.approx(found.score[inside].mean(), abs=0.3)


def test_intervals_cover_the_truth_of_a_simulated_city(instrument):
    area = shapely.box(77.15, 28.55, 77.25, 28.65)
    city = simulate(
        instrument=instrument, area=area, first_day=date(2026, 1, 1), seed=3, audits=5000, auditors=250
    )
    seen = run(city.observations())
    true = to_five(city.truth.everything, top=3)[city.truth.lattice.index_of(seen.cell)]
    covered = (seen.score_low <= true) & (true <= seen.score_high)
    assert 0.9 <= covered.mean() <= 0.98


def test_gi_star_is_low_where_scores_are(found, zone):
    assert (found.gi_z[np.isin(found.cell, zone)] < -3).all()
    assert (found.gi_bin[np.isin(found.cell, zone)] == -3).all()


def test_a_good_place_is_cold(diced, zone):
    good = run(diced(4000, auditors=150, seed=2, shift=-0.9))
    assert (good.klass[np.isin(good.cell, zone)] == "cold").mean() > 0.8
    assert not np.isin(good.klass, ["watch", "hot", "severe"])[np.isin(good.cell, zone)].any()


def test_pure_noise_has_no_hotspots(diced):
    for seed in range(5):
        noise = run(diced(1500, auditors=150, seed=seed, shift=0))
        assert set(noise.klass) == {"none"}


def test_a_missing_rating_is_named_where_it_is_low(diced, zone):
    dim = run(diced(8000, auditors=150, seed=3, low="walk_path"))
    inside = np.isin(dim.cell, zone)
    assert np.mean([needs == ("walk_path",) for needs in dim.needs[inside]]) > 0.9
    assert np.mean([needs == () for needs in dim.needs[~inside]]) > 0.95
    assert all(name == "walk_path" for causes in dim.causes[inside] for name, _ in causes[:1])


def test_uncounted_audits_are_seen_and_weigh_nothing(audits, city_cells):
    kept = [[1, 2, 0, 1], MID, [0, 3, 2, 2]]
    alone = run(audits(kept, cell=city_cells[:3], auditor=range(3)))
    flooded = run(
        audits(
            kept + [[0, 0, 0, 0]] * 40,
            cell=[*city_cells[:3], *[city_cells[0]] * 40],
            auditor=range(43),
            counted=[True] * 3 + [False] * 40,
        )
    )
    for name in (
        "score",
        "score_low",
        "score_raw",
        "parameter_mean",
        "gi_z",
        "deficit",
        "n_eff",
        "counted_auditors",
    ):
        np.testing.assert_array_equal(getattr(alone, name), getattr(flooded, name), err_msg=name)
    assert flooded.audits.tolist() == [41, 1, 1]
    assert flooded.auditors.tolist() == [41, 1, 1]


def test_people_are_counted_once_per_cell(audits, city_cells):
    seen = run(
        audits(
            [MID] * 5 + [[-1, -1, -1, 3]],
            cell=[*city_cells[[0, 0, 0, 1, 1]], city_cells[1]],
            auditor=[7, 7, 8, 7, 9, 10],
            gender=[1, 1, 2, 1, 1, 1],
            counted=[True, True, True, True, False, True],
            day=[10, 30, 20, 5, 99, 7],
        )
    )
    assert seen.auditors.tolist() == [2, 3]
    assert seen.audits.tolist() == [3, 3]
    assert seen.counted_auditors.tolist() == [2, 1]
    assert seen.women.tolist() == [1, 1]
    assert seen.last_day.tolist() == [30, 7]


def test_women_have_their_own_score(diced, zone):
    seen = run(diced(4000, auditors=150, seed=1))
    assert np.nanmean(seen.score_women[np.isin(seen.cell, zone)]) < 2.6
    nobody = diced(300, auditors=20, seed=1)
    nobody.gender[:] = 2
    assert np.isnan(run(nobody).score_women).all()


def test_scores_to_compare_cities_by_take_all_place_ratings_alike(audits, city_cells):
    """By day lighting is not known, and how people feel is no part of it."""
    made = audits([[0, 3, 1, 0]] * 20 + [[0, 3, 1, 3]] * 20, cell=city_cells[0], auditor=range(40))
    weights = Weights(values={"lighting": 0.1, "walk_path": 0.8, "people": 0.1}, source="test")
    seen = detect(made, weights, np.random.default_rng(0))
    assert seen.score_common == pytest.approx(5 * seen.parameter_mean[:, 1:3].mean() / 3)
    assert seen.score > seen.score_common + 0.8


@pytest.mark.parametrize(
    "ratings",
    [[], [MID], [MID] * 6, [[-1, -1, -1, -1]] * 3, [[-1, -1, -1, 2]] * 3, [[0, 0, 0, 0], [3, 3, 3, 3]]],
    ids=["no audit", "one audit", "all equal", "all missing", "outcome alone", "extremes"],
)
@pytest.mark.parametrize("spread", ["one cell", "cells", "one auditor"])
def test_every_edge_is_defined(audits, city_cells, ratings, spread):
    n = len(ratings)
    cell = city_cells[0] if spread == "one cell" else city_cells[:n] if n else city_cells[0]
    seen = run(audits(ratings, cell=cell, auditor=0 if spread == "one auditor" else range(n)))
    assert is_defined(seen)
    assert set(seen.klass) <= {"none"}
    answered = np.array([[level >= 0 for level in row] for row in ratings])
    if n and not answered.any():
        assert np.isnan(seen.parameter_mean).all()
        assert np.isnan(seen.score_raw).all()
        assert np.isnan(seen.score_common).all()


def test_a_city_of_uncounted_audits_alone_is_defined(audits, city_cells):
    seen = run(audits([MID] * 4, cell=city_cells[:4], auditor=range(4), counted=False))
    assert is_defined(seen)
    assert seen.counted_auditors.tolist() == [0] * 4
    assert seen.last_day.tolist() == [NO_DAY] * 4
    assert np.isnan(seen.score_raw).all()


@pytest.mark.parametrize(
    "centre",
    [
        h3cells.disc(0x89080000003FFFF, k=0)[0],
        h3cells.cell_of(-17.0, 180.0, resolution=9),
        h3cells.cell_of(90, 0, resolution=9),
    ],
    ids=["pentagon", "antimeridian", "pole"],
)
def test_hard_places_are_places(audits, centre):
    cells = np.sort(h3cells.disc(int(centre), k=6))
    inner = np.isin(cells, h3cells.disc(int(centre), k=1))
    who = np.tile(np.arange(20), len(cells))
    levels = np.where(np.repeat(inner, 20), 0, 2)[:, None] + (who[:, None] + np.arange(4)) % 2
    seen = run(audits(levels, cell=np.repeat(cells, 20), auditor=who))
    assert is_defined(seen)
    assert np.isin(seen.klass[inner], ["severe"]).all()


def test_ten_thousand_audits_of_one_device_move_a_cell_like_one_persons(audits, city_cells):
    people = [[2, 2, 2, 2]] * 60
    cell = np.repeat(city_cells[:6], 10)

    def score(extra):
        ratings = people + [[0, 0, 0, 0]] * extra
        seen = audits(ratings, cell=[*cell, *[city_cells[0]] * extra], auditor=[*range(60), *[99] * extra])
        return run(seen).score[0]

    assert score(0) - score(10_000) < 5 * 1.7 / 11, "one voice among eleven, at most"


def test_estimates_of_some_cells_keep_the_city(found):
    part = found.where(found.klass == "severe")
    assert len(part) == (found.klass == "severe").sum()
    assert part.city_mean == found.city_mean
    assert part.parameter_mean.shape == (len(part), 4)
    assert part.needs.shape == (len(part),)


def test_a_pool_of_one_cell_is_that_cell(found):
    one = found.where(np.arange(len(found)) == 3)
    pool = pooled(one)
    assert [pool.score, pool.score_low, pool.score_high] == pytest.approx(
        [one.score[0], one.score_low[0], one.score_high[0]]
    )
    assert pool.parameter_low == pytest.approx(one.parameter_low[0])
    assert pool.parameter_high == pytest.approx(one.parameter_high[0])


def test_a_pool_skips_what_nobody_answered(audits, city_cells):
    seen = run(audits([[-1, 1, 1, 1], [-1, 3, -1, 1]], cell=city_cells[:2], auditor=[0, 1]))
    pool = pooled(seen)
    assert np.isnan(pool.parameter_mean[0])
    assert pool.parameter_mean[2] == pytest.approx(seen.parameter_mean[0, 2])
    assert pool.parameter_mean[1] == pytest.approx(seen.parameter_mean[:, 1].mean())


def test_a_place_audited_at_night_is_not_worse_for_it(audits, city_cells, zone):
    """Every answer is 1 lower at night; the zone is audited at night nine times in ten."""
    rng = np.random.default_rng(0)
    row, who = rng.integers(len(city_cells), size=4000), rng.integers(60, size=4000)
    inside = np.isin(city_cells[row], zone)
    night = rng.random(4000) < np.where(inside, 0.9, 0.3)
    levels = np.rint(2.2 - night[:, None] + rng.normal(0, 0.5, (4000, 4))).clip(0, 3)
    seen = run(audits(levels, cell=city_cells[row], auditor=who, daypart=night))
    there = np.isin(seen.cell, zone)
    assert seen.raw[~there].mean() - seen.raw[there].mean() > 0.4
    assert abs(seen.mean[~there].mean() - seen.mean[there].mean()) < 0.1
    walk_path = seen.parameter_mean[:, 1]
    assert abs(walk_path[~there].mean() - walk_path[there].mean()) < 0.1
    assert set(seen.klass) <= {"none"}


def test_a_city_bad_everywhere_has_no_hotspots_and_a_low_score(diced):
    seen = run(diced(4000, auditors=150, seed=1, shift=0))
    low = diced(4000, auditors=150, seed=1, shift=0)
    low.ratings[low.ratings > 0] -= 1
    bad = run(low)
    assert set(bad.klass) == {"none"}
    assert (bad.score_high < 2.5).mean() > 0.95
    assert (seen.score_low > 2.5).mean() > 0.8
