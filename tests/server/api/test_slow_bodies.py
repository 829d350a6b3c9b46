"""Bodies that do not come to their end: how many are waited for, of whom, and for how long."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from server.api import slow_bodies
from server.api.slow_bodies import SlowBodies
from server.errors import TooMany, Unavailable


class Stuck:
    """A body that does not come before it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def read(self, _: int) -> bytes:
        self.let_go.wait(60)
        return b"at last"


class Here:
    """A body that is there."""

    def read(self, _: int) -> bytes:
        return b"here"


def reading(environ: dict[str, Any], _: Any) -> list[bytes]:
    return [environ["wsgi.input"].read(7)]


def request(body: object, *, address: str = "192.0.2.1", token: str | None = None) -> dict[str, Any]:
    given = {"CONTENT_LENGTH": "7", "wsgi.input": body, "REMOTE_ADDR": address}
    return given | ({"HTTP_AUTHORIZATION": token} if token else {})


def ask(application: SlowBodies, environ: dict[str, Any]) -> bytes:
    return b"".join(application(environ, lambda *_: lambda _: None))


@contextmanager
def stuck(application: SlowBodies, whose: Callable[[int], dict[str, str]], number: int) -> Iterator[None]:
    """Let so many bodies be waited for meanwhile; `whose` tells address and token of each."""
    body = Stuck()
    threads = [
        threading.Thread(target=ask, args=(application, request(body, **whose(place))))
        for place in range(number)
    ]
    for thread in threads:
        thread.start()
    while len(application.coming) < number:
        time.sleep(0.001)
    try:
        yield
    finally:
        body.let_go.set()
        for thread in threads:
            thread.join()


def of_many(place: int) -> dict[str, str]:
    return {"address": f"192.0.2.{place}", "token": f"Bearer {place}"}


@pytest.fixture
def application() -> SlowBodies:
    return SlowBodies(reading, patience_s=0.05)


def test_where_few_are_on_their_way_one_sender_may_have_them_all(application: SlowBodies) -> None:
    sender = {"address": "192.0.2.1", "token": "Bearer 1"}
    with stuck(application, lambda _: sender, slow_bodies.CALM - 1):
        assert ask(application, request(Here(), **sender)) == b"here"


@pytest.mark.parametrize(
    ("most", "whose", "refused"),
    [
        (slow_bodies.CALM, lambda place: {"address": f"192.0.2.{place}", "token": "Bearer 1"}, "token"),
        (slow_bodies.MOST_OF_ADDRESS, lambda place: {"token": f"Bearer {place}"}, "address"),
    ],
)
def test_one_sender_may_not_have_all(most: int, whose: Callable[[int], dict[str, str]], refused: str) -> None:
    application = SlowBodies(reading)
    with stuck(application, whose, most):
        with pytest.raises(TooMany):
            ask(application, request(Here(), **whose(999 if refused == "address" else 250)))
        assert ask(application, request(Here(), address="198.51.100.1", token="Bearer other")) == b"here"
    assert ask(application, request(Here(), **whose(0))) == b"here"
    assert not application.coming


def test_there_is_an_end_to_all_of_them_together(
    application: SlowBodies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slow_bodies, "MOST", slow_bodies.CALM)
    with stuck(application, of_many, slow_bodies.CALM), pytest.raises(Unavailable, match="too many"):
        ask(application, request(Here(), address="198.51.100.1"))


def test_in_a_crowd_a_body_has_so_long_and_no_longer(application: SlowBodies) -> None:
    late = Stuck()
    with stuck(application, of_many, slow_bodies.CALM):
        assert ask(application, request(Here(), address="198.51.100.1")) == b"here"
        with pytest.raises(Unavailable, match="in time"):
            ask(application, request(late, address="198.51.100.1"))
    late.let_go.set()
    assert not application.coming


class Partly:
    """A body of which a part comes at a time."""

    def __init__(self) -> None:
        self.parts = iter([b"first", b"second"])

    def read(self, _: int) -> bytes:
        return next(self.parts)


def test_a_body_refused_after_its_first_part_is_not_read_on() -> None:
    """A reader who starts anew would see the second part alone."""
    bodies: list[Any] = []

    def keeping(environ: dict[str, Any], _: Any) -> list[bytes]:
        bodies.append(environ["wsgi.input"])
        return [environ["wsgi.input"].read(7)]

    application, sender = SlowBodies(keeping), {"address": "192.0.2.1", "token": "Bearer 1"}
    assert ask(application, request(Partly(), **sender)) == b"first"
    with stuck(application, lambda _: sender, slow_bodies.CALM), pytest.raises(TooMany):
        bodies[0].read(7)
    with pytest.raises(TooMany):
        bodies[0].read(7)
