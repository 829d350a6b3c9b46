"""What files hold, of a cluster above all: tables, indexes, the write-ahead log and PostgreSQL's own log."""

from collections.abc import Mapping
from pathlib import Path

from server.cluster import databases
from server.cluster.embedded import Cluster


def found(cluster: Cluster, traces: Mapping[str, bytes], *further: Path) -> set[str]:
    """Return which traces stand in any file of the cluster or of further folders.

    All pages are written first, and the log begins a new segment: PostgreSQL does both
    by itself within the times that `server.cluster.embedded.SHORT_LOG` sets.
    """
    with databases._superuser(cluster.socket, databases.SUPERUSER) as connection:
        connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")
    names: set[str] = set()
    for folder in (cluster.folder, *further):
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                names |= {name for name, trace in traces.items() if trace in content}
    return names
