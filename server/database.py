"""The one store: engines, transactions, and the role that may read published layers alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url

# Made by the first migration; may read runs, layers and cities, and has no right on anything else.
LAYER_ROLE = "safeaudit_layers"


@dataclass(frozen=True)
class Database:
    """Three pools on one PostgreSQL: for transactions, for single statements, for published layers alone."""

    engine: Engine
    statement_engine: Engine
    layer_engine: Engine

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield a connection whose work is committed on leaving, or rolled back whole on an error."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def statements(self) -> Iterator[Connection]:
        """Yield a connection on which each statement is a transaction of its own: one round trip each."""
        with self.statement_engine.connect() as connection:
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


def connect(url: str, *, pool_size: int = 4, statement_timeout_s: float = 0) -> Database:
    """Return the database behind a URL such as `postgresql://user@host/name`.

    Nothing is connected until first use. `statement_timeout_s` bounds each statement; 0 leaves it
    unbounded, as imports and runs need.
    """
    bound = f"-c statement_timeout={int(statement_timeout_s * 1000)} -c jit=off"
    return Database(
        engine=_engine(url, pool_size=pool_size, options=bound),
        statement_engine=_engine(
            url,
            pool_size=pool_size,
            options=bound,
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
