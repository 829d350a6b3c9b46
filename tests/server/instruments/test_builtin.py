"""The questionnaires that are shipped: whole in every language they claim."""

import re
import unicodedata

import pytest

from analysis.instrument import Kind
from server.instruments.catalogue import builtin

SEVEN = ["ar", "en", "es", "fr", "hi", "pt", "sw"]
LANGUAGES = {
    "avoided-place": SEVEN,
    "harassment": SEVEN,
    "hazard": SEVEN,
    "perception": SEVEN,
    "safetipin-9": SEVEN,
    "transit-stop": ["en", "es"],
}
TRANSLATED = [(id_, code) for id_, codes in LANGUAGES.items() for code in codes if code != "en"]
SCRIPTS = {"ar": "ARABIC", "hi": "DEVANAGARI"}


def told_in(id_: str, language: str) -> dict[str, str]:
    texts = builtin()[id_].texts
    return {path: told[language] for path, told in texts.items()}


def test_these_are_shipped_in_these_languages():
    assert {id_: sorted(document.languages) for id_, document in builtin().items()} == LANGUAGES


@pytest.mark.parametrize("id_", LANGUAGES)
def test_every_text_exists_in_every_language(id_):
    document = builtin()[id_]
    assert {code: document.missing(code) for code in document.languages} == dict.fromkeys(
        document.languages, ()
    )


def test_safetipin_has_eight_ratings_of_the_place_and_one_of_the_feeling_from_0_to_3():
    instrument = builtin()["safetipin-9"].instrument
    place = "lighting openness visibility people security walk_path transport gender_usage"
    assert [rating.name for rating in instrument.place] == place.split()
    assert instrument.outcome is not None
    assert [question.name for question in instrument.questions] == [*place.split(), "feeling"]
    assert {rating.top for rating in instrument.ratings} == {3}


def test_only_what_a_city_can_change_is_a_need():
    instrument = builtin()["safetipin-9"].instrument
    fixable = [rating.name for rating in instrument.ratings if rating.fixable]
    assert fixable == ["lighting", "openness", "visibility", "security", "walk_path", "transport"]


@pytest.mark.parametrize("id_", ["safetipin-9", "transit-stop"])
def test_lighting_alone_counts_at_night_only(id_):
    by_daypart = {rating.name: rating.dayparts for rating in builtin()[id_].instrument.ratings}
    assert by_daypart.pop("lighting") == ("night",)
    assert set(by_daypart.values()) == {("day", "night", "unknown")}


def test_a_second_scored_instrument_has_other_questions_and_levels():
    instrument = builtin()["transit-stop"].instrument
    assert instrument.scored
    assert [rating.top for rating in instrument.ratings] == [4] * 5
    kinds = [question.kind for question in instrument.questions[5:]]
    assert kinds == [Kind.CHOICE, Kind.NUMBER, Kind.TEXT]


def test_reports_are_kept_out_of_the_score():
    unscored = {id_ for id_, document in builtin().items() if not document.instrument.scored}
    assert unscored == {"avoided-place", "harassment", "hazard", "perception"}


def test_harassment_asks_for_no_free_text():
    kinds = {question.kind for question in builtin()["harassment"].instrument.questions}
    assert kinds <= {Kind.CHOICE, Kind.CHOICES}


@pytest.mark.parametrize("id_", LANGUAGES)
def test_only_the_originals_are_said_to_be_checked(id_):
    reviewed = builtin()[id_].reviewed
    assert [code for code, checked in reviewed.items() if checked] == ["en"]


@pytest.mark.parametrize(("id_", "code"), TRANSLATED)
def test_no_text_was_left_in_english(id_, code):
    english, told = told_in(id_, "en"), told_in(id_, code)
    assert [path for path in english if told[path].casefold() == english[path].casefold()] == []


@pytest.mark.parametrize(("id_", "code"), [pair for pair in TRANSLATED if pair[1] in SCRIPTS])
def test_other_scripts_are_really_written(id_, code):
    for path, text in told_in(id_, code).items():
        letters = [unicodedata.name(letter) for letter in text if letter.isalpha()]
        foreign = [letter for letter in letters if not letter.startswith(SCRIPTS[code])]
        assert letters, path
        assert not foreign, path


@pytest.mark.parametrize("id_", LANGUAGES)
def test_no_placeholder_and_no_stray_space(id_):
    for path, told in builtin()[id_].texts.items():
        for code, text in told.items():
            assert not re.search(r"[{}<>\[\]_$]|TODO|TBD|XXX|[Ll]orem|  ", text), (path, code)
            assert text == unicodedata.normalize("NFC", text), (path, code)


@pytest.mark.parametrize("id_", LANGUAGES)
def test_the_answers_to_one_question_read_differently(id_):
    document = builtin()[id_]
    for code in document.languages:
        for question in document.localised(code)["questions"]:
            labels = [choice["label"] for choice in question.get("choices", [])]
            answers = [answer.casefold() for answer in question.get("levels", labels)]
            assert len(set(answers)) == len(answers), (code, question["name"])
