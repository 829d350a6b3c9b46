import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.instruments.catalogue import builtin
from server.instruments.faults import InstrumentError
from server.instruments.names import taken
from server.instruments.reading import from_json

from . import documents

codes = st.sampled_from(["en", "es", "ar", "pt-BR", "zh-Hant-TW"])
words = st.text("abcdefghijklmnop", min_size=3, max_size=12)
phrases = st.text("aжعह 'ñ-1", min_size=1, max_size=20).filter(str.strip).map(str.strip)


def named(prefix):
    return words.map(lambda word: f"{prefix}{word}").filter(lambda name: taken(name) is None)


@st.composite
def drawn_documents(draw):
    languages = draw(st.lists(codes, min_size=1, max_size=3, unique=True))

    def told():
        others = draw(st.lists(st.sampled_from(languages), unique=True))
        return {code: draw(phrases) for code in dict.fromkeys([languages[0], *others])}

    def question(name):
        kind = draw(st.sampled_from(["rating", "choice", "choices", "number", "text"]))
        body = {
            "rating": lambda: {
                "role": draw(st.sampled_from(["place", "context"])),
                "levels": [told() for _ in range(draw(st.integers(2, 6)))],
                "dayparts": draw(st.lists(st.sampled_from(["day", "night"]), min_size=1, unique=True)),
            },
            "choice": lambda: {"choices": [{"name": f"c{index}", "label": told()} for index in range(3)]},
            "number": lambda: {"minimum": draw(st.integers(-9, 0)), "maximum": draw(st.floats(1, 9))},
            "text": lambda: {"max_length": draw(st.integers(1, 2000))},
        }
        hint = {"hint": told()} if draw(st.booleans()) else {}
        return {"name": name, "kind": kind, "label": told(), **hint, **body[kind.replace("ices", "ice")]()}

    names = draw(st.lists(named("q_"), min_size=1, max_size=4, unique=True))
    return {
        "id": draw(named("i-")),
        "version": draw(st.integers(1, 2**31 - 1)),
        "language": languages[0],
        "scored": False,
        "translations": {code: {"reviewed": draw(st.booleans())} for code in languages},
        "title": told(),
        "questions": [question(name) for name in names],
    }


@given(drawn_documents(), st.randoms())
def test_a_document_survives_a_store_that_forgets_the_order_of_keys(raw, shuffler):
    document = from_json(raw, source="drawn")
    stored = shuffled(json.loads(json.dumps(document.to_json())), shuffler)
    again = from_json(stored, source="stored")
    assert again == document
    assert [again.localised(code) for code in document.languages] == [
        document.localised(code) for code in document.languages
    ]


def shuffled(value, shuffler):
    if isinstance(value, dict):
        keys = list(value)
        shuffler.shuffle(keys)
        return {key: shuffled(value[key], shuffler) for key in keys}
    return [shuffled(item, shuffler) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("id_", builtin())
def test_what_is_shipped_survives_the_store(id_):
    document = builtin()[id_]
    stored = shuffled(json.loads(json.dumps(document.to_json())), random.Random(1))
    assert from_json(stored, source="stored") == document


def test_a_missing_translation_falls_back_string_by_string_and_says_so():
    told = from_json(documents.plaza(), source="plaza").localised("es")
    shade, surface, benches, _ = told["questions"]
    assert told["title"] == "Plaza"
    assert shade["levels"] == ["Nada", "Some", "Mucha"]
    assert (shade["hint"], benches["label"]) == ("At noon", "Benches")
    assert surface["choices"][1] == {"name": "no", "label": "No"}
    assert told["fallback"] == [
        "questions/shade/hint",
        "questions/shade/levels/1",
        "questions/benches/label",
        "questions/wish/label",
    ]
    assert (told["lang"], told["available"], told["reviewed"]) == ("es", ["en", "es"], False)


def test_the_structure_comes_with_the_texts():
    shade, _, benches, wish = from_json(documents.plaza(), source="plaza").localised("en")["questions"]
    assert {key: shade[key] for key in ("kind", "role", "fixable")} == {
        "kind": "rating",
        "role": "place",
        "fixable": True,
    }
    assert (benches["minimum"], benches["maximum"], wish["max_length"]) == (0, 50, 80)


@pytest.mark.parametrize(
    ("requested", "lang"),
    [("es", "es"), ("es-MX", "es"), ("ES_mx", "es"), ("de", "en"), ("", "en"), ("../x", "en"), ("e", "en")],
)
def test_the_nearest_language_is_found(requested, lang):
    assert from_json(documents.plaza(), source="plaza").localised(requested)["lang"] == lang


def test_a_region_of_its_own_wins_over_its_language():
    raw = documents.plaza(title={"en": "Square", "es": "Plaza", "es-MX": "Zócalo"})
    raw["translations"]["es-MX"] = {"reviewed": True}
    told = from_json(raw, source="plaza").localised("es-mx")
    assert (told["lang"], told["title"], told["reviewed"]) == ("es-MX", "Zócalo", True)


def test_an_unknown_language_falls_back_everywhere():
    document = from_json(documents.plaza(), source="plaza")
    told = document.localised("de")
    assert (told["requested"], told["lang"], told["reviewed"]) == ("de", "en", True)
    assert set(told["fallback"]) == set(document.texts)
    assert document.localised("en")["fallback"] == []


def test_the_direction_of_writing_is_said():
    safetipin = builtin()["safetipin-9"]
    assert [safetipin.localised(code)["direction"] for code in ("ar", "hi")] == ["rtl", "ltr"]


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
    st.just([None]),
    st.dictionaries(st.one_of(st.integers(), st.text(max_size=3)), st.integers(), max_size=2),
)


@given(st.data())
def test_whatever_stands_in_a_place_is_read_or_refused(data):
    raw = documents.plaza()
    node = raw
    for _ in range(data.draw(st.integers(0, 5))):
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        below = [key for key in keys if isinstance(node[key], dict | list) and node[key]]
        if not below:
            break
        node = node[data.draw(st.sampled_from(below))]
    keys = list(node) if isinstance(node, dict) else list(range(len(node)))
    node[data.draw(st.sampled_from(keys))] = data.draw(junk)
    document, faults = read_or_refused(raw)
    assert (document is None) == bool(faults)
    assert all(fault.path and fault.problem and fault.remedy for fault in faults)
    if document:
        assert from_json(document.to_json(), source="again") == document


def read_or_refused(raw):
    try:
        return from_json(raw, source="drawn"), ()
    except InstrumentError as error:
        return None, error.faults


@given(junk)
def test_anything_else_than_a_document_is_refused(value):
    with pytest.raises(InstrumentError):
        from_json(value, source="junk")
