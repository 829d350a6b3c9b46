"""SQL of consent texts."""

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from server.models.consent import consent_text


def insert_texts(connection: Connection, *, city_id: int, version: str, texts: Mapping[str, str]) -> None:
    """Add the texts of a version, by language."""
    rows = [
        {"city_id": city_id, "version": version, "lang": code, "text": text} for code, text in texts.items()
    ]
    connection.execute(insert(consent_text), rows)


def find_texts(connection: Connection, *, city_id: int, version: str) -> dict[str, str]:
    """Return the approved texts of a version by language; empty where there is no such version."""
    query = select(consent_text.c.lang, consent_text.c.text).where(
        consent_text.c.city_id == city_id, consent_text.c.version == version
    )
    return {row.lang: row.text for row in connection.execute(query)}


def find_current_version(connection: Connection, *, city_id: int) -> str | None:
    """Return the version approved last, None before the first."""
    return connection.scalar(
        select(consent_text.c.version)
        .where(consent_text.c.city_id == city_id)
        .order_by(consent_text.c.approved_at.desc(), consent_text.c.version.desc())
        .limit(1)
    )
