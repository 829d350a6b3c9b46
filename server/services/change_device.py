"""Change what a phone's holder said of themselves."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from server.queries.audits import drop_comments_and_photos
from server.queries.devices import put_profile, update_phone
from server.queries.erasure import lock_device
from server.queries.jobs import enqueue_scrub


def change_device(
    connection: Connection,
    *,
    city_id: int,
    device_id: UUID,
    values: dict[str, Any],
    profile: dict[str, str | None],
) -> None:
    """Keep what was given; what is left out stays, None takes it back.

    Of somebody under 18 neither comment nor photo is kept: whoever says so, `forget_comments_and_photos`
    follows.
    """
    update_phone(connection, city_id=city_id, device_id=device_id, values=values)
    put_profile(connection, city_id=city_id, device_id=device_id, values=profile)


def forget_comments_and_photos(connection: Connection, *, city_id: int, device_id: UUID) -> None:
    """Take back comments and photos of a device whose holder is under 18, as an earlier transaction says.

    Whatever began to be kept before that was committed still believed otherwise: it is waited for.
    """
    lock_device(connection, city_id=city_id, device_id=device_id)
    drop_comments_and_photos(connection, city_id=city_id, device_id=device_id)
    enqueue_scrub(connection)
