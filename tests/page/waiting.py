"""Waiting for a state, however long a busy machine takes to come to it."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

PATIENCE_S = 60
# Beside other tests on a small machine a browser takes its time.
expect.set_options(timeout=PATIENCE_S * 1000)


def until(page: Page, reached: Callable[[], object]) -> None:
    """Return once `reached` gives what is true, asked again and again.

    Unlike Playwright's `wait_for_function`, to which any promise is true.
    """
    end = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < end, "waited in vain"
        page.wait_for_timeout(50)  # what the browser tells comes in meanwhile


def until_drawn(page: Page) -> None:
    """Return once the map rests after what was done to it: it moves in the frame after a key is pressed."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(page.locator(".canvas")).to_have_attribute("aria-busy", "false")
