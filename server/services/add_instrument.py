"""Add a questionnaire to a city, or a further version of one."""

from sqlalchemy import Connection

from server.cities import City
from server.instruments.document import Document
from server.instruments.versions import Change, compare
from server.queries.instruments import insert_document, update_document


def add_instrument(connection: Connection, *, city: City, document: Document) -> Change:
    """Return what the document changed about the city's newest version of it (VERSION: it is new).

    Translations are replaced within their version. Raises InstrumentError where anything else changed
    without a higher version.
    """
    instrument = document.instrument
    versions = city.documents.get(instrument.id)
    change = Change.VERSION if versions is None else compare(document, stored=versions[max(versions)])
    if change is not Change.NOTHING:
        store = insert_document if change is Change.VERSION else update_document
        store(
            connection,
            city_id=city.city_id,
            instrument_id=instrument.id,
            version=instrument.version,
            document=document.to_json(),
        )
    return change
