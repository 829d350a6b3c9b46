"""Filled forms: what is read out of them, and that no bytes whatever break the reader."""

from contextlib import suppress
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Unparsable
from server.instruments.catalogue import builtin
from server.instruments.reading import from_json
from server.intake.xform import audit_document, audit_id_of, read_submission, without_comment
from tests.server.instruments.documents import plaza

AUDIT = UUID("3f2b1c9e-8d47-4a53-9a55-1b6f7f0f0c11")
SAFETIPIN = builtin()["safetipin-9"].instrument
PLAZA = from_json(plaza(), source="test").instrument


def filled(nodes: str, *, meta: str = f"<meta><instanceID>uuid:{AUDIT}</instanceID></meta>") -> bytes:
    return f"<data id='safetipin-9' version='1-0a1b2c3d'>{nodes}{meta}</data>".encode()


def document(nodes: str, instrument: Any = SAFETIPIN) -> dict[str, Any]:
    return audit_document(read_submission(filled(nodes)), instrument, audit_id=AUDIT)


def test_names_are_read_with_and_without_namespaces() -> None:
    answers, ids = (
        "<answers><lighting>1</lighting></answers>",
        f"<orx:instanceID>uuid:{AUDIT}</orx:instanceID>",
    )
    orx = "xmlns:orx='http://openrosa.org/xforms'"
    names = "id='safetipin-9' version='1-0a1b2c3d'"
    prefixed = filled(answers).decode().replace("</", "</a:").replace("<", "<a:").replace("<a:/a:", "</a:")
    spellings = (
        filled(answers),
        f"<data xmlns='http://x' {orx} {names}>{answers}<orx:meta>{ids}</orx:meta></data>".encode(),
        prefixed.replace("data id", "data xmlns:a='http://a' a:id").replace("uuid:", " uuid:").encode(),
    )
    first, *others = (read_submission(xml) for xml in spellings)
    assert (first.form_id, first.form_version) == ("safetipin-9", "1-0a1b2c3d")
    assert (first.instance_id, first.deprecated_id) == (f"uuid:{AUDIT}", None)
    assert others == [first, first]


def test_every_kind_of_answer_gets_the_type_of_its_question() -> None:
    answers = "<shade>2</shade><surface>stone</surface><benches>3.50</benches><wish> a bench </wish>"
    assert document(f"<answers>{answers}</answers>", PLAZA)["answers"] == {
        "shade": 2,
        "surface": "stone",
        "benches": 3.5,
        "wish": " a bench ",
    }
    several = builtin()["avoided-place"].instrument
    name = next(question.name for question in several.questions if question.kind == "choices")
    assert document(f"<answers><{name}>a b</{name}></answers>", several)["answers"] == {name: ["a", "b"]}


@pytest.mark.parametrize("text", ["two", "1_0", "nan", "Infinity", "1e999", "0x2", "2,5"])
def test_what_is_no_number_stays_a_text_for_the_reader_to_refuse(text: str) -> None:
    assert document(f"<answers><shade>{text}</shade></answers>", PLAZA)["answers"] == {"shade": text}


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("28.6 77.2 0.0 8.5", {"lat": 28.6, "lng": 77.2, "accuracy_m": 8.5}),
        ("28.6 77.2 0.0 0.0", {"lat": 28.6, "lng": 77.2, "accuracy_m": None}),
        (" 28.6  77.2 ", {"lat": 28.6, "lng": 77.2, "accuracy_m": None}),
        ("-1 -2 3 4", {"lat": -1, "lng": -2, "accuracy_m": 4}),
        ("28.6", "28.6"),
        ("28.6;77.2", "28.6;77.2"),
        ("nan 77.2 0 5", "nan 77.2 0 5"),
    ],
)
def test_a_place_is_latitude_longitude_altitude_accuracy(text: str, location: Any) -> None:
    assert document(f"<location>{text}</location>")["location"] == location


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T19:42:00.000+05:30", "2026-11-20T19:42:00+05:30"),
        ("2026-11-20T19:42:00.123+0530", "2026-11-20T19:42:00.123000+05:30"),
        ("2026-11-20T14:12:00Z", "2026-11-20T14:12:00+00:00"),
        ("soon", "soon"),
    ],
)
def test_a_time_is_read_in_every_spelling_of_its_offset(text: str, moment: str) -> None:
    assert document(f"<observed_at>{text}</observed_at>")["observed_at"] == moment


def test_empty_nodes_are_no_answers_and_repeated_ones_are_lists() -> None:
    assert document("<comment/><location> </location><answers/>") == {
        "id": str(AUDIT),
        "instrument": "safetipin-9",
        "answers": {},
    }
    twice = document("<comment>a</comment><comment>b</comment><answers><x>1</x><x>2</x></answers>")
    assert (twice["comment"], twice["answers"]) == (["a", "b"], {"x": ["1", "2"]})


def test_files_are_named_by_the_photo_nodes() -> None:
    sent = filled("<photos><photo_1>1.jpg</photo_1><photo_2/><photo_3>3.jpg</photo_3></photos>")
    assert read_submission(sent).file_names == ["1.jpg", "3.jpg"]
    assert read_submission(filled("<photos>1.jpg</photos>")).file_names == []


def test_ids_are_uuids_or_made_into_one() -> None:
    assert audit_id_of(f"uuid:{AUDIT}") == audit_id_of(str(AUDIT)) == AUDIT
    assert audit_id_of("kobo:17") == audit_id_of("kobo:17") != audit_id_of("kobo:18")


def test_a_comment_is_taken_out_and_nothing_else() -> None:
    sent = filled(
        "<location>28.6 77.2 0 5</location><comment>hush</comment><answers><lighting>1</lighting></answers>"
    )
    cleared = without_comment(sent)
    assert b"hush" not in cleared
    before, after = read_submission(sent), read_submission(cleared)
    assert {**after.nodes, "comment": "hush"} == before.nodes
    assert after.instance_id == before.instance_id


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(sent: bytes) -> None:
    for xml in (sent, b"<?xml version='1.0'?>" + sent, filled(sent.decode("latin-1"))):
        with suppress(Unparsable):
            assert read_submission(xml).instance_id


XML_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=40)


@given(name=st.from_regex(r"[a-z_]{1,12}", fullmatch=True), text=XML_TEXT, place=XML_TEXT, when=XML_TEXT)
def test_any_texts_make_a_document_for_the_reader(name: str, text: str, place: str, when: str) -> None:
    nodes = (
        f"<location>{escape(place)}</location><observed_at>{escape(when)}</observed_at>"
        f"<answers><{name}>{escape(text)}</{name}></answers><comment>{escape(text)}</comment>"
    )
    told = document(nodes)
    assert told["answers"].get(name, text.strip()) == (text if text.strip() else "")
