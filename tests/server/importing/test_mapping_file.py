"""Mapping files: everything wrong is told at once, before the first row, with the nearest right word."""

from pathlib import Path

import pytest

from analysis.instrument import Instrument
from server.errors import Invalid
from server.importing.chunks import Chunk
from server.importing.mapping import ColumnMapping
from server.importing.mapping_file import read_mapping
from server.importing.verbs import Rename
from server.instruments.catalogue import builtin, load

NAMES = ("latitude", "lon", "light", "when", "state", "score")
INSTRUMENTS = {name: document.instrument for name, document in builtin().items()}


def read(tmp_path: Path, text: str, names: tuple[str, ...] = NAMES) -> ColumnMapping:
    path = tmp_path / "mapping.yml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path, names=names, instruments=INSTRUMENTS)


def faults(tmp_path: Path, text: str) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        read(tmp_path, text)
    found: dict[str, str] = {}
    for fault in refused.value.faults:
        found[fault.pointer] = f"{found.get(fault.pointer, '')} {fault.detail}"
    return found


PLACE = "  lat: latitude\n  lng: lon\n"


def test_without_a_mapping_columns_are_called_as_fields_are() -> None:
    names = ("lat", "lon", "lighting", "observed_at", "whatever")
    mapping = read_mapping(None, names=names, instruments=INSTRUMENTS)
    assert mapping.instrument.id == "safetipin-9"
    assert mapping.columns == {
        "lat": Rename("lat"),
        "lng": Rename("lon"),
        "lighting": Rename("lighting"),
        "observed_at": Rename("observed_at"),
    }


def test_a_file_that_answers_nothing_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read_mapping(None, names=("lat", "who"), instruments=INSTRUMENTS)
    told = " ".join(fault.detail for fault in refused.value.faults)
    assert "nothing gives lng" in told
    assert "nothing answers safetipin-9; its questions are lighting" in told


@pytest.mark.parametrize(
    ("text", "pointer", "told"),
    [
        ("colums: {}\n", "/document", "unknown key 'colums'; did you mean 'columns'?"),
        ("instrument: safetipin\ncolumns: {}\n", "/instrument", "did you mean 'safetipin-9'?"),
        ("auditor: per_row\n", "/auditor", "did you mean 'one_per_row'?"),
        (f"columns:\n{PLACE}  lightning: light\n", "/columns", "did you mean 'lighting'?"),
        (
            f"columns:\n{PLACE}  lighting: lihgt\n",
            "/columns/lighting",
            "no column 'lihgt'; did you mean 'light'?",
        ),
        (f"columns:\n{PLACE}  lighting: {{recod: light}}\n", "/columns/lighting", "unknown verb 'recod'"),
        (
            f"columns:\n{PLACE}  lighting: {{recode: light, value: {{a: 1}}}}\n",
            "/columns/lighting",
            "unknown key 'value'; did you mean 'values'?",
        ),
        (
            f"columns:\n{PLACE}  lighting: {{recode: light, values: {{bad: 7}}}}\n",
            "/columns/lighting",
            "'7' cannot be a value of lighting; it must be a whole number from 0",
        ),
        (f"columns:\n{PLACE}  lighting: {{constant: 4}}\n", "/columns/lighting", "'4' cannot be"),
        (
            f"columns:\n{PLACE}  lighting: {{cases: [{{when: {{light: x}}, then: high}}]}}\n",
            "/columns/lighting",
            "'high' cannot be",
        ),
        (
            f"columns:\n{PLACE}  feeling: {{quantile: score, levels: 5}}\n",
            "/columns/feeling",
            "a quantile of 5 levels; feeling needs 4",
        ),
        (
            f"columns:\n{PLACE}  feeling: light\n  observed_at: {{date: when, format: '%Q'}}\n",
            "/columns/observed_at/format",
            "unknown directive %Q",
        ),
        (
            f"columns:\n{PLACE}  feeling: light\n  observed_at: {{date: when, format: '%Y-%m', keep: day}}\n",
            "/columns/observed_at/keep",
            "tells no more than the month",
        ),
        (
            f"columns:\n{PLACE}  lighting: {{recode: light, values: defct}}\nscales: {{defect: {{a: 1}}}}\n",
            "/columns/lighting/values",
            "no scale 'defct'; did you mean 'defect'?",
        ),
        (
            f"filter: [{{drop: {{stat: x}}, reason: test}}]\ncolumns:\n{PLACE}  lighting: light\n",
            "/filter/0/drop/stat",
            "no column 'stat'; did you mean 'state'?",
        ),
        (
            f"filter: [{{drop: {{state: {{atleast: 3}}}}, reason: x}}]\ncolumns:\n{PLACE}  lighting: light\n",
            "/filter/0/drop/state",
            "did you mean 'at_least'?",
        ),
        (
            f"filter: [{{drop: {{state: x}}}}]\ncolumns:\n{PLACE}  lighting: light\n",
            "/filter/0/reason",
            "missing",
        ),
        (
            f"auditor: one_per_row\ncolumns:\n{PLACE}  lighting: light\n  auditor: state\n",
            "/columns/auditor",
            "leave one of the two out",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(tmp_path: Path, text: str, pointer: str, told: str) -> None:
    found = faults(tmp_path, text)
    assert told in found[pointer]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = "sorce: x\ncolumns:\n  lat: latitud\n  lighting: {constant: 9}\n"
    found = faults(tmp_path, text)
    assert set(found) == {"/document", "/columns/lat", "/columns/lighting", "/columns"}


@pytest.mark.parametrize("text", ["columns: [", "a: 1\na: 2\n", "x: &a 1\ny: *a\n", "\xff"])
def test_what_is_no_yaml_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mapping.yml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(Invalid, match=r"mapping.yml cannot be read"):
        read_mapping(path, names=NAMES, instruments=INSTRUMENTS)


def test_filters_keep_or_drop_and_the_first_reason_stands(tmp_path: Path) -> None:
    mapping = read(
        tmp_path,
        "missing: ['-']\n"
        "filter:\n"
        "  - {drop: {state: test}, reason: a test}\n"
        "  - {keep: {score: {at_least: 2}}, reason: low}\n"
        f"columns:\n{PLACE}  lighting: light\n",
    )
    columns = {name: [""] * 4 for name in NAMES} | {
        "state": ["test", "", "-", "x"],
        "score": ["1", "1", "5", "-"],
    }
    dropped = mapping.dropped(mapping.frame(Chunk([1, 2, 3, 4], columns, 1.0)))
    assert dropped == {0: "filtered: a test", 1: "filtered: low", 3: "filtered: low"}


def test_the_shipped_mappings_are_valid_yaml_of_known_keys(tmp_path: Path) -> None:
    folder = Path(__file__).parents[3] / "docs" / "mappings"
    found = sorted(folder.glob("*.yml"))
    shipped = [load(path).instrument for path in (folder / "instruments").glob("*.yml")]
    instruments = INSTRUMENTS | {one.id: one for one in shipped}
    assert {"bangkok", "hermosillo", "mumbai", "place-pulse", "seattle"} <= {path.stem for path in found}
    for path in found:
        with pytest.raises(Invalid) as refused:  # no such columns here, and nothing else may be wrong
            read_mapping(path, names=("x",), instruments=instruments)
        details = [fault.detail for fault in refused.value.faults]
        assert all(detail.startswith("the file has no column") for detail in details), details


def test_instruments_with_other_scales(tmp_path: Path) -> None:
    text = f"instrument: transit-stop\ncolumns:\n{PLACE}  lighting: {{recode: light, values: {{a: 4}}}}\n"
    instrument: Instrument = read(tmp_path, text).instrument
    assert instrument.id == "transit-stop"
