"""Questions as people write them, and what they are told of budgets and noise."""

from collections.abc import Mapping
from typing import Any

from analysis.disclosure.aggregate import Terms
from server.aggregating.ask import opens_on
from server.aggregating.places import zones_sha256
from server.aggregating.question import PLACES_PER_AUDITOR, Question
from server.cities import City
from server.database import Database
from server.errors import Fault, Invalid
from server.queries.aggregates import Budget
from server.setting_values import hundredths


def question_of(database: Database, city: City, said: Mapping[str, Any]) -> Question:
    """Return the question that is meant; Invalid for zones that are not there and a number that is none."""
    zones = said.get("zones")
    digest = None
    if zones is not None:
        with database.transaction() as connection:
            digest = zones_sha256(connection, city, zones)
    return Question(
        instrument=said.get("instrument", city.default_instrument),
        period=said["period"],
        measure=said["measure"],
        resolution=said.get("resolution"),
        zones=zones,
        zones_sha256=digest,
        daypart=said.get("daypart"),
        gender=said.get("gender"),
        places_per_auditor=said.get("places_per_auditor", PLACES_PER_AUDITOR),
        epsilon=_epsilon(said["epsilon"]),
    )


def _epsilon(said: float | str) -> str:
    """Return an epsilon with two decimals: 0.5 and 0.50 are one question."""
    try:
        return str(hundredths(said))
    except ValueError as error:
        raise Invalid(
            "the question cannot be asked like this; nothing was spent",
            faults=[Fault("/epsilon", str(error))],
        ) from None


def budget_told(budget: Budget) -> dict[str, Any]:
    """Return what everybody may know of a budget, which is all."""
    return {
        "year": budget.year,
        "limit": float(budget.limit),
        "spent": float(budget.spent),
        "left": float(budget.left),
        "opens_on": opens_on(budget.year).isoformat(),
    }


def noise_told(terms: Terms) -> list[dict[str, Any]]:
    """Return what is told of the noise of an aggregate."""
    return [
        {
            "of": part.of,
            "epsilon": part.epsilon,
            "sensitivity": part.sensitivity,
            "scale": part.scale,
            "within": part.within,
            "unit": part.unit,
        }
        for part in terms.parts
    ]
