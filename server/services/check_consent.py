"""See that what somebody agreed to is what the city approved."""

from sqlalchemy import Connection

from server.errors import Fault, Invalid
from server.queries.consent import find_current_version, find_texts


def check_consent(connection: Connection, *, city_id: int, version: str, lang: str) -> None:
    """Return if the city approved this version in this language, be it not the latest; else Invalid.

    A phone that was shown an earlier version, offline, tells what its holder has read.
    """
    approved = find_texts(connection, city_id=city_id, version=version)
    if lang in approved:
        return
    if approved:
        fault = Fault("/consent/lang", f"version {version} is approved in: {', '.join(sorted(approved))}")
    else:
        current = find_current_version(connection, city_id=city_id)
        known = (
            "the city has approved no text, so leave consent out" if current is None else f"now: {current}"
        )
        fault = Fault("/consent/version", f"is no version the city approved; {known}")
    raise Invalid("nobody can have agreed to this text", faults=[fault])
