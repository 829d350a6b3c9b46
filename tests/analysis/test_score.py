import numpy as np
import pytest

from analysis.instrument import Instrument, Kind, Question, Role
from analysis.score import Weights, composite, counting_levels, equal_weights, leverage, scale_top, to_five

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
    weights = Weights(values={"lighting": 0.5, "walk_path": 0.3, "people": 0.2}, source="test")
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
    ("values", "message"),
    [({"a": 0.4}, "sum to 0.4"), ({"a": 2.0, "b": -1.0}, "above 0"), ({"a": 1.0, "b": 0.0}, "above 0")],
)
def test_weights_that_are_no_shares_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Weights(values=values, source="test")


def test_what_counts_at_night_alone_has_the_leverage_of_its_audits(audits):
    """Of four audits one is at night, and one by day leaves the walk path out."""
    made = audits(
        [[1, 1, 1, 1]] * 3 + [[1, -1, 1, 1]], cell=1 << 59, auditor=0, daypart=[NIGHT, DAY, DAY, DAY]
    )
    expected = np.array([1 / 3, 1 / 3 + 1 / 2 + 1 / 2, 1 / 3 + 1 / 2 + 1 / 2 + 1, 0]) / 4
    np.testing.assert_allclose(leverage(made, equal_weights(made.instrument)), expected)


def test_leverage_is_that_of_counted_auditors_and_0_without_any(audits):
    made = audits(
        [[1, 1, 1, 1], [1, -1, 1, 1]], cell=1 << 59, auditor=[0, 1], daypart=NIGHT, counted=[True, False]
    )
    np.testing.assert_allclose(leverage(made, equal_weights(made.instrument)), [1 / 3, 1 / 3, 1 / 3, 0])
    nobody = made.where(~made.counted)
    assert leverage(nobody, equal_weights(made.instrument)).tolist() == [0, 0, 0, 0]


def test_a_level_of_a_short_scale_moves_the_composite_further(audits):
    made = audits([[4, 1]], cell=1 << 59, auditor=0, of=MIXED)
    np.testing.assert_allclose(leverage(made, equal_weights(MIXED)), [0.5 * 3 / 4, 0.5 * 3])


def test_the_version_tells_weights_apart_by_value_alone():
    one, same, other = (
        Weights(values=values, source=source)
        for values, source in (
            ({"a": 0.4, "b": 0.6}, "fitted"),
            ({"b": 0.6, "a": 0.4}, "test"),
            ({"a": 0.5, "b": 0.5}, "test"),
        )
    )
    assert one.version == same.version != other.version
