"""`safeaudit up`: database, web and worker kept running by one foreground process."""

import errno
import http.client
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from server.cluster import ClusterError, ensure
from server.parts import LOOK_EVERY_S, Interrupted, Part, Stop, keep
from server.secret_key import secret_key
from server.settings import Settings, variable

# What was just killed may need a moment to let go of its port.
PORT_WAIT_S = 3.0

logger = logging.getLogger(__name__)


class StartRefused(Exception):  # noqa: N818 - names what happened, as the refusals do
    """Nothing was started; the message says why and what to do."""


def run(
    settings: Settings,
    *,
    host: str,
    port: int,
    prepare: Callable[[str], None],
    commands: Mapping[str, Sequence[str]],
    pages: Mapping[str, str],
    say: Callable[[str], None] = print,
) -> None:
    """Serve until SIGTERM, SIGHUP or Ctrl-C, and return when everything has ended.

    `prepare` gets the database's address before anything else runs (migrations, the demo city);
    `commands` are the parts by name, run with this environment and that address; `pages` maps a label
    to a path and is told once `/readyz` answers. Raises `StartRefused` where the port is taken, and
    `ClusterError` where the embedded database cannot run.
    """
    require_free(host, port)
    with Stop() as stop, _store(settings) as (url, tend), suppress(Interrupted):
        with stop.interrupting():
            prepare(url)
        secret = {variable("database_url"): url, variable("secret_key"): secret_key(settings)}
        parts = [
            Part(name=name, argv=tuple(argv), env=os.environ | secret) for name, argv in commands.items()
        ]
        keep(
            parts,
            stop=stop,
            tend=tend,
            ready=partial(answers, host, port, "/readyz"),
            announce=lambda: say(_addresses(host, port, pages)),
        )


@contextmanager
def _store(settings: Settings) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the database's address and what keeps it alive: nothing for one that is somebody else's."""
    if settings.database_url is not None:
        yield settings.database_url, lambda: None
        return
    with ensure(settings.home, pg_bin=settings.pg_bin) as cluster:

        def tend() -> None:
            if cluster.postmaster_pid() is not None:
                return
            logger.warning("PostgreSQL ended; it is started again")
            try:
                cluster.start()
            except ClusterError as error:
                logger.error("%s", error)

        yield cluster.url, tend


def require_free(host: str, port: int) -> None:
    """Return if a server may listen there; raise `StartRefused` with the remedy if not."""
    deadline = time.monotonic() + PORT_WAIT_S
    while (error := _refusal_to_listen(host, port)) is not None:
        if error.errno != errno.EADDRINUSE:
            raise StartRefused(f"cannot listen on {host}:{port}: {error.strerror}. Choose --host and --port.")
        if time.monotonic() > deadline:
            raise StartRefused(
                f"port {port} on {host} is taken by another program: end it, or choose another one, "
                f"such as --port {port + 1}."
            )
        time.sleep(LOOK_EVERY_S)


def _refusal_to_listen(host: str, port: int) -> OSError | None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error
    return None


def answers(host: str, port: int, path: str) -> bool:
    """Return whether a GET there is answered with 200 within a second."""
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def _addresses(host: str, port: int, pages: Mapping[str, str]) -> str:
    name = _reachable(host)
    base = f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
    width = max((len(label) for label in pages), default=0)
    lines = [f"  {label:<{width}}  {base}{path}" for label, path in pages.items()]
    return "\n".join(["safeaudit is ready; Ctrl-C ends it:", *lines])
