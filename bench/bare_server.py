"""The least a web server in Python does to keep an audit: python -m bench.bare_server PORT URL CITY DEVICE.

It takes a request, reads nothing of it, commits one prepared row of constants and answers: no token, no
limit, no check, no log.
"""

import sys
import threading
from collections.abc import Iterable
from http import HTTPStatus
from uuid import UUID
from wsgiref.types import StartResponse, WSGIEnvironment

import psycopg
from granian import Granian
from granian.constants import HTTPModes, Interfaces, RuntimeModes

_PORT, _URL, _CITY_ID, _DEVICE_ID = sys.argv[1:] if len(sys.argv) > 1 else ("0", "", "0", "")
_INSERT = """
INSERT INTO audit (city_id, audit_id, version, device_id, content_hash, instrument_id, instrument_version,
                   location, accuracy_m, cell, observed_at, daypart, ratings, comment, mode, used, flags)
VALUES (%b, gen_random_uuid(), 1, %b, decode(repeat('5a', 32), 'hex'), 'safetipin-9', 1,
        ST_SetSRID(ST_MakePoint(77.2, 28.6), 4326), 8.0, 626773230051803135, now(), 1,
        '{1,2,3,0,1,2,3,0,1}', 'the lamp at the corner is broken', 'walk', true, '{}')
"""
_ANSWER = b'{"status":"created"}'
_here = threading.local()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Keep one row and say so."""
    environ["wsgi.input"].read()
    if not hasattr(_here, "cursor"):
        _here.cursor = psycopg.connect(_URL, autocommit=True).cursor(binary=True)
    _here.cursor.execute(_INSERT, (int(_CITY_ID), UUID(_DEVICE_ID)), prepare=True)
    status = HTTPStatus.CREATED
    start_response(f"{status} {status.phrase}", [("Content-Length", str(len(_ANSWER)))])
    return [_ANSWER]


if __name__ == "__main__":
    Granian(
        "bench.bare_server:application",
        port=int(_PORT),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        runtime_mode=RuntimeModes.st,
        blocking_threads=8,
        log_enabled=False,
    ).serve()
