"""The demo city: made once, analysed, and with something to see."""

from sqlalchemy import text

from server.database import Database
from server.demo import make_demo


def test_the_demo_city_is_made_once_and_has_hotspots(database: Database) -> None:
    said: list[str] = []
    for _ in range(2):
        make_demo(database, secret=b"a secret of the test", say=said.append)
    with database.transaction() as connection:
        rows = connection.execute(
            text("SELECT layer, features FROM layer JOIN city USING (city_id) WHERE slug = 'demo'")
        )
        layers = {name: features for name, features in rows}
        audits = connection.scalar(text("SELECT count(*) FROM audit"))
    assert said == ["making the demo city …"]
    assert audits == 15_000
    assert layers["cells"] > 300
    assert layers["hotspots"] > 0
