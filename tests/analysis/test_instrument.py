import pytest

from analysis.instrument import Instrument, Kind, Question, Role


def rating(name="lighting", **changes):
    return Question(**{"name": name, "kind": Kind.RATING, "role": Role.PLACE, "top": 3} | changes)


ALL_KINDS = (
    rating(dayparts=("night",), fixable=True),
    Question(name="lamp", kind=Kind.CHOICE, choices=("led", "sodium")),
    rating("feeling", role=Role.OUTCOME),
    rating("noise", role=Role.CONTEXT, top=4),
    Question(name="seen", kind=Kind.CHOICES, choices=("dogs",)),
    Question(name="lamps", kind=Kind.NUMBER, minimum=0, maximum=50),
    Question(name="remarks", kind=Kind.TEXT, max_length=200),
    rating("people", top=5),
)


def test_an_instrument_tells_its_ratings_in_order():
    instrument = Instrument(id="night-walk", version=2, questions=ALL_KINDS)
    assert [question.name for question in instrument.ratings] == ["lighting", "feeling", "noise", "people"]
    assert [question.name for question in instrument.place] == ["lighting", "people"]
    assert instrument.outcome is ALL_KINDS[2]
    assert instrument.scored


def test_an_instrument_without_outcome_has_none():
    assert Instrument(id="a", version=1, questions=(rating(),)).outcome is None


def test_lighting_counts_only_at_night():
    assert [rating(dayparts=("night",)).counts_in(code) for code in (0, 1, 2)] == [False, True, False]
    assert all(rating().counts_in(code) for code in (0, 1, 2))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": "Lighting"}, "a name starts"),
        ({"name": "1st"}, "a name starts"),
        ({"name": "a" * 41}, "a name starts"),
        ({"name": "light\n"}, "a name starts"),
        ({"role": None}, "needs a role"),
        ({"top": None}, "needs a top"),
        ({"top": 0}, "top must be 1 to 100"),
        ({"top": 101}, "top must be 1 to 100"),
        ({"choices": ("a",)}, "only a choice has them"),
        ({"minimum": 1.0}, "only a number"),
        ({"max_length": 5}, "only a text"),
        ({"dayparts": ()}, "dayparts are"),
        ({"dayparts": ("dusk",)}, "dayparts are"),
        ({"role": Role.OUTCOME, "fixable": True}, "only a rating of the place is fixable"),
    ],
)
def test_a_rating_that_does_not_fit_is_named(changes, fault):
    name = changes.get("name", "lighting")
    with pytest.raises(ValueError, match=fault) as refusal:
        rating(**changes)
    assert repr(name) in str(refusal.value)


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"kind": Kind.CHOICE}, "a choice needs choices"),
        ({"kind": Kind.CHOICE, "choices": ("a", "a")}, "choices must differ"),
        ({"kind": Kind.CHOICES, "choices": ("a", "")}, "choices must differ"),
        ({"kind": Kind.TEXT, "role": Role.PLACE}, "only a rating has one"),
        ({"kind": Kind.NUMBER, "top": 3}, "only a rating has one"),
        ({"kind": Kind.NUMBER, "minimum": 2.0, "maximum": 1.0}, "the minimum is above"),
        ({"kind": Kind.TEXT, "max_length": 0}, "only a text has a max_length"),
    ],
)
def test_other_questions_that_do_not_fit_are_named(parts, fault):
    with pytest.raises(ValueError, match=fault):
        Question(name="q", **parts)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"id": "Night"}, "an id starts"),
        ({"id": ""}, "an id starts"),
        ({"version": 0}, "version 0 must be at least 1"),
        ({"questions": ()}, "asks nothing"),
        ({"questions": (rating(), rating())}, "asked twice: lighting"),
        (
            {
                "questions": (
                    rating(),
                    rating("fear", role=Role.OUTCOME),
                    rating("feeling", role=Role.OUTCOME),
                )
            },
            "one outcome at most, found fear, feeling",
        ),
        ({"questions": (rating(role=Role.CONTEXT),)}, "needs a rating of role place"),
    ],
)
def test_an_instrument_that_does_not_fit_is_named(changes, fault):
    parts = {"id": "night-walk", "version": 1, "questions": (rating(),)} | changes
    with pytest.raises(ValueError, match=fault):
        Instrument(**parts)


def test_an_unscored_instrument_needs_no_place_rating():
    text = Question(name="what", kind=Kind.TEXT)
    assert Instrument(id="hazard", version=1, questions=(text,), scored=False).place == ()
