"""Foreign files read as tables: whatever spreadsheets and tools write, or a refusal naming the row."""

import gzip
import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from server.errors import Unparsable
from server.importing import tables
from server.importing.chunks import Table
from server.importing.tables import open_table, unique_names


def written(folder: Path, content: str | bytes, name: str = "audits.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def whole(table: Table) -> dict[str, list[str]]:
    parts = [chunk.columns for chunk in table.chunks()]
    return {name: [value for part in parts for value in part[name]] for name in table.names}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_header(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (["lat", "lng", "note"], ["1.5", "2", "a b"]))
    assert whole(open_table(written(tmp_path, text))) == {"lat": ["1.5"], "lng": ["2"], "note": ["a b"]}


def test_gzip_is_told_by_content_not_name(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(b"lat,lng\n1,2\n"), name="audits.csv")
    assert whole(open_table(path)) == {"lat": ["1"], "lng": ["2"]}


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert open_table(written(tmp_path, b"\xef\xbb\xbflat,lng\n1,2\n")).names == ("lat", "lng")


def test_rows_are_numbered_by_the_line_they_begin_on(tmp_path: Path) -> None:
    text = 'lat,note\n1,"two\nlines"\n\n2,plain\n'
    (chunk,) = open_table(written(tmp_path, text)).chunks()
    assert list(chunk.rows) == [2, 5]
    assert list(chunk.columns["note"]) == ["two\nlines", "plain"]


def test_ragged_rows_are_told_apart_and_trailing_blanks_forgiven(tmp_path: Path) -> None:
    (chunk,) = open_table(written(tmp_path, "a,b\n1,2\n3\n4,5,6\n7,8,,\n")).chunks()
    assert list(chunk.columns["a"]) == ["1", "7"]
    assert [(one.row, one.reason) for one in chunk.ragged] == [
        (3, "row: has 1 fields, the header has 2"),
        (4, "row: has 3 fields, the header has 2"),
    ]


def test_repeated_and_blank_names_are_made_unique_and_said(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, "Otro,lat,Otro,\na,1,b,c\n"))
    assert table.names == ("Otro", "lat", "Otro_2", "column_4")
    assert "column 3 is named 'Otro'" in table.notes[0]
    assert unique_names(["a", "a_2", "a"])[0] == ("a", "a_2", "a_3")


def test_chunks_come_one_after_the_other_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CHUNK_ROWS", 10)
    table = open_table(written(tmp_path, "n\n" + "".join(f"{n}\n" for n in range(25))))
    for _ in range(2):
        chunks = list(table.chunks())
        assert [len(chunk.rows) for chunk in chunks] == [10, 10, 5]
        assert chunks[-1].share == 1.0
        assert whole(table)["n"] == [str(n) for n in range(25)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"lat,lng\n1,2\n3,\xff\n", "row 3: byte 0xff is not UTF-8"),
        ("lat,lng\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"", "empty"),
        (b"   \n", "empty"),
        (gzip.compress(b"lat,lng\n" + b"1,2\n" * 100_000)[:-200], "breaks off|cannot be read"),
        (b'lat,lng\n1,"2\n' + b"3,4\n" * 300_000, "row 2: .*quotation mark"),
        (b'{"type": "FeatureCollection", "features": [', "no GeoJSON"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_row(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(Unparsable, match=told):
        whole(open_table(written(tmp_path, content)))


FEATURES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [77.25, 28.6]},
            "properties": {"lighting": 1, "observed_at": "2026-11-20T19:42:00+05:30", "seen": True, "lat": 9},
        },
        {"type": "Feature", "geometry": None, "properties": {"lighting": None, "observed_at": "2026-11-20"}},
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [[77.2, 28.6], [77.3, 28.6]]},
            "properties": {"lighting": 2},
        },
    ],
}


@pytest.mark.parametrize("packed", [False, True])
def test_features_become_rows_their_points_lat_and_lng(tmp_path: Path, packed: bool) -> None:
    content = json.dumps(FEATURES).encode()
    table = open_table(written(tmp_path, gzip.compress(content) if packed else content, name="audits"))
    columns = whole(table)
    assert columns["lng"] == ["77.25", "", ""]
    assert columns["lat"] == ["28.6", "", ""]
    assert columns["lighting"] == ["1", "", "2"]
    assert columns["observed_at"] == ["2026-11-20T19:42:00+05:30", "2026-11-20", ""]
    assert columns["seen"] == ["true", "", ""]
    assert any("'lat' gives way" in note for note in table.notes)


def test_a_geopackage_is_read_and_other_coordinates_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "audits.gpkg"
    point = shapely.to_wkb(shapely.points([[77.25, 28.6]]))
    written_as = {"geometry_type": "Point", "driver": "GPKG"}
    pyogrio.raw.write(path, point, [np.array([1])], ["lighting"], crs="EPSG:4326", **written_as)
    assert whole(open_table(path)) == {"lighting": ["1"], "lat": ["28.6"], "lng": ["77.25"]}
    projected = tmp_path / "projected.gpkg"
    pyogrio.raw.write(projected, point, [np.array([1])], ["lighting"], crs="EPSG:3857", **written_as)
    with pytest.raises(Unparsable, match="EPSG:3857; reproject"):
        open_table(projected)
