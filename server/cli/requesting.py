"""`safeaudit intervention request` and `safeaudit intervention status`."""

import json
from pathlib import Path

import click

from server.cli.context import open_store
from server.cli.writing import write_whole
from server.errors import Invalid
from server.queries.events import OPERATOR
from server.queries.service_requests import ServiceRequest

_NOWHERE = "the city has no endpoint: name it as open311 in city.yml (docs/interventions.md)"


@click.command()
@click.argument("slug")
@click.argument("place")
@click.option("--rating", help="What is to be mended. [the place's first need]")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Write the request to a file.")
@click.option("--send", is_flag=True, help="Send it to the endpoint of the city.")
@click.option("--again", is_flag=True, help="Send it though it may have arrived: the agency says it did not.")
def request(slug: str, place: str, rating: str | None, file: Path | None, send: bool, again: bool) -> None:
    """Ask an agency to mend what PLACE of the city SLUG lacks, by Open311 GeoReport v2.

    PLACE is the id of a hotspot in `hotspots-now`, or the cell of a dark spot.
    """
    from server.handoff.deficit import find_deficit  # noqa: PLC0415 - loads numpy and shapely
    from server.handoff.requesting import endpoint_of, send_request, write_request  # noqa: PLC0415 - as above

    if send == (file is not None) or (again and not send):
        raise click.UsageError("say --file FILE, or --send [--again]")
    with open_store(pool_size=2) as store:
        city = store.cities.get(slug)
        deficit = find_deficit(store.database, city, place, rating)
        if file is not None:
            made = write_request(store.database, city, deficit, actor=OPERATOR)
            write_whole(file, json.dumps(dict(made.fields), ensure_ascii=False, indent=2).encode() + b"\n")
            click.echo(f"{file}: {deficit.name}")
            return
        endpoint = endpoint_of(city, store.settings.open311_keys)
        if endpoint is None:
            raise Invalid(_NOWHERE)
        made = send_request(store.database, city, deficit, endpoint, actor=OPERATOR, again=again)
    click.echo(f"{deficit.name}: {_called(made)}")


@click.command()
@click.argument("slug")
def status(slug: str) -> None:
    """Ask how the requests of the city SLUG stand: intervention, parameter, state, number, status, notes."""
    from server.handoff.following import follow_requests  # noqa: PLC0415 - loads structlog
    from server.handoff.requesting import endpoint_of  # noqa: PLC0415 - loads scipy
    from server.queries.service_requests import list_requests  # noqa: PLC0415 - loads SQLAlchemy

    with open_store(pool_size=2) as store:
        city = store.cities.get(slug)
        endpoint = endpoint_of(city, store.settings.open311_keys)
        if endpoint is not None:
            found = follow_requests(store.database, city, endpoint)
        else:
            with store.database.transaction() as connection:
                found = list(list_requests(connection, city_id=city.city_id).values())
    for one in found:
        words = (one.intervention_id, one.parameter, one.state, _called(one), one.status or one.problem or "")
        click.echo("\t".join(map(str, (*words, one.status_notes or ""))))


def _called(one: ServiceRequest) -> str:
    return one.service_request_id or (f"token {one.token}" if one.token else "no number yet")
