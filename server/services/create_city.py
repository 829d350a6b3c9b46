"""Set up a city: the tenant, its boundary, and every built-in questionnaire."""

from collections.abc import Mapping
from typing import Any

from shapely.geometry import MultiPolygon
from sqlalchemy import Connection

from server.city_form import COLUMNS, LOWEST_K, SLUG
from server.errors import Fault, Invalid
from server.instruments.catalogue import builtin
from server.queries.cities import insert_city
from server.queries.instruments import insert_document
from server.services.change_city import need_what_photos_need

_DEFAULTS = {"languages": ["en"], "resolution": 9, "k": LOWEST_K}


def create_city(connection: Connection, *, slug: str, area: MultiPolygon, said: Mapping[str, Any]) -> int:
    """Return the id of a new city; `said` holds entries as `server.city_form.read_entries` returns them.

    `name` and `time_zone` must be among them. Raises Conflict where the slug is taken.
    """
    faults = [Fault(f"/{name}", "is missing") for name in ("name", "time_zone") if name not in said]
    if not SLUG.fullmatch(slug):
        faults.append(Fault("/slug", f"{slug[:80]!r}: at most 63 of a-z, 0-9 and -, the first no -"))
    if faults:
        raise Invalid("the city cannot be made", faults=faults)
    need_what_photos_need(said)
    settings = {name: value for name, value in said.items() if name not in COLUMNS}
    columns = {name: value for name, value in said.items() if name in COLUMNS}
    values = {**_DEFAULTS, **columns, "slug": slug, "settings": settings}
    city_id = insert_city(connection, values=values, area=area)
    for document in builtin().values():
        insert_document(
            connection,
            city_id=city_id,
            instrument_id=document.instrument.id,
            version=document.instrument.version,
            document=document.to_json(),
        )
    return city_id
