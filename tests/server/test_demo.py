"""The demo city: made once, analysed, and with something to see."""

from pathlib import Path

from sqlalchemy import text

from server.database import Database
from server.demo import make_demo
from server.releasing.verify import verify


def test_the_demo_city_is_made_once_and_has_hotspots_and_a_release(
    database: Database, tmp_path: Path
) -> None:
    said: list[str] = []
    for _ in range(2):
        make_demo(database, home=tmp_path, secret=b"a secret of the test", say=said.append)
    with database.transaction() as connection:
        rows = connection.execute(
            text("SELECT layer, features FROM layer JOIN city USING (city_id) WHERE slug = 'demo'")
        )
        layers = {name: features for name, features in rows}
        releases = connection.execute(text("SELECT release_id, rows_in, rows_out FROM release")).all()
        audits = connection.scalar(text("SELECT count(*) FROM audit"))
    assert said == ["making the demo city …"]
    assert audits == 15_000
    assert layers["cells"] > 300
    assert layers["hotspots"] > 0
    ((release, rows_in, rows_out),) = releases
    assert rows_out > rows_in / 2 > 1000
    assert verify(tmp_path / "releases" / "demo" / release)[0] == rows_out
