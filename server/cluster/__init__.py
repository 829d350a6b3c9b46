"""The embedded database: a private PostGIS cluster on a unix socket, started and stopped by the program."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from server.cluster.errors import ClusterError

if TYPE_CHECKING:
    from server.cluster.embedded import Cluster

__all__ = ["ClusterError", "ensure"]


def ensure(home: Path, *, pg_bin: Path | None = None, durable: bool = True) -> "Cluster":
    """Return the running cluster of a HOME, made and started where needed, and held until `stop`.

    Several processes may hold it; the last one to stop it ends PostgreSQL. `durable=False` trades the
    promise that a commit is on disk for speed and is for tests alone.
    Raises `ClusterError` with the remedy where no cluster can be run.
    """
    if os.name != "posix":
        raise ClusterError(
            "The embedded database needs Linux or macOS. On Windows run safeaudit in WSL2, or "
            "`docker compose up`, or set SAFEAUDIT_DATABASE_URL to a PostgreSQL with PostGIS."
        )
    # Needs fcntl and pwd, which exist on POSIX alone.
    from server.cluster.embedded import Cluster  # noqa: PLC0415

    cluster = Cluster(home, pg_bin=pg_bin, durable=durable)
    cluster.start()
    return cluster
