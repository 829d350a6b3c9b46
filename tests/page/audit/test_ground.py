"""What lies below the pin: streets of the basemap or of the city, and nothing without a network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shapely
from playwright.sync_api import expect

from server.basemap import add_basemap, basemap_file
from server.queries.reference import (
    ReferenceFeature,
    ReferenceSet,
    delete_reference,
    replace_reference,
)
from tests.basemaps import write_basemap
from tests.page.audit.conftest import HERE, Phone, Town
from tests.page.waiting import until

STREET = shapely.LineString([(HERE["longitude"] - 0.01, 28.6), (HERE["longitude"] + 0.01, 28.6)])


@pytest.fixture
def streets(town: Town) -> Iterator[None]:
    """A street on which the phone stands."""
    described = ReferenceSet(kind="streets", name="streets", attribution="Street office", licence="CC BY 4.0")
    feature = ReferenceFeature(id="1", geom=shapely.to_wkb(STREET, hex=True), properties={})
    with town.database.transaction() as connection:
        replace_reference(connection, city_id=town.city.city_id, described=described, features=[feature])
    yield
    with town.database.transaction() as connection:
        delete_reference(connection, city_id=town.city.city_id, kind="streets", name="streets")


@pytest.fixture
def with_basemap(town: Town, tmp_path: Path) -> Iterator[None]:
    add_basemap(write_basemap(tmp_path / "map.pmtiles"), home=town.home)
    yield
    basemap_file(town.home).unlink()


def _set_the_pin(one: Phone) -> None:
    one.enter()
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(one.page.locator(".place .status")).to_contain_text("Accurate to 8 m")
    one.page.get_by_role("button", name="Set the pin").click()
    expect(one.page.locator(".plane .pin")).to_be_visible()


def test_the_pin_stands_on_the_streets_that_the_city_loaded(
    phone: Callable[..., Phone], streets: None, screenshots: Path
) -> None:
    one = phone()
    _set_the_pin(one)
    street = one.page.locator(".plane .ground .street.line").first
    expect(street).to_be_attached()
    expect(one.page.locator(".pinning")).to_contain_text("Each square is")
    expect(one.page.locator(".pinning")).to_contain_text("Street office, CC BY 4.0")
    until(one.page, lambda: abs(_street_below_the_pin_px(one)) < 2)
    one.page.get_by_role("button", name="Move north").click()
    until(one.page, lambda: _street_below_the_pin_px(one) > 5)
    for _ in range(3):
        one.page.get_by_role("button", name="Further away").click()
    one.page.screenshot(path=screenshots / "audit-streets-phone-light.png")
    assert one.faults() == []


def test_the_pin_stands_on_the_basemap_that_the_server_has(
    phone: Callable[..., Phone], streets: None, with_basemap: None
) -> None:
    one = phone()
    _set_the_pin(one)
    expect(one.page.locator(".plane .ground .street.line").first).to_be_attached()
    expect(one.page.locator(".pinning")).not_to_contain_text("Street office")
    asked: list[str] = one.page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    assert [name for name in asked if name.endswith("/basemap/tiles.pmtiles")]
    assert one.faults() == []


def test_without_a_network_the_pin_is_set_all_the_same(phone: Callable[..., Phone], streets: None) -> None:
    one = phone(worker=True)
    one.enter()
    one.controlled()
    assert one.context
    one.context.set_offline(True)
    one.page.get_by_role("button", name="Mark this spot").click()
    expect(one.page.locator(".place .status")).to_contain_text("Accurate to 8 m")
    one.page.get_by_role("button", name="Set the pin").click()
    expect(one.page.locator(".pinning")).to_contain_text("There is no street map here")
    one.page.locator(".plane .pin").press("ArrowUp")
    expect(one.page.locator(".place .status")).to_have_text("Set by hand")


def _street_below_the_pin_px(one: Phone) -> float:
    """Return how much further down the screen the middle of the street is than the point of the pin.

    Not a number while the streets are drawn anew.
    """
    return float(
        one.page.evaluate("""() => {
          const pin = document.querySelector('.plane .pin');
          const street = document.querySelector('.plane .ground .street.line');
          if (!street) return NaN;
          const { top, bottom } = street.getBoundingClientRect();
          const foot = pin.ownerSVGElement.createSVGPoint().matrixTransform(pin.getScreenCTM());
          return (top + bottom) / 2 - foot.y;
        }""")
    )
