"""The addresses of OGC API Features, below `/ogc/{city}`."""

from urllib.parse import urlencode

import msgspec
from flask import Blueprint, Response, render_template, request

from server.api.context import city_named
from server.api.published import Collection, collection_here, collections_here
from server.cities import City
from server.filtering.crs import CRS84, Crs, crs_named
from server.ogc import describing
from server.ogc.answering import document, of_layer, page
from server.ogc.asking import asked_here, form_here, parameters_here
from server.ogc.items import Page, encode_item, encode_page, item_of, links_of, page_of
from server.ogc.links import GEOJSON, HTML, OPENAPI, SCHEMA, origin, self_and_alternate
from server.ogc.openapi import openapi
from server.ogc.pictures import picture

blueprint = Blueprint("ogc", __name__, url_prefix="/ogc")


@blueprint.get("/style.css")
def style() -> Response:
    """Serve the style of the pages."""
    response = Response(render_template("ogc/style.css"), mimetype="text/css")
    response.cache_control.max_age = 3600
    return response


@blueprint.get("/<city>")
def landing(city: str) -> Response:
    """Serve the landing page."""
    town = city_named(city)
    return document(town, "", describing.landing(town), template="ogc/landing.html")


@blueprint.get("/<city>/conformance")
def conformance(city: str) -> Response:
    """List what is conformed to."""
    town = city_named(city)
    return document(town, "/conformance", describing.conformance(), template="ogc/conformance.html")


@blueprint.get("/<city>/api")
def api(city: str) -> Response:
    """Describe the API in OpenAPI 3.0, with the parameters of each collection."""
    town = city_named(city)
    if form_here() == "html":
        found = collections_here(town)
        return document(town, "/api", {}, template="ogc/api.html", own=OPENAPI, api=openapi(town, found))
    parameters_here("f")
    body = openapi(town, collections_here(town))
    return Response(
        msgspec.json.encode(body), content_type=OPENAPI, headers={"Vary": "Accept, Authorization"}
    )


@blueprint.get("/<city>/collections")
def collections(city: str) -> Response:
    """List the layers that whoever asks may read."""
    town = city_named(city)
    body = describing.collections(town, collections_here(town))
    return document(town, "/collections", body, template="ogc/collections.html")


@blueprint.get("/<city>/collections/<collection>")
def collection(city: str, collection: str) -> Response:
    """Describe a layer."""
    town = city_named(city)
    found = collection_here(town, collection)
    body = describing.collection(town, found)
    body["links"] = [one for one in body["links"] if one["rel"] not in ("self", "alternate")]
    fields = found.layer.fields
    return document(town, f"/collections/{found.id}", body, template="ogc/collection.html", fields=fields)


@blueprint.get("/<city>/collections/<collection>/<any(queryables,schema):kind>")
def schema(city: str, collection: str, kind: str) -> Response:
    """Describe the fields of a layer: what is told (`schema`), and what can be asked for (`queryables`)."""
    town = city_named(city)
    found = collection_here(town, collection)
    body = describing.schema(town, found, kind)
    path = f"/collections/{found.id}/{kind}"
    return document(
        town, path, body, template="ogc/schema.html", own=SCHEMA, kind=kind, fields=found.layer.fields
    )


@blueprint.get("/<city>/collections/<collection>/items")
def items(city: str, collection: str) -> Response:
    """Serve features, filtered and by pages."""
    town = city_named(city)
    found = collection_here(town, collection)
    asked, form = asked_here(town, found.layer), form_here()
    given = request.args.to_dict()

    def make() -> bytes:
        shown = page_of(found, asked)
        return (
            encode_page(town, found, shown, given)
            if form == "json"
            else _items_page(town, found, shown, given)
        )

    lasting = None if asked.predicate else f"{origin()}?{urlencode(sorted(given.items()))}"
    response = of_layer(found, form, GEOJSON if form == "json" else HTML, make, lasting=lasting)
    return _in(response, asked.crs)


@blueprint.get("/<city>/collections/<collection>/items/<item>")
def item(city: str, collection: str, item: str) -> Response:
    """Serve one feature."""
    town = city_named(city)
    found = collection_here(town, collection)
    given, form = parameters_here("f", "crs"), form_here()
    crs = crs_named(given.get("crs", CRS84.uri))
    item_of(found, item, crs)

    def make() -> bytes:
        if form == "json":
            return encode_item(town, found, item, crs, given)
        shown = Page([item_of(found, item, CRS84)], 1, None)
        return _items_page(town, found, shown, given, item=item)

    response = of_layer(found, form, GEOJSON if form == "json" else HTML, make, lasting=None)
    return _in(response, crs)


def _items_page(
    town: City, found: Collection, shown: Page, given: dict[str, str], *, item: str | None = None
) -> bytes:
    links = links_of(town, found, shown, given, form="html")
    if item is not None:
        path = f"/collections/{found.id}/items/{item}"
        links = self_and_alternate(town, path, given, own=GEOJSON, form="html")
    features = [msgspec.json.decode(feature) for feature in shown.features]
    following = next((one["href"] for one in links if one["rel"] == "next"), None)
    html = page(
        town,
        "ogc/items.html",
        links,
        collection=found,
        features=features,
        matched=shown.matched,
        picture=picture(features),
        following=following,
        item=item,
    )
    return html.get_data()


def _in(response: Response, crs: Crs) -> Response:
    response.headers["Content-Crs"] = f"<{crs.uri}>"
    return response
