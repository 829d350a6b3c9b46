import numpy as np
import pytest
import shapely
from scipy.stats import norm

from analysis.field.city import City
from analysis.gaps import expected_gain, find_gaps
from analysis.recency import Recency
from analysis.score import equal_weights
from geo import cells as h3cells
from geo.areas import Boundary

TODAY = 20_400


def gaps_of(observations, **options):
    settings = {"people": 5, "threshold": 0.2, "boundary": None, "recency": Recency(today=TODAY)}
    weights = equal_weights(observations.instrument)
    return find_gaps(observations, weights, rng=np.random.default_rng(0), **settings | options)


@pytest.mark.parametrize("excess", [-0.3, -0.05, 0.0, 0.1, 0.4])
@pytest.mark.parametrize("sd_after", [0.05, 0.15, 0.29])
def test_the_gain_is_what_looking_again_takes_off_errors(excess, sd_after):
    """Against simulation: truth, what would be found of it, and the side on which one would then hold it."""
    rng, sd, n = np.random.default_rng(0), 0.3, 400_000
    mean = excess + np.sqrt(sd**2 - sd_after**2) * rng.standard_normal(n)
    truth = mean + sd_after * rng.standard_normal(n)
    now, after = norm.cdf(-abs(excess) / sd), ((mean > 0) != (truth > 0)).mean()
    found = expected_gain(np.array([excess]), sd=np.array([sd]), sd_after=np.array([sd_after]))
    assert found[0] == pytest.approx(now - after, abs=0.003)


def test_nothing_is_gained_where_nothing_is_learnt():
    assert expected_gain(np.array([0.1]), sd=np.array([0.3]), sd_after=np.array([0.3]))[0] == pytest.approx(0)


def test_more_audits_narrow_a_disc_as_foretold(audits, city_cells):
    """The gain of one cell, computed before, against the posterior with five more people's audits there."""
    rng = np.random.default_rng(1)
    row, who = rng.integers(len(city_cells), size=900), rng.integers(40, size=900)
    level = rng.normal(2, 0.3, len(city_cells))
    values, more = level[row] + rng.normal(0, 0.4, 900), 30
    place = len(city_cells) // 2

    def posterior(extra):
        cell = np.append(city_cells[row], np.full(extra, city_cells[place]))
        seen = audits(np.full((900 + extra, 4), 2), cell=cell, auditor=[*who, *range(100, 100 + extra)])
        city = City.of(seen, city_cells)
        said = np.append(values, level[place] + rng.normal(0, 0.4, extra))
        return city, city.posterior(said, top=3, rng=np.random.default_rng(0), draws=2000)

    city, before = posterior(0)
    _, after = posterior(more)
    parts = before.system.variances
    weight = more / (parts.auditor + parts.pair + parts.audit)
    cov = var = 0.0
    for x in before.draws(2000, np.random.default_rng(2)):
        cov += (city.deficit(x) * x[city.audited])[place].sum() / 2000
        var += (x[city.audited] ** 2)[place].sum() / 2000
    foretold = before.deficit_sd[place] ** 2 - cov**2 * weight / (1 + weight * var)
    assert after.deficit_sd[place] ** 2 == pytest.approx(foretold, rel=0.15)


@pytest.fixture(scope="module")
def found(diced):
    return gaps_of(diced(1000, auditors=150, seed=1))


def test_first_come_cells_about_which_one_may_be_wrong(found):
    steps = np.floor(found.gain / 0.01)
    assert (np.diff(steps) <= 0).all()
    assert found.gain[0] > 0.02
    assert (found.gain <= found.doubt).all()
    assert (found.doubt <= 0.5).all()


def test_cells_near_what_is_known_are_unknown_and_never_safe(found, city_cells):
    ring = set(h3cells.discs(city_cells, k=1)[0].tolist()) - set(city_cells.tolist())
    assert len(found.cell) > len(ring)
    unknown = set(found.cell[~found.known].tolist())
    assert unknown == ring
    assert all(why[0] == "unknown" for why in found.why[~found.known])
    assert all(names == ("day", "night", "women", "men") for names in found.missing[~found.known])


def test_only_what_lies_within_the_city_is_added(diced, city_cells):
    observations = diced(4000, auditors=150, seed=1)
    lat, lng = h3cells.centre(city_cells)
    west = shapely.MultiPolygon([shapely.box(lng.min() - 1, lat.min() - 1, np.median(lng), lat.max() + 1)])
    found = gaps_of(observations, boundary=Boundary(west))
    assert (~found.known).sum() > 0
    assert (h3cells.centre(found.cell[~found.known])[1] <= np.median(lng)).all()


def test_missing_voices_are_named(audits, city_cells):
    people = [([1, 2, 2, 2], day, 10 * day + who, 1 + who % 2) for day in (0, 1) for who in range(10)]
    ratings, daypart, auditor, gender = zip(*people, strict=True)
    full = audits(ratings, cell=city_cells[0], auditor=auditor, daypart=daypart, gender=gender)
    here = gaps_of(full)
    assert [names for cell, names in zip(here.cell, here.missing, strict=True) if cell == city_cells[0]] in (
        [],
        [()],
    )
    of_day = full.where((full.daypart == 0) & (full.gender == 1))
    there = gaps_of(of_day)
    (missing,) = there.missing[there.cell == city_cells[0]]
    assert missing == ("night", "men")


def test_a_city_without_audits_has_no_gaps(audits):
    assert len(gaps_of(audits([], cell=1, auditor=0)).cell) == 0
