import numpy as np
import pytest

from analysis.simulation.landscape import landscape, smooth_field
from analysis.simulation.scenario import Scenario
from geo import cells
from geo.lattice import Lattice
from geo.sun import Daypart

DELHI = cells.cell_of(28.6139, 77.2090, resolution=9)
LATTICE = Lattice(np.unique(cells.disc(DELHI, k=20)))


def land(instrument, **scenario):
    return landscape(instrument, LATTICE, Scenario(**scenario), np.random.default_rng(3))


@pytest.mark.parametrize("name", ["nine", "mixed"])
def test_many_audits_agree_with_the_truth(name, town, request):
    """Means per cell, daypart and rating of many answers by unbiased auditors have standard normal z."""
    instrument = request.getfixturevalue(name)
    area = cells.outline(cells.disc(DELHI, k=4))
    city = town(instrument=instrument, area=area, audits=40_000, severity=0.0, effort_sd=0.3, roaming=1.0)
    seen = city.observations()
    row = city.truth.lattice.index_of(seen.cell)
    zs = []
    for daypart in (Daypart.DAY, Daypart.NIGHT):
        for column in range(len(instrument.ratings)):
            given = (seen.daypart == daypart) & (seen.ratings[:, column] >= 0)
            levels, at = seen.ratings[given, column].astype(float), row[given]
            n = np.bincount(at, minlength=len(city.truth.cells))
            mean, square = (np.bincount(at, power, minlength=len(n)) / n for power in (levels, levels**2))
            error = np.sqrt((square - mean**2) / n)
            kept = (n > 100) & (error > 0)
            zs.append(((mean - city.truth.ratings[daypart, :, column]) / error)[kept])
    z = np.concatenate(zs)
    assert len(z) > 150
    assert abs(z.mean()) < 0.2
    assert 0.85 < z.std() < 1.15


def test_lighting_counts_in_the_truth_at_night_alone(city):
    day, night = city.truth.ratings[:, :, :8]
    np.testing.assert_allclose(city.truth.day, day[:, 1:].mean(axis=1))
    np.testing.assert_allclose(city.truth.night, night.mean(axis=1))
    share = city.truth.night_share
    np.testing.assert_allclose(city.truth.everything, (1 - share) * city.truth.day + share * city.truth.night)


def test_ratings_of_unequal_tops_count_on_0_to_3(mixed, town):
    truth = town(instrument=mixed).truth
    paving, crowd = truth.ratings[0, :, 0], truth.ratings[0, :, 2]
    np.testing.assert_allclose(truth.day, (paving * 3 / 4 + crowd * 3) / 2)


def test_expectations_stay_on_the_scale(mixed, town):
    tops = [rating.top for rating in mixed.ratings]
    best, worst = town(instrument=mixed, level=9.0).truth, town(instrument=mixed, level=-9.0).truth
    np.testing.assert_allclose(best.ratings, np.broadcast_to(tops, best.ratings.shape))
    np.testing.assert_allclose(worst.ratings, 0, atol=1e-12)


def test_zones_are_apart_and_few(nine):
    zones = land(nine).zones
    together = np.concatenate([zone.cells for zone in zones])
    assert len(zones) > 4
    assert len(together) == len(set(together)) <= 0.08 * len(LATTICE)
    for zone in zones:
        around = np.unique(np.concatenate([cells.disc(cell, k=2) for cell in zone.cells.tolist()]))
        assert np.isin(around, together).sum() == len(zone.cells)
        assert set(zone.causes) <= {rating.name for rating in nine.place}
        assert 3 <= len(zone.causes) <= 4


@pytest.mark.parametrize("night_only", [False, True])
def test_a_zone_sinks_its_causes_by_delta_and_nothing_else(nine, night_only):
    share = float(night_only)
    flat = land(nine, delta=0.0, night_only_share=share)
    sunk = land(nine, delta=0.5, night_only_share=share)
    fall = flat.latent - sunk.latent
    names = [rating.name for rating in nine.ratings]
    planted = np.zeros_like(fall, dtype=bool)
    for zone in sunk.zones:
        assert zone.night_only is night_only
        rows = LATTICE.index_of(zone.cells)
        for daypart in (Daypart.DAY, Daypart.NIGHT)[night_only:]:
            np.testing.assert_allclose(fall[daypart, rows, :8].mean(axis=1), 0.5)
            np.testing.assert_allclose(fall[daypart, rows, 8], 0.5)  # the outcome follows the place
            for name in (*zone.causes, "feeling"):
                planted[daypart, rows, names.index(name)] = True
    assert (fall[~planted] == 0).all()
    assert (fall[planted] > 0).all()
    assert planted.any()


def test_no_zones_where_none_are_asked(nine):
    assert land(nine, zones=0).zones == ()


def test_the_night_lies_below_the_day(nine):
    latent = land(nine, zones=0, night_drop=0.3).latent
    np.testing.assert_allclose(latent[0] - latent[1], 0.3)


def test_zones_are_numbered_where_they_lie(city):
    for number, zone in enumerate(city.truth.zones):
        assert set(city.truth.cells[city.truth.zone == number]) == set(zone.cells)
    planted = sum(len(zone.cells) for zone in city.truth.zones)
    assert (city.truth.zone == -1).sum() == len(city.truth.cells) - planted
    assert planted > 0


def test_a_planted_zone_has_a_deficit_and_the_city_none(town):
    truth = town(background_sd=0, cell_sd=0, parameter_sd=0, night_only_share=0).truth
    deficit = truth.disc_deficit(truth.night, k=0)
    assert deficit.mean() == pytest.approx(0, abs=1e-12)
    assert (deficit[truth.zone >= 0] > 0.2).all()
    assert (deficit[truth.zone < 0] < 0.0).all()


def test_a_disc_deficit_is_the_mean_over_the_disc(city):
    truth = city.truth
    row = int(truth.lattice.index_of(np.array([DELHI]))[0])
    disc = truth.lattice.index_of(cells.disc(DELHI, k=2))
    expected = truth.day.mean() - truth.day[disc].mean()
    assert truth.disc_deficit(truth.day, k=2)[row] == pytest.approx(expected)
    assert np.abs(truth.disc_deficit(np.ones(len(truth.cells)))).max() < 1e-12


def test_a_smooth_field_is_standard_and_fades_with_distance():
    rng = np.random.default_rng(5)
    fields = np.column_stack([smooth_field(LATTICE, rng) for _ in range(10)])
    np.testing.assert_allclose(fields.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(fields.std(axis=0), 1)
    correlations = []
    for steps in (1, 4, 10):
        ring = LATTICE.disc_matrix(steps) - LATTICE.disc_matrix(steps - 1)
        correlations.append(np.mean(fields * (ring @ fields) / ring.sum(axis=1).reshape(-1, 1)))
    near, middle, far = correlations
    assert near > 0.8
    assert 0.15 < middle < 0.6
    assert abs(far) < 0.15


def test_a_field_of_one_cell_is_flat():
    assert smooth_field(Lattice(np.array([DELHI])), np.random.default_rng(1)).tolist() == [0.0]
