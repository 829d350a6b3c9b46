"""What each web process of granian runs; the environment tells it everything."""

import gc
import os

from server import log
from server.app import create_app
from server.cities import CityDirectory
from server.database import TENANT_ROLE, connect
from server.settings import Settings

STATEMENT_TIMEOUT_S = 30.0
_NEW_OBJECTS = 20_000  # a request makes hundreds and leaves no cycles: the collector's 700 would run for each


def application_from(environ: os._Environ[str]) -> object:
    """Return the WSGI application for an environment in which DATABASE_URL is set."""
    settings = Settings.from_environment(environ)
    log.configure(settings.log_level, for_good=True)
    database = connect(
        settings.database_url or "",
        pool_size=settings.web_threads,
        statement_timeout_s=STATEMENT_TIMEOUT_S,
        role=TENANT_ROLE,
    )
    return create_app(settings, database, CityDirectory(database))


application = application_from(os.environ)
# What is loaded by now stays: the collector need not walk it again and again.
gc.collect()
gc.freeze()
gc.set_threshold(_NEW_OBJECTS)
