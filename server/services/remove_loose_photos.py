"""Remove the files that are in no photo any more, or never came to be in one."""

import structlog

from server.database import Database
from server.photos.album import Album
from server.queries.photos import take_loose_file

log = structlog.get_logger("photos")


def remove_loose_photos(database: Database, album: Album) -> int:
    """Return how many files are gone now; each is forgotten only once it is removed.

    Called after each commit that deleted photos, and every minute by the worker for what a crash left behind.
    Where the album cannot be reached, that is logged, and the rest waits for the next minute.
    """
    removed = 0
    try:
        while _remove_one(database, album):
            removed += 1
    except OSError as error:
        log.warning("photo files cannot be removed now", exc_info=error)
    return removed


def _remove_one(database: Database, album: Album) -> bool:
    with database.transaction() as connection:
        name = take_loose_file(connection)
        if name is not None:
            album.remove(name)
    return name is not None
