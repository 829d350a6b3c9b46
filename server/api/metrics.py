"""What the operator's monitoring reads: counts and times by route template, over all web processes."""

import os
from functools import cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)

from server.draining import SHARED

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_requests = Counter("safeaudit_requests", "Requests answered.", ["method", "route", "status"])
_seconds = Histogram("safeaudit_request_seconds", "Time to answer.", ["route"], buckets=_BUCKETS_S)
_audits = Counter("safeaudit_audits", "Audits received, by what became of them.", ["status"])


def count_request(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    requests, times = _of_request(method, route, str(status))
    requests.inc()
    times.observe(seconds)


def count_audits(status: str, number: int = 1) -> None:
    """Count audits that were `created`, `duplicate`, `conflict`, `invalid` or `quarantined`."""
    _of_audits(status).inc(number)


@cache  # to look them up costs more than to count
def _of_request(method: str, route: str, status: str) -> tuple[Counter, Histogram]:
    return _requests.labels(method, route, status), _seconds.labels(route)


@cache
def _of_audits(status: str) -> Counter:
    return _audits.labels(status)


def exposition() -> tuple[bytes, str]:
    """Return the text of all metrics and its content type, summed over the processes of this server."""
    registry = REGISTRY
    if os.environ.get(SHARED):
        from prometheus_client import multiprocess  # noqa: PLC0415 - only where several processes share

        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library has no types here
    return generate_latest(registry), CONTENT_TYPE_LATEST
