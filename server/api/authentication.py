"""Token -> who is asking."""

from contextlib import nullcontext

from flask import g, request
from sqlalchemy import Connection

from server.actors import Actor
from server.api.context import city_named, services
from server.cities import City
from server.errors import NotAuthenticated

_LONGEST_TOKEN = 200
_READING = ("GET", "HEAD")


def actor_here(connection: Connection | None = None) -> Actor:
    """Return who is asking; `connection` is borrowed for the look-up, which happens once in a request.

    NotAuthenticated where no token was sent, or one that is malformed, unknown, revoked, or of another
    city than the one in the address.
    """
    if "actor" not in g:
        g.actor = _find(city_named((request.view_args or {})["city"]), connection)
    actor: Actor = g.actor
    return actor


def token_sent() -> str | None:
    """Return the token of the Authorization header: `Bearer TOKEN` or, to read, the password of `Basic`.

    Programs for maps often know no header but Basic's; its user name may be anything. Where something is
    changed it is not taken, as browsers send it along unasked. None without the header.
    """
    if "Authorization" not in request.headers:
        return None
    sent, token = request.authorization, None
    if sent is not None and sent.type == "bearer":
        token = sent.token
    elif sent is not None and sent.type == "basic" and request.method in _READING:
        token = sent.password
    if not token or len(token) > _LONGEST_TOKEN:
        raise NotAuthenticated("the Authorization header must read 'Bearer ' and the token")
    return token


def _find(city: City, connection: Connection | None) -> Actor:
    here, token = services(), token_sent()
    if token is None:
        raise NotAuthenticated("send the token in the header 'Authorization: Bearer …'")
    with here.database.statements() if connection is None else nullcontext(connection) as borrowed:
        actor = here.find_actor(borrowed, city_id=city.city_id, token=token)
    if actor is None:
        raise NotAuthenticated("this token is unknown here or has been revoked")
    return actor
