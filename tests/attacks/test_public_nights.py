"""Attacks by whoever saves what every public address answers, night after night."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import make_url

from analysis.disclosure import admission
from server.cities import City, CityDirectory
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.publishing import admitting
from tests.attacks.attack import Attack
from tests.attacks.conftest import AT_SIZE, NIGHTS, Tell
from tests.attacks.public_nights import PublicNights
from tests.conftest import database_like
from tests.server.publishing.conftest import Town, overlapping_zones

K = 5
NIGHTS_ASKED, SHARE = (NIGHTS, 3) if AT_SIZE else (5, 4)


@pytest.fixture
def nights(
    cluster: Cluster, database: Database, database_url: str, terse_city: City, tmp_path: Path
) -> Iterator[Callable[[], PublicNights]]:
    """Return what starts the same town anew, each time with a twin of its own."""
    town = Town(database, terse_city)
    crowd = [one for sex in ("woman", "man", None) for one in town.people(8, gender=sex)]
    overlapping_zones(town)
    town.database.dispose()
    with ExitStack() as stack:

        def copy() -> Town:
            name = stack.enter_context(database_like(cluster, str(make_url(database_url).database)))
            database = connect(cluster.database_url(name), pool_size=4)
            stack.callback(database.dispose)
            return Town(database, CityDirectory(database).get(town.city.slug))

        yield lambda: PublicNights(copy(), copy(), tmp_path, crowd=crowd, seed=17)


def test_a17_every_public_address_night_after_night(
    nights: Callable[[], PublicNights], tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "FEWEST_CELLS", 2)  # of a town of four places
    ours = nights()
    ours.live(NIGHTS_ASKED, share=SHARE)
    monkeypatch.setattr(admitting, "admit", lambda **known: known["counted"])
    weak = nights()
    weak.live(3, share=SHARE)
    assert len(ours.behind) >= 3
    weakness = "admits who comes, no k together"
    tell(
        Attack(
            name="A17 public answers that tell who waits, beside a twin town where they never came",
            bound=0,
            ours=len(ours.differing),
            weakened=len(weak.differing),
            weakness=weakness,
        )
    )
    tell(
        Attack(
            name="A17 people through whom a count, month or presence of a cell changes",
            bound=K,
            ours=min(ours.behind),
            weakened=min(weak.behind),
            weakness=weakness,
            at_least=True,
        )
    )
    print(f"{ours.asked:,} answers in {NIGHTS_ASKED} nights; {len(ours.behind)} changes of a cell")
