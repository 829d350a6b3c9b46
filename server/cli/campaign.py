"""`safeaudit campaign`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import click
from shapely.geometry import MultiPolygon

from geo.areas import read_boundary
from geo.errors import PlaceError
from server.cities import City
from server.cli import qr
from server.cli.context import open_store, public_address
from server.queries.campaigns import CampaignRow, count_phones, list_campaigns
from server.queries.events import OPERATOR
from server.services.close_campaign import close_campaign
from server.services.collect_settings import collect_address, collect_settings
from server.services.confirm_campaign import confirm_campaign
from server.services.debrief_campaign import debrief_campaign
from server.services.find_campaign import get_campaign
from server.services.open_campaign import NewCampaign, join_link, open_campaign


@click.group()
def command() -> None:
    """Set up audit walks and confirm their head count."""


@command.command()
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--from", "starts", required=True, help="Time with offset, or local time of the city.")
@click.option("--to", "ends", required=True, help="Time with offset, or local time of the city.")
@click.option("--area", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="GeoJSON.")
@click.option("--headcount", type=int, help="People expected.")
@click.option("--out", type=qr.PICTURE, help="Write the QR code of the join link as .svg or .png too.")
def create(
    slug: str,
    name: str,
    starts: str,
    ends: str,
    area: Path | None,
    headcount: int | None,
    out: Path | None,
) -> None:
    """Open a campaign in the city SLUG and print its links and QR codes."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        asked = NewCampaign(
            name=name,
            starts_at=_moment(starts, city),
            ends_at=_moment(ends, city),
            area=None if area is None else _area(area),
            headcount=headcount,
        )
        with store.database.transaction() as connection:
            opened = open_campaign(connection, city_id=city.city_id, campaign=asked, actor=OPERATOR)
        public_url = public_address(store)
    link = join_link(public_url, slug=slug, token=opened.token)
    if out is not None:
        qr.save(link, out)
    collect = collect_address(public_url, slug=slug, token=opened.token)
    click.echo("Phones with ODK Collect or KoboCollect scan this under 'Add project':")
    click.echo(qr.drawn(collect_settings(collect, project=name)))
    click.echo(collect)
    click.echo("All others scan this:")
    click.echo(qr.drawn(link))
    click.echo(f"campaign {opened.campaign_id}. Keep the links; they are not shown again.")
    click.echo(link)


@command.command("list")
@click.argument("slug")
def list_all(slug: str) -> None:
    """List the campaigns of the city SLUG: id, name, times, state, phones, head counts."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            for row in list_campaigns(connection, city_id=city.city_id):
                phones = count_phones(connection, city_id=city.city_id, campaign_id=row.campaign_id)
                sent = f"{phones.enrolled} joined, {phones.sent} sent"
                left = f"{phones.waiting} hold more, {phones.done} are done"
                click.echo("\t".join([*_columns(row, city), f"{sent}, {left}"]))


@command.command()
@click.argument("slug")
@click.argument("campaign", type=click.UUID)
@click.option("--headcount", required=True, type=int, help="People who walked.")
def confirm(slug: str, campaign: UUID, headcount: int) -> None:
    """Confirm how many people walked; as many phones count as auditors, and an analysis follows."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            confirm_campaign(
                connection,
                city_id=city.city_id,
                campaign_id=campaign,
                headcount=headcount,
                actor=OPERATOR,
                now=datetime.now(UTC),
            )
    click.echo(f"{headcount} people confirmed; `safeaudit worker` (part of `up`) analyses {slug} now")


@command.command()
@click.argument("slug")
@click.argument("campaign", type=click.UUID)
def close(slug: str, campaign: UUID) -> None:
    """Close a campaign: its link enrols nobody any more; phones keep what they have."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            close_campaign(
                connection,
                city_id=city.city_id,
                campaign_id=campaign,
                actor=OPERATOR,
                now=datetime.now(UTC),
            )
    click.echo(f"campaign {campaign} is closed")


@command.command()
@click.argument("slug")
@click.argument("campaign", type=click.UUID)
def debrief(slug: str, campaign: UUID) -> None:
    """Print what the walk found: answers by level, where at least k people answered."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            row = get_campaign(connection, city_id=city.city_id, campaign_id=campaign)
            told = debrief_campaign(connection, city=city, campaign=row, now=datetime.now(UTC))
    if told.content is None:
        click.echo(f"{row.name}: insufficient, fewer than {city.k} people have sent audits of the walk")
        return
    click.echo(f"{row.name}: {told.content['people']} people, {told.content['audits']} audits")
    for one in told.content["ratings"]:
        counts = "  ".join(f"{level}: {count}" for level, count in enumerate(one["levels"]))
        click.echo(f"{one['name']}\tmean {one['mean']:.2f}\t{counts}\tby {one['people']} people")


def _moment(text: str, city: City) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time; write 2026-11-20T18:00, or with +05:30") from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(city.time_zone))


def _area(path: Path) -> MultiPolygon:
    try:
        return read_boundary(json.loads(path.read_text(encoding="utf-8"))).area
    except (PlaceError, ValueError) as error:
        raise click.BadParameter(f"{path}: {error}") from None


def _columns(row: CampaignRow, city: City) -> list[str]:
    zone = ZoneInfo(city.time_zone)
    times = [f"{one.astimezone(zone):%Y-%m-%d %H:%M}" for one in (row.starts_at, row.ends_at)]
    confirmed = "" if row.confirmed_headcount is None else f", {row.confirmed_headcount} confirmed"
    expected = f"{row.headcount or '?'} expected{confirmed}"
    return [str(row.campaign_id), row.name, *times, row.state(datetime.now(UTC)), expected]
