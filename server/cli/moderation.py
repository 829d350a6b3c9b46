"""`safeaudit moderation`."""

from datetime import UTC

import click

from server.cli.context import open_store
from server.errors import NotThere
from server.queries.events import OPERATOR, insert_event
from server.queries.submissions import Quarantined, find_xml, list_quarantined


@click.group()
def command() -> None:
    """See what phones sent that could not be used."""


@command.command("list")
@click.argument("slug")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1))
def list_waiting(slug: str, limit: int) -> None:
    """List the submissions in quarantine of the city SLUG, oldest first: id, time, form, why, faults."""
    with open_store(pool_size=1) as store:
        city_id = store.cities.get(slug).city_id
        with store.database.transaction() as connection:
            waiting = list_quarantined(connection, city_id=city_id, limit=limit)
    for one in waiting:
        click.echo("\t".join(_columns(one)))


@command.command()
@click.argument("slug")
@click.argument("submission", type=int)
def show(slug: str, submission: int) -> None:
    """Print the XML of a submission as it was sent; this is logged."""
    with open_store(pool_size=1) as store:
        city_id = store.cities.get(slug).city_id
        with store.database.transaction() as connection:
            xml = find_xml(connection, city_id=city_id, submission_id=submission)
            if xml is None:
                raise NotThere(f"no submission {submission} in {slug}, or it was taken back")
            detail = {"submission": submission}
            insert_event(connection, city_id=city_id, actor=OPERATOR, action="moderation.show", detail=detail)
    click.echo(xml.decode("utf-8", errors="replace"))


def _columns(one: Quarantined) -> list[str]:
    faults = "; ".join(f"{fault['pointer']} {fault['detail']}" for fault in one.faults)
    received = f"{one.received_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return [
        str(one.submission_id),
        received,
        f"{one.form_id} {one.form_version}",
        one.instance_id,
        one.quarantine,
        faults,
    ]
