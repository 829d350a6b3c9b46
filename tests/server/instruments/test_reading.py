import re
from pathlib import Path

import pytest

from server.instruments import catalogue
from server.instruments.faults import InstrumentError
from server.instruments.reading import from_json

from . import documents


def faults_of(raw) -> dict[str, str]:
    with pytest.raises(InstrumentError) as caught:
        from_json(raw, source="plaza.yml")
    return {fault.path: f"{fault.problem}; {fault.remedy}" for fault in caught.value.faults}


def changed(path: str, value) -> dict:
    """Return a sound document with one place changed; `...` takes it out."""
    raw = documents.plaza()
    *way, last = path.split("/")
    node = raw
    for key in way:
        node = node[int(key)] if isinstance(node, list) else node[key]
    key = int(last) if isinstance(node, list) else last
    if value is ...:
        del node[key]
    else:
        node[key] = value
    return raw


BAD = [  # place, what is put there, where the fault is told, what it says
    ("id", "Plaza!", "id", "begins with a-z"),
    ("id", ..., "id", "missing"),
    ("version", 0, "version", "from 1 to"),
    ("version", True, "version", "whole number"),
    ("version", 1.5, "version", "whole number"),
    ("scored", "no", "scored", "true or false"),
    ("language", "fr", "translations", "'fr' is not among them"),
    ("language", "English", "language", "code such as en"),
    ("translations", ..., "translations", "missing"),
    ("translations", {}, "translations", "'en' is not among them"),
    ("translations", ["en"], "translations", "a mapping"),
    ("translations/es/reviewed", ..., "translations/es/reviewed", "missing"),
    ("translations/es/checked", True, "translations/es", "unknown key 'checked'"),
    ("title", "Square", "title", "no languages given"),
    ("title/en", ..., "title", "not there in the default language 'en'"),
    ("title/en", " ", "title/en", "empty"),
    ("title/en", 7, "title/en", "put it in quotes"),
    ("title/en", None, "title/en", "found nothing"),
    ("title/en", "a\nb", "title/en", "line break"),
    ("title/en", "a\0b", "title/en", "control character"),
    ("title/en", "x" * 101, "title/en", "at most 100"),
    ("title/fr", "Place", "title/fr", "not among the translations"),
    ("questions", [], "questions", "0 entries"),
    ("questions", {}, "questions", "a list"),
    ("questions/0", None, "questions/0", "empty"),
    ("questions/0", "shade", "questions/0", "found text"),
    ("questions/0/name", ..., "questions/0/name", "missing"),
    ("questions/0/name", "Shade", "questions/Shade/name", "begins with a-z"),
    ("questions/0/name", "surface", "questions/surface", "stands twice"),
    ("questions/0/kind", "ratings", "questions/shade/kind", "did you mean 'rating'?"),
    ("questions/0/lable", {"en": "x"}, "questions/shade", "did you mean 'label'?"),
    ("questions/0/role", ..., "questions/shade/role", "missing"),
    ("questions/0/role", "places", "questions/shade/role", "did you mean 'place'?"),
    ("questions/0/role", "outcome", "questions/shade/fixable", "only a rating of role place"),
    ("questions/0/role", "context", "scored", "no rating of role place"),
    ("questions/0/levels", [{"en": "One"}], "questions/shade/levels", "2 to 11"),
    ("questions/0/levels/1", "Some", "questions/shade/levels/1", "no languages given"),
    ("questions/0/levels/1/en", ..., "questions/shade/levels/1", "default language"),
    ("questions/0/dayparts", ["dusk"], "questions/shade/dayparts/0", "known are day, night, unknown"),
    ("questions/0/dayparts", [None], "questions/shade/dayparts/0", "empty"),
    ("questions/0/dayparts", [], "questions/shade/dayparts", "1 to 3"),
    ("questions/0/choices", [], "questions/shade", "unknown key 'choices'"),
    ("questions/1/role", "place", "questions/surface", "unknown key 'role'"),
    ("questions/1/choices", ..., "questions/surface/choices", "missing"),
    ("questions/1/choices/1", "no", "questions/surface/choices/1", "found text"),
    ("questions/1/choices/1/name", "stone", "questions/surface/choices/stone", "stands twice"),
    ("questions/1/choices/1/name", "a;b", "questions/surface/choices/a;b/name", "made of a-z"),
    ("questions/1/choices/1/name", False, "questions/surface/choices/1/name", "made of a-z"),
    ("questions/2/minimum", "0", "questions/benches/minimum", "a number is expected"),
    ("questions/2/minimum", float("nan"), "questions/benches/minimum", "a number is expected"),
    ("questions/2/minimum", 50, "questions/benches/minimum", "not below the maximum"),
    ("questions/3/max_length", 0, "questions/wish/max_length", "from 1 to 2000"),
]


@pytest.mark.parametrize(("place", "value", "path", "says"), BAD)
def test_a_fault_is_told_with_its_place_and_remedy(place, value, path, says):
    told = faults_of(changed(place, value))
    assert says in told[path]
    assert "; " in told[path]


def test_one_mistake_is_one_fault():
    really_two = {("language", "fr"), ("questions/0/role", "outcome"), ("questions/0/role", "context")}
    for place, value, path, _ in BAD:
        if (place, str(value)) not in really_two:
            assert list(faults_of(changed(place, value))) == [path], place


def test_a_level_less_is_another_instrument_and_no_fault():
    document = from_json(changed("questions/0/levels/1", ...), source="plaza.yml")
    assert document.instrument.ratings[0].top == 1


def test_all_faults_are_told_at_once_with_the_name_of_the_file():
    raw = documents.plaza(id="P", titel={"en": "x"})
    raw["questions"][0]["levels"][2] = {"es": "Mucha"}
    raw["questions"][2]["name"] = "score"
    with pytest.raises(InstrumentError) as caught:
        from_json(raw, source="plaza.yml")
    paths = {fault.path for fault in caught.value.faults}
    assert paths == {"document", "id", "questions/shade/levels/2", "questions/score/name"}
    assert str(caught.value).startswith("plaza.yml: 4 faults\n")
    assert "did you mean 'title'?" in str(caught.value)


FIXED_COLUMNS = """
    accuracy_m adjusted age_band auditor cell class comment daypart disability gender geometry id lat lng lon
    mode needs observed_at quarter resolution score trend shade_mean shade_low shade_high shade_share
"""


@pytest.mark.parametrize("name", FIXED_COLUMNS.split())
def test_a_question_cannot_take_the_name_of_a_fixed_column(name):
    raw = documents.plaza()
    raw["questions"][2]["name"] = name
    assert "choose another" in faults_of(raw)[f"questions/{name}/name"]


def test_there_is_one_outcome_at_most():
    raw = documents.plaza()
    for name in ("calm", "ease"):
        raw["questions"].append({**raw["questions"][0], "name": name, "role": "outcome", "fixable": False})
    assert faults_of(raw) == {"questions": "several outcomes: calm, ease; keep one, make others context"}


def test_words_that_yaml_takes_for_something_else_stay_words():
    raw = catalogue.parse(
        "{id: a, version: 1, language: no, scored: false, translations: {no: {reviewed: true}},"
        " title: {no: yes}, questions: [{name: open_at, kind: choice, label: {no: 12:30}, choices: "
        "[{name: no, label: {no: 2026-01-01}}, {name: yes, label: {no: on}}]}]}",
        source="a.yml",
    )
    assert raw.localised("no")["questions"][0] == {
        "name": "open_at",
        "kind": "choice",
        "label": "12:30",
        "choices": [{"name": "no", "label": "2026-01-01"}, {"name": "yes", "label": "on"}],
    }
    assert raw.localised("no")["title"] == "yes"


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("id: a\nid: b", "line 2, column 1", "stands twice"),
        ("id: &a [1]\nversion: *a", "line 1, column 5", "anchors and aliases"),
        ("id: [1", "line 1, column 7", "expected"),
        ("id: !!python/name:os.system x", "line 1, column 5", "could not determine a constructor"),
        ("id: a\n---\nid: b", "line 2, column 1", "found another document"),
        ("", "document", "found nothing"),
        ("[" * 5000, "document", "nested too deeply"),
        ("{[1]: 2}", "line 1, column 2", "key"),
    ],
)
def test_a_slip_in_the_yaml_is_told_with_its_line(text, where, says):
    with pytest.raises(InstrumentError) as caught:
        catalogue.parse(text, source="a.yml")
    [fault] = caught.value.faults
    assert fault.path == where
    assert says in fault.problem


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path):
    text = "\ufeff" + (catalogue.resources.files("server.instruments") / "hazard.yml").read_text("utf-8")
    (tmp_path / "hazard.yml").write_text(text, encoding="utf-8")
    assert catalogue.load(tmp_path / "hazard.yml") == catalogue.builtin()["hazard"]


@pytest.mark.parametrize(
    ("content", "says"), [(b"\xff\xfe", "not UTF-8 at byte 0"), (b"#" * 1_000_001, "more than 1 MB")]
)
def test_a_file_that_is_no_document_is_refused(tmp_path, content, says):
    (tmp_path / "a.yml").write_bytes(content)
    with pytest.raises(InstrumentError, match=says):
        catalogue.load(tmp_path / "a.yml")


def test_the_documented_example_is_sound_and_its_faults_are_told_as_documented():
    page = (Path(__file__).parents[3] / "docs" / "instruments.md").read_text("utf-8")
    example = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1]
    assert (
        "questions/lighting/levels/1" in catalogue.parse(example, source="a.yml").localised("es")["fallback"]
    )
    broken = example.replace("{en: Dim}", "{es: Tenue}").replace("name: stalls_open", "name: score")
    with pytest.raises(InstrumentError) as caught:
        catalogue.parse(broken, source="market.yml")
    assert str(caught.value) in page
