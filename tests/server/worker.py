"""The worker of background jobs, for as long as something is queued."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from server.cities import CityDirectory
from server.database import Database
from server.jobs import given_to_jobs, job_app
from server.settings import Settings


def work_off(owner: Database, database: Database, cities: CityDirectory, settings: Settings) -> None:
    """Do all queued jobs as the worker does them; `owner` is the store as its tables' owner."""
    url = owner.engine.url.render_as_string(hide_password=False)
    secret = b"a secret of the tests"
    given = given_to_jobs(
        url, database=database, owner=owner, cities=cities, settings=settings, secret=secret
    )
    worker = partial(
        job_app(url).run_worker,
        wait=False,
        concurrency=1,
        install_signal_handlers=False,
        additional_context=given,
    )
    # In a thread: the browser of the page's tests may hold this one's event loop.
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(worker).result()
