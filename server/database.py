"""The one store: engines, transactions, and the roles that see one city's raw rows, or published layers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url

from server.prepared import execute

# May read runs, layers and cities, and has no right on anything else.
LAYER_ROLE = "safeaudit_layers"
# Of web and worker: owns nothing, and sees raw rows of the city that is named alone.
TENANT_ROLE = "safeaudit_tenant"

_CITY = "safeaudit.city_id"


@dataclass(frozen=True)
class Database:
    """Three pools on one PostgreSQL: for transactions, for single statements, for published layers alone.

    Raw tables show the rows of `city_id` alone, whatever a statement asks for: PostgreSQL's row security
    (migration 0018) holds it. Without a city they show none to TENANT_ROLE, and all to their owner.
    """

    engine: Engine
    statement_engine: Engine
    layer_engine: Engine
    city_id: int | None = None

    def of(self, city_id: int) -> Self:
        """Return the same store, of whose raw rows those of one city are there."""
        return replace(self, city_id=city_id)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield a connection whose work is committed on leaving, or rolled back whole on an error."""
        with self.engine.begin() as connection:
            if self.city_id is not None:  # together with BEGIN, as the driver would send that alone
                execute(connection, f"BEGIN; SET LOCAL {_CITY} = {self.city_id:d}")
            yield connection

    @contextmanager
    def statements(self) -> Iterator[Connection]:
        """Yield a connection on which each statement is a transaction of its own: one round trip each."""
        with self.statement_engine.connect() as connection:
            # The connection stays with the city it named last: to name it anew is a round trip.
            if connection.info.get(_CITY) != self.city_id:
                execute(connection, f"SET {_CITY} = '{'' if self.city_id is None else self.city_id}'")
                connection.info[_CITY] = self.city_id
            yield connection

    @contextmanager
    def layer_reading(self) -> Iterator[Connection]:
        """Yield a connection of the layer role: PostgreSQL itself refuses it every raw table."""
        with self.layer_engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        self.statement_engine.dispose()
        self.layer_engine.dispose()


def connect(
    url: str, *, pool_size: int = 4, statement_timeout_s: float = 0, role: str | None = None
) -> Database:
    """Return the database behind a URL such as `postgresql://user@host/name`.

    Nothing is connected until first use. `statement_timeout_s` bounds each statement; 0 leaves it
    unbounded, as imports and runs need. `role` is who works there instead of the URL's user.
    """
    bound = f"-c statement_timeout={int(statement_timeout_s * 1000)} -c jit=off"
    working = bound if role is None else f"{bound} -c role={role}"
    return Database(
        engine=_engine(url, pool_size=pool_size, options=working),
        statement_engine=_engine(
            url,
            pool_size=pool_size,
            options=working,
            isolation_level="AUTOCOMMIT",
            pool_reset_on_return=None,  # a statement that is its own transaction leaves nothing open
        ),
        layer_engine=_engine(url, pool_size=pool_size, options=f"{bound} -c role={LAYER_ROLE}"),
    )


def _engine(url: str, *, pool_size: int, options: str, **further: Any) -> Engine:
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        connect_args={"options": options, "connect_timeout": 5, "application_name": "safeaudit"},
        **further,
    )
