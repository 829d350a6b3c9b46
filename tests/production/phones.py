"""Phones that send over TLS and never ask twice: whatever is not answered as it should be is a failure.

    python -m tests.production.phones AUTHORITY CITY

They say `sending` once all have enrolled, go on until their input ends, and print what they sent, what was
acknowledged and what went wrong. Every second phone opens a connection for each request, the others keep
theirs; one more only reads.
"""

import http.client
import json
import random
import ssl
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.phones import encoded, new_batch

PHONES, BATCH, PAUSE_S, PATIENCE_S = 8, 5, 0.1, 30


@dataclass
class Told:
    """What all of them did and were told."""

    acknowledged: list[str] = field(default_factory=list)
    requests: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Line:
    """A way to the server, kept open or opened for each request."""

    def __init__(self, context: ssl.SSLContext, told: Told, *, kept: bool) -> None:
        self._open = lambda: http.client.HTTPSConnection("localhost", timeout=PATIENCE_S, context=context)
        self._connection = self._open()
        self._told = told
        self._kept = kept

    def ask(self, method: str, path: str, body: bytes | None = None, token: str = "") -> bytes:
        """Return the body of a good answer; note any other and return nothing."""
        headers = {"Content-Type": "application/json"} if body else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        began = time.monotonic()
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            content, fault = answer.read(), "" if answer.status in (200, 201) else f"{answer.status}"
        except (OSError, http.client.HTTPException) as error:
            content, fault = b"", repr(error)
        if fault or not self._kept:
            self._connection.close()
            self._connection = self._open()
        with self._told.lock:
            self._told.requests += 1
            self._told.longest_s = max(self._told.longest_s, time.monotonic() - began)
            if fault:
                self._told.failures[f"{method} {fault}"] += 1
        return b"" if fault else content


def send(line: Line, city: str, told: Told, ready: threading.Barrier, done: threading.Event) -> None:
    """Enrol, and once all have done so send batch after batch."""
    rng, token = random.Random(), json.loads(line.ask("POST", f"{city}/devices", b"{}"))["token"]
    ready.wait(PATIENCE_S)
    while not done.wait(PAUSE_S):
        heard = line.ask("POST", f"{city}/audits/batch", encoded(new_batch(rng, BATCH)), token)
        if heard:
            with told.lock:
                told.acknowledged += [one["id"] for one in json.loads(heard)["results"] if one["used"]]


def read(line: Line, city: str, done: threading.Event) -> None:
    """Read what anybody may."""
    while not done.wait(PAUSE_S):
        line.ask("GET", city)


def main() -> None:
    authority, slug = sys.argv[1:]
    context, told, done = ssl.create_default_context(cafile=authority), Told(), threading.Event()
    city, ready = f"/api/v1/cities/{slug}", threading.Barrier(PHONES + 1)
    work = [
        threading.Thread(target=send, args=(Line(context, told, kept=bool(one % 2)), city, told, ready, done))
        for one in range(PHONES)
    ]
    work.append(threading.Thread(target=read, args=(Line(context, told, kept=True), city, done)))
    for one in work:
        one.start()
    ready.wait(PATIENCE_S)
    print("sending", flush=True)
    sys.stdin.read()
    done.set()
    for one in work:
        one.join()
    print(
        json.dumps({name: vars(told)[name] for name in ("acknowledged", "requests", "failures", "longest_s")})
    )


if __name__ == "__main__":
    main()
