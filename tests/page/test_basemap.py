"""A basemap of our own origin lies below the city."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from server.api.context import EXTENSION
from server.basemap import add_basemap, basemap_file
from tests.basemaps import write_basemap
from tests.world import World


@pytest.fixture
def with_basemap(world: World, tmp_path: Path) -> Iterator[None]:
    home = world.app.extensions[EXTENSION].settings.home
    add_basemap(write_basemap(tmp_path / "map.pmtiles"), home=home)
    yield
    basemap_file(home).unlink()


def test_streets_lie_below_the_places_and_come_from_here_alone(
    page_origin: str, visit: Callable[..., Any], screenshots: Path, with_basemap: None
) -> None:
    seen = visit(f"{page_origin}/#map=13/28.6000/77.2500")
    expect(seen.page.locator(".status")).to_have_text(re.compile(r"^\d+ places in view$"))
    seen.page.screenshot(path=screenshots / "basemap-desktop-light.png")
    asked: list[str] = seen.page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    assert [name for name in asked if name.endswith("/basemap/tiles.pmtiles")]
    assert seen.faults() == []
