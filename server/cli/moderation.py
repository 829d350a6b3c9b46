"""`safeaudit moderation`."""

from datetime import UTC, datetime
from uuid import UUID

import click

from server.cli.context import open_store
from server.errors import NotThere
from server.models.moderation import REASONS, STATES
from server.queries.events import OPERATOR, insert_event
from server.queries.moderation import CaseAudit, CaseRow, find_case, list_case_audits, list_cases
from server.queries.submissions import find_xml
from server.services.moderate import Act, hide_audit, moderate

_MOST_AUDITS = 10_000


@click.group()
def command() -> None:
    """Decide what is doubtful: see it, accept it, hide it, restore it."""


@command.command("list")
@click.argument("slug")
@click.option("--state", type=click.Choice([*STATES, "any"]), default="waiting", show_default=True)
@click.option("--reason", type=click.Choice(REASONS), help="Cases of one reason alone.")
@click.option("--after", default=0, type=click.IntRange(0), help="Cases after this number.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1))
def list_all(slug: str, state: str, reason: str | None, after: int, limit: int) -> None:
    """List the cases of the city SLUG, oldest first: number, time, reason, state, what it is about."""
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        with store.database.transaction() as connection:
            cases = list_cases(
                connection,
                city_id=city.city_id,
                state=None if state == "any" else state,
                reason=reason,
                after=after,
                limit=limit,
            )
    for one in cases:
        click.echo("\t".join(_columns(one)))


@command.command()
@click.argument("slug")
@click.argument("case", type=int)
def show(slug: str, case: int) -> None:
    """Print what a case is about: its audits, or the XML of a submission as it was sent; this is logged."""
    with open_store(pool_size=1) as store:
        city_id = store.cities.get(slug).city_id
        with store.database.transaction() as connection:
            found = find_case(connection, city_id=city_id, case_id=case)
            if found is None:
                raise NotThere(f"no case {case} in {slug}, or what it was about was taken back")
            audits = list_case_audits(connection, city_id=city_id, case_id=case, limit=_MOST_AUDITS)
            xml = None
            if found.submission_id is not None:
                xml = find_xml(connection, city_id=city_id, submission_id=found.submission_id)
            detail = {"case": case}
            insert_event(connection, city_id=city_id, actor=OPERATOR, action="moderation.show", detail=detail)
    if xml is not None:
        click.echo(xml.decode("utf-8", errors="replace"))
    for one in audits:
        click.echo("\t".join(_audit_columns(one)))


_reason = click.option("--reason", required=True, help="Why; it goes into the log.")


@command.command()
@click.argument("slug")
@click.argument("case", type=int)
@_reason
def accept(slug: str, case: int, reason: str) -> None:
    """Let count what a case is about."""
    _decide("accept", slug, str(case), reason)


@command.command()
@click.argument("slug")
@click.argument("case_or_audit")
@_reason
def hide(slug: str, case_or_audit: str, reason: str) -> None:
    """Hide what a case is about, or an audit by its id; nothing is deleted."""
    _decide("hide", slug, case_or_audit, reason)


@command.command()
@click.argument("slug")
@click.argument("case", type=int)
@_reason
def restore(slug: str, case: int, reason: str) -> None:
    """Let count again what was hidden."""
    _decide("restore", slug, str(case), reason)


def _decide(action: str, slug: str, named: str, reason: str) -> None:
    with open_store(pool_size=1) as store:
        city = store.cities.get(slug)
        now = datetime.now(UTC)
        act = Act(action=action, reason=reason, actor=OPERATOR, now=now, secret=store.secret)
        with store.database.transaction() as connection:
            if named.isascii() and named.isdigit():
                case_id = int(named)
                moderate(connection, city, case_id=case_id, act=act)
            else:
                case_id = hide_audit(connection, city, audit_id=_audit(named), act=act)
            case = find_case(connection, city_id=city.city_id, case_id=case_id)
    state = "decided" if case is None else case.state
    click.echo(f"case {case_id} is {state}; layers follow with the next run")


def _audit(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is neither the number of a case nor the id of an audit") from None


def _columns(one: CaseRow) -> list[str]:
    opened = f"{one.opened_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return [str(one.case_id), opened, one.reason, one.state, *_about(one)]


def _about(one: CaseRow) -> list[str]:
    if one.submission_id is not None:
        faults = "; ".join(f"{fault['pointer']} {fault['detail']}" for fault in one.faults or ())
        return [f"{one.form_id} {one.form_version}", one.instance_id or "", faults]
    figures = ", ".join(f"{name} {value}" for name, value in one.detail.items())
    trust = "trust unknown" if one.trust is None else f"trust {one.trust:.2f}"
    return [f"{one.audits} audits by {one.auditors}", trust, figures]


def _audit_columns(one: CaseAudit) -> list[str]:
    observed = "" if one.observed_at is None else f"{one.observed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    ratings = " ".join("-" if level < 0 else str(level) for level in one.ratings)
    trust = "" if one.trust is None else f"{one.trust:.2f}"
    return [str(one.audit_id), f"auditor {one.auditor}", trust, observed, ratings, one.comment or ""]
