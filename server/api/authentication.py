"""Bearer token -> who is asking."""

from flask import g, request

from server.actors import Actor
from server.api.context import city_named, services
from server.cities import City
from server.errors import NotAuthenticated

_LONGEST_TOKEN = 200


def current_actor(city: City) -> Actor | None:
    """Return who sent the token of this request; None where none was sent.

    NotAuthenticated for a token that is malformed, unknown, revoked, or of another city.
    """
    if "actor" not in g:
        g.actor = _find(city)
    actor: Actor | None = g.actor
    return actor


def actor_here() -> Actor:
    """Return who is asking; NotAuthenticated where nobody says so."""
    actor = current_actor(city_named((request.view_args or {})["city"]))
    if actor is None:
        raise NotAuthenticated("send the token in the header 'Authorization: Bearer …'")
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


def _find(city: City) -> Actor | None:
    token = bearer_token()
    if token is None:
        return None
    here = services()
    with here.statements() as connection:
        actor = here.find_actor(connection, city_id=city.city_id, token=token)
    if actor is None:
        raise NotAuthenticated("this token is unknown here or has been revoked")
    return actor
