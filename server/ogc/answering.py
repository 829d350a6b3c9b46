"""Documents, pages for people, and features as answers: cached by run, compressed once."""

import gzip
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, current_app, render_template, request

from server.api.published import Collection, tag_of
from server.api.writing import json_response
from server.cities import City
from server.exporting.shelf import Shelf
from server.ogc.asking import form_here, parameters_here
from server.ogc.links import HTML, JSON, Link, origin, self_and_alternate

_SHELF = "safeaudit-pages"
_SHELF_BYTES = 64 * 1024 * 1024
_ENTRY_BYTES = 500  # of a key and its place on the shelf
_ONCE_LEVEL = 6
_EACH_TIME_LEVEL = 1


def document(
    town: City, path: str, body: dict[str, Any], *, template: str, own: str = JSON, **shown: Any
) -> Response:
    """Return a document as JSON, or as a page made of it; its `links` begin with those to itself."""
    form, parameters = form_here(), parameters_here("f")
    body["links"] = [*self_and_alternate(town, path, parameters, own=own, form=form), *body.get("links", ())]
    if form == "html":
        response = page(town, template, body["links"], document=body, **shown)
    else:
        response = json_response(body)
        response.content_type = own
    return _for_readers(response, everybody="Authorization" not in request.headers)


def page(town: City, template: str, links: list[Link], **shown: Any) -> Response:
    """Return a page for people."""
    others = [one for one in links if one["rel"] == "alternate"]
    html = render_template(template, town=town, origin=origin(), alternates=others, **shown)
    return Response(html, mimetype=HTML)


def of_layer(
    collection: Collection,
    form: str,
    content_type: str,
    make: Callable[[], bytes],
    *,
    lasting: str | None,
    costly: bool = False,
) -> Response:
    """Return what is made of a layer, or 304 if the client has it: the tag changes with the run alone.

    `lasting` names what is worth keeping compressed until the next run; None where it is made for this
    request alone. Of what is `costly` to make, the kept is unpacked for clients that cannot.
    """
    zipped = request.accept_encodings.quality("gzip") > 0
    tag = tag_of(collection.layer, f"{form}-gzip" if zipped else form)
    response = _for_readers(Response(content_type=content_type), everybody=collection.is_public)
    response.set_etag(tag)
    if request.if_none_match.contains(tag):
        response.status_code = 304
        return response
    if zipped:
        response.content_encoding = "gzip"
    name = f"{collection.layer.city_id}/{tag_of(collection.layer, form)}/{lasting}"
    response.set_data(_body(make, zipped=zipped, kept=None if lasting is None else name, costly=costly))
    return response


def _body(make: Callable[[], bytes], *, zipped: bool, kept: str | None, costly: bool) -> bytes:
    if kept is None or not (zipped or costly):
        made = make()
        return gzip.compress(made, _EACH_TIME_LEVEL, mtime=0) if zipped else made
    shelf: Shelf[bytes] = current_app.extensions.setdefault(
        _SHELF, Shelf(_SHELF_BYTES, size_of=lambda packed: len(packed) + _ENTRY_BYTES)
    )
    packed = shelf.get(kept, lambda: gzip.compress(make(), _ONCE_LEVEL, mtime=0))
    return packed if zipped else gzip.decompress(packed)


def _for_readers(response: Response, *, everybody: bool) -> Response:
    headers: Mapping[str, str] = {
        "Cache-Control": "public, max-age=60" if everybody else "private, no-store",
        "Vary": "Accept, Accept-Encoding, Authorization",
    }
    response.headers.update(headers)
    return response
