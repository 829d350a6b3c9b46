import zipfile

import openpyxl
import pytest

from analysis.instrument import Kind, Role
from server.instruments.faults import InstrumentError
from server.instruments.xlsform import load_xlsform

HEADINGS = ["type", "name", "label::English (en)", "label::Español (es)", "hint::English (en)"]
CHOICES = [
    ["list_name", "name", "label::English (en)", "label::Español (es)"],
    ["scale", 2, "Good", "Bueno"],
    ["scale", 0, "Bad", "Malo"],
    ["scale", 1.0, "Fair", None],
    ["mood", 0, "Afraid", "Con miedo"],
    ["mood", 1, "Calm", "En calma"],
    ["kinds", "bench", "Bench", "Banca"],
    ["kinds", "tree", "Tree", "Árbol"],
    ["gaps", 1, "One", "Uno"],
    ["gaps", 2, "Two", "Dos"],
]
SETTINGS = {
    "form_title": "Square",
    "form_id": "square",
    "version": 2026112101,
    "default_language": "English (en)",
}
SHADE = ["select_one scale", "shade", "Shade", "Sombra", "At noon"]


@pytest.fixture
def read(tmp_path):
    """Read a form of these rows; returns the document and what was said of it."""

    def read(*rows, headings=(), settings=SETTINGS, choices=CHOICES):
        book = openpyxl.Workbook()
        book.active.title = "survey"
        for row in [[*HEADINGS, *headings], *rows]:
            book["survey"].append(row)
        for row in choices:
            (book["choices"] if "choices" in book else book.create_sheet("choices")).append(row)
        sheet = book.create_sheet("settings")
        sheet.append(list(settings))
        sheet.append(list(settings.values()))
        book.save(tmp_path / "square.xlsx")
        said = []
        return load_xlsform(tmp_path / "square.xlsx", say=said.append), said

    return read


def test_a_whole_form(read):
    document, said = read(
        ["start", "start"],
        ["geopoint", "location"],
        ["begin group", "ratings", "Ratings"],
        [*SHADE, None, "yes", "day night"],
        ["select_one mood", "feeling", "Feeling", "Ánimo", None, "outcome"],
        ["end_group"],
        ["select_one kinds", "main_thing", "Mainly", "Sobre todo"],
        ["select_multiple kinds", "things", "Things", "Cosas"],
        ["integer", "benches", "Benches", "Bancas", None, None, None, None, ". >= 0 and . <= 50"],
        ["decimal", "width_m", "Width", "Ancho"],
        ["text", "wish", "A wish", "Un deseo", None, None, None, None, "string-length(.) <= 80"],
        headings=["safeaudit_role", "safeaudit_fixable", "safeaudit_dayparts", "constraint"],
    )
    shade, feeling, main_thing, things, benches, width, wish = document.instrument.questions
    assert (document.instrument.id, document.instrument.version) == ("square", 2026112101)
    assert (shade.kind, shade.role, shade.top, shade.fixable) == (Kind.RATING, Role.PLACE, 2, True)
    assert shade.dayparts == ("day", "night")
    assert (feeling.role, feeling.top, feeling.fixable) == (Role.OUTCOME, 1, False)
    assert (main_thing.kind, main_thing.choices) == (Kind.CHOICE, ("bench", "tree"))
    assert things.kind is Kind.CHOICES
    assert (benches.minimum, benches.maximum) == (0, 50)
    assert (width.kind, width.minimum) == (Kind.NUMBER, None)
    assert wish.max_length == 80
    assert said == [
        "survey row 2: start is not collected as an answer, left aside",
        "survey row 3: geopoint is not collected as an answer, left aside",
        "survey row 10: benches takes any number, whole or not",
    ]


def test_levels_come_in_the_order_of_their_numbers_and_languages_fall_back(read):
    document, _ = read(SHADE)
    told = document.localised("es")
    assert told["questions"][0]["levels"] == ["Malo", "Fair", "Bueno"]
    assert told["fallback"] == ["title", "questions/shade/hint", "questions/shade/levels/1"]
    assert dict(document.reviewed) == {"en": True, "es": False}


REFUSED = [
    (
        ["calculate", "total", "Total"],
        (),
        "survey row 3",
        "'calculate' cannot be kept",
        "nothing is computed",
    ),
    (["geopoint", "corner", "Corner"], (), "survey row 3", "'geopoint' cannot be kept", "has its place"),
    (["image", "photo_1", "Photo"], (), "survey row 3", "'image' cannot be kept", "photos belong"),
    (["begin_repeat", "again", "Again"], (), "survey row 3", "'begin_repeat' cannot be kept", "once"),
    (["note", "hello", "Hello"], (), "survey row 3", "'note' cannot be kept", "hint"),
    (["barcode", "code", "Code"], (), "survey row 3", "'barcode' cannot be kept", "use select_one"),
    (["rank kinds", "order", "Order"], (), "survey row 3", "'rank kinds' cannot be kept", "use select_one"),
    (["select_one scal", "sun", "Sun"], (), "survey row 3", "no list of choices 'scal'", "mean 'scale'"),
    (["select_one kinds or_other", "a", "A"], (), "survey row 3", "'kinds or_other'", "add `other`"),
    (["select_one gaps", "sun", "Sun"], (), "survey row 3", "levels 1, 2", "number them 0"),
    (["text", "a", "See ${shade}"], (), "survey row 3", "${…} in a text", "words themselves"),
    (["text", "a"], (), "survey row 3 (a/label)", "missing", "add 'label'"),
    (["text", "score", "Score"], (), "survey row 3 (score/name)", "fixed column", "choose another"),
    (["text", "A b", "A"], (), "survey row 3 (A b/name)", "cannot be used", "begins with a-z"),
    (["text", "a", "A", "", "", "x"], ["relevant"], "survey row 3", "relevant cannot", "left unanswered"),
    (["text", "a", "A", "", "", "x"], ["relevnt"], "survey row 3", "unknown column 'relevnt'", "known are"),
    (["text", "a", "A", "", "", "x"], ["constrain"], "survey row 3", "'constrain'", "mean 'constraint'"),
    (["integer", "a", "A", "", "", ". > 0"], ["constraint"], "survey row 3", "'. > 0' cannot", ". >= 0"),
    (["text", "a", "A", "", "", "regex(., 'a')"], ["constraint"], "survey row 3", "regex", "string-length"),
    (["select_one scale", "a", "A", "", "", ". = 1"], ["constraint"], "survey row 3", "on a choice", "out"),
    (
        ["select_one scale", "a", "A", "", "", "maybe"],
        ["safeaudit_fixable"],
        "survey row 3",
        "maybe",
        "yes or",
    ),
    (
        ["select_one scale", "a", "A", "", "", "plac"],
        ["safeaudit_role"],
        "survey row 3 (a/role)",
        "'plac' is not known",
        "mean 'place'",
    ),
    (["text", "a", "A", "", "", "place"], ["safeaudit_role"], "survey row 3 (a)", "unknown key 'role'", ""),
]


@pytest.mark.parametrize(("row", "headings", "where", "problem", "remedy"), REFUSED)
def test_anything_else_is_refused_by_row_and_name(read, row, headings, where, problem, remedy):
    with pytest.raises(InstrumentError) as caught:
        read(SHADE, row, headings=headings)
    [fault] = caught.value.faults
    assert fault.path == where
    assert problem in fault.problem
    assert remedy in fault.remedy


def test_all_rows_at_fault_are_told_at_once(read):
    with pytest.raises(InstrumentError) as caught:
        read(SHADE, ["image", "photo_1", "Photo"], ["text", "lat", "Latitude"], ["calculate", "total"])
    assert [fault.path for fault in caught.value.faults] == [
        "survey row 3",
        "survey row 5",
        "survey row 4 (lat/name)",
    ]


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"form_id": "my_square"}, "id", "a-z, 0-9 or -"),
        ({"form_id": None}, "id", "missing"),
        ({"version": "v2"}, "version", "whole number"),
        ({"form_title": None}, "title", "missing"),
        ({"default_language": "English"}, "settings row 2", "write it as English (en)"),
        ({"default_language": None}, "settings row 2", "default_language missing"),
        ({"safeaudit_scored": "perhaps"}, "settings row 2", "write yes or no"),
    ],
)
def test_settings_at_fault_are_told(read, change, path, says):
    with pytest.raises(InstrumentError) as caught:
        read(SHADE, settings=SETTINGS | change)
    assert any(fault.path == path and says in str(fault) for fault in caught.value.faults)


def test_one_language_without_suffix_and_looks_are_taken(read):
    document, said = read(
        ["text", "wish", None, None, None, "A wish", "yes", "multiline"],
        ["text", "old", None, None, None, "Old", None, None, "yes"],
        headings=["label", "required", "appearance", "disabled"],
        settings=SETTINGS | {"safeaudit_scored": "no"},
    )
    assert document.localised("en")["questions"][0]["label"] == "A wish"
    assert not document.instrument.scored
    assert said == [
        "column required is not used",
        "column appearance is not used",
        "survey row 3: old is disabled, left aside",
    ]


def test_pictures_are_said_to_be_unused_once_per_column(read):
    ease = ["select_one mood", "ease", "Ease", "", "", "b.png"]
    _, said = read([*SHADE, "a.png"], ease, headings=["media::image"])
    assert said == ["column media::image is not used"]


def test_excels_own_values_and_blank_rows_are_read(read):
    document, _ = read([], [*SHADE, True], [None, " "], headings=["safeaudit_fixable"])
    assert [question.fixable for question in document.instrument.questions] == [True]


def test_numbers_as_google_sheets_writes_them_are_levels(read, tmp_path):
    read(SHADE)
    with (
        zipfile.ZipFile(tmp_path / "square.xlsx") as before,
        zipfile.ZipFile(tmp_path / "b.xlsx", "w") as after,
    ):
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(b"<v>2</v>", b"<v>2.0</v>"))
        assert b"<v>2.0</v>" in after.read("xl/worksheets/sheet2.xml")
    document = load_xlsform(tmp_path / "b.xlsx", say=print)
    assert document.instrument.ratings[0].top == 2


def test_several_languages_need_a_default(read):
    with pytest.raises(InstrumentError, match="default_language missing"):
        read([*SHADE[:2], "Shade", "Sombra"], settings=SETTINGS | {"default_language": None})


def test_one_language_is_its_own_default(read):
    english = [row[:3] for row in CHOICES]
    document, _ = read(SHADE[:3], choices=english, settings=SETTINGS | {"default_language": None})
    assert document.languages == ("en",)


def test_a_column_without_a_language_code_is_refused(read):
    unclear = [
        [cell.replace(" (es)", "") if isinstance(cell, str) else cell for cell in row] for row in CHOICES
    ]
    with pytest.raises(InstrumentError, match="no language code in 'español'"):
        read(SHADE, choices=unclear)


def test_a_regional_language_keeps_its_region(read):
    choices = [
        ["label::Português (pt-BR)" if cell == "label::Español (es)" else cell for cell in row]
        for row in CHOICES
    ]
    document, _ = read(SHADE, choices=choices)
    assert document.languages == ("en", "es", "pt-BR")


def test_what_is_no_workbook_is_refused(tmp_path):
    (tmp_path / "a.xlsx").write_text("type,name,label")
    with pytest.raises(InstrumentError, match=r"not an Excel workbook; save it as \.xlsx"):
        load_xlsform(tmp_path / "a.xlsx", say=print)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 50_000_001)
    with pytest.raises(InstrumentError, match="more than 50 MB"):
        load_xlsform(tmp_path / "a.xlsx", say=print)


def test_a_workbook_without_a_survey_is_refused(tmp_path):
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    with pytest.raises(InstrumentError, match="sheet survey: missing or empty"):
        load_xlsform(tmp_path / "a.xlsx", say=print)
