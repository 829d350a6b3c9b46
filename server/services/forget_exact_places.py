"""Forget where and when exactly people stood, once that has served."""

from datetime import datetime, timedelta

import numpy as np

from geo.cells import centre
from server.cities import City
from server.database import Database
from server.queries.jobs import enqueue_scrub
from server.queries.photos import delete_photos_before
from server.queries.retention import coarsen_audits, empty_submissions, list_exact_cells

DAYS = 180
"""How long exact points are kept, where the city's `exact_days` says nothing else."""
_CELLS_AT_ONCE = 2_000


def exact_days(city: City) -> int:
    """Return how many days after its arrival an audit keeps its exact point and time."""
    return int(city.settings.get("exact_days", DAYS))


def forget_exact_places(database: Database, city: City, *, now: datetime) -> int:
    """Return how many audits now stand at the centre of their cell, on the hour, their accuracy gone.

    Analyses are the same as before: they know cells, days and dayparts alone. Ratings, hash and id stay, so
    that resending is recognised; raw XML of submissions goes, and so do photos, which show the place. Commits
    cell by cell, a few thousand at once; what a crash leaves undone is done by the next call.
    """
    before = now - timedelta(days=exact_days(city))
    with database.transaction() as connection:
        empty_submissions(connection, city_id=city.city_id, before=before)
        delete_photos_before(connection, city_id=city.city_id, before=before)
    done = 0
    while True:
        with database.transaction() as connection:
            cells = list_exact_cells(connection, city_id=city.city_id, before=before, limit=_CELLS_AT_ONCE)
            if not cells:
                return done
            enqueue_scrub(connection)
            lat, lng = centre(np.array(cells, dtype=np.int64))
            done += coarsen_audits(
                connection,
                city_id=city.city_id,
                time_zone=city.time_zone,
                before=before,
                cells=cells,
                lat=lat.tolist(),
                lng=lng.tolist(),
            )
