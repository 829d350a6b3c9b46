import pytest

from server.instruments.faults import InstrumentError
from server.instruments.reading import from_json
from server.instruments.versions import Change, compare

from . import documents


def against_stored(raw) -> Change:
    stored = from_json(documents.plaza(), source="stored")
    return compare(from_json(raw, source="new"), stored=stored)


def test_the_same_again_changes_nothing():
    assert against_stored(documents.plaza()) is Change.NOTHING


def test_translations_are_corrected_added_and_checked_within_a_version():
    corrected, added, checked = documents.plaza(), documents.plaza(), documents.plaza()
    corrected["title"]["es"] = "La plaza"
    added["questions"][0]["levels"][1]["es"] = "Algo"
    checked["translations"]["es"]["reviewed"] = True
    changes = [against_stored(raw) for raw in (corrected, added, checked)]
    assert changes == [Change.TRANSLATIONS] * 3


def test_new_words_in_the_default_language_need_a_new_version():
    raw = documents.plaza()
    raw["questions"][0]["levels"][1]["en"] = "A little"
    with pytest.raises(InstrumentError, match="version: 3 is stored already with other content; use 4"):
        against_stored(raw)
    assert against_stored({**raw, "version": 4}) is Change.VERSION


@pytest.mark.parametrize("part", [{"minimum": 1}, {"name": "seats"}])
def test_other_questions_need_a_new_version(part):
    raw = documents.plaza()
    raw["questions"][2] |= part
    with pytest.raises(InstrumentError, match="use 4"):
        against_stored(raw)


def test_an_older_version_is_refused():
    with pytest.raises(InstrumentError, match="2 is older than the stored 3"):
        against_stored(documents.plaza(version=2))


def test_a_question_keeps_its_levels_and_kind_in_every_version():
    raw = documents.plaza(version=4)
    raw["questions"][0]["levels"].append({"en": "Full"})
    raw["questions"][1]["kind"] = "choices"
    with pytest.raises(InstrumentError) as caught:
        against_stored(raw)
    assert {fault.path: fault.problem for fault in caught.value.faults} == {
        "questions/shade": "top was 2, is 3",
        "questions/surface": "kind was choice, is choices",
    }
