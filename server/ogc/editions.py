"""Layers ready to send and to be asked, made once per run and web process."""

from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from flask import current_app

from server.api.context import services
from server.api.published import tag_of
from server.exporting.edition import Edition
from server.exporting.shelf import Shelf
from server.filtering.crs import CRS84, Crs
from server.filtering.index import LayerIndex
from server.layer_table import LayerTable
from server.queries.layers import PublishedLayer
from server.services.read_layer import read_layer

_SHELF = "safeaudit-editions"
_SHELF_BYTES = 192 * 1024 * 1024


class Kept(Protocol):
    """Something on the shelf."""

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes."""


K = TypeVar("K", bound=Kept)


def edition_of(layer: PublishedLayer, crs: Crs = CRS84) -> Edition:
    """Return the edition of a layer in a reference system; NotThere where its run is no longer kept."""
    return kept(layer, crs.uri, lambda: Edition.of(_table(layer), crs))


def index_of(layer: PublishedLayer) -> LayerIndex:
    """Return what can be asked of a layer; errors as `edition_of`."""
    return kept(layer, "index", lambda: LayerIndex.of(_table(layer)))


def kept(layer: PublishedLayer, form: str, make: Callable[[], K]) -> K:
    """Return what is kept of a layer under the name of a form, made at its first asking after a run."""
    shelf: Shelf[Kept] = current_app.extensions.setdefault(
        _SHELF, Shelf(_SHELF_BYTES, size_of=lambda one: one.size_bytes)
    )
    return cast(K, shelf.get(f"{layer.city_id}/{tag_of(layer, form)}", make))


def _table(layer: PublishedLayer) -> LayerTable:
    with services().database.layer_reading() as connection:
        return read_layer(connection, layer)
