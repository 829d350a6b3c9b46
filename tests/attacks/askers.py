"""People who ask for aggregates at the same moment, in processes of their own, some of which are killed."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from threading import Barrier
from typing import Any

from sqlalchemy import Connection, text

from server.aggregating import answer as answering
from server.aggregating import ask as asking
from server.aggregating.wording import question_of
from server.cities import City, CityDirectory
from server.database import Database, connect
from server.errors import Refusal
from server.queries.aggregates import find_budget
from tests.server.releasing.conftest import MADE

Said = Mapping[str, Any]
Fate = str
FATES: tuple[Fate, ...] = ("lives", "dies paying", "dies drawing", "dies keeping", "lives")
_HEAD_START_S = 0.3  # for those who are to die: else the others may have spent all before
_DIES_IN = {
    "dies paying": (asking, "insert_event"),  # after the statement that spends, before the commit
    "dies drawing": (answering, "aggregate"),  # after the commit, before the noise
    "dies keeping": (answering, "keep_answer"),  # after the noise, before anybody sees it
}
_PREPARED = ["opendp.prelude", "server.aggregating.answer", "server.aggregating.wording"]


def ask_at_once(url: str, questions: Sequence[Said], *, careless: bool) -> list[int | None]:
    """Let all be asked at once, shared among processes of several fates; return how each process ended."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *_PREPARED])
    ready = context.Barrier(len(FATES))
    processes = [
        context.Process(target=_work, args=(url, questions[share :: len(FATES)], fate, careless, ready))
        for share, fate in enumerate(FATES)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    return [process.exitcode for process in processes]


def answer_one(database: Database, city: City, said: Said) -> Mapping[str, Any] | None:
    """Ask one question and return its answer, None where it was refused."""
    with suppress(Refusal):
        question = question_of(database, city, said)
        found = asking.ask(database, city, question, actor="operator", now=MADE)
        told = answering.answer(database, city, aggregate_id=found.aggregate_id, now=MADE)
        return told.answer if told else None
    return None


def _work(url: str, questions: Sequence[Said], fate: Fate, careless: bool, ready: Barrier) -> None:
    database = connect(url, pool_size=len(questions))
    city = CityDirectory(database).get("testville")
    if careless:
        asking.spend = _look_then_spend
    if fate in _DIES_IN:
        module, name = _DIES_IN[fate]
        setattr(module, name, _dying_at_the_second(getattr(module, name)))
    ready.wait(60)
    time.sleep(0 if fate in _DIES_IN else _HEAD_START_S)
    with ThreadPoolExecutor(len(questions)) as pool:
        list(pool.map(lambda said: answer_one(database, city, said), questions))


def _dying_at_the_second(act: Callable[..., Any]) -> Callable[..., Any]:
    calls: list[None] = []

    def acted(*values: Any, **named: Any) -> Any:
        calls.append(None)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return act(*values, **named)

    return acted


def _look_then_spend(connection: Connection, *, city_id: int, year: int, epsilon: Decimal) -> bool:
    """Spend as the program must not: what is left is looked up first, and the sum written after."""
    budget = find_budget(connection, city_id=city_id, year=year)
    if budget.left < epsilon:
        return False
    time.sleep(0.05)
    statement = text("""
        INSERT INTO privacy_budget (city_id, year, spent) VALUES (:city_id, :year, :spent)
        ON CONFLICT (city_id, year) DO UPDATE SET spent = excluded.spent""")
    values = {"city_id": city_id, "year": year, "spent": budget.spent + epsilon}
    connection.execute(statement, values)
    return True
