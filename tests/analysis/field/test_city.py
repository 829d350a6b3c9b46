"""What a city's posterior makes of people: harsh ones, residents, women, and nobody."""

import numpy as np
import pytest

from analysis.field.city import City
from analysis.recency import Recency
from geo import cells as h3cells

CENTRE = h3cells.cell_of(28.6, 77.2, resolution=9)
CELLS = np.sort(h3cells.disc(CENTRE, k=10))


@pytest.fixture(scope="module")
def quarter():
    """The 37 cells in the middle."""
    return np.isin(CELLS, h3cells.disc(CENTRE, k=3))


def posterior_of(audits, *, row, who, values, gender=0):
    people = np.asarray(gender)[who] if np.ndim(gender) else gender
    city = audits(np.full((len(row), 4), 2), cell=CELLS[row], auditor=who, gender=people)
    return City.of(city, CELLS), np.asarray(values, dtype=float)


def found_in(audits, seed=0, **observed):
    city, values = posterior_of(audits, **observed)
    return city, city.posterior(values, top=3, rng=np.random.default_rng(seed))


def test_severe_auditors_do_not_make_severe_places(audits, quarter):
    """Half of the auditors are 0.8 harsher; they audit in the quarter more than elsewhere."""
    rng = np.random.default_rng(0)
    harsh = np.arange(60) < 30
    who = rng.integers(60, size=4000)
    inside = rng.random(4000) < np.where(harsh[who], 0.3, 0.02)
    row = np.where(
        inside, rng.choice(np.flatnonzero(quarter), 4000), rng.choice(np.flatnonzero(~quarter), 4000)
    )
    values = 1.8 - 0.8 * harsh[who] + rng.normal(0, 0.4, 4000)
    _, found = found_in(audits, row=row, who=who, values=values)
    plain = values[~quarter[row]].mean() - values[quarter[row]].mean()
    assert plain > 0.3
    assert abs(found.deficit[quarter].mean()) < 0.1
    assert found.adjusted.all()


def test_residents_who_rate_their_own_quarter_alone_are_believed(audits, quarter):
    """A quarter 0.5 worse that nobody else rates keeps at least 80 % of its deficit."""
    rng = np.random.default_rng(1)
    who = rng.integers(80, size=4000)
    row = np.where(
        who < 12, rng.choice(np.flatnonzero(quarter), 4000), rng.choice(np.flatnonzero(~quarter), 4000)
    )
    values = 1.8 - 0.5 * quarter[row] + rng.uniform(-0.5, 0.5, 80)[who] + rng.normal(0, 0.4, 4000)
    own = values[~quarter[row]].mean() - values[quarter[row]].mean()
    _, found = found_in(audits, row=row, who=who, values=values)
    kept = found.mean[~quarter].mean() - found.mean[quarter].mean()
    assert kept > 0.8 * own
    assert found.adjusted[~quarter].all()
    assert not found.adjusted[quarter].any()


def test_what_women_see_is_not_corrected_away(audits, quarter):
    """Women rate everything 0.6 lower; where women audit most, the place keeps their share."""
    rng = np.random.default_rng(2)
    gender = np.where(np.arange(60) < 30, 1, 2)
    who = rng.integers(60, size=4000)
    woman = gender[who] == 1
    inside = rng.random(4000) < np.where(woman, 0.3, 0.02)
    row = np.where(
        inside, rng.choice(np.flatnonzero(quarter), 4000), rng.choice(np.flatnonzero(~quarter), 4000)
    )
    values = 1.8 - 0.6 * woman + rng.normal(0, 0.4, 4000)
    plain = values[~quarter[row]].mean() - values[quarter[row]].mean()
    _, found = found_in(audits, row=row, who=who, values=values, gender=gender)
    kept = found.mean[~quarter].mean() - found.mean[quarter].mean()
    assert kept == pytest.approx(plain, abs=0.1)
    _, unsaid = found_in(audits, row=row, who=who, values=values)
    assert unsaid.mean[~quarter].mean() - unsaid.mean[quarter].mean() < 0.3 * plain


def test_some_of_the_values_are_read_under_the_variances_of_all(audits):
    rng = np.random.default_rng(3)
    row, who = rng.integers(len(CELLS), size=2000), rng.integers(60, size=2000)
    woman = who < 30
    values = 2 - 0.5 * woman + rng.normal(0, 0.4, 2000)
    city, whole = found_in(audits, row=row, who=who, values=values, gender=np.where(np.arange(60) < 30, 1, 2))
    women = city.mean_of(np.where(woman, values, np.nan), whole, top=3)
    heard = np.isin(np.arange(len(CELLS)), row[woman])
    assert (np.isnan(women) == ~heard).all()
    assert np.nanmean(women) == pytest.approx(1.5, abs=0.1)
    assert whole.mean.mean() == pytest.approx(1.75, abs=0.1)


def test_severity_cannot_be_told_apart_where_nobody_rates_elsewhere(audits):
    """One audit each in one place; and a few who rate all over, in the other cells."""
    rng = np.random.default_rng(4)
    wide = np.repeat(np.arange(10), 200)
    row = np.concatenate([rng.integers(0, 300, 2000), np.full(20, 320)])
    who = np.concatenate([wide, 10 + np.arange(20)])
    _, found = found_in(audits, row=row, who=who, values=rng.normal(2, 0.4, 2020))
    assert found.adjusted[:300][found.heard[:300]].all()
    assert not found.adjusted[320]
    assert not found.adjusted[~found.heard].any()


def test_the_same_state_gives_the_same_draws(audits):
    rng = np.random.default_rng(5)
    row, who = rng.integers(len(CELLS), size=300), rng.integers(20, size=300)
    values = rng.normal(2, 0.4, 300)
    one, same, other = (found_in(audits, row=row, who=who, values=values, seed=seed)[1] for seed in (7, 7, 8))
    assert one.sd.tobytes() == same.sd.tobytes()
    assert one.deficit_sd.tobytes() != other.deficit_sd.tobytes()


def test_old_audits_say_less_of_today_and_as_much_of_how_places_differ(audits, quarter):
    """Two, four, sixteen half-lives without an audit: scores go towards the city, intervals widen."""
    rng = np.random.default_rng(8)
    row, who = rng.integers(len(CELLS), size=3000), rng.integers(60, size=3000)
    day = rng.integers(20_000, 20_180, size=3000)
    values = 1.8 - 0.6 * quarter[row] + rng.normal(0, 0.4, 3000)
    seen = audits(np.full((3000, 4), 2), cell=CELLS[row], auditor=who, day=day)

    def later(days):
        city = City.of(seen, CELLS, Recency(today=20_179 + days))
        return city.posterior(values, top=3, rng=np.random.default_rng(0))

    fresh, half, old, ancient = (later(180 * lives) for lives in (0, 2, 4, 16))
    assert (
        fresh.mean.tolist()
        == City.of(seen, CELLS).posterior(values, top=3, rng=np.random.default_rng(0)).mean.tolist()
    )
    assert vars(fresh.system.variances) == pytest.approx(vars(ancient.system.variances))
    share = half.n_eff / fresh.n_eff
    assert (share > 0.24).mean() > 0.98, "a quarter of the evidence"
    assert (share < 1).all()
    assert np.median(share) < 0.4, "strangers of one cell weigh less than in sum"
    deficits = [found.deficit[quarter].mean() for found in (fresh, half, old, ancient)]
    assert deficits == sorted(deficits, reverse=True)
    assert deficits[0] > 0.3
    assert deficits[3] < 0.05
    assert fresh.sd.mean() < half.sd.mean() < old.sd.mean() < ancient.sd.mean()
    assert np.isfinite(ancient.sd).all()


def test_two_quarters_apart_know_of_each_other_by_the_city_alone(audits):
    far = np.concatenate(
        [h3cells.disc(CENTRE, k=2), h3cells.disc(h3cells.cell_of(28.9, 77.5, resolution=9), k=2)]
    )
    cells = np.sort(far)
    here = np.isin(cells, h3cells.disc(CENTRE, k=2))
    rng = np.random.default_rng(6)
    row, who = np.repeat(np.arange(38), 20), np.tile(np.arange(20), 38)
    values = np.where(here, 1.5, 2.5)[row] + rng.normal(0, 0.3, 760)
    seen = audits(np.full((760, 4), 2), cell=cells[row], auditor=who)
    found = City.of(seen, cells).posterior(values, top=3, rng=rng)
    assert found.deficit[here].mean() == pytest.approx(0.5, abs=0.1)
    assert found.deficit[~here].mean() == pytest.approx(-0.5, abs=0.1)
