"""Phones with Collect send through a bad network; count what became of every record and photo.

    python -m tests.collect.campaign [--records 1000] [--seed 1] [--scenes]

The server is `safeaudit up` itself with its default limits. Forty phones come by one campaign's address, ten
by their own; all stand behind one IP address. Each fills the form it downloaded, with photos, and sends every
record again until it is acknowledged. Some records are corrected afterwards, some re-opened and sent again as
other XML under the same id. With `--scenes` photos have 1600 by 1200 pixels, each of which the server draws
anew and searches for faces; else they are as large and have 64, so that sending is what is tried. Pass: every
record is one audit with the answers that were sent last, every photo is there byte by byte, every re-opened
record waits for a moderator, nothing is stuck, and no token stands in the server's log.
"""

import argparse
import http.client
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import psycopg

from server.instruments.catalogue import builtin
from tests.collect.forms import fill, new_instance_id, some_answers
from tests.collect.ledger import Expected, Ledger, Verdict, find_verdict
from tests.collect.painting import Paint, grey_jpeg, scene_painter
from tests.collect.phone import DEFAULT_LENGTH, Collect, File, Record, UploadError, chunks
from tests.collect.proxy import BadNetwork, Fault
from tests.faults.server import Home, Running, new_home, served

CAMPAIGN_PHONES, OWN_PHONES = 40, 10
FAULTS = {
    Fault.NONE: 6.0,
    Fault.LOSE_REPLY: 1.0,
    Fault.CUT_REPLY: 1.0,
    Fault.RESET: 1.0,
    Fault.DELAY: 1.0,
}
STUCK_AFTER_S = 180.0
# Shares of the records.
REOPENED, CORRECTED, SPLIT, WITHOUT_PHOTO = 0.03, 0.05, 0.03, 0.2
RATINGS = tuple(rating.name for rating in builtin()["safetipin-9"].instrument.ratings)
T = TypeVar("T")


@dataclass(frozen=True)
class Stage:
    """The server and the addresses of its phones."""

    home: Home
    up: Running
    campaign: str
    own: tuple[str, ...]

    def phones(self, proxy: tuple[str, int]) -> list[Collect]:
        """Return all phones; every third sends in chunks."""
        addresses = [self.campaign] * CAMPAIGN_PHONES + list(self.own)
        return [
            Collect(address, f"collect:{number}", proxy, chunked=number % 3 == 0)
            for number, address in enumerate(addresses)
        ]


@contextmanager
def stage() -> Iterator[Stage]:
    """Yield a running server whose city takes photos, with a campaign and phones of their own."""
    with new_home() as home:
        home.command("city", "set", "firetown", "photos=on")
        now = datetime.now(UTC)
        times = ("--from", f"{now - timedelta(hours=1):%FT%TZ}", "--to", f"{now + timedelta(hours=3):%FT%TZ}")
        opened = home.command("campaign", "create", "firetown", "--name", "Walk", *times)
        campaign = next(line for line in opened.splitlines() if "/openrosa/" in line)
        with served(home) as up:
            own = [
                f"http://127.0.0.1:{up.port}/openrosa/firetown/{_enrol(up.port)}" for _ in range(OWN_PHONES)
            ]
            yield Stage(home, up, campaign, tuple(own))


def _enrol(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", "/api/v1/cities/firetown/devices", b"{}", {"Content-Type": "application/json"})
    token: str = json.loads(connection.getresponse().read())["token"]
    connection.close()
    return token


@dataclass(frozen=True)
class Outcome:
    """What is left once all phones are done: what they know, the store, the log."""

    ledger: Ledger
    faults: Counter[Fault]
    connection: psycopg.Connection
    stage: Stage

    def verdict(self) -> Verdict:
        """Return what store and log say now."""
        tokens = [address.rpartition("/")[2] for address in (self.stage.campaign, *self.stage.own)]
        log = self.stage.home.log.read_text(errors="replace")
        album = self.stage.home.path / "photos"
        return find_verdict(self.connection, self.ledger, album=album, log=log, tokens=tokens)


@contextmanager
def sent(*, records: int, seed: int = 1, paint: Paint | None = None) -> Iterator[Outcome]:
    """Yield the outcome of so many records, spread over all phones; the server still runs.

    `paint` makes a photo, by default one of few pixels.
    """
    with stage() as here:
        network = BadNetwork(("127.0.0.1", here.up.port), FAULTS, random.Random(seed))
        ledger = Ledger()
        with network.listening() as proxy, ThreadPoolExecutor(CAMPAIGN_PHONES + OWN_PHONES) as pool:
            phones = here.phones(proxy)
            shares = [len(range(number, records, len(phones))) for number in range(len(phones))]
            seeds = range(seed * 1000, seed * 1000 + len(phones))
            for _ in pool.map(partial(_use, ledger=ledger, paint=paint or grey_jpeg), phones, shares, seeds):
                pass
        with psycopg.connect(here.up.database) as connection:
            yield Outcome(ledger, network.happened, connection, here)


def _use(phone: Collect, records: int, seed: int, *, ledger: Ledger, paint: Paint) -> None:
    """Fill and send so many records, each until it is acknowledged."""
    rng = random.Random(seed)
    form = _persist(lambda: phone.form("safetipin-9"), ledger) if records else b""
    for _ in range(records):
        try:
            _one_record(phone, form, rng, ledger, paint)
        except _StuckError:
            ledger.count("stuck")
    ledger.count("posts", phone.posts)


def _one_record(phone: Collect, form: bytes, rng: random.Random, ledger: Ledger, paint: Paint) -> None:
    """Send a record; sometimes correct it, or re-open it and send it again under the same id."""
    instance_id, values, files = new_instance_id(), some_answers(form, rng), _photos(rng, paint)
    ledger.count("split", len(list(chunks(Record(b"", files), DEFAULT_LENGTH))) - 1)
    values |= {f"photos/photo_{number}": name for number, (name, _) in enumerate(files, 1)}
    expected = Expected(UUID(instance_id), phone.device_id, dict(files))
    ledger.expected[expected] = _ratings(values)
    _deliver(phone, fill(form, values, instance_id=instance_id), files, ledger)
    fate = rng.random()
    if fate < REOPENED:
        ledger.count("reopened")
        reopened = values | {"comment": "re-opened"}
        _deliver(phone, fill(form, reopened, instance_id=instance_id), files, ledger)
    elif fate < REOPENED + CORRECTED:
        ledger.count("corrected")
        values |= {"answers/lighting": str(rng.randrange(4)), "comment": "corrected"}
        ledger.expected[expected] = _ratings(values)
        edited = fill(form, values, instance_id=new_instance_id(), deprecated_id=instance_id)
        _deliver(phone, edited, files, ledger)


def _ratings(values: dict[str, str]) -> tuple[int, ...]:
    return tuple(int(values.get(f"answers/{name}", -1)) for name in RATINGS)


def _deliver(phone: Collect, xml: bytes, files: tuple[File, ...], ledger: Ledger) -> None:
    _persist(lambda: phone.send(Record(xml, files)), ledger)


class _StuckError(Exception):
    """A record was not acknowledged however often it was sent."""


def _persist(attempt: Callable[[], T], ledger: Ledger) -> T:
    """Return what comes of an attempt once it succeeds, tried again as Collect does on the next network."""
    deadline = time.monotonic() + STUCK_AFTER_S
    while time.monotonic() < deadline:
        try:
            return attempt()
        except (OSError, http.client.HTTPException):
            ledger.count("retries")
        except UploadError as fault:
            ledger.refused(str(fault))
        time.sleep(random.random() * 0.3)
    raise _StuckError


def _photos(rng: random.Random, paint: Paint) -> tuple[File, ...]:
    """Return no photo, some of everyday size, or three that make Collect split the record."""
    kind = rng.random()
    sizes = [rng.randrange(20_000, 300_000) for _ in range(rng.randrange(1, 4))]
    if kind < SPLIT:
        sizes = [4_500_000] * 3
    elif kind < SPLIT + WITHOUT_PHOTO:
        sizes = []
    return tuple((f"{rng.getrandbits(40)}.jpg", paint(rng.randbytes(size))) for size in sizes)


def main() -> None:
    """Run the campaign and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenes", action="store_true", help="photos of 1600 by 1200 pixels")
    options = parser.parse_args()
    paint = scene_painter(random.Random(options.seed)) if options.scenes else None
    began = time.monotonic()
    with sent(records=options.records, seed=options.seed, paint=paint) as outcome:
        verdict = outcome.verdict()
    print("connections:", ", ".join(f"{fault} {number}" for fault, number in sorted(outcome.faults.items())))
    print(f"{verdict}; {time.monotonic() - began:.0f} s")
    print("passed" if verdict.passed else "FAILED")
    sys.exit(not verdict.passed)


if __name__ == "__main__":
    main()
