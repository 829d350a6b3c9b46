"""Runs whose parameters are estimated by the workers of a dask scheduler: other processes, other memory."""

import os

import pytest
from distributed import LocalCluster, get_worker

from server.publishing.analyse_city import analyse_city
from server.spreading import NoCluster, spread
from tests.server.publishing.conftest import Town


@pytest.fixture(scope="module")
def scheduler():
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as two:
        yield two.scheduler_address


def _where(shared: str, one: int) -> tuple[str, int, str, int]:
    return shared, one, get_worker().address, os.getpid()


def test_work_is_done_elsewhere_and_comes_back_in_order(scheduler):
    with spread(scheduler) as each:
        done = list(each(_where, "known to all", range(8)))
    assert [(shared, one) for shared, one, *_ in done] == [("known to all", one) for one in range(8)]
    assert len({worker for *_, worker, _ in done}) == 2
    assert os.getpid() not in {process for *_, process in done}


def test_a_run_on_a_cluster_has_the_rows_of_one_made_here(busy_town: Town, scheduler):
    busy_town.audit(busy_town.people(12), 0, [0, 1, 2, 3, 2, 1, 0, 1, 2])
    town = (busy_town.database, busy_town.city)
    here = busy_town.rows(analyse_city(*town, seed=5))
    with spread(scheduler) as each:
        there = busy_town.rows(analyse_city(*town, seed=5, each=each))
    assert here
    assert there == here


def test_a_worker_of_another_version_is_refused(scheduler, monkeypatch):
    monkeypatch.setattr("server.spreading.version", lambda _name: "0.0.1")
    with pytest.raises(NoCluster, match="install alike"), spread(scheduler):
        pass


def test_where_nobody_answers_the_remedy_is_named():
    with pytest.raises(NoCluster, match="dask scheduler"), spread("tcp://127.0.0.1:9"):
        pass
