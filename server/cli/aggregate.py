"""`safeaudit aggregate`."""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from server.cities import City
from server.cli.context import Store, open_store
from server.cli.writing import write_whole
from server.errors import Conflict
from server.queries.aggregates import Asked, list_aggregates
from server.queries.events import OPERATOR

_COLUMNS = ("place", "auditors", "mean", "mean_low", "mean_high")


@click.group()
def command() -> None:
    """Count people and average ratings with differential privacy, within a yearly privacy budget."""


@command.command()
@click.argument("slug")
@click.option("--period", required=True, help="Quarter of observation, such as 2026Q3, over for 14 days.")
@click.option("--measure", required=True, help="A rating of the instrument, or auditors: people alone.")
@click.option("--epsilon", required=True, help="What to spend: 0.01 to 1, with two decimals.")
@click.option("--resolution", type=int, help="By H3 cells of this resolution, 5 to 8.")
@click.option("--zones", help="By the zones of this set.")
@click.option(
    "--daypart", type=click.Choice(["day", "night", "unknown"]), help="Audits of these hours alone."
)
@click.option("--gender", type=click.Choice(["woman", "man", "other"]), help="Audits of these people alone.")
@click.option("--places-per-auditor", type=int, help="Places to which one person contributes.  [default: 4]")
@click.option("--instrument", help="Else the city's first.")
@click.option("--dry-run", is_flag=True, help="Tell the cost and what is left; spend nothing.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="CSV; else it is printed.")
def ask(slug: str, dry_run: bool, out: Path | None, **said: Any) -> None:
    """Ask about the city SLUG; what it spends is spent for ever, the same again is free."""
    with open_store(pool_size=2) as store:
        city = store.cities.get(slug)
        asked = {name: value for name, value in said.items() if value is not None}
        if dry_run:
            _tell_cost(store, city, asked)
            return
        found = _answered(store, city, asked)
    if found.answer is None:
        raise Conflict(found.fault or "it is not answered yet; ask again, which is free")
    table = _table(found.answer["rows"])
    if out is None:
        click.echo(table, nl=False)
    else:
        write_whole(out, table.encode())
        click.echo(f"{out}: {len(found.answer['rows'])} places")
    for part in found.answer["noise"]:
        unit = "people" if part["of"] == "auditors" else f"{part['unit']:g} rating steps"
        click.echo(
            f"noise of {part['of']}: discrete Laplace, scale {part['scale']:.1f}, within {part['within']} "
            f"with 95 %, counted in {unit}",
            err=True,
        )


@command.command("list")
@click.argument("slug")
def list_all(slug: str) -> None:
    """List the privacy budgets of the city SLUG by year, and what was asked."""
    from server.aggregating.ask import budgets, opens_on  # noqa: PLC0415 - loads numpy

    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        today = datetime.now(ZoneInfo(city.time_zone)).date()
        with store.database.transaction() as connection:
            left = budgets(connection, city, today=today)
            found = list_aggregates(connection, city_id=city.city_id)
    for one in left:
        click.echo(
            f"audits of {one.year}: {one.spent} of {one.limit} spent, {one.left} left; "
            f"to be asked from {opens_on(one.year)} on"
        )
    for asked in found:
        said = asked.question
        where = said["zones"] or f"resolution {said['resolution']}"
        click.echo(
            "\t".join((asked.aggregate_id, said["period"], said["measure"], where, str(asked.epsilon)))
        )


def _tell_cost(store: Store, city: City, asked: Mapping[str, Any]) -> None:
    from server.aggregating.ask import cost_of  # noqa: PLC0415 - loads numpy
    from server.aggregating.wording import question_of  # noqa: PLC0415 - as above

    question = question_of(store.database, city, asked)
    cost = cost_of(store.database, city, question, now=datetime.now(UTC))
    budget, terms = cost.budget, question.terms(city)
    again = ", as it was asked before" if cost.known else ""
    click.echo(f"costs {cost.epsilon}{again}; of the audits of {budget.year} {budget.left} is left")
    click.echo(f"counts of people: within {terms.auditors.within} with 95 %")
    if terms.top is not None:
        widths = [(people, terms.mean_within(people)) for people in (20, 50, 100, 200, 500)]
        told = [f"{width:.2f} of {people}" for people, width in widths if width is not None]
        click.echo(f"means of people's ratings, 95 %, within: {', '.join(told) or 'not told'}")


def _answered(store: Store, city: City, asked: Mapping[str, Any]) -> Asked:
    from server.aggregating.answer import answer  # noqa: PLC0415 - loads the gate
    from server.aggregating.ask import ask as pay  # noqa: PLC0415 - loads numpy
    from server.aggregating.wording import question_of  # noqa: PLC0415 - as above

    question, now = question_of(store.database, city, asked), datetime.now(UTC)
    found = pay(store.database, city, question, actor=OPERATOR, now=now)
    if found.answer is not None:
        return found
    return answer(store.database, city, aggregate_id=question.id, now=now) or found


def _table(rows: list[dict[str, Any]]) -> str:
    from server.exporting.csv import safe_text  # noqa: PLC0415 - loads shapely

    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({**row, "place": safe_text(row["place"])} for row in rows)
    return file.getvalue()
