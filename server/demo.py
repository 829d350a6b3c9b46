"""The demo city: simulated, in an empty stretch of the Indian Ocean, so that no real place is spoken of."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from geo.areas import read_boundary
from server.cities import City, CityDirectory
from server.consent.text import shipped
from server.database import Database
from server.errors import NotThere
from server.queries.events import OPERATOR
from server.queries.state import has_audits, has_run
from server.services.approve_consent import approve_consent
from server.services.create_city import create_city

SLUG = "demo"
_BOUNDARY = "65.00,-12.05,65.11,-11.95"
_FORM = {
    "name": "Demo city (simulated)",
    "time_zone": "Indian/Mauritius",
    "languages": ["en", "es", "hi", "fr", "pt", "sw", "ar"],
    "controller": "whoever runs this server",
    "contact": "the person who gave you this address",
    "releases": True,
}
_AUDITS, _AUDITORS, _SEED = 15_000, 300, 11
_DAYS = 150


def make_demo(database: Database, *, home: Path, secret: bytes, say: Callable[[str], None]) -> None:
    """See that the demo city is there, analysed and released; what is there already is left as it is."""
    cities = CityDirectory(database)
    city = _city(database, cities)
    with database.transaction() as connection:
        if has_run(connection, city_id=city.city_id):
            return
        filled = has_audits(connection, city_id=city.city_id)
    from server.publishing.analyse_city import analyse_city  # noqa: PLC0415 - scipy only where needed

    say("making the demo city …")
    if not filled:
        _fill(database, city, secret)
    analyse_city(database, city)
    _release(database, city, home=home, secret=secret)


def _city(database: Database, cities: CityDirectory) -> City:
    try:
        return cities.get(SLUG)
    except NotThere:
        with database.transaction() as connection:
            create_city(connection, slug=SLUG, area=read_boundary(_BOUNDARY).area, said=_FORM)
        city = cities.read_again()[SLUG]
        with database.transaction() as connection:
            approve_consent(connection, city=city, consent=shipped())
        return city


def _release(database: Database, city: City, *, home: Path, secret: bytes) -> None:
    """Make the release of the last quarter that may have one; the simulated audits reach back into it."""
    from server.period import Period  # noqa: PLC0415
    from server.releasing.create_release import Order, create_release  # noqa: PLC0415 - as above

    now = datetime.now(UTC)
    order = Order(
        city=city,
        period=Period.last_released_by(now.astimezone(ZoneInfo(city.time_zone)).date()),
        instrument_id=city.default_instrument,
        purpose="to show what a release is; everything in it is simulated",
        actor=OPERATOR,
    )
    create_release(database, order, home=home, secret=secret, now=now)


def _fill(database: Database, city: City, secret: bytes) -> None:
    from analysis.simulation.city import simulate  # noqa: PLC0415 - all this only where needed
    from analysis.simulation.scenario import Scenario  # noqa: PLC0415
    from server.importing.mapping_file import read_mapping  # noqa: PLC0415
    from server.importing.run import ImportPlan, import_table  # noqa: PLC0415
    from server.importing.simulated import write_audits  # noqa: PLC0415
    from server.importing.tables import open_table  # noqa: PLC0415

    today = datetime.now(ZoneInfo(city.time_zone)).date()
    simulated = simulate(
        instrument=city.current(city.default_instrument).instrument,
        area=city.area,
        first_day=today - timedelta(days=_DAYS),
        seed=_SEED,
        audits=_AUDITS,
        auditors=_AUDITORS,
        scenario=Scenario(days=_DAYS, delta=0.8, zones=8),
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "demo.csv"
        write_audits(simulated, file, time_zone=city.time_zone, prefix=SLUG)
        table = open_table(file)
        current = {name: city.current(name).instrument for name in city.documents}
        mapping = read_mapping(None, names=table.names, instruments=current)
        plan = ImportPlan(city=city, mapping=mapping, secret=secret)
        import_table(
            database, table, plan, on_reject=lambda _reject: None, on_progress=lambda _tally, _share: None
        )
