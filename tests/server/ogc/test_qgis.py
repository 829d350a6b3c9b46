"""QGIS reads every collection whole and typed, and opens a GeoPackage coloured (Debian's, 3.22).

What newer QGIS asks is replayed from its sources' queries, as it is not packaged here.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from server.actors import Role
from server.exporting.files import FORMATS
from server.styles.look import look_of
from tests.server.ogc.conftest import Ask, Served
from tests.world import World

SYSTEM_PYTHON = "/usr/bin/python3"
TYPES = {
    "text": ("String", "string", "Date"),  # QGIS takes a text such as 2026-10-31 in GeoJSON for a date
    "integer": ("Integer", "Integer64", "integer"),
    "number": ("Real", "double"),
    "boolean": ("Boolean", "boolean", "Integer"),
}
CLIENT = Path(__file__).with_name("qgis_client.py")


def has_qgis() -> bool:
    if not Path(SYSTEM_PYTHON).exists():
        return False
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('qgis') is None)"
    return subprocess.run([SYSTEM_PYTHON, "-c", look], check=False).returncode == 0


needs_qgis = pytest.mark.skipif(not has_qgis(), reason="python3-qgis is not installed")


def qgis(folder: Path, *arguments: str, **environ: str) -> Any:
    """Return what QGIS saw; its profile and caches are in the folder."""
    environ |= {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "PATH": "/usr/bin:/bin"}
    folder.chmod(0o700)
    told = subprocess.run(
        [SYSTEM_PYTHON, str(CLIENT), *arguments],
        capture_output=True, text=True, check=False, env=environ, timeout=300,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout.splitlines()[-1])


@pytest.fixture
def seen(served: Served, tmp_path: Path) -> Any:
    """What QGIS, with a planner's token, saw of every collection and of every GeoPackage."""
    for name, table in served.world.tables.items():
        (tmp_path / f"{name}.gpkg").write_bytes(FORMATS["gpkg"].encode(table))
    names = [*served.world.tables, "cells-whole"]
    token = served.world.keys[Role.PLANNER]
    return qgis(tmp_path, served.address, str(tmp_path), *names, PLANNERS_TOKEN=token)


@needs_qgis
def test_qgis_reads_every_collection_whole_and_asks_for_no_more_than_it_shows(
    served: Served, seen: Any
) -> None:
    tables = served.world.tables
    for name, table in tables.items():
        live, kept = seen["live"][name], seen["kept"][name]
        for told in (live, kept):
            assert (told["valid"], told["count"], told["read"]) == (True, len(table), len(table)), name
        for field in table.fields:
            if any(value is not None for value in table.columns[field.name]):  # else GeoJSON tells no type
                assert live["types"][field.name] in TYPES[field.type], (name, field.name)
                assert live["values"][field.name] == kept["values"][field.name], (name, field.name)
                assert live["values"][field.name] == table.columns[field.name], (name, field.name)
    whole = seen["live"]["cells-whole"]
    assert whole["types"]["score"] in TYPES["number"]
    assert whole["values"]["score"] == [2.0] * 15 + [2.7] * (whole["count"] - 15)
    assert 0 < seen["boxed"] < len(tables["cells"])
    assert seen["timed"] == len(tables["hotspots"])
    asked = served.asked_for()
    assert any("bbox" in one for one in asked)
    assert any("datetime" in one for one in asked)


@needs_qgis
def test_qgis_opens_a_geopackage_in_its_colours(world: World, tmp_path: Path) -> None:
    table = world.tables["cells"]
    path = tmp_path / "cells.gpkg"
    path.write_bytes(FORMATS["gpkg"].encode(table))
    look = look_of(table.fields)
    rules = [[rule.label, rule.colour] for rule in [*look.colours, *look.patterns]]
    assert qgis(tmp_path, str(path), "cells")["rules"] == rules


@pytest.mark.parametrize(
    "stated",
    [
        """("score" < 2.5) AND ("class" IN ('hot','severe'))""",
        """NOT ("class" = 'none')""",
        """"last_audit" IS NOT NULL""",
        """CASEI("class") LIKE CASEI('S%')""",
        """"score" BETWEEN 1 AND 3""",
        """S_INTERSECTS("geometry",POLYGON((77.24 28.59,77.26 28.59,77.26 28.61,77.24 28.59)))""",
        """S_INTERSECTS("geometry",BBOX(77.245,28.595,77.255,28.602))""",
    ],
)
def test_what_newer_qgis_would_ask_is_understood(ask: Ask, stated: str) -> None:
    """Replayed: QGIS writes CQL2 from 3.32 on where all classes it looks for are declared."""
    declared = {one.rpartition("/conf/")[2] for one in ask("/conformance").json["conformsTo"]}
    assert {"filter", "features-filter", "cql2-text", "basic-cql2", "queryables"} <= declared
    answer = ask(
        "/collections/cells/items",
        limit="1000",
        filter=stated,
        filter_lang="cql2-text",
        crs="http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    )
    assert answer.status_code == 200
    assert 0 < answer.json["numberMatched"] <= 61
