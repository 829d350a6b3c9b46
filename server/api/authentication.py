"""Bearer token -> who is asking."""

from contextlib import nullcontext

from flask import g, request
from sqlalchemy import Connection

from server.actors import Actor
from server.api.context import city_named, services
from server.cities import City
from server.errors import NotAuthenticated

_LONGEST_TOKEN = 200


def actor_here(connection: Connection | None = None) -> Actor:
    """Return who is asking; `connection` is borrowed for the look-up, which happens once in a request.

    NotAuthenticated where no token was sent, or one that is malformed, unknown, revoked, or of another
    city than the one in the address.
    """
    if "actor" not in g:
        g.actor = _find(city_named((request.view_args or {})["city"]), connection)
    actor: Actor = g.actor
    return actor


def bearer_token() -> str | None:
    """Return the token of the Authorization header; None without the header."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token.strip()) <= _LONGEST_TOKEN:
        raise NotAuthenticated("the Authorization header must read 'Bearer ' and the token")
    return token.strip()


def _find(city: City, connection: Connection | None) -> Actor:
    here, token = services(), bearer_token()
    if token is None:
        raise NotAuthenticated("send the token in the header 'Authorization: Bearer …'")
    with here.database.statements() if connection is None else nullcontext(connection) as borrowed:
        actor = here.find_actor(borrowed, city_id=city.city_id, token=token)
    if actor is None:
        raise NotAuthenticated("this token is unknown here or has been revoked")
    return actor
