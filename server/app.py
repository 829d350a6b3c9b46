"""The web application: assembled here, decided elsewhere."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from server.api import (
    access,
    headers,
    health,
    openrosa,
    openrosa_answers,
    pages,
    problems,
    reports,
    tracing,
    v1,
)
from server.api.context import EXTENSION, Services
from server.api.fast_lane import FastLane
from server.api.slow_bodies import SlowBodies
from server.audit_store import GroupCommit
from server.cities import CityDirectory
from server.database import Database
from server.endings_log import endings_log
from server.ogc.blueprint import blueprint as ogc
from server.photos.album import open_album
from server.photos.darkroom import Darkroom
from server.secret_key import secret_key
from server.services.find_actor import find_actor
from server.settings import Settings
from server.tiles.blueprint import blueprint as tiles


def create_app(settings: Settings, database: Database, cities: CityDirectory) -> Flask:
    """Return the application over a store; RuntimeError if a route has no access rule."""
    app = Flask(__name__, static_folder=None)
    # One byte more than is read: a chunked body that is too long is cut there, and known by its length.
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes + 1
    here = app.extensions[EXTENSION] = Services(
        database=database,
        cities=cities,
        settings=settings,
        secret=secret_key(settings).encode(),
        album=open_album(settings),
        darkroom=Darkroom(settings.max_photo_bytes),
        endings=endings_log(settings),
        find_actor=find_actor,
    )
    tracing.register(app)
    problems.register(app)
    openrosa_answers.register(app)
    headers.register(app, basemap_style=settings.basemap_style)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(reports.blueprint)
    app.register_blueprint(openrosa.blueprint)
    app.register_blueprint(ogc)
    app.register_blueprint(tiles)
    app.extensions[v1.EXTENSION] = v1.register(app)
    access.guard(app)
    lane = FastLane(app.wsgi_app, here, GroupCommit(database))
    app.wsgi_app = SlowBodies(lane)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app
