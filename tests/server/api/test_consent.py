"""What residents are asked to agree to, as phones read it."""

from server.cities import City
from server.database import Database
from server.queries.consent import insert_texts
from tests.server.api.people import Person


def test_a_text_that_nobody_approved_is_not_served(stranger: Person) -> None:
    assert stranger.get("consent").status_code == 404


def test_the_text_comes_in_an_approved_language(stranger: Person, consent: str) -> None:
    told = stranger.get("consent?lang=hi-IN").json
    assert told == {
        "version": consent,
        "requested": "hi-IN",
        "lang": "hi",
        "direction": "ltr",
        "text": "हाँ।",
        "available": ["en", "hi"],
    }
    assert stranger.get("consent?lang=sw").json["lang"] == "en"
    assert stranger.get("consent?lang=%00").status_code == 422


def test_the_version_approved_last_is_served_and_earlier_ones_can_still_be_named(
    stranger: Person, consent: str, database: Database, city: City
) -> None:
    with database.transaction() as connection:
        insert_texts(connection, city_id=city.city_id, version="2025-9", texts={"en": "Yes!"})
    assert stranger.get("consent").json["version"] == "2025-9"
    assert stranger.post("devices", {"consent": {"version": consent, "lang": "en"}}).status_code == 201
