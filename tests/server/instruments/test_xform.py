"""Generated forms: valid to ODK Validate, whole in every language, and new in version with every change."""

import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pyxform.validators.odk_validate import ODK_VALIDATE_PATH

from server.consent.text import shipped
from server.instruments.catalogue import builtin
from server.instruments.form_words import LANGUAGE_NAMES, WORDS, language_name, say
from server.instruments.reading import from_json
from server.instruments.xform import Agreement, XForm, instrument_version, make_xform
from tests.collect.forms import XFORMS, choices_of, instance_of
from tests.server.instruments.documents import PLAZA, plaza

JR = "{http://openrosa.org/javarosa}"
AGREEMENT = Agreement(version=shipped().version, texts=shipped().texts)
EVERY = [(id_, language) for id_, document in builtin().items() for language in document.languages]


def form_of(raw: dict[str, Any], *, language: str = "en", photos: bool = True) -> XForm:
    return make_xform(from_json(raw, source="test"), default_language=language, photos=photos)


def faults_of_odk_validate(folder: Path, forms: list[XForm]) -> str:
    """Return what ODK Validate says of these forms, one run for all; empty where all are valid."""
    files = [folder / f"{number}.xml" for number in range(len(forms))]
    for file, form in zip(files, forms, strict=True):
        file.write_bytes(form.xml)
    assert shutil.which("java"), "ODK Validate needs Java: apt-get install default-jre-headless"
    command = ["java", "-Djava.awt.headless=true", "-jar", ODK_VALIDATE_PATH, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    assert told.count("Validating: ") == len(files), told
    return "" if done.returncode == 0 and told.count("Xform is valid!") == len(files) else told


def test_odk_validate_passes_every_instrument_in_every_language(tmp_path: Path) -> None:
    forms = [
        make_xform(
            builtin()[id_],
            default_language=language,
            photos=photos,
            agreement=AGREEMENT if photos else None,
        )
        for id_, language in EVERY
        for photos in (False, True)
    ]
    assert len(forms) == 2 * 37
    assert faults_of_odk_validate(tmp_path, forms) == ""


def test_odk_validate_sees_a_broken_form(tmp_path: Path) -> None:
    good = form_of(plaza())
    broken = XForm("plaza", "1", "Plaza", good.xml.replace(b"instance('shade')", b"instanc('shade')"))
    assert "failed validation" in faults_of_odk_validate(tmp_path, [good, broken])


@pytest.mark.parametrize(("id_", "language"), EVERY)
def test_every_text_of_a_form_is_there_in_every_language(id_: str, language: str) -> None:
    document = builtin()[id_]
    root = ElementTree.fromstring(make_xform(document, default_language=language, photos=True).xml)
    translations = list(root.iter(f"{XFORMS}translation"))
    assert {one.get("lang") for one in translations} == {language_name(code) for code in document.languages}
    assert [one.get("lang") for one in translations if one.get("default")] == [language_name(language)]
    ids = [{text.get("id"): text.findtext(f"{XFORMS}value") for text in one} for one in translations]
    assert all(told.keys() == ids[0].keys() and all(told.values()) for told in ids)


def test_every_bind_and_question_points_at_a_node() -> None:
    """ODK Validate passes a bind on a node that is not there."""
    for document in builtin().values():
        form = make_xform(document, default_language="en", photos=True)
        root, instance = ElementTree.fromstring(form.xml), instance_of(form.xml)
        paths = [bind.get("nodeset") for bind in root.iter(f"{XFORMS}bind")]
        paths += [one.get("ref") for one in root.iter() if (one.get("ref") or "").startswith("/data")]
        assert len(paths) > 20
        for path in paths:
            steps = str(path).split("/")[2:]
            assert instance.find("/".join(f"{XFORMS}{step}" for step in steps)) is not None, path


def test_collect_may_correct_what_it_sent() -> None:
    root = ElementTree.fromstring(form_of(plaza()).xml)
    [submission] = root.iter(f"{XFORMS}submission")
    assert submission.attrib == {"{http://www.opendatakit.org/xforms}client-editable": "true"}


def test_a_form_asks_what_its_instrument_asks() -> None:
    for document in builtin().values():
        form = make_xform(document, default_language="en", photos=False)
        answers = instance_of(form.xml).find(f"{XFORMS}answers")
        assert answers is not None
        asked = document.instrument.questions
        assert [node.tag.removeprefix(XFORMS) for node in answers] == [question.name for question in asked]
        assert choices_of(form.xml) == {
            question.name: list(question.choices) or [str(level) for level in range((question.top or 0) + 1)]
            for question in asked
            if question.choices or question.top
        }


def test_what_a_city_writes_into_its_instrument_cannot_break_the_form(tmp_path: Path) -> None:
    questions = [
        {
            **PLAZA["questions"][0],
            "name": name,
            "label": {"en": f'${{{name}}} <b>&amp; "it\'s" {{{{x}}}} ${{'},
        }
        for name in (
            "photo_1",
            "data",
            "instance_id",
            "photos",
            "about",
            "label",
            "true",
        )
    ]
    limits = [
        {"name": "tiny", "kind": "number", "minimum": 1e-7, "maximum": 1e9, "label": {"en": "Number"}},
        {"name": "least", "kind": "number", "minimum": -3.5, "label": {"en": "Number"}},
        {"name": "free", "kind": "number", "label": {"en": "Number"}},
    ]
    form = form_of(plaza(questions=questions + limits, title={"en": "A & B <c> ${d}"}))
    assert faults_of_odk_validate(tmp_path, [form]) == ""
    assert b"0.0000001" in form.xml
    assert b"1000000000" in form.xml


def test_what_is_not_translated_stands_in_the_instruments_language() -> None:
    root = ElementTree.fromstring(form_of(plaza(), language="es").xml)
    spanish = next(one for one in root.iter(f"{XFORMS}translation") if one.get("lang") == "Español (es)")
    told = {text.get("id"): text.findtext(f"{XFORMS}value") for text in spanish}
    assert told["/data/answers/shade:label"] == "Sombra"
    assert told["/data/answers/wish:label"] == "A wish"


def test_a_language_the_instrument_has_not_is_not_the_default() -> None:
    root = ElementTree.fromstring(form_of(plaza(), language="fr").xml)
    assert [one.get("lang") for one in root.iter(f"{XFORMS}translation") if one.get("default")] == [
        "English (en)"
    ]


def test_a_report_asks_no_comment_and_photos_only_where_they_are_on() -> None:
    for document in builtin().values():
        for photos in (False, True):
            nodes = {
                node.tag.removeprefix(XFORMS)
                for node in instance_of(make_xform(document, default_language="en", photos=photos).xml)
            }
            assert ("comment" in nodes) == document.instrument.scored
            assert ("photos" in nodes) == photos


def consent_labels(agreement: Agreement) -> dict[str, str | None]:
    """Return what the first question of a form with an agreement says, by language."""
    raw = plaza()
    form = make_xform(from_json(raw, source="test"), default_language="en", photos=False, agreement=agreement)
    return {
        str(one.get("lang")): text.findtext(f"{XFORMS}value")
        for one in ElementTree.fromstring(form.xml).iter(f"{XFORMS}translation")
        for text in one
        if text.get("id") == "/data/consent/agreed:label"
    }


def test_consent_is_asked_first_in_the_words_the_city_approved_and_only_yes_goes_on() -> None:
    both = {"en": "We keep ${this}.", "es": "Guardamos esto."}
    assert consent_labels(Agreement(version="1", texts=both)) == {
        "English (en)": "We keep $ {this}.\n\nDo you agree?",
        "Español (es)": "Guardamos esto.\n\n¿Está de acuerdo?",
    }
    assert str(consent_labels(Agreement(version="1", texts={"en": "Only so."}))["Español (es)"]).startswith(
        "Only so."
    ), "no text is served that the city has not approved"
    agreement = Agreement(version="2026-1", texts=both)
    form = make_xform(
        from_json(plaza(), source="test"), default_language="en", photos=False, agreement=agreement
    )
    assert next(iter(instance_of(form.xml))).tag == f"{XFORMS}consent"
    binds = {one.get("nodeset"): one.attrib for one in ElementTree.fromstring(form.xml).iter(f"{XFORMS}bind")}
    assert binds["/data/consent/version"]["calculate"] == "'2026-1'"
    agreed = binds["/data/consent/agreed"]
    assert (agreed["required"], agreed["constraint"]) == ("true()", ". = 'yes'")
    assert form.version != form_of(plaza(), photos=False).version


def test_the_version_changes_with_every_change_and_only_then() -> None:
    before = form_of(plaza())
    assert form_of(plaza()) == before
    assert instrument_version(before.version) == PLAZA["version"]
    reworded = form_of(plaza(title={"en": "Squares", "es": "Plaza"}))
    assert len({before.version, reworded.version, form_of(plaza(), photos=False).version}) == 3
    assert before.md5 != reworded.md5


@pytest.mark.parametrize("version", ["", "x", "-", "1.0", "\uff12", "99999999999", "1 -a"])
def test_a_version_that_is_not_ours_names_no_instrument(version: str) -> None:
    assert instrument_version(version) is None


def test_the_forms_own_words_exist_in_every_language() -> None:
    for word, told in WORDS.items():
        assert told.keys() == LANGUAGE_NAMES.keys(), word
    assert say("comment", "pt-BR") == WORDS["comment"]["pt"]
    assert say("comment", "xx") == WORDS["comment"]["en"]
