"""Roles and databases inside the embedded cluster, made over its socket as PostgreSQL's superuser."""

from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

SUPERUSER = "postgres"
OWNER = "safeaudit"
# The roles of the migrations, made here so that the owner needs no right to make roles.
LENT_ROLES = "safeaudit_layers safeaudit_tenant safeaudit_operator"
PORT = 5432

ROLES = f"""
DO $$ DECLARE lent text; BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') THEN
        CREATE ROLE {OWNER} LOGIN;
    END IF;
    FOR lent IN SELECT unnest(string_to_array('{LENT_ROLES}', ' ')) EXCEPT SELECT rolname FROM pg_roles LOOP
        EXECUTE format('CREATE ROLE %I NOLOGIN', lent);
        EXECUTE format('GRANT %I TO {OWNER} WITH ADMIN OPTION', lent);
    END LOOP;
END $$
"""  # noqa: S608 - made of constants alone


def url(socket: Path, database: str = OWNER) -> str:
    """Return the SQLAlchemy address of a database behind a socket folder, for the owner's role."""
    return f"postgresql+psycopg://{OWNER}@/{quote(database)}?host={quote(str(socket))}&port={PORT}"


def answers(socket: Path) -> bool:
    """Return whether a server accepts connections on the socket in a folder."""
    address = make_conninfo(host=str(socket), port=PORT, user=SUPERUSER, dbname=SUPERUSER, connect_timeout=3)
    return PGconn.ping(address.encode()) == Ping.OK


def prepare(socket: Path) -> None:
    """Leave behind the roles and the database `safeaudit` with PostGIS, whatever was there before."""
    with _superuser(socket, SUPERUSER) as connection:
        connection.execute(ROLES)
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [OWNER]).fetchone()
    if known is None:
        create(socket, OWNER)
    else:
        _add_postgis(socket, OWNER)


def create(socket: Path, name: str, *, template: str | None = None) -> None:
    """Create a database of the owner's: a copy of `template`, or an empty one with PostGIS.

    The template must have no connections. Raises `psycopg.errors.DuplicateDatabase` if the name is taken.
    """
    query = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template or "template0")
    )
    with _superuser(socket, SUPERUSER) as connection:
        connection.execute(query)
    if template is None:
        _add_postgis(socket, name)


def drop(socket: Path, name: str) -> None:
    """Remove a database if it is there, ending its connections."""
    with _superuser(socket, SUPERUSER) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _add_postgis(socket: Path, name: str) -> None:
    with _superuser(socket, name) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")


def _superuser(socket: Path, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(socket), port=PORT, user=SUPERUSER, dbname=database, autocommit=True,
        connect_timeout=10, options="", application_name="safeaudit",
    )  # fmt: skip
