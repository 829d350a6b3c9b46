"""`safeaudit serve`."""

import os
import tempfile
from typing import Any

import click

from server.cli.context import Store, open_store
from server.settings import Settings, variable

# Connections per process, those that only stay open included: with 256, a thousand phones that kept theirs
# open left a fifth of all requests without an answer (measured).
_BACKPRESSURE = 4096
_HEADER_TIMEOUT_MS = 30_000  # also how long a connection may rest between requests
# Threads that wait for bodies (`slow_bodies`) come beside these; granian makes each when it is needed, and it
# takes 50 kB.
_THREADS_PER_CONNECTION = 32
_KILL_AFTER_S = 8
_RESPAWN_AFTER_S = 0.5
# granian's own lines go to the root logger, which writes JSON; it never logs requests: we do.
_LOGGERS: dict[str, Any] = {"loggers": {"_granian": {"level": "WARNING", "propagate": True}}}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
def command(host: str, port: int) -> None:
    """Serve HTTP until SIGTERM or Ctrl-C; a web process that dies is started again.

    From SIGUSR1 on /readyz says no, so that a proxy sends nobody here any more; all else is answered.
    """
    from server import draining, durability, log, supervisor  # noqa: PLC0415 - loaded when needed

    try:
        supervisor.require_free(host, port)
    except supervisor.StartRefused as refusal:
        raise click.ClickException(str(refusal)) from None
    with open_store(pool_size=1) as store, tempfile.TemporaryDirectory(prefix="safeaudit-") as shared:
        log.configure(store.settings.log_level)
        with store.database.transaction() as connection:
            try:
                durability.check(connection)
            except durability.DurabilityOff as fault:
                raise click.ClickException(str(fault)) from None
        # The store is open here, and the web processes open it themselves.
        store.database.dispose()
        os.environ |= _environment(store, host=host, port=port) | {draining.SHARED: shared}
        draining.drain_on_signal()
        _serve(store.settings, host=host, port=port)


def _environment(store: Store, *, host: str, port: int) -> dict[str, str]:
    """Return what the web processes need to know beside the environment of this one."""
    return {
        variable("database_url"): store.url,
        variable("secret_key"): store.secret.decode(),
        variable("public_url"): store.settings.public_url or f"http://{host}:{port}",
    }


def _serve(settings: Settings, *, host: str, port: int) -> None:
    from granian import Granian  # noqa: PLC0415 - loaded when needed
    from granian.constants import HTTPModes, Interfaces, RuntimeModes  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415

    from server.api import slow_bodies  # noqa: PLC0415

    Granian(
        "server.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_TIMEOUT_MS),
        websockets=False,
        # Requests are read where they are accepted: a thread more for that cost each a tenth to a fifth.
        runtime_mode=RuntimeModes.st,
        workers=settings.web_workers,
        blocking_threads=settings.web_threads * _THREADS_PER_CONNECTION + slow_bodies.MOST,
        backpressure=_BACKPRESSURE,
        respawn_failed_workers=True,
        respawn_interval=_RESPAWN_AFTER_S,
        workers_kill_timeout=_KILL_AFTER_S,
        log_dictconfig=_LOGGERS,
    ).serve()
