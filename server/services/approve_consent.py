"""Approve what residents are asked to agree to."""

from sqlalchemy import Connection

from server.cities import City
from server.consent.text import ConsentText
from server.errors import Conflict, Fault, Invalid
from server.queries.consent import find_texts, insert_texts
from server.queries.events import OPERATOR, insert_event
from server.services.forget_exact_places import exact_days


def approve_consent(connection: Connection, *, city: City, consent: ConsentText) -> ConsentText:
    """Return the text as residents will read it, from now on the city's current one.

    Only the city's approved languages are kept, and its first must be among them; the city must have said
    who answers for the data. Approving the same again changes nothing; Conflict where the version exists
    with other words, for somebody has agreed to those.
    """
    missing = [name for name in ("controller", "contact") if name not in city.settings]
    if missing:
        faults = [
            Fault(f"/{name}", f"is not set: safeaudit city set {city.slug} {name}=…") for name in missing
        ]
        raise Invalid("residents must be able to read who answers for their data", faults=faults)
    shown = consent.filled(
        city.languages,
        name=city.name,
        controller=city.settings["controller"],
        contact=city.settings["contact"],
        days=str(exact_days(city)),
    )
    first = city.languages[0]
    if first not in shown.texts:
        raise Invalid(
            "the text is not there in the city's first language",
            faults=[Fault(f"/texts/{first}", f"is missing; there are: {', '.join(consent.texts)}")],
        )
    known = find_texts(connection, city_id=city.city_id, version=shown.version)
    if known and known != dict(shown.texts):
        raise Conflict(
            f"version {shown.version} was approved with other words; give the new ones another version"
        )
    if not known:
        insert_texts(connection, city_id=city.city_id, version=shown.version, texts=shown.texts)
        detail = {"version": shown.version, "languages": list(shown.texts)}
        insert_event(
            connection, city_id=city.city_id, actor=OPERATOR, action="consent.approve", detail=detail
        )
    return shown
