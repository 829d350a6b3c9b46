"""The weights of the run before, which stay until the audits tell otherwise."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from analysis.score import Weights
from server.cities import City
from server.queries.runs import find_run_before, read_parameters

_FITTED = "fitted"


def read_held_weights(
    connection: Connection, city: City, *, instrument_id: str, as_of: datetime
) -> Mapping[str, Weights]:
    """Return the fitted weights of the last run before `as_of`, by audience: `planner`, `public`."""
    before = find_run_before(connection, city_id=city.city_id, as_of=as_of)
    if before is None:
        return {}
    parameters = read_parameters(connection, city_id=city.city_id, run_id=before.run_id)
    told = parameters.get("instruments", {}).get(instrument_id, {})
    accounts = {audience: told.get(audience, {}) for audience in ("planner", "public")}
    return {
        audience: Weights(values=account["weights"], source=_FITTED)
        for audience, account in accounts.items()
        if account.get("weights_source") == _FITTED
    }
