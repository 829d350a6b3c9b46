"""Indicators of a city: figures of the published layer `city`, each with what it counts."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.disclosure.layer import Field, Value
from server.layer_table import LayerTable

LAYER = "city"
_MEAN = "_mean"


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What an indicator is made of; `field` is its column of the layer `city`."""

    id: str
    definition: str
    numerator: str
    denominator: str
    unit: str
    field: str
    low: str = ""
    high: str = ""
    """The columns of its 95 % interval; empty without one."""
    code: str = ""
    """Of the SDG indicator that it stands closest to, at night; docs/indicators.md says what it is not."""


DEFINITIONS = (
    Definition(
        id="safety-score",
        definition="Mean score of the shown places, 0 worst to 5 best",
        numerator="sum of the scores of the shown cells",
        denominator="shown cells",
        unit="score 0-5",
        field="score",
        low="score_low",
        high="score_high",
    ),
    Definition(
        id="common-score",
        definition="Mean score of the shown places if all ratings weighed alike, to compare cities by",
        numerator="sum over the shown cells of the score of equal weights",
        denominator="shown cells where k people gave a rating of the place",
        unit="score 0-5",
        field="score_common",
        low="score_common_low",
        high="score_common_high",
    ),
    Definition(
        id="audited-share",
        definition="Share of the city that enough people audited to be shown",
        numerator="shown cells",
        denominator="cells whose centre lies in the city",
        unit="share",
        field="audited_share",
    ),
    Definition(
        id="hotspot-share",
        definition="Share of the shown places that are credibly less safe than the city",
        numerator="shown cells of class hot or severe",
        denominator="shown cells",
        unit="share",
        field="hotspot_share",
    ),
    Definition(
        id="dark-share",
        definition="Expected share of the shown places with lighting below the middle of its scale",
        numerator="sum over the shown cells of the probability that lighting is below the middle",
        denominator="shown cells where k people rated lighting",
        unit="share",
        field="dark_share",
    ),
    Definition(
        id="feel-safe-share",
        definition="Expected share of the shown places where people feel safe",
        numerator="sum over the shown cells of the probability that the feeling is at the middle or above",
        denominator="shown cells where k people said how they feel",
        unit="share",
        field="feel_safe_share",
        code="SDG 16.1.4",
    ),
    Definition(
        id="below-standard-share",
        definition="Expected share of the shown places below the city's own standard",
        numerator="sum over the shown cells of the probability that the score is below the standard",
        denominator="shown cells",
        unit="share",
        field="below_standard_share",
    ),
)
CODED_GROUP = "daypart:night"
"""The SDG code stands beside this group alone: it asks for after dark."""


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One indicator of one group; names and order of the outer contract, section 4."""

    id: str
    definition: str
    numerator: str
    denominator: str
    unit: str
    value: float | None
    """None: not enough people audited to say."""
    low: float | None
    high: float | None
    group: str
    """Empty: everybody, at all hours."""
    code: str


def documentation() -> str:
    """Return the Markdown table of the indicators that every city has."""
    rows = ["| id | definition | numerator | denominator | unit | code |", "|---|---|---|---|---|---|"]
    rows += [
        f"| `{one.id}` | {one.definition} | {one.numerator} | {one.denominator} | {one.unit} | {one.code} |"
        for one in DEFINITIONS
    ]
    return "\n".join(rows) + "\n"


def indicators_of(table: LayerTable) -> list[Indicator]:
    """Return the indicators in the layer `city`: those of everybody, and then of each group shown there.

    A run of an earlier version lacks those that came later.
    """
    known = (one for one in DEFINITIONS if one.field in table.columns)
    definitions = (*known, *_of_ratings(table.fields))
    order = sorted(range(len(table)), key=lambda row: str(table.columns["group"][row]))
    return [_indicator(definition, table, row) for row in order for definition in definitions]


def _of_ratings(fields: tuple[Field, ...]) -> Iterator[Definition]:
    """Yield the mean of each rating, whatever the instrument asks."""
    for field in fields:
        if field.name.endswith(_MEAN):
            name = field.name.removesuffix(_MEAN)
            yield Definition(
                id=f"{name.replace('_', '-')}-mean",
                definition=f"Mean level over the shown places: {field.title}",
                numerator=f"sum of the levels of {name} over the shown cells",
                denominator=f"shown cells where k people rated {name}",
                unit="level",
                field=field.name,
            )


def _indicator(definition: Definition, table: LayerTable, row: int) -> Indicator:
    group = str(table.columns["group"][row])
    return Indicator(
        id=definition.id,
        definition=definition.definition,
        numerator=definition.numerator,
        denominator=definition.denominator,
        unit=definition.unit,
        value=_number(table, definition.field, row),
        low=_number(table, definition.low, row),
        high=_number(table, definition.high, row),
        group=group,
        code=definition.code if group == CODED_GROUP else "",
    )


def _number(table: LayerTable, name: str, row: int) -> float | None:
    value: Value = table.columns[name][row] if name else None
    return float(value) if value is not None else None
