"""Layers as features ready to send, made once per run and web process."""

from flask import current_app

from server.api.context import services
from server.api.published import tag_of
from server.exporting.edition import Edition
from server.exporting.shelf import Shelf
from server.filtering.crs import CRS84, Crs
from server.queries.layers import PublishedLayer
from server.services.read_layer import read_layer

_SHELF = "safeaudit-editions"
_SHELF_BYTES = 128 * 1024 * 1024


def edition_of(layer: PublishedLayer, crs: Crs = CRS84) -> Edition:
    """Return the edition of a layer in a reference system; NotThere where its run is no longer kept."""
    shelf: Shelf[Edition] = current_app.extensions.setdefault(
        _SHELF, Shelf(_SHELF_BYTES, size_of=lambda edition: edition.size_bytes)
    )

    def make() -> Edition:
        with services().database.layer_reading() as connection:
            return Edition.of(read_layer(connection, layer), crs)

    return shelf.get(f"{layer.city_id}/{tag_of(layer, crs.uri)}", make)
