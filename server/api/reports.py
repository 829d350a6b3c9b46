"""The city report: a page to print and a workbook. Knows no audit and cannot (setup.cfg)."""

import hashlib
from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, current_app, request

from server.actors import Actor
from server.api.authentication import actor_here, token_sent
from server.api.context import city_named, services
from server.api.published import READERS
from server.cities import City
from server.errors import NotAllowed
from server.exporting.shelf import Shelf
from server.queries.events import insert_event
from server.queries.layers import PublishedLayer
from server.report.content import Report
from server.report.make import make_report
from server.report.page import content_security_policy, render_page
from server.report.published import find_layers, read_published
from server.report.words import Speech, languages, speech
from server.report.workbook import write_workbook

blueprint = Blueprint("reports", __name__)

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHELF = "safeaudit-reports"
_SHELF_BYTES = 32 * 1024 * 1024


@blueprint.get("/cities/<city>/report")
def page(city: str) -> Response:
    """Serve the report as a page: everybody's, or with a planner's token the planner's."""
    response = _answer(city, "html", lambda report: render_page(report).encode())
    response.headers["Content-Security-Policy"] = f"{content_security_policy()}; frame-ancestors 'none'"
    return response


@blueprint.get("/cities/<city>/report.xlsx")
def workbook(city: str) -> Response:
    """Serve the tables of the report as a workbook."""
    response = _answer(city, "xlsx", write_workbook)
    response.headers["Content-Disposition"] = f'attachment; filename="{city_named(city).slug}-report.xlsx"'
    return response


def _answer(slug: str, ending: str, write: Callable[[Report], bytes]) -> Response:
    city, reader = city_named(slug), _reader()
    with services().database.layer_reading() as connection:
        layers = find_layers(
            connection, city, planner=reader is not None, instrument_id=request.args.get("instrument")
        )
    say = speech(
        _language(city), city.current(layers[0].instrument_id if layers else city.default_instrument)
    )
    key = _key(city, layers, say, ending)
    mimetype = "text/html" if ending == "html" else WORKBOOK
    response = Response(mimetype=mimetype, headers={"Content-Language": say.lang})
    response.cache_control.max_age, response.cache_control.public = 60, True
    if reader is not None:
        response.headers["Cache-Control"] = "private, no-store"
    response.vary.update(["Authorization", "Accept-Language"])
    response.set_etag(key)
    if request.if_none_match.contains(key):
        response.status_code = 304
        return response
    response.set_data(_written(city, layers, say, key, reader=reader, write=write))
    return response


def _written(
    city: City,
    layers: list[PublishedLayer],
    say: Speech,
    key: str,
    *,
    reader: Actor | None,
    write: Callable[[Report], bytes],
) -> bytes:
    def make() -> bytes:
        with services().database.layer_reading() as connection:
            published = read_published(connection, city, layers, planner=reader is not None)
        return write(make_report(published, say))

    if reader is not None:
        _log(city, reader)
        return make()
    shelf: Shelf[bytes] = current_app.extensions.setdefault(_SHELF, Shelf(_SHELF_BYTES, size_of=len))
    return shelf.get(key, make)


def _reader() -> Actor | None:
    """Return the planner who asks; None for everybody, who sends no token."""
    if token_sent() is None:
        return None
    actor = actor_here()
    if actor.role not in READERS:
        raise NotAllowed(
            f"the planners' report needs a token of: {', '.join(sorted(READERS))}; everybody's needs none"
        )
    return actor


def _language(city: City) -> str:
    """Return the language asked for in the address, else by the browser, else the city's first."""
    asked = request.args.get("lang")
    return asked or request.accept_languages.best_match(languages()) or city.languages[0]


def _key(city: City, layers: list[PublishedLayer], say: Speech, ending: str) -> str:
    """Return what changes exactly when the bytes may: runs, language, what the city says of itself."""
    runs = sorted({(layer.run_id, layer.audience, layer.finished_at.isoformat()) for layer in layers})
    told = (city.city_id, city.name, city.settings, runs, say.document.instrument.id, say.lang, ending)
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:32]


def _log(city: City, reader: Actor) -> None:
    with services().database.transaction() as connection:
        insert_event(
            connection, city_id=city.city_id, actor=f"key:{reader.id}", action="report.read", detail={}
        )
