"""The promise that an acknowledged audit is on disk, checked against what PostgreSQL says of itself."""

from sqlalchemy import Connection, text

# synchronous_commit=remote_write and local end before a standby has flushed; off before anyone has.
REQUIRED = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
}


class DurabilityOff(Exception):  # noqa: N818 - names the state found, as the refusals do
    """PostgreSQL may lose what it has confirmed; the message names the settings and the remedy."""


def check(connection: Connection) -> None:
    """Return if a commit on this connection survives a crash of the machine.

    Raises `DurabilityOff` naming each setting that breaks the promise and how to turn it on.
    """
    query = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
    found: dict[str, str] = {
        name: setting for name, setting in connection.execute(query, {"names": [*REQUIRED]})
    }
    faults = [
        f"{name} is {found.get(name)!r}, must be {' or '.join(allowed)}"
        for name, allowed in REQUIRED.items()
        if found.get(name) not in allowed
    ]
    if faults:
        raise DurabilityOff(
            f"PostgreSQL could lose acknowledged audits: {'; '.join(faults)}. Remedy, as its superuser: "
            + " ".join(f"ALTER SYSTEM SET {fault.split()[0]} = on;" for fault in faults)
            + " SELECT pg_reload_conf(); and look for the same setting on the role and the database (\\drds)."
        )
