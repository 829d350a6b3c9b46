"""`safeaudit simulate`."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from server.cli.context import open_store
from server.errors import Invalid

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("slug")
@click.option("--audits", required=True, type=click.IntRange(1, 50_000_000))
@click.option("--auditors", required=True, type=click.IntRange(1, 1_000_000))
@click.option("--seed", required=True, type=click.IntRange(0, 2**63 - 1))
@click.option("--out", required=True, type=_FILE, help="CSV of audits; `safeaudit import` takes it as it is.")
@click.option("--truth", required=True, type=_FILE, help="GeoJSON, or CSV, of every cell's true scores.")
@click.option(
    "--first-day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First of the 150 days of audits. [150 days before today]",
)
def command(
    slug: str, *, audits: int, auditors: int, seed: int, out: Path, truth: Path, first_day: datetime | None
) -> None:
    """Write a synthetic city with planted unsafe places, of the boundary and first instrument of SLUG.

    Nothing is stored. The same arguments give the same files.
    """
    from analysis.simulation.city import simulate  # noqa: PLC0415 - scipy only where needed
    from analysis.simulation.scenario import Scenario  # noqa: PLC0415 - as above
    from server.importing.simulated import write_audits, write_truth  # noqa: PLC0415 - as above

    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
    scenario = Scenario(resolution=city.resolution)
    today: date = datetime.now(ZoneInfo(city.time_zone)).date()
    try:
        simulated = simulate(
            instrument=city.current(city.default_instrument).instrument,
            area=city.area,
            first_day=first_day.date() if first_day else today - timedelta(days=scenario.days),
            seed=seed,
            audits=audits,
            auditors=auditors,
            scenario=scenario,
        )
    except ValueError as error:
        raise Invalid(f"{slug} cannot be simulated: {error}") from error
    write_audits(simulated, out, time_zone=city.time_zone, prefix=f"simulated-{seed}")
    write_truth(simulated, truth)
    click.echo(f"{audits} audits in {out}, {len(simulated.truth.cells)} cells in {truth}")
