import numpy as np
import pytest

from analysis.instrument import Instrument, Kind, Question, Role
from analysis.score import Weights, composite, counting_levels, equal_weights, scale_top, to_five

DAY, NIGHT, UNKNOWN = 0, 1, 2


def question(name, top, role=Role.PLACE):
    return Question(name=name, kind=Kind.RATING, role=role, top=top)


MIXED = Instrument(id="mixed", version=1, questions=(question("a", 4), question("b", 1)))
FIVES = Instrument(id="fives", version=1, questions=(question("a", 4), question("b", 4)))
HAZARD = Instrument(id="hazard", version=1, scored=False, questions=(question("bad", 3, Role.CONTEXT),))


def y(audits, ratings, *, daypart=NIGHT, weights=None, of=None):
    made = audits([ratings], cell=1 << 59, auditor=0, daypart=daypart, **({"of": of} if of else {}))
    return composite(made, weights or equal_weights(made.instrument))[0]


def test_a_composite_is_the_mean_of_the_place_ratings(audits):
    assert y(audits, [0, 2, 3, 0]) == pytest.approx(5 / 3)


@pytest.mark.parametrize("daypart", [DAY, UNKNOWN])
def test_lighting_counts_only_at_night(audits, daypart):
    assert y(audits, [0, 2, 3, 0], daypart=daypart) == pytest.approx(2.5)


def test_missing_answers_stay_missing(audits):
    assert y(audits, [-1, -1, 3, 0]) == 3
    assert np.isnan(y(audits, [-1, -1, -1, 3]))
    assert np.isnan(y(audits, [3, -1, -1, 3], daypart=DAY))


def test_weights_are_shared_among_what_was_answered(audits):
    weights = Weights(values={"lighting": 0.5, "walk_path": 0.3, "people": 0.2}, version=2, source="test")
    assert y(audits, [1, 3, 0, 0], weights=weights) == pytest.approx(0.5 + 0.9)
    assert y(audits, [-1, 3, 0, 0], weights=weights) == pytest.approx(0.9 / 0.5)


def test_mixed_scales_meet_on_0_to_3(audits):
    assert scale_top(MIXED) == 3
    assert y(audits, [4, 0], of=MIXED) == pytest.approx(1.5)
    assert y(audits, [-1, 1], of=MIXED) == pytest.approx(3)


def test_a_shared_scale_is_kept(audits):
    assert scale_top(FIVES) == 4
    assert y(audits, [4, 1], of=FIVES) == pytest.approx(2.5)
    assert to_five(2.5, top=4) == pytest.approx(3.125)


def test_an_instrument_without_place_ratings_has_no_composite(audits):
    assert equal_weights(HAZARD).values == {}
    assert np.isnan(y(audits, [2], of=HAZARD))


def test_counting_levels_drop_what_does_not_count(audits):
    made = audits([[0, 1, -1, 3]] * 2, cell=1 << 59, auditor=0, daypart=[DAY, NIGHT])
    np.testing.assert_array_equal(counting_levels(made), [[np.nan, 1, np.nan, 3], [0, 1, np.nan, 3]])


@pytest.mark.parametrize(
    ("values", "message"), [({"a": 0.4}, "sum to 0.4"), ({"a": 2.0, "b": -1.0}, "0 to 1")]
)
def test_weights_that_are_no_shares_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Weights(values=values, version=1, source="test")
