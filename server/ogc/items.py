"""Pages of features: put together from features that are written already."""

from bisect import bisect_right
from dataclasses import dataclass

import msgspec
import numpy as np

from server.api.published import Collection
from server.cities import City
from server.errors import NotThere
from server.filtering.crs import Crs
from server.filtering.matching import matching
from server.ogc.asking import Asked
from server.ogc.editions import edition_of, index_of
from server.ogc.links import GEOJSON, JSON, Link, address, link, self_and_alternate


@dataclass(frozen=True)
class Page:
    """Some features in the order of their ids, and how many there are in all."""

    features: list[bytes]
    matched: int
    last: str | None
    """The id of the last feature, if others follow it."""


def page_of(collection: Collection, asked: Asked) -> Page:
    """Return the features asked for."""
    edition = edition_of(collection.layer, asked.crs)
    if asked.predicate is None:
        found = np.arange(len(edition.ids))
    else:
        found = np.flatnonzero(matching(asked.predicate, index_of(collection.layer)))
    # Ids are in the order of their code points, which is how Python compares them.
    behind = 0 if asked.after is None else bisect_right(edition.ids, asked.after)
    begin = int(np.searchsorted(found, behind))
    shown = found[begin : begin + asked.limit].tolist()
    more = begin + asked.limit < len(found)
    return Page(
        [edition.features[one] for one in shown], len(found), edition.ids[shown[-1]] if more else None
    )


def encode_page(town: City, collection: Collection, page: Page, parameters: dict[str, str]) -> bytes:
    """Return a page as a GeoJSON FeatureCollection."""
    head = msgspec.json.encode(
        {
            "type": "FeatureCollection",
            "numberMatched": page.matched,
            "numberReturned": len(page.features),
            "timeStamp": collection.layer.finished_at,
            "links": links_of(town, collection, page, parameters, form="json"),
        }
    )
    return b'%s,"features":[%s]}' % (head[:-1], b",".join(page.features))


def links_of(
    town: City, collection: Collection, page: Page, parameters: dict[str, str], *, form: str
) -> list[Link]:
    """Return the links of a page; that to the next keeps every parameter."""
    path = f"/collections/{collection.id}"
    links = self_and_alternate(town, f"{path}/items", parameters, own=GEOJSON, form=form)
    links.append(link(address(town, path), "collection", JSON, collection.layer.title))
    if page.last is not None:
        following = address(town, f"{path}/items", parameters | {"after": page.last})
        links.append(link(following, "next", GEOJSON if form == "json" else "text/html", "The next features"))
    return links


def encode_item(town: City, collection: Collection, id_: str, crs: Crs, parameters: dict[str, str]) -> bytes:
    """Return one feature with its links; NotThere for an id that is not in the collection."""
    feature = item_of(collection, id_, crs)
    path = f"/collections/{collection.id}"
    links = self_and_alternate(town, f"{path}/items/{id_}", parameters, own=GEOJSON, form="json")
    links.append(link(address(town, path), "collection", JSON, collection.layer.title))
    return b'%s,"links":%s}' % (feature[:-1], msgspec.json.encode(links))


def item_of(collection: Collection, id_: str, crs: Crs) -> bytes:
    """Return one feature; NotThere for an id that is not in the collection."""
    edition = edition_of(collection.layer, crs)
    if id_ not in edition.places:
        raise NotThere(f"no feature {id_[:60]!r} in {collection.id}")
    return edition.features[edition.places[id_]]
