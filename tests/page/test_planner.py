"""What a planner's key opens, and that it stays where it belongs."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from server.actors import Role
from tests.world import World

Layers = dict[str, list[dict[str, Any]]]
Visit = Callable[..., Any]


def _give(page: Page, key: str) -> None:
    page.locator(".key summary").click()
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Use it in this tab").click()


def test_a_key_opens_the_planners_layers_for_its_tab_and_no_longer(
    page_origin: str, read: Visit, planner_key: str
) -> None:
    seen = read(f"{page_origin}/#view=table")
    page = seen.page
    shown = page.get_by_label("What is shown")
    expect(shown.locator("option")).to_have_text(["Places", "Zones"])
    _give(page, planner_key)
    expect(shown.locator("option")).to_have_count(7)
    kept = page.evaluate(
        "[localStorage.length, document.cookie, location.href, Object.values(sessionStorage)]"
    )
    assert kept == [0, "", page.url, [planner_key]]
    assert planner_key not in page.url
    page.locator(".key").get_by_role("button", name="Forget the key").click()
    expect(shown.locator("option")).to_have_text(["Places", "Zones"])
    assert page.evaluate("sessionStorage.length") == 0
    assert seen.faults() == []


def test_a_key_that_opens_nothing_is_not_kept(page_origin: str, read: Visit, world: World) -> None:
    page = read(f"{page_origin}/#view=table").page
    for key, words in (("sak_wrong", "no key of Testville"), (world.keys[Role.MODERATOR], "no planners")):
        if not page.get_by_label("Key").is_visible():
            page.locator(".key summary").click()
        page.get_by_label("Key").fill(key)
        page.get_by_role("button", name="Use it in this tab").click()
        expect(page.locator(".key [role=alert]")).to_contain_text(words)
        assert page.evaluate("sessionStorage.length") == 0


def test_gaps_are_drawn_told_and_listed_with_their_reasons(
    page_origin: str, visit: Visit, layers: Layers, planner_key: str
) -> None:
    first = min(layers["gaps"], key=lambda gap: gap["properties"]["rank"])
    seen = visit(f"{page_origin}/#show=gaps&place=gaps/{first['id']}", key=planner_key)
    expect(seen.page.locator(".status")).to_have_text(f"{len(layers['gaps'])} places in view")
    panel = seen.page.locator(".panel")
    expect(panel).to_contain_text("Number 1 on the list of where audits tell most")
    expect(panel).to_contain_text("Fewer people than needed have audited it")
    expect(seen.page.locator(".legend")).to_contain_text("Not enough audits to say anything")
    seen.page.get_by_role("radio", name="Table").check()
    rows = seen.page.locator("[data-subject=gaps] tbody tr")
    expect(rows).to_have_count(len(layers["gaps"]))
    expect(rows.first.locator("th")).to_have_text(first["id"])
    assert seen.faults() == []


def test_a_place_tells_planners_its_causes_and_every_figure(
    page_origin: str, read: Visit, layers: Layers, planner_key: str
) -> None:
    cell = next(cell for cell in layers["cells-now"] if cell["properties"]["causes"])
    address = f"{page_origin}/#view=table&show=cells-now&place=cells-now/{cell['id']}"
    panel = read(address, key=planner_key).page.locator(".panel")
    expect(panel).to_contain_text("What brings the score down: ")
    panel.get_by_text("Every figure").click()
    expect(panel.locator(".figures-all")).to_contain_text("Rating steps by which the cell")


def test_a_zone_tells_its_score_interval_and_shares(page_origin: str, visit: Visit, layers: Layers) -> None:
    zone = layers["zones"][0]
    facts = zone["properties"]
    seen = visit(f"{page_origin}/#show=zones&place=zones/{zone['id']}")
    panel = seen.page.locator(".panel")
    expect(panel.locator("h2")).to_have_text(facts["name"])
    expect(panel).to_contain_text(f"between {facts['score_low']:.1f} and {facts['score_high']:.1f}")
    expect(panel.locator(".shares")).to_contain_text(f"{facts['audited_share']:.0%}")
    expect(panel).to_contain_text("Survey office, CC BY 4.0")
    everybody = {one["properties"]["name"] for one in layers["zones"]}
    expect(seen.page.locator(".status")).to_have_text(f"{len(everybody)} zones in view")
    assert seen.faults() == []


def test_a_place_tells_what_happened_there_and_leads_to_the_work(
    page_origin: str, read: Visit, layers: Layers
) -> None:
    hotspot = layers["hotspots"][0]["id"]
    seen = read(f"{page_origin}/#view=table&place=hotspots/{hotspot}")
    panel = seen.page.locator(".panel")
    expect(panel.locator(".happened")).to_contain_text("Lamps, Mill Road Planned.")
    panel.get_by_role("button", name="Lamps, Mill Road").click()
    expect(panel.locator("h2")).to_have_text("Lamps, Mill Road")
    expect(panel).to_contain_text("Its effect is told 60 days after it is complete")
    assert "place=interventions/" in seen.page.url
    assert seen.faults() == []
