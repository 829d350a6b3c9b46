"""`safeaudit key`."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import click

from server.actors import STAFF, Role
from server.cli.context import open_store
from server.queries.keys import KeyRow, list_keys
from server.services.create_key import create_key
from server.services.revoke_key import revoke_key
from server.services.rotate_key import rotate_key

_CITY = click.option("--city", "slug", required=True, help="Slug of the city.")


@click.group()
def command() -> None:
    """Make, list, rotate and revoke keys of planners and other staff."""


@command.command()
@_CITY
@click.option("--role", required=True, type=click.Choice([str(role) for role in STAFF]))
@click.option("--name", default="", help="Whose it is, for the list.")
@click.option("--days", type=click.IntRange(1, 3650), help="It opens for so long; else until it is revoked.")
def create(slug: str, role: str, name: str, days: int | None) -> None:
    """Make a key; its token is printed this once, alone on the last line."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            lasts = None if days is None else timedelta(days=days)
            made = create_key(connection, city_id=city.city_id, role=Role(role), name=name, lasts=lasts)
    click.echo(f"key {made.key_id}: {role} of {slug}. Keep the token; it is not shown again.")
    click.echo(made.token)


@command.command()
@_CITY
@click.argument("key", type=click.UUID)
@click.option("--overlap-hours", default=24, show_default=True, type=click.IntRange(0, 24 * 30))
def rotate(slug: str, key: UUID, overlap_hours: int) -> None:
    """Replace the key with the id KEY; the new token is printed this once, the old one opens until then."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            overlap = timedelta(hours=overlap_hours)
            made = rotate_key(connection, city_id=city.city_id, key_id=key, overlap=overlap)
    click.echo(f"key {made.key_id} replaces {key}, which opens for {overlap_hours} h more.")
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
    return [str(row.key_id), row.role, row.name, f"{row.created_at:%Y-%m-%d}", _state(row)]


def _state(row: KeyRow) -> str:
    if row.revoked_at is not None:
        return f"revoked {row.revoked_at:%Y-%m-%d}"
    if row.expires_at is None:
        return "valid"
    return f"{'expired' if row.expires_at <= datetime.now(UTC) else 'valid until'} {row.expires_at:%Y-%m-%d}"
