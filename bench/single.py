"""Single audits over HTTP beside single rows by pgbench.

    python -m bench.single [--rounds 3] [--seconds 6]

HTTP: one audit a request over 8 connections, with access rules, limits and logging on. Floor: pgbench with 8
clients, each committing prepared one-row inserts of all columns into the same table. The two take turns; the
last line is the ratio of the medians. Then, likewise, the least that a web server in Python does
(bench.bare_server): what a commit for each request costs there before anything is read or checked.
"""

import argparse
import random
import re
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy.engine import make_url

from bench.harness import Ground, WebServer, bare_server, ground, web_server
from bench.phones import Phone, Round, compare, documents, enrol, metered, send_all
from server.cluster.binaries import find

CONNECTIONS = 8

_INSERT = r"""
\set lat random(28410000, 28690000)
\set lng random(77010000, 77290000)
INSERT INTO audit (city_id, audit_id, version, device_id, content_hash, instrument_id, instrument_version,
                   location, accuracy_m, cell, observed_at, daypart, ratings, comment, mode, used, flags)
VALUES (:city_id, gen_random_uuid(), 1, :device_id, decode('{digest}', 'hex'), 'safetipin-9', 1,
        ST_SetSRID(ST_MakePoint(:lng / 1e6, :lat / 1e6), 4326), 8.0, 626773230051803135, now(), 1,
        '{{1,2,3,0,1,2,3,0,1}}', 'the lamp at the corner is broken', 'walk', true, '{{}}');
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6)
    options = parser.parse_args()
    with ground() as place:
        phones = enrol(place, CONNECTIONS)
        told = _address(place), str(place.city.city_id), str(phones[0].device_id)
        for name, serving in {
            "safeaudit": web_server(place.url),
            "a bare server": bare_server(*told),
        }.items():
            print(name)
            with serving as server:
                compare(
                    lambda: http_round(place, server, phones, options.seconds),
                    lambda: pgbench_round(place, server, phones[0], options.seconds),
                    rounds=options.rounds,
                    audits=1,
                )


def http_round(place: Ground, server: WebServer, phones: Sequence[Phone], seconds: float) -> Round:
    """Return the audits acknowledged in the time."""
    rng = random.Random()
    bodies = [[msgspec.json.encode(one) for one in documents(int(seconds * 1500) + 10, rng)] for _ in phones]
    proof = b'"status":"created"'
    return send_all(place, server, phones, bodies, path="audits", proof=proof, seconds=seconds)


def pgbench_round(place: Ground, server: WebServer, phone: Phone, seconds: int) -> Round:
    """Return the rows that pgbench committed in the time."""
    spent: dict[str, float] = {}
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_INSERT.format(digest="5a" * 32))
        script.flush()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with metered(spent, place, server):
            found = subprocess.run(
                [
                    *(find()["pgbench"], "--no-vacuum", "--protocol=prepared", f"--time={seconds}"),
                    *(f"--client={CONNECTIONS}", "--jobs=2", f"--file={Path(script.name)}"),
                    *(
                        "-D",
                        f"city_id={place.city.city_id}",
                        "-D",
                        f"device_id={phone.device_id}",
                        _address(place),
                    ),
                ],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    rows = int(re.search(r"transactions actually processed: (\d+)", found)[1])  # type: ignore[index]
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Round(rows, seconds, {"store": spent["store"], "clients": cpu_s})


def _address(place: Ground) -> str:
    return make_url(place.url).set(drivername="postgresql").render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
