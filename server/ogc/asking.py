"""What a request to the layers asks for, read strictly: what is not known here is refused by name."""

from collections.abc import Collection as Names
from collections.abc import Iterator
from dataclasses import dataclass

from flask import request

from server.cities import City
from server.errors import BadParameter
from server.filtering.cql2 import parse
from server.filtering.crs import CRS84, Crs, crs_named
from server.filtering.parameters import read_bbox, read_datetime, read_property
from server.predicates import All, Predicate
from server.queries.layers import PublishedLayer

DEFAULT_LIMIT = 1000
LARGEST_LIMIT = 10_000
PAGE_LIMIT = 100
"""Features on a page for people, where no limit is given."""

FORMS = ("json", "html")
FILTERS = ("bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs")
_LANGUAGES = ("cql2-text", "cql-text")  # the second is what GDAL before 3.9 and older QGIS say


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which features of a layer, and how many of them at a time."""

    predicate: Predicate | None
    """None: all."""
    limit: int
    after: str | None
    """The id behind which the page begins."""
    crs: Crs


def parameters_here(*known: str) -> dict[str, str]:
    """Return the parameters of this request; BadParameter for one that is unknown here or given twice."""
    _check_names(known)
    return request.args.to_dict()


def form_here() -> str:
    """Return `html` where `f` says so or the client prefers it, else `json`."""
    form = request.args.get("f")
    if form is None:
        accepted = request.accept_mimetypes
        prefers_page = accepted["text/html"] > max(
            accepted["application/json"], accepted["application/geo+json"]
        )
        return "html" if prefers_page else "json"
    if form not in FORMS:
        raise BadParameter(f"f={form[:60]!r}: must be one of: {', '.join(FORMS)}")
    return form


def asked_here(town: City, layer: PublishedLayer) -> Asked:
    """Return what a request for items asks for."""
    parameters_here("f", "limit", "after", "crs", *FILTERS, *(field.name for field in layer.fields))
    return Asked(
        predicate=predicate_here(town, layer),
        limit=_limit(DEFAULT_LIMIT if form_here() == "json" else PAGE_LIMIT),
        after=request.args.get("after"),
        crs=crs_named(request.args.get("crs", CRS84.uri)),
    )


def predicate_here(town: City, layer: PublishedLayer) -> Predicate | None:
    """Return what the parameters of this request say of features; None where they say nothing."""
    parts = tuple(_parts(town, layer))
    return All(parts) if parts else None


def _parts(town: City, layer: PublishedLayer) -> Iterator[Predicate]:
    given = request.args
    box_crs, filter_crs = (crs_named(given.get(name, CRS84.uri)) for name in ("bbox-crs", "filter-crs"))
    language = given.get("filter-lang", _LANGUAGES[0])
    if language not in _LANGUAGES:
        raise BadParameter(f"filter-lang={language[:60]!r}: must be one of: {', '.join(_LANGUAGES)}")
    if "bbox" in given:
        yield read_bbox(given["bbox"], box_crs)
    if "datetime" in given:
        during = read_datetime(given["datetime"], layer.fields, time_zone=town.time_zone)
        if during is not None:
            yield during
    for field in layer.fields:
        if field.name in given:
            yield read_property(field, given[field.name])
    if "filter" in given:
        yield parse(given["filter"], layer.fields, crs=filter_crs, time_zone=town.time_zone)


def _check_names(known: Names[str]) -> None:
    for name, values in request.args.lists():
        if name not in known:
            raise BadParameter(f"there is no parameter {name[:60]!r} here; there are: {', '.join(known)}")
        if len(values) > 1:
            raise BadParameter(f"the parameter {name} is given {len(values)} times; once is understood")


def _limit(default: int) -> int:
    text = request.args.get("limit")
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise BadParameter(
            f"limit={text[:60]!r}: must be a whole number from 1; above {LARGEST_LIMIT} is {LARGEST_LIMIT}"
        )
    return min(int(text[:20]), LARGEST_LIMIT) if len(text) < 20 else LARGEST_LIMIT
