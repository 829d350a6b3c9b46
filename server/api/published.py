"""Published layers as readers may have them: the public's by everybody, the planners' by those with a key."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app, request

from server.actors import Actor, Role
from server.api.authentication import actor_here
from server.api.context import services
from server.api.short_memory import ShortMemory
from server.cities import City
from server.errors import NotAllowed, NotThere
from server.queries.events import insert_event
from server.queries.layers import PUBLIC, PublishedLayer, list_latest
from server.services.read_layer import NoRun

READERS = frozenset({Role.PLANNER, Role.ANALYST, Role.ADMIN})

_KNOWN = "safeaudit-collections"
_KNOWN_FOR_S = 1.0
_READ = "safeaudit-readings"
_ONE_READING_S = 3600  # a client pages through a layer, or pans over it, by many requests

Collections = Mapping[str, "Collection"]


@dataclass(frozen=True)
class Collection:
    """A layer of the last run under the name by which clients ask for it.

    That is the layer's own where it is of the city's first instrument that has it, else `layer.instrument`.
    """

    id: str
    layer: PublishedLayer

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it."""
        return self.layer.audience == PUBLIC


def collections_here(town: City) -> list[Collection]:
    """Return the collections that whoever asks may read; NotAuthenticated for a token that is none."""
    may_all = "Authorization" in request.headers and actor_here().role in READERS
    return [one for one in _collections(town).values() if one.is_public or may_all]


def collection_here(town: City, id_: str) -> Collection:
    """Return a collection that whoever asks may read; that a planner's is read is logged.

    NoRun before the first run; NotThere names what exists; NotAuthenticated or NotAllowed without the right
    to it.
    """
    known = _collections(town)
    if not known:
        raise NoRun("this city has not been analysed yet; its layers come with the first run")
    if id_ not in known:
        names = ", ".join(one.id for one in collections_here(town))
        raise NotThere(f"no collection {id_[:60]!r} in this city; there are: {names}")
    found = known[id_]
    if not found.is_public:
        _note(found.layer, reader_here())
    return found


def reader_here() -> Actor:
    """Return who asks, if they may read planners' layers; else NotAuthenticated or NotAllowed."""
    actor = actor_here()
    if actor.role not in READERS:
        raise NotAllowed(f"this layer needs a token of: {', '.join(sorted(READERS))}")
    return actor


def log_reading(layer: PublishedLayer, reader: Actor) -> None:
    """Keep that a planner's layer was read, by whom."""
    with services().database.transaction() as connection:
        insert_event(
            connection,
            city_id=layer.city_id,
            actor=f"key:{reader.id}",
            action="layer.read",
            detail={"layer": layer.name, "instrument": layer.instrument_id, "run": layer.run_id},
        )


def tag_of(layer: PublishedLayer, form: str) -> str:
    """Return what changes exactly when the bytes of a form do; a new store numbers its runs from 1 again."""
    published = int(layer.finished_at.timestamp())
    return f"{layer.run_id}-{published:x}-{layer.instrument_id}-{layer.name}-{form}"


def _collections(town: City) -> Collections:
    memory: ShortMemory[int, Collections] = current_app.extensions.setdefault(
        _KNOWN, ShortMemory(lasts_s=_KNOWN_FOR_S, most=1000)
    )
    known = memory.get(town.city_id)
    if known is None:
        with services().database.layer_reading() as connection:
            known = _named(list_latest(connection, city_id=town.city_id), tuple(town.documents))
        memory.put(town.city_id, known)
    return known


def _named(layers: list[PublishedLayer], instruments: tuple[str, ...]) -> Collections:
    named: dict[str, Collection] = {}
    for layer in sorted(layers, key=lambda layer: instruments.index(layer.instrument_id)):
        id_ = f"{layer.name}.{layer.instrument_id}" if layer.name in named else layer.name
        named[id_] = Collection(id_, layer)
    return named


def _note(layer: PublishedLayer, reader: Actor) -> None:
    """Log a reading, once for all requests of a key for a layer of a run within an hour."""
    memory: ShortMemory[tuple[object, ...], bool] = current_app.extensions.setdefault(
        _READ, ShortMemory(lasts_s=_ONE_READING_S, most=10_000)
    )
    reading = (reader.id, layer.city_id, layer.run_id, layer.instrument_id, layer.name)
    if not memory.get(reading):
        log_reading(layer, reader)
        memory.put(reading, True)
