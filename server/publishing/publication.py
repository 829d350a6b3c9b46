"""A run as the store keeps it: its record, its layers, the shapes of their cells, what it admitted."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from sqlalchemy import Connection

from geo.cells import polygons
from server.cities import City
from server.publishing.finding import Finding
from server.publishing.retention import expired
from server.queries.admission import insert_admissions, settle
from server.queries.cell_geometry import insert_shapes, list_known
from server.queries.interventions import insert_effects
from server.queries.layers import publish, refresh_statistics
from server.queries.runs import delete_layers, insert_run, list_published


def publish_run(
    connection: Connection, city: City, findings: Sequence[Finding], *, record: Mapping[str, Any]
) -> int:
    """Store a run whole and return its id; layers of runs past their time are deleted.

    `record` are the columns of the run but its parameters.
    """
    parameters = {
        "k": city.k,
        "resolution": city.resolution,
        "software": version("safeaudit"),
        "instruments": {finding.instrument_id: finding.parameters for finding in findings},
    }
    run_id = insert_run(connection, city_id=city.city_id, values={**record, "parameters": parameters})
    for finding in findings:
        _store(connection, city, run_id, finding)
    trusted = findings[0].trusted  # the city's first instrument is the one that most people answer
    if trusted is not None:
        trusted.store(connection, city_id=city.city_id)
    gone = expired(list_published(connection, city_id=city.city_id), time_zone=city.time_zone)
    delete_layers(connection, city_id=city.city_id, run_ids=gone)
    refresh_statistics(connection)
    return run_id


def _store(connection: Connection, city: City, run_id: int, finding: Finding) -> None:
    features = (feature for layer in finding.layers for feature in layer.features)
    _store_shapes(connection, city.city_id, {one.cell for one in features if one.cell is not None})
    publish(
        connection,
        city_id=city.city_id,
        run_id=run_id,
        instrument_id=finding.instrument_id,
        layers=finding.layers,
    )
    insert_effects(connection, city_id=city.city_id, effects=finding.effects)
    if finding.admission is not None:
        settle(connection, city_id=city.city_id, audit=finding.admission.settled)
        insert_admissions(
            connection,
            city_id=city.city_id,
            run_id=run_id,
            instrument_id=finding.instrument_id,
            new=finding.admission.new,
        )


def _store_shapes(connection: Connection, city_id: int, cells: set[int]) -> None:
    new = sorted(cells - list_known(connection, city_id=city_id, cells=cells))
    shapes = polygons(np.array(new, dtype=np.int64))
    insert_shapes(connection, city_id=city_id, cells=new, shapes=shapes)
