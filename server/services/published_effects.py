"""What the latest public run says of interventions' effects, and nothing else."""

from collections.abc import Mapping

from sqlalchemy import Connection

from analysis.disclosure.layer import Value
from server.queries.layers import PUBLIC, list_latest, read_table

FIELDS = ("effect", "effect_low", "effect_high", "p", "n")
UNTOLD: Mapping[str, Value] = dict.fromkeys(FIELDS)


def published_effects(connection: Connection, *, city_id: int) -> dict[str, Mapping[str, Value]]:
    """Return the effect's fields by the id of the intervention, as the layer `interventions` has them."""
    layers = [
        layer
        for layer in list_latest(connection, city_id=city_id)
        if layer.name == "interventions" and layer.audience == PUBLIC
    ]
    found: dict[str, Mapping[str, Value]] = {}
    for layer in layers:
        table = read_table(connection, layer)
        columns = [table.columns[name] for name in FIELDS]
        for id_, values in zip(table.ids, zip(*columns, strict=True), strict=True):
            found[id_] = dict(zip(FIELDS, values, strict=True))
    return found
