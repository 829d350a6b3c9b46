"""What a run holds back before it reads: implausible audits, and bursts of new devices; moderators decide."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from analysis.abuse.bursts import bursts
from analysis.abuse.plausibility import FASTEST_KMH, MOST_ALIKE, Traces, alike, coarse, speed_kmh
from server.cities import City
from server.queries.binary_copy import uuids
from server.queries.moderation import add_audits, find_open_burst, open_case
from server.queries.screening import list_waiting_there, read_new_devices, read_recent


def screen(connection: Connection, city: City, *, as_of: datetime) -> None:
    """Open cases about what came lately, as docs/moderation.md tells; what they hold back has no weight.

    Only audits of phones that no run admitted are held back. The same audits give the same cases, once.
    """
    _implausible(connection, city, as_of=as_of)
    _bursts(connection, city, as_of=as_of)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Suspicion:
    """Rows held back for one reason, and the figure that moderators are told."""

    reason: str
    figure: str
    held: NDArray[np.bool_]
    value: NDArray[Any]


def _suspicions(traces: Traces) -> Iterator[_Suspicion]:
    speed, twins = speed_kmh(traces), alike(traces)
    yield _Suspicion(
        reason="coarse", figure="accuracy_m", held=coarse(traces), value=np.nan_to_num(traces.accuracy_m)
    )
    yield _Suspicion(reason="leap", figure="speed_kmh", held=speed > FASTEST_KMH, value=speed)
    yield _Suspicion(reason="copied", figure="alike", held=twins > MOST_ALIKE, value=twins)


def _implausible(connection: Connection, city: City, *, as_of: datetime) -> None:
    ratings = max(len(one.ratings) for versions in city.instruments.values() for one in versions.values())
    recent = read_recent(
        connection, city_id=city.city_id, time_zone=city.time_zone, ratings=ratings, as_of=as_of
    )
    for one in _suspicions(recent.traces):
        for rows in _by_device(recent.traces.device, one.held & ~recent.settled):
            audits = recent.audit[rows]
            figures = {one.figure: round(float(one.value[rows].max()))}
            values = {"reason": one.reason, "opened_at": as_of, "detail": figures}
            case_id = open_case(connection, city_id=city.city_id, values=values)
            versions = audits["version"].tolist()
            pairs = list(zip(uuids(audits["audit_id"]), versions, strict=True))
            add_audits(connection, city_id=city.city_id, case_id=case_id, audits=pairs)


def _by_device(device: NDArray[np.int64], held: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Return the rows held back of each device that has any."""
    rows = np.flatnonzero(held)
    rows = rows[np.argsort(device[rows], kind="stable")]
    starts = np.flatnonzero(np.diff(device[rows])) + 1
    return np.split(rows, starts) if len(rows) else []


def _bursts(connection: Connection, city: City, *, as_of: datetime) -> None:
    found = read_new_devices(
        connection,
        city_id=city.city_id,
        time_zone=city.time_zone,
        resolution=city.resolution,
        as_of=as_of,
    )
    among = bursts(found.arrivals, k=city.k)
    for cell in np.unique(found.arrivals.cell[among]).tolist():
        devices = found.device_id[among & (found.arrivals.cell == cell)]
        ids = list_waiting_there(
            connection, city_id=city.city_id, resolution=city.resolution, cell=cell, device_id=devices
        )
        if ids:
            case_id = find_open_burst(connection, city_id=city.city_id, cell=cell)
            if case_id is None:
                values = {
                    "reason": "burst",
                    "opened_at": as_of,
                    "cell": cell,
                    "detail": {"new_devices": len(devices)},
                }
                case_id = open_case(connection, city_id=city.city_id, values=values)
            add_audits(connection, city_id=city.city_id, case_id=case_id, audits=[(id_, None) for id_ in ids])
