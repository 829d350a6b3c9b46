"""A visitor sees on the map what the layers hold, where they hold it, and nothing else.

These tests know the layers only by asking `page_origin` for them, so they hold for any server with a run.
"""

import calendar
import math
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from shapely.geometry import Point

from geo import cells, geojson

Features = list[dict[str, Any]]
Layers = dict[str, Features]
IN_VIEW = re.compile(r"^[\d,]+ places? in view$")


def test_the_map_draws_every_published_cell(
    page_origin: str, visit: Callable[..., Any], layers: Layers
) -> None:
    seen = visit(page_origin)
    expect(seen.page.locator(".status")).to_have_text(f"{len(layers['cells']):,} places in view")
    assert seen.faults() == []


def test_cells_lie_where_they_belong_in_the_colour_that_the_legend_gives_their_score(
    page_origin: str, visit: Callable[..., Any], layers: Layers
) -> None:
    middle = _centre(layers["cells"][0])
    page = _look_at(page_origin, visit, middle, zoom=14)
    near = sorted(layers["cells"], key=lambda cell: math.dist(_centre(cell), middle))[:8]
    for cell in near:
        colour = _colour_around(page, *_offset_px(_centre(cell), middle, zoom=14))
        assert colour == pytest.approx(_legend_colour(page, cell["properties"]["score"]), abs=3)


def test_stripes_cover_as_much_of_a_cell_as_its_interval_is_wide(
    page_origin: str, visit: Callable[..., Any], layers: Layers
) -> None:
    """Plain up to 1 point, 4 of 14 pixels striped up to 2, crossed above: 1 - (10/14)^2 of them."""
    cover = {"close": 0.0, "rough": 4 / 14, "vague": 1 - (10 / 14) ** 2}
    met = {_certainty(cell["properties"]): cell for cell in layers["cells"]}
    assert {"close", "rough"} <= met.keys()
    for certainty, cell in met.items():
        page = _look_at(page_origin, visit, _centre(cell), zoom=17)
        own, stripe = _legend_colour(page, cell["properties"]["score"]), _land_colour(page)
        mean = _mean_colour(page, size_px=28)
        away = np.subtract(stripe, own)
        assert np.dot(np.subtract(mean, own), away) / np.dot(away, away) == pytest.approx(
            cover[certainty], abs=0.06
        ), certainty


def test_a_cell_that_is_not_published_is_neither_painted_nor_described(
    page_origin: str, visit: Callable[..., Any], layers: Layers
) -> None:
    page = _look_at(page_origin, visit, _unshown_point(layers["cells"]))
    bare = {tuple(page.evaluate(_COLOUR_OF, name)) for name in ("--map-land", "--map-ground")}
    assert _colour_around(page) in bare
    _press_the_middle(page)
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.locator(".legend")).to_contain_text("Nothing drawn: not enough audits to show")


def test_a_click_tells_score_interval_voices_and_needs(
    page_origin: str, visit: Callable[..., Any], layers: Layers
) -> None:
    cell = next(cell for cell in layers["cells"] if cell["properties"]["needs"])
    seen = visit(_address(page_origin, _centre(cell)))
    expect(seen.page.locator(".status")).to_have_text(IN_VIEW)
    _press_the_middle(seen.page)
    panel = seen.page.locator(".panel")
    for fact in _facts(cell):
        expect(panel).to_contain_text(fact)
    assert f"place=cells/{cell['properties']['cell']}" in seen.page.url
    assert seen.faults() == []


def test_enter_on_the_map_chooses_its_middle(
    page_origin: str, visit: Callable[..., Any], layers: Layers
) -> None:
    cell = layers["cells"][0]
    page = _look_at(page_origin, visit, _centre(cell))
    page.get_by_role("radio", name="Map").focus()
    for _ in range(5):
        if page.evaluate("document.activeElement.tagName") == "CANVAS":
            break
        page.keyboard.press("Tab")
    expect(page.locator("canvas")).to_be_focused()
    expect(page.locator(".crosshair")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2")).to_be_focused()
    assert f"place=cells/{cell['properties']['cell']}" in page.url


def test_a_hotspot_is_told_by_where_it_is_and_what_it_needs(
    page_origin: str, visit: Callable[..., Any], layers: Layers
) -> None:
    hotspot = layers["hotspots"][0]["properties"]
    seen = visit(f"{page_origin}/#place=hotspots/{hotspot['id']}")
    panel = seen.page.locator(".panel")
    expect(panel.locator("h2")).to_contain_text(hotspot["near"] or hotspot["id"])
    expect(panel).to_contain_text(f"between {hotspot['score_low']:.1f} and {hotspot['score_high']:.1f}")
    expect(panel).to_contain_text(f"at least {hotspot['auditors_min']} people")
    expect(panel).to_contain_text(f"{hotspot['area_km2']:.2f} km²")
    assert seen.faults() == []


def test_a_place_leads_to_its_hotspot(page_origin: str, visit: Callable[..., Any], layers: Layers) -> None:
    hotspot = layers["hotspots"][0]
    page = visit(f"{page_origin}/#view=table&place=cells/{_cell_inside(hotspot, layers['cells'])}").page
    page.get_by_role("button", name=re.compile("^Part of: Hotspot")).click()
    expect(page.locator(".panel h2")).to_contain_text(hotspot["properties"]["near"])
    assert f"place=hotspots/{hotspot['properties']['id']}" in page.url


_COLOUR_OF = """(name) => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  return found;
}"""


_NEEDS = {
    "lighting": "light",
    "openness": "open views",
    "visibility": "eyes on the street",
    "people": "people around",
    "security": "someone in charge nearby",
    "walk_path": "walk path",
    "transport": "public transport",
}


def _facts(cell: dict[str, Any]) -> list[str]:
    facts = cell["properties"]
    year, month = facts["last_audit"].split("-")
    return [
        f"{facts['score']:.1f} out of 5",
        f"between {facts['score_low']:.1f} and {facts['score_high']:.1f}",
        f"at least {facts['auditors_min']} people, {facts['audits_min']} audits",
        *(_NEEDS[need] for need in facts["needs"].split(";")),
        f"Last audited in {calendar.month_name[int(month)]} {year}",
    ]


def _centre(cell: dict[str, Any]) -> tuple[float, float]:
    lat, lng = cells.centre(np.array([cells.from_text(cell["properties"]["cell"])]))
    return float(lat[0]), float(lng[0])


def _unshown_point(shown: Features) -> tuple[float, float]:
    known = {cells.from_text(cell["properties"]["cell"]) for cell in shown}
    some = cells.from_text(shown[0]["properties"]["cell"])
    rings = (cells.disc(some, k=k) for k in range(1, 100))
    nearest = next(cell for ring in rings for cell in ring if int(cell) not in known)
    lat, lng = cells.centre(np.array([nearest]))
    return float(lat[0]), float(lng[0])


def _cell_inside(hotspot: dict[str, Any], shown: Features) -> str:
    area = geojson.read(hotspot["geometry"])
    inside = (c for c in shown if area.contains(Point(*reversed(_centre(c)))))
    return str(next(inside)["properties"]["cell"])


def _address(origin: str, point: tuple[float, float], *, zoom: int = 16) -> str:
    return f"{origin}/#map={zoom}/{point[0]:.4f}/{point[1]:.4f}"


def _look_at(origin: str, visit: Callable[..., Any], point: tuple[float, float], *, zoom: int = 16) -> Page:
    page: Page = visit(_address(origin, point, zoom=zoom)).page
    expect(page.locator(".status")).to_have_text(IN_VIEW)
    return page


def _middle(page: Page) -> tuple[float, float]:
    box = page.locator("canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _press_the_middle(page: Page) -> None:
    page.mouse.click(*_middle(page))


def _offset_px(point: tuple[float, float], middle: tuple[float, float], *, zoom: int) -> tuple[float, float]:
    """Return how far right and down of the map's middle a point is drawn: web Mercator, 512 px tiles."""
    world_px = 512 * 2**zoom
    turn = math.asinh(math.tan(math.radians(middle[0]))) - math.asinh(math.tan(math.radians(point[0])))
    return (point[1] - middle[1]) / 360 * world_px, turn / (2 * math.pi) * world_px


def _colour_around(page: Page, right_px: float = 0, down_px: float = 0) -> tuple[int, ...]:
    """Return red, green and blue that prevail at an offset from the map's middle, stripes or not."""
    x, y = _middle(page)
    png = page.screenshot(clip={"x": x + right_px - 7, "y": y + down_px - 7, "width": 14, "height": 14})
    colours = Image.open(BytesIO(png)).convert("RGB").getcolors()
    assert colours is not None
    return tuple(max(colours)[1])


def _mean_colour(page: Page, *, size_px: int) -> list[float]:
    """Return red, green and blue of the map's middle in the mean, of whole periods of the stripes."""
    x, y = _middle(page)
    png = page.screenshot(
        clip={"x": x - size_px / 2, "y": y - size_px / 2, "width": size_px, "height": size_px}
    )
    return [float(part) for part in np.asarray(Image.open(BytesIO(png)).convert("RGB")).mean(axis=(0, 1))]


def _land_colour(page: Page) -> list[int]:
    told = page.evaluate(
        """() => { const probe = document.body.appendChild(document.createElement('i'));
        probe.style.color = 'var(--map-land)'; return getComputedStyle(probe).color; }"""
    )
    return [int(part) for part in re.findall(r"\d+", told)[:3]]


def _certainty(told: dict[str, Any]) -> str:
    width = round(told["score_high"] - told["score_low"], 1)
    return "close" if width <= 1 else "rough" if width <= 2 else "vague"


def _legend_colour(page: Page, score: float) -> list[float]:
    gradient = page.locator(".legend .ramp").evaluate("ramp => getComputedStyle(ramp).backgroundImage")
    stops = [[int(part) for part in stop] for stop in re.findall(r"rgb\((\d+), (\d+), (\d+)\)", gradient)]
    below = min(int(score), len(stops) - 2)
    part = score - below
    return [low + part * (high - low) for low, high in zip(stops[below], stops[below + 1], strict=True)]
