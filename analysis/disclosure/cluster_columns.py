"""The fields of `incident-clusters` and their values."""

from collections.abc import Sequence

from analysis.clusters import Cluster
from analysis.disclosure.columns import Column, Precision, integer, months, number, text
from analysis.observations import NO_DAY
from analysis.streets import Streets


def incident_clusters(
    found: Sequence[tuple[str, Cluster]], streets: Streets, precision: Precision
) -> list[Column]:
    """Return the columns of `incident-clusters` for clusters and their kinds."""
    of_kind = [sum(kind == other for other, _ in found[: row + 1]) for row, (kind, _) in enumerate(found)]
    ids = [f"{kind}-{number}" for (kind, _), number in zip(found, of_kind, strict=True)]
    shown = [cluster for _, cluster in found]
    return [
        text("id", "Kind and rank", ids),
        text("kind", "incidents (recorded) or hazards (reported by auditors)", (kind for kind, _ in found)),
        integer("rank", "Rank by points among those of its kind, 1 = most", of_kind),
        integer("points_min", "At least so many points", (precision.count(one.points) for one in shown)),
        number("area_km2", "Area in square kilometres", (one.area_km2 for one in shown)),
        text("first", "Month of the earliest", (_month(one.first_day) for one in shown)),
        text("last", "Month of the latest", (_month(one.last_day) for one in shown)),
        text("near", "Street or crossing there", (streets.near(one.shape) for one in shown)),
    ]


def _month(day: int) -> str | None:
    return None if day == NO_DAY else months([day])[0]
