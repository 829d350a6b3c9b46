"""RELEASE.md: how a release was made, who is missing from it, what may still go wrong, how to cite it."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import server
from analysis.disclosure.closeness import FARTHEST, LIKELIEST
from analysis.disclosure.missing import two_digits
from analysis.disclosure.release import DISABILITY, Account, Missing
from server.releasing.about import About
from server.releasing.columns import Column

_LITTLE = "under 5 % or few people"
_NO_DISABILITY = "Disability is left out."
_WITH_DISABILITY = (
    f"Disability is told: no class differs from all rows by more than {FARTHEST} (total variation, "
    f"t-closeness), and in none more than {LIKELIEST:.0%} say yes."
)


def card(account: Account, about: About, columns: Sequence[Column]) -> str:
    """Return the card as Markdown."""
    template = (files(server) / "releasing" / "card.md").read_text(encoding="utf-8")
    told = any(column.name == DISABILITY for column in columns)
    return template.format(
        **_words(about),
        by_resolution=_by_resolution(account),
        capped=account.capped / max(account.rows_in, 1),
        cap=account.cap,
        checks="\n".join(f"- {check}" for check in account.checks),
        disability=_WITH_DISABILITY if told else _NO_DISABILITY,
        k=account.k,
        missing="\n".join(map(_line, account.missing)),
        rows_in=two_digits(account.rows_in),
        rows_out=account.rows_out,
        variances=_variances(account),
    )


def _words(about: About) -> dict[str, Any]:
    name, page = about.licence_page
    return {
        "title": about.title,
        "release_id": about.release_id,
        "made_on": f"{about.made_at:%Y-%m-%d}",
        "instrument": about.instrument,
        "instrument_title": about.instrument_title,
        "purpose": " ".join((about.purpose or "whoever can use it").split()),
        "citation": about.citation,
        "licence": f"[{name}]({page})" if page else name,
        "contact": f"Questions: {about.contact}." if about.contact else "",
    }


def _variances(account: Account) -> str:
    found = account.variances
    total = sum(found.values())
    if not total:
        return (
            "How much places and people\ndiffer cannot be told apart here, as hardly anybody rated several "
            "places, so no design effect is known."
        )
    shares = {name: value / total for name, value in found.items()}
    return f"""The mean of the place ratings, in
squared rating steps, varies by {found["cell"]:g} between cells, {found["auditor"]:g} between auditors and
{found["audit"]:g} between audits of one auditor in one cell (Henderson's method I). Of the variance of a row
{shares["cell"]:.0%} is the cell's and {shares["auditor"]:.0%} the auditor's. So a mean over m rows of each of
many cells has the design effect 1 + (m - 1) * {shares["cell"]:.2f}, and over m rows of each of many people
1 + (m - 1) * {shares["auditor"]:.2f} (Kish 1965)."""


def _by_resolution(account: Account) -> str:
    return ", ".join(
        f"{rows / account.rows_out:.0%} at resolution {resolution}"
        for resolution, rows in account.by_resolution.items()
    )


def _line(one: Missing) -> str:
    suppressed, withheld = (f"{share:.0%}" if share else _LITTLE for share in (one.suppressed, one.withheld))
    told = withheld if one.column not in ("all", "area") else ""
    value = f"`{one.value}`" if one.value != "all" else ""
    return f"| {one.column} | {value} | {one.audits_min:,} | {suppressed} | {told} |"
