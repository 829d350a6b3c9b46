from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.instrument import Instrument, Kind, Question, Role
from analysis.simulation.people import AGE_BANDS, DISABILITIES, GENDERS
from geo import areas, cells
from geo.sun import Daypart

DELHI = cells.cell_of(28.6139, 77.2090, resolution=9)


def columns(city):
    return (city.lat, city.lng, city.unix_seconds, city.auditor, city.ratings, city.people.gender)


def test_the_same_seed_makes_the_same_city(city, town):
    again, other = town(), town(seed=2)
    assert all(np.array_equal(a, b) for a, b in zip(columns(city), columns(again), strict=True))
    assert np.array_equal(city.truth.ratings, again.truth.ratings)
    assert not np.array_equal(city.lat, other.lat)


def test_every_audit_lies_in_a_cell_wholly_inside_the_area(town):
    box = areas.read_boundary("77.17,28.58,77.25,28.64").area
    city = town(area=box)
    seen = cells.cells_of(city.lat, city.lng, resolution=9)
    assert np.isin(seen, city.truth.cells).all()
    assert all(box.covers(shape) for shape in cells.polygons(city.truth.cells))
    assert (areas.Boundary(box).distance_m(city.lat, city.lng) == 0).all()


def test_points_spread_over_their_cell(city):
    """The finer cells of the audits of one cell are many, and none is preferred much."""
    coarse, fine = (cells.cells_of(city.lat, city.lng, resolution=r) for r in (9, 10))
    values, counts = np.unique(coarse, return_counts=True)
    children = fine[coarse == values[counts.argmax()]]
    assert len(np.unique(children)) >= 7
    assert np.unique(children, return_counts=True)[1].max() < 0.3 * len(children)


def test_times_lie_in_the_period_and_by_day_and_night(city):
    ends = city.unix_seconds.min(), city.unix_seconds.max()
    first, last = (datetime.fromtimestamp(moment, tz=UTC).date() for moment in ends)
    assert date(2026, 5, 31) <= first < last <= date(2026, 10, 29)
    dayparts = city.observations().daypart
    assert set(dayparts) == {Daypart.DAY, Daypart.NIGHT}
    assert city.truth.night_share == pytest.approx((dayparts == Daypart.NIGHT).mean())
    assert 0.25 < city.truth.night_share < 0.40


def test_activity_is_heavy_tailed_and_everybody_audits(city):
    counts = np.sort(np.bincount(city.auditor, minlength=60))[::-1]
    assert counts.min() >= 1
    assert counts[0] > 8 * np.median(counts)
    assert counts.sum() == 3000


def test_auditors_stay_near_home(town):
    """With roaming off, an auditor's audits are much nearer to one another than to other people's."""
    wide = cells.outline(cells.disc(DELHI, k=40))
    local = town(area=wide, roaming=0.0, reach_m=400.0)
    own = np.mean([local.lat[local.auditor == who].std() for who in range(60)])
    assert own < 0.4 * local.lat.std()


def test_missing_answers_are_as_many_as_asked_and_never_all(city, town):
    assert (city.ratings == -1).mean() == pytest.approx(0.06 * 8 / 9, abs=0.01)
    emptied = town(missing=1.0)
    assert ((emptied.ratings != -1).sum(axis=1) == 1).all()


def test_profiles_are_codes_of_their_texts(city):
    for codes, texts in (
        (city.people.gender, GENDERS),
        (city.people.age_band, AGE_BANDS),
        (city.people.disability, DISABILITIES),
    ):
        assert len(codes) == 60
        assert codes.min() >= 0
        assert codes.max() < len(texts)
    assert np.array_equal(city.observations().gender, city.people.gender[city.auditor])


def test_severity_shows_in_the_answers(town):
    calm = town(severity=0.0)
    strict = town(severity=1.0)
    for person in (calm, strict):
        assert abs(person.people.severity).max() <= 1
    means = [strict.ratings[strict.auditor == who].mean() for who in range(60)]
    assert np.corrcoef(means, strict.people.severity)[0, 1] > 0.8
    assert (calm.people.severity == 0).all()


@pytest.mark.parametrize("name", ["nine", "mixed"])
def test_answers_fit_any_instrument(name, town, request):
    instrument = request.getfixturevalue(name)
    observations = town(instrument=instrument).observations()  # checks every column against the instrument
    for column, rating in enumerate(instrument.ratings):
        assert set(observations.ratings[:, column]) == {-1, *range(rating.top + 1)}


@settings(max_examples=10, deadline=None)
@given(audits=st.integers(1, 50), auditors=st.integers(1, 50), k=st.integers(1, 3), seed=st.integers(0, 99))
def test_small_cities_are_cities_too(town, audits, auditors, k, seed):
    auditors = min(audits, auditors)
    small = town(area=cells.outline(cells.disc(DELHI, k=k)), seed=seed, audits=audits, auditors=auditors)
    observations = small.observations()
    assert len(observations) == audits
    assert len(np.unique(observations.auditor)) == auditors
    assert np.isfinite(small.truth.everything).all()


def test_a_city_on_the_antimeridian(town):
    fiji = town(area=areas.read_boundary("179.9,-16.9,-179.9,-16.7").area, audits=500)
    assert fiji.lng.min() < 0 < fiji.lng.max()
    assert np.isin(fiji.observations().cell, fiji.truth.cells).all()


def test_more_auditors_than_audits_are_refused(town):
    with pytest.raises(ValueError, match="5 audits by 6 auditors"):
        town(audits=5, auditors=6)
    with pytest.raises(ValueError, match="5 audits by 0 auditors"):
        town(audits=5, auditors=0)


def test_an_area_without_a_whole_cell_is_refused(town):
    with pytest.raises(ValueError, match="no whole cell of resolution 9"):
        town(area=areas.read_boundary("77.2,28.6,77.2001,28.6001").area)


def test_an_instrument_without_place_ratings_is_refused(town):
    noise = Question(name="noise", kind=Kind.RATING, role=Role.CONTEXT, top=2)
    with pytest.raises(ValueError, match="'sound' has no rating of role place"):
        town(instrument=Instrument(id="sound", version=1, questions=(noise,), scored=False))


def test_auditors_who_seek_bad_places_go_there_more_often(town):
    def visits_of_low_cells(seeking):
        made = town(seeking=seeking, severity=0.0)
        row = made.truth.lattice.index_of(cells.cells_of(made.lat, made.lng, resolution=9))
        return (made.truth.everything[row] < np.quantile(made.truth.everything, 0.2)).mean()

    avoided, indifferent, sought = map(visits_of_low_cells, (-3.0, 0.0, 3.0))
    assert avoided < 0.7 * indifferent < indifferent < 0.7 * sought
