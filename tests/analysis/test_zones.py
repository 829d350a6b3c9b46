from datetime import date

import numpy as np
import pytest
import shapely
from scipy.special import ndtr

from analysis.detector import detect
from analysis.instrument import Instrument, Kind, Question, Role
from analysis.score import equal_weights, to_five
from analysis.simulation.city import simulate
from analysis.simulation.scenario import Scenario
from analysis.zones import Zone, zone_figures
from geo.cells import covering


def zone_of(cells, name="a", of="wards"):
    area = shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])
    return Zone(id=f"{of}-{name}", set=of, name=name, area=area, cells=np.sort(cells))


@pytest.fixture(scope="module")
def estimates(diced, instrument):
    return detect(diced(6000, auditors=120, seed=3), equal_weights(instrument), np.random.default_rng(0))


def figures(estimates, *zones, k=5, standard=2.5):
    return zone_figures(estimates, zones, k=k, standard=standard, rng=np.random.default_rng(0))


def test_figures_are_means_over_the_cells_of_the_zone(estimates, zone):
    [found] = figures(estimates, zone_of(zone))
    row = np.isin(estimates.cell, zone)
    assert found.audited_share == 1
    assert found.score == pytest.approx(estimates.score[row].mean())
    assert found.hotspot_share == np.isin(estimates.klass[row], ["hot", "severe"]).mean() > 0.5
    assert found.parameter_mean == pytest.approx(estimates.parameter_mean[row].mean(axis=0))
    mean, sd = estimates.parameter_mean[row], estimates.parameter_sd[row]
    assert found.dark_share == pytest.approx(ndtr((1.5 - mean[:, 0]) / sd[:, 0]).mean())
    assert found.feel_safe_share == pytest.approx(ndtr((mean[:, 3] - 1.5) / sd[:, 3]).mean())
    below = ndtr((2.5 * 3 / 5 - estimates.mean[row]) / estimates.sd[row]).mean()
    assert found.below_standard_share == pytest.approx(below)
    assert figures(estimates, zone_of(zone), standard=0)[0].below_standard_share < 0.01


def test_the_interval_of_a_zone_is_that_of_a_mean_of_dependent_cells(estimates, zone):
    [whole] = figures(estimates, zone_of(zone))
    row = np.isin(estimates.cell, zone)
    if_independent = to_five(float(np.sqrt((estimates.sd[row] ** 2).sum()) / row.sum()), top=3)
    if_one = to_five(float(estimates.sd[row].mean()), top=3)
    assert if_independent < (whole.score_high - whole.score_low) / 3.92 < if_one
    [single] = figures(estimates, zone_of(zone[:1]))
    own = float(to_five(estimates.sd[estimates.cell == zone[0]], top=3)[0])
    assert (single.score_high - single.score_low) / 3.92 == pytest.approx(own, rel=0.06)


def test_the_score_of_equal_weights_is_the_mean_of_the_ratings_with_a_cautious_interval(estimates, zone):
    [found] = figures(estimates, zone_of(zone))
    row = np.isin(estimates.cell, zone)
    assert found.common == pytest.approx(estimates.score_common[row].mean())
    # The weights are equal here, so both scores mean the same.
    assert found.common == pytest.approx(found.score, abs=0.15)
    narrow, wide = (found.score_high - found.score_low), (found.common_high - found.common_low)
    assert narrow < wide < 3 * narrow


def test_a_zone_without_audited_cells_has_no_figures(estimates, zone, city_cells):
    seen = estimates.where(~np.isin(estimates.cell, zone))
    empty, nowhere, rest = figures(
        seen, zone_of(zone), zone_of(np.array([], dtype=np.int64), "b"), zone_of(city_cells, "c")
    )
    assert (empty.audited_share, empty.rank_low, empty.rank_high) == (0, None, None)
    assert np.isnan([empty.common, empty.common_low, empty.common_high]).all()
    assert np.isnan([empty.score, empty.score_low, empty.hotspot_share, empty.dark_share]).all()
    assert np.isnan(empty.parameter_mean).all()
    assert np.isnan(nowhere.audited_share)
    assert rest.audited_share == pytest.approx(150 / 169)
    assert (rest.rank_low, rest.rank_high) == (1, 1)


def test_a_rating_that_fewer_than_k_gave_in_a_cell_is_left_out(audits, city_cells, instrument):
    there, here = city_cells[:2]
    ratings = [[2, 2, 2, 2]] * 5 + [[1, 0, 3, 1]] * 4 + [[-1, 0, 3, -1]]
    seen = audits(ratings, cell=[there] * 5 + [here] * 5, auditor=[*range(5), *range(5)], daypart=1)
    found = detect(seen, equal_weights(instrument), np.random.default_rng(0))
    assert found.parameter_auditors.tolist() == [[5, 5, 5, 5], [4, 5, 5, 4]]
    whole, one = figures(found, zone_of(city_cells), zone_of(np.array([here]), "b"))
    assert whole.parameter_mean[0] == found.parameter_mean[0, 0]
    assert whole.parameter_mean[1] == found.parameter_mean[:, 1].mean()
    assert np.isnan([one.parameter_mean[0], one.parameter_mean[3], one.dark_share, one.feel_safe_share]).all()
    assert not np.isnan([one.score, one.hotspot_share, one.below_standard_share]).any()


def test_sets_are_ranked_apart_and_worst_is_first(estimates, zone, city_cells):
    rest = np.setdiff1d(city_cells, zone)
    low, high, other = figures(
        estimates, zone_of(zone), zone_of(rest, "b"), zone_of(city_cells, "a", of="town")
    )
    assert (low.rank_low, low.rank_high) == (1, 1)
    assert (high.rank_low, high.rank_high) == (2, 2)
    assert (other.rank_low, other.rank_high) == (1, 1)


def test_overlapping_and_equal_zones_are_figured_alike(estimates, zone, city_cells):
    one, same, wider = figures(
        estimates, zone_of(zone), zone_of(zone, "b"), zone_of(np.union1d(zone, city_cells[:40]), "c")
    )
    assert (one.score, one.score_low) == (same.score, same.score_low)
    assert (one.rank_low, one.rank_high) == (same.rank_low, same.rank_high) == (1, 2)
    assert (wider.rank_low, wider.rank_high) == (3, 3)


def test_instruments_without_lighting_or_outcome_have_no_such_shares(audits, city_cells):
    bare = Instrument(
        id="bare",
        version=1,
        questions=(Question(name="paving", kind=Kind.RATING, role=Role.PLACE, top=4),),
    )
    seen = audits([[1]] * 6, cell=city_cells[0], auditor=range(6), of=bare)
    found = detect(seen, equal_weights(bare), np.random.default_rng(0))
    [one] = figures(found, zone_of(city_cells))
    assert np.isnan([one.dark_share, one.feel_safe_share]).all()
    assert not np.isnan(one.score)


TWO = Instrument(
    id="two",
    version=1,
    questions=tuple(
        Question(name=f"rating_{number}", kind=Kind.RATING, role=Role.PLACE, top=3) for number in range(2)
    ),
)


def quarters(area, *, side, resolution):
    """Return side x side zones that tile an area."""
    west, south, east, north = area.bounds
    x, y = np.linspace(west, east, side + 1), np.linspace(south, north, side + 1)
    boxes = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(side) for j in range(side)]
    return [zone_of(covering(box, resolution=resolution), str(n)) for n, box in enumerate(boxes)]


@pytest.mark.parametrize(
    ("corners", "side", "audits", "auditors", "resolution", "seeds"),
    [
        pytest.param((77.14, 28.54, 77.24, 28.63), 3, 3000, 80, 9, 16, id="city"),
        pytest.param((77.20, 28.60, 77.235, 28.63), 2, 200, 25, 8, 40, id="town of 25 auditors"),
    ],
)
def test_intervals_hold_the_truth_and_ranges_the_rank(corners, side, audits, auditors, resolution, seeds):
    area = shapely.box(*corners)
    zones = quarters(area, side=side, resolution=resolution)
    inside, common, ranked = [], [], []
    for seed in range(seeds):
        city = simulate(
            instrument=TWO,
            area=area,
            first_day=date(2026, 1, 1),
            seed=seed,
            audits=audits,
            auditors=auditors,
            scenario=Scenario(resolution=resolution, night_only_share=0.0, zones=2),
        )
        seen = detect(city.observations(), equal_weights(TWO), np.random.default_rng(0))
        seen = seen.where(seen.counted_auditors >= 5)
        found = [one for one in figures(seen, *zones) if one.rank_low is not None]
        true = np.array([_true_score(city.truth, seen, one.zone) for one in found])
        inside += [one.score_low <= t <= one.score_high for one, t in zip(found, true, strict=True)]
        common += [one.common_low <= t <= one.common_high for one, t in zip(found, true, strict=True)]
        rank = 1 + (true[None] < true[:, None]).sum(axis=1)
        ranked += [one.rank_low <= r <= one.rank_high for one, r in zip(found, rank, strict=True)]
    assert 0.92 <= np.mean(inside) <= 0.995
    assert np.mean(common) >= 0.95, "weights are equal here, so the truth is the same"
    assert np.mean(ranked) >= 0.95


def _true_score(truth, seen, zone):
    row = truth.lattice.index_of(np.intersect1d(zone.cells, seen.cell))
    return float(to_five(truth.everything[row], top=3).mean())
