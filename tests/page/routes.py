"""Requests that do not arrive, or wait on their way.

No route is ever taken away: Playwright lets go at once of the request that such a route was just given, and
its handler answers too late ("Route is already handled!"). It stays, and lets pass what comes later.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, Page, Route

Addresses = str | re.Pattern[str]


@contextmanager
def cut(browsing: Page | BrowserContext, addresses: Addresses) -> Iterator[None]:
    """Let no request to these addresses arrive meanwhile. Those of service workers are their context's."""
    is_cut = True
    browsing.route(addresses, lambda route: route.abort() if is_cut else route.fallback())
    yield
    is_cut = False


@contextmanager
def held(browsing: Page | BrowserContext, addresses: Addresses) -> Iterator[list[Route]]:
    """Keep requests to these addresses waiting meanwhile; yield the list of all there are, then and later."""
    is_held = True
    asked: list[Route] = []

    def answer(route: Route) -> None:
        asked.append(route)
        if not is_held:
            route.fallback()

    browsing.route(addresses, answer)
    yield asked
    is_held = False
    for route in tuple(asked):
        route.fallback()
