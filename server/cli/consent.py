"""`safeaudit consent`."""

from pathlib import Path

import click

from server.cli.context import open_store
from server.consent.text import load, shipped
from server.errors import NotThere
from server.queries.consent import find_current_version, find_texts
from server.services.approve_consent import approve_consent

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Approve and show what residents are asked to agree to."""


@command.command()
@click.argument("slug")
@click.argument("file", type=_FILE, required=False)
def approve(slug: str, file: Path | None) -> None:
    """Approve for the city SLUG the text in FILE (YAML: version, texts by language), else the shipped one."""
    consent = shipped() if file is None else load(file)
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            shown = approve_consent(connection, city=city, consent=consent)
    click.echo(f"version {shown.version}: {', '.join(shown.texts)}")
    left_out = sorted(set(consent.texts) - set(shown.texts))
    if left_out:
        click.echo(f"not among the city's languages, so not served: {', '.join(left_out)}")


@command.command()
@click.argument("slug")
def show(slug: str) -> None:
    """Show the current text of the city SLUG in every approved language."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            version = find_current_version(connection, city_id=city.city_id)
            if version is None:
                raise NotThere(f"{slug} has approved no text; do so with: safeaudit consent approve {slug}")
            texts = find_texts(connection, city_id=city.city_id, version=version)
    click.echo(f"version {version}")
    for code, text in texts.items():
        click.echo(f"\n[{code}]\n{text}")
