"""Pictures of each view for people to look at, and faults that only show when drawn."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.page.waiting import until_drawn

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
WITH_MOST = "desktop"
"""The size at which everything is open that opens: barriers are looked for there."""
VIEWS = {"map": "", "table": "#view=table", "hotspot": "#place=hotspots/{hotspot}", "zones": "#show=zones"}
PLANNERS = {"gaps": "#show=gaps", "now": "#show=cells-now&place=cells-now/{cell}"}


@pytest.mark.parametrize("size", SIZES)
def test_every_view_fits_its_screen_and_keeps_nobody_out_by_light_or_in_the_dark(
    page_origin: str,
    visit: Callable[..., Any],
    screenshots: Path,
    layers: dict[str, list[dict[str, Any]]],
    planner_key: str,
    size: str,
) -> None:
    width, height = SIZES[size]
    ids = {"hotspot": layers["hotspots"][0]["id"], "cell": layers["dark-spots"][0]["id"]}
    for key, views in (("", VIEWS), (planner_key, PLANNERS)):
        seen = visit(page_origin, width=width, height=height, key=key)
        for name, look in views.items():
            _look_at(seen.page, look.format(**ids))
            for dark in (False, True):
                seen.page.emulate_media(color_scheme="dark" if dark else "light")
                _at_rest(seen.page, table="table" in look)
                seen.page.screenshot(path=screenshots / f"{name}-{size}-{'dark' if dark else 'light'}.png")
                overflow = seen.page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert overflow <= 0, f"{name} is {overflow} px wider than the screen"
                assert size != WITH_MOST or seen.barriers(colours_alone=dark) == []
        assert seen.faults() == []


def _look_at(page: Page, look: str) -> None:
    if look:
        page.evaluate(_GO, look)


_GO = """(look) => new Promise((done) => {
  addEventListener('hashchange', done, { once: true });
  location.hash = look;
})"""


def _at_rest(page: Page, *, table: bool) -> None:
    if table:
        expect(page.locator("tbody tr").first).to_be_visible()
        return
    expect(page.locator(".status")).to_have_text(re.compile(r"^[1-9][\d,]* \w+ in view"))
    until_drawn(page)


# Machado, Oliveira and Fernandes 2009, severity 1.0: what each dichromat sees of linear red, green and blue.
SIGHT = {
    "common": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
XYZ_OF_RGB = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
JUST_CLEARLY_DIFFERENT = 12


def test_any_two_whole_scores_look_different_to_every_eye(page_origin: str, read: Callable[..., Any]) -> None:
    ramp = read(f"{page_origin}/#view=table").page.locator(".legend .ramp")
    gradient = ramp.evaluate("ramp => getComputedStyle(ramp).backgroundImage")
    colours = np.array(re.findall(r"rgb\((\d+), (\d+), (\d+)\)", gradient), dtype=float) / 255
    assert len(colours) == 6
    for sight, matrix in SIGHT.items():
        seen = _lab(_linear(colours) @ np.array(matrix).T)
        apart = np.linalg.norm(seen[:, None] - seen[None, :], axis=2)[np.triu_indices(6, k=1)]
        assert apart.min() > JUST_CLEARLY_DIFFERENT, sight


def _linear(srgb: np.ndarray) -> np.ndarray:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    """Return CIE L*a*b* of linear sRGB under D65; Euclidean distance in it is CIE 1976 Delta E."""
    white = XYZ_OF_RGB.sum(axis=1)
    root = np.cbrt(np.clip(linear, 0, 1) @ XYZ_OF_RGB.T / white)
    return np.stack(
        [116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])], axis=1
    )
