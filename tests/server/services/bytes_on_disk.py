"""What the files of a cluster hold: tables, indexes, the write-ahead log and PostgreSQL's own log."""

from collections.abc import Mapping

from server.cluster import databases
from server.cluster.embedded import Cluster


def found(cluster: Cluster, traces: Mapping[str, bytes]) -> set[str]:
    """Return which traces stand in any file, once all pages are written and the log begins a new segment.

    PostgreSQL does both by itself within the times that `server.cluster.embedded.SHORT_LOG` sets.
    """
    with databases._superuser(cluster.socket, databases.SUPERUSER) as connection:
        connection.execute("SELECT pg_switch_wal()")
        connection.execute("CHECKPOINT")
    names: set[str] = set()
    for path in cluster.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            names |= {name for name, trace in traces.items() if trace in content}
    return names
