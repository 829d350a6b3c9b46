"""`safeaudit intervention`."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import click

from analysis.effect.design import FOLLOW_UP_DAYS
from analysis.effect.result import Effect, Evaluation
from analysis.score import to_five
from geo.areas import read_boundary
from geo.errors import PlaceError
from server.cities import City
from server.cli.context import open_store
from server.cli.requesting import request, status
from server.queries.events import OPERATOR
from server.queries.interventions import InterventionRow, Terms, list_effects, list_interventions
from server.services.plan_intervention import STATUSES, plan_intervention

_PER = 1000
_PROPERTIES = (
    "name", "kind", "from", "to", "targets", "cost", "currency", "owner", "partners", "reason", "status",
    "follow_up_days", "instrument",
)  # fmt: skip


@click.group()
def command() -> None:
    """Keep what was done where, and tell what it did."""


command.add_command(request)
command.add_command(status)


@command.command()
@click.argument("slug")
@click.argument("area", metavar="FILE_OR_BOX")
@click.option("--name", help="What it is called.")
@click.option("--kind", help="What is done, in plain words such as 'street lights'.")
@click.option("--from", "from_", help="Day the work begins, such as 2026-03-01.")
@click.option("--to", help="Day it is complete. [the day it begins]")
@click.option("--target", "targets", multiple=True, help="Rating it is to raise; may be repeated. [all]")
@click.option("--cost", help="A number; needs --currency.")
@click.option("--currency", help="ISO 4217, such as INR.")
@click.option("--owner", help="Who is in charge.")
@click.option("--partner", "partners", multiple=True, help="May be repeated.")
@click.option("--reason", help="Why this one.")
@click.option("--status", help=f"One of: {', '.join(STATUSES)}. [planned]")
@click.option("--follow-up-days", type=int, help=f"Its effect is told after so many. [{FOLLOW_UP_DAYS}]")
@click.option("--instrument", help="Whose ratings tell the effect. [the city's first]")
def add(slug: str, area: str, **options: Any) -> None:
    """Add an intervention to the city SLUG; FILE is GeoJSON (its properties may say the rest), or a box.

    A box is west,south,east,north in degrees. Options win over properties.
    """
    document: Any = area if not Path(area).is_file() else _json(Path(area))
    said = {name: value for name, value in _properties(document).items() if name in _PROPERTIES}
    options["from"] = options.pop("from_")
    said |= {name: value for name, value in options.items() if value not in (None, ())}
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        terms = _terms(said, document, city)
        today = datetime.now(UTC).astimezone(ZoneInfo(city.time_zone)).date()
        with store.database.transaction() as connection:
            made = plan_intervention(connection, city, terms, today=today, actor=OPERATOR)
    click.echo(f"{made}")


@command.command("list")
@click.argument("slug")
def list_all(slug: str) -> None:
    """List the interventions of the city SLUG: id, name, kind, from, to, status, and the effect once told."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            told = list_effects(connection, city_id=city.city_id, audience="planner")
            for row in list_interventions(connection, city_id=city.city_id):
                found = told.get(row.intervention_id)
                effect = "" if found is None else _score(found.evaluation.effect)
                days = (str(row.begins_on), str(row.completes_on or row.begins_on))
                line = (str(row.intervention_id), row.name, row.kind, *days, row.status, effect)
                click.echo("\t".join(line))


@command.command()
@click.argument("slug")
@click.argument("intervention", type=click.UUID, required=False)
@click.option("--seed", default=0, show_default=True, help="Of all random draws.")
def evaluate(slug: str, intervention: UUID | None, seed: int) -> None:
    """Tell what an INTERVENTION of the city SLUG did, or all of them, from all used audits."""
    from server.publishing.evaluating import evaluate_now  # noqa: PLC0415 - loads scipy

    with open_store(pool_size=2) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            rows = list_interventions(connection, city_id=city.city_id)
        ids = [row.intervention_id for row in rows] if intervention is None else [intervention]
        if not ids:
            click.echo(f"no intervention in {slug}; `safeaudit intervention add` keeps one", err=True)
        for one in ids:
            found = evaluate_now(store.database, city, one, actor=OPERATOR, seed=seed)
            for line in _told(found.row, found.evaluation, final=found.final):
                click.echo(line)


def _told(row: InterventionRow, evaluation: Evaluation, *, final: bool) -> list[str]:
    head = f"{row.name} ({row.kind}), {row.begins_on} to {row.completes_on or row.begins_on}"
    if evaluation.effect is None:
        return [head, f"  insufficient: {evaluation.reason}"]
    aim = ", ".join(row.targets) or "all ratings of the place"
    lines = [
        f"{head}: {'told for good' if final else 'so far; not the last word'}",
        f"  audits {evaluation.audits[0]} before, {evaluation.audits[1]} after; "
        f"auditors {evaluation.auditors[0]}, {evaluation.auditors[1]}; {evaluation.places} places compared",
        f"  {aim}: {_score(evaluation.effect)}",
        f"  could have found: {_points(evaluation.effect.detectable, evaluation.effect):.2f}",
        f"  score: {_score(evaluation.score)}",
        *(f"  {name} (in its levels): {_levels(effect)}" for name, effect in evaluation.ratings.items()),
        f"  surroundings (two cells): {_score(evaluation.ring)}",
        f"  on another path before: p {_number(evaluation.trend_p)}",
    ]
    if row.cost:
        share = float(row.cost) / _PER
        low, middle, high = (_points(part, evaluation.effect) / share for part in _ends(evaluation.effect))
        lines.append(f"  per {_PER} {row.currency}: {middle:+.4f} ({low:+.4f} to {high:+.4f}) points of 0..5")
    months = (f"{one.month:+d}: {_points(one.effect.estimate, one.effect):+.2f}" for one in evaluation.months)
    return [*lines, f"  months: {', '.join(months)}"]


def _ends(effect: Effect) -> tuple[float, float, float]:
    return effect.low, effect.estimate, effect.high


def _points(steps: float, effect: Effect) -> float:
    return to_five(steps, top=effect.top)


def _score(effect: Effect | None) -> str:
    if effect is None:
        return "too few audits"
    low, middle, high = (_points(part, effect) for part in _ends(effect))
    return f"{middle:+.2f} ({low:+.2f} to {high:+.2f}) points of 0..5, p {effect.p:.3f}"


def _levels(effect: Effect | None) -> str:
    if effect is None:
        return "too few audits"
    return f"{effect.estimate:+.2f} ({effect.low:+.2f} to {effect.high:+.2f}), p {effect.p:.3f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.BadParameter(f"{path}: not JSON: {error}") from None


def _properties(document: Any) -> dict[str, Any]:
    """Return the properties of a GeoJSON feature, or of the one feature of a collection."""
    if isinstance(document, dict) and document.get("type") == "FeatureCollection":
        features = document.get("features") or [None]
        document = features[0] if len(features) == 1 else None
    found = document.get("properties") if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def _terms(said: dict[str, Any], document: Any, city: City) -> Terms:
    missing = [name for name in ("name", "kind", "from") if not said.get(name)]
    if missing:
        raise click.UsageError(f"say {', '.join('--' + name for name in missing)}, or put it in the file")
    try:
        area = read_boundary(document).area
    except PlaceError as error:
        raise click.BadParameter(f"{error}; name a GeoJSON file or a box") from None
    return Terms(
        instrument_id=str(said.get("instrument") or city.default_instrument),
        name=str(said["name"]).strip(),
        kind=str(said["kind"]).strip(),
        area=area,
        begins_on=_day(said["from"]),
        completes_on=_day(said["to"]) if said.get("to") else None,
        follow_up_days=int(said.get("follow_up_days") or FOLLOW_UP_DAYS),
        targets=_texts(said.get("targets")),
        cost=_cost(said["cost"]) if said.get("cost") is not None else None,
        currency=said.get("currency"),
        owner=said.get("owner"),
        partners=_texts(said.get("partners")),
        reason=said.get("reason"),
        status=str(said.get("status") or "planned"),
    )


def _texts(value: Any) -> tuple[str, ...]:
    parts = value.split(";") if isinstance(value, str) else value or ()
    return tuple(str(part).strip() for part in parts)


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise click.BadParameter(f"{value!r} is no day; write such as 2026-03-01") from None


def _cost(value: Any) -> Decimal:
    try:
        cost = Decimal(str(value))
    except InvalidOperation:
        cost = Decimal("NaN")
    if not cost.is_finite():
        raise click.BadParameter(f"{value!r} is no cost; write a number such as 25000")
    return cost
