"""What each web process of granian runs; the environment tells it everything."""

import os

from server import log
from server.app import create_app
from server.cities import CityDirectory
from server.database import connect
from server.settings import Settings

STATEMENT_TIMEOUT_S = 30.0


def application_from(environ: os._Environ[str]) -> object:
    """Return the WSGI application for an environment in which DATABASE_URL is set."""
    settings = Settings.from_environment(environ)
    log.configure(settings.log_level)
    database = connect(
        settings.database_url or "", pool_size=settings.web_threads, statement_timeout_s=STATEMENT_TIMEOUT_S
    )
    return create_app(settings, database, CityDirectory(database))


application = application_from(os.environ)
