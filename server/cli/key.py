"""`safeaudit key`."""

from uuid import UUID

import click

from server.actors import STAFF, Role
from server.cli.context import open_store
from server.queries.keys import KeyRow, list_keys
from server.services.create_key import create_key
from server.services.revoke_key import revoke_key

_CITY = click.option("--city", "slug", required=True, help="Slug of the city.")


@click.group()
def command() -> None:
    """Make, list and revoke keys of planners and other staff."""


@command.command()
@_CITY
@click.option("--role", required=True, type=click.Choice([str(role) for role in STAFF]))
@click.option("--name", default="", help="Whose it is, for the list.")
def create(slug: str, role: str, name: str) -> None:
    """Make a key; its token is printed this once, alone on the last line."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            made = create_key(connection, city_id=city.city_id, role=Role(role), name=name)
    click.echo(f"key {made.key_id}: {role} of {slug}. Keep the token; it is not shown again.")
    click.echo(made.token)


@command.command("list")
@click.option("--city", "slug", help="Only of this city.")
def list_all(slug: str | None) -> None:
    """List keys: city, id, role, name, since when, and whether they still open anything."""
    with open_store(pool_size=1) as store:
        for city in store.cities.all() if slug is None else [store.cities.get(slug)]:
            with store.database.transaction() as connection:
                rows = list_keys(connection, city_id=city.city_id)
            for row in rows:
                click.echo("\t".join([city.slug, *_columns(row)]))


@command.command()
@_CITY
@click.argument("key", type=click.UUID)
def revoke(slug: str, key: UUID) -> None:
    """Revoke the key with the id KEY; it opens nothing from here on."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            revoke_key(connection, city_id=city.city_id, key_id=key)
    click.echo(f"key {key} is revoked")


def _columns(row: KeyRow) -> list[str]:
    state = "valid" if row.revoked_at is None else f"revoked {row.revoked_at:%Y-%m-%d}"
    return [str(row.key_id), row.role, row.name, f"{row.created_at:%Y-%m-%d}", state]
