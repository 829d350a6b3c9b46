"""Ingest over HTTP beside the floor: the same rows, straight into the same table, by the same statement.

    python -m bench.ingest [--rounds 3] [--seconds 6]

HTTP: batches of 50 over 8 connections, with access rules, limits and logging on. Floor: 4 processes that
execute the insert of `server.queries.arrivals` with rows prepared beforehand, one commit a batch. The two
take turns; the last line is the ratio of the medians. Beside each rate stands the processor time that a batch
cost in milliseconds, by who spent it: on a busy machine that is the steadier figure.
"""

import argparse
import multiprocessing
import random
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import psycopg
from sqlalchemy.engine import make_url

from bench.harness import SECRET, Ground, WebServer, ground, web_server
from bench.phones import Phone, Round, compare, documents, enrol, metered, send_all
from server.queries import arrivals
from server.services.submit_audits import Sender, audit_rows

BATCH, CONNECTIONS, PROCESSES = 50, 8, 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0)
    options = parser.parse_args()
    with ground() as place, web_server(place.url) as server:
        phones = enrol(place, CONNECTIONS)
        compare(
            lambda: http_round(place, server, phones, options.seconds),
            lambda: floor_round(place, server, phones, options.seconds),
            rounds=options.rounds,
            audits=BATCH,
        )


def http_round(place: Ground, server: WebServer, phones: Sequence[Phone], seconds: float) -> Round:
    """Return the batches acknowledged in the time."""
    proof = b'"created":%d' % BATCH
    bodies = [prepare_bodies(seconds) for _ in phones]
    return send_all(place, server, phones, bodies, path="audits/batch", proof=proof, seconds=seconds)


def prepare_bodies(seconds: float) -> list[bytes]:
    """Return more batches than one connection can send in the time."""
    rng = random.Random()
    return [msgspec.json.encode({"audits": documents(BATCH, rng)}) for _ in range(int(seconds * 120) + 10)]


def floor_round(place: Ground, server: WebServer, phones: Sequence[Phone], seconds: float) -> Round:
    """Return the batches committed by PROCESSES processes in the time."""
    rng = random.Random()
    work = [floor_batches(place, phone, rng, seconds) for phone in phones[:PROCESSES]]
    context = multiprocessing.get_context("fork")
    start, results = context.Barrier(PROCESSES), context.SimpleQueue()
    processes = [
        context.Process(target=floor_worker, args=(place, phone, batches, seconds, start, results))
        for phone, batches in zip(phones, work, strict=False)
    ]
    spent: dict[str, float] = {}
    with metered(spent, place, server):
        for process in processes:
            process.start()
        committed = [results.get() for _ in processes]
        for process in processes:
            process.join()
    batches, took_s, cpu_s = zip(*committed, strict=True)
    return Round(sum(batches), statistics.mean(took_s), {"store": spent["store"], "clients": sum(cpu_s)})


def floor_batches(place: Ground, phone: Phone, rng: random.Random, seconds: float) -> list[str]:
    """Return encoded rows, 50 each, just as the service hands them to the statement."""
    city, sender, batches = place.city, Sender(device_id=phone.device_id), []
    for _ in range(int(seconds * 400) + 10):
        contents = [city.reader.audit(document) for document in documents(BATCH, rng)]
        rows = audit_rows(contents, city=city, sender=sender, secret=SECRET.encode(), now=datetime.now(UTC))
        batches.append(msgspec.json.encode(rows).decode())
    return batches


def floor_worker(place, phone, batches, seconds, start, results) -> None:  # type: ignore[no-untyped-def]
    """Execute the insert until the time is over; report batches, seconds and processor time."""
    address = make_url(place.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, options="-c jit=off", cursor_factory=psycopg.RawCursor) as connection:
        start.wait()
        began, spent_before, done = time.monotonic(), time.process_time(), 0
        for batch in batches:
            if time.monotonic() - began > seconds:
                break
            with connection.transaction():
                values = (place.city.city_id, f"{{{phone.device_id}}}", "{false}", batch, BATCH)
                row = connection.execute(arrivals._INSERT.sql, values).fetchone()
            if row is None or row[1] != [phone.device_id] or row[2] is not None:
                raise SystemExit("the floor did not keep what it was given")
            done += 1
        results.put((done, time.monotonic() - began, time.process_time() - spent_before))


if __name__ == "__main__":
    main()
