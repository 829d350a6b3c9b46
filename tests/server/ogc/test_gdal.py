"""GDAL reads every collection whole and typed, and leaves filtering to the server (Debian's, 3.6)."""

import csv
import io
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from server.actors import Role
from server.exporting.files import FORMATS
from tests.server.ogc.conftest import Served

pytestmark = pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="gdal-bin is not installed")

FIELD = re.compile(r"^(\w+): (String|Real|Integer\(Boolean\)|Integer64|Integer|Date)", re.MULTILINE)


def gdal(served: Served, *arguments: str) -> str:
    token = f"Authorization: Bearer {served.world.keys[Role.PLANNER]}"
    told = subprocess.run(
        arguments, capture_output=True, text=True, check=False, env=os.environ | {"GDAL_HTTP_HEADERS": token}
    )
    assert (told.returncode, told.stderr) == (0, ""), told.stderr
    return told.stdout


def test_every_collection_is_read_whole_and_typed_as_its_geopackage(served: Served, tmp_path: Path) -> None:
    for name, table in served.world.tables.items():
        package = tmp_path / f"{name}.gpkg"
        package.write_bytes(FORMATS["gpkg"].encode(table))
        live = gdal(served, "ogrinfo", "-ro", "-so", "-oo", "PAGE_SIZE=40", f"OAPIF:{served.address}", name)
        kept = gdal(served, "ogrinfo", "-ro", "-so", str(package), name)
        for told in (live, kept):
            assert f"Feature Count: {len(table)}" in told, name
        types = dict(FIELD.findall(live))
        for field, kind in FIELD.findall(kept):
            if all(value is None for value in table.columns[field]):
                continue  # of a column without values GeoJSON tells no type
            # GDAL takes a text such as 2026-10-31 in GeoJSON for a date.
            assert types[field] == kind or (types[field], kind) == ("Date", "String"), (name, field)


def test_all_features_are_read_by_pages_with_their_values(served: Served) -> None:
    table = served.world.tables["cells"]
    told = gdal(served, "ogr2ogr", "-f", "CSV", "/vsistdout/", f"OAPIF:{served.address}", "cells")
    rows = {row["cell"]: row for row in csv.DictReader(io.StringIO(told))}
    assert list(rows) == list(table.ids)
    assert [float(row["score"]) for row in rows.values()] == table.columns["score"]
    assert ("after", "limit") in {asked[:2] for asked in served.asked_for()}


def test_a_float_whose_first_page_is_whole_stays_a_float(served: Served) -> None:
    collection = (f"OAPIF:{served.address}", "cells-whole")
    assert "score: Real" in gdal(served, "ogrinfo", "-ro", "-so", *collection)
    told = gdal(served, "ogr2ogr", "-f", "CSV", "/vsistdout/", *collection)
    scores = [float(row["score"]) for row in csv.DictReader(io.StringIO(told))]
    assert scores == [2.0] * 15 + [2.7] * (len(scores) - 15)


@pytest.mark.parametrize(
    ("options", "parameter"),
    [(("-where", "class = 'none'"), "filter"), (("-spat", "77.245", "28.595", "77.255", "28.602"), "bbox")],
)
def test_conditions_and_boxes_are_left_to_the_server(
    served: Served, options: tuple[str, ...], parameter: str
) -> None:
    told = gdal(served, "ogr2ogr", "-f", "CSV", *options, "/vsistdout/", f"OAPIF:{served.address}", "cells")
    assert 0 < len(told.splitlines()) - 1 < len(served.world.tables["cells"])
    assert any(parameter in asked for asked in served.asked_for())
