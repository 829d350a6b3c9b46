"""What a place lacks, as the last run published it to planners, put in the words of a service request."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import shapely
from shapely.geometry import MultiPolygon

from server.cities import City
from server.database import Database
from server.errors import Fault, Invalid, NotThere
from server.handoff.georeport import LONGEST_DESCRIPTION
from server.report.published import Published, Row, find_layers, read_published
from server.report.words import Speech, speech

LIGHTING = "lighting"
_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Deficit:
    """One thing to mend at one place."""

    feature_id: str
    parameter: str
    instrument_id: str
    area: MultiPolygon
    name: str
    """What and where, in the city's first language."""
    evidence: str
    near: str
    agency: str | None

    def fields(self, reference: UUID, service_code: str | None) -> Mapping[str, str]:
        """Return the fields of a request; its description ends in the reference that it is known by."""
        point = self.area.representative_point()
        tail = f"\nsafeaudit {reference}"
        told = f"{self.name}. {self.evidence}"[: LONGEST_DESCRIPTION - len(tail)] + tail
        fields = {"lat": f"{point.y:.6f}", "long": f"{point.x:.6f}", "description": told}
        if self.near:
            fields["address_string"] = self.near
        return fields | ({} if service_code is None else {"service_code": service_code})


def find_deficit(database: Database, city: City, feature_id: str, parameter: str | None = None) -> Deficit:
    """Return what a hotspot or dark spot of the last run lacks: `parameter`, or else its first need.

    NotThere where there is no such place; Invalid where it does not lack that.
    """
    with database.layer_reading() as connection:
        layers = find_layers(connection, city, planner=True)
        published = read_published(connection, city, layers, planner=True)
    say = speech(city.languages[0], published.document)
    for layer, key in ((published.hotspots, "id"), ("dark-spots", "cell")):
        for place, row in enumerate(published.rows(layer)):
            if row[key] == feature_id:
                area = _whole(published.tables[layer].shapes[place])
                lacks = _lacking(row, parameter)
                return _deficit(feature_id, lacks, row, area, published, say)
    raise NotThere(
        f"no hotspot or dark spot {feature_id!r} in the last run; "
        f"`safeaudit layer export {city.slug} hotspots-now FILE` lists them"
    )


def _lacking(row: Row, parameter: str | None) -> str:
    """Return the parameter that is asked for, checked, or the first."""
    needs = [LIGHTING] if "lighting_mean" in row and "needs" not in row else str(row["needs"]).split(";")
    needs = [need for need in needs if need]
    if not needs:
        raise Invalid("nothing that can be fixed is credibly low there")
    if parameter is not None and parameter not in needs:
        fault = Fault("/rating", f"{parameter!r} is not credibly low there; there are: {', '.join(needs)}")
        raise Invalid("the place does not lack that", faults=[fault])
    return parameter or needs[0]


def _deficit(
    feature_id: str, parameter: str, row: Row, area: MultiPolygon, published: Published, say: Speech
) -> Deficit:
    near = str(row["near"] or "")
    people = say("at_least", n=row["auditors_min"])
    measured, field = (
        (say("at_night", rating=say.rating(LIGHTING)), LIGHTING)
        if "needs" not in row
        else (say.rating(parameter), parameter)
    )
    value, low, high = (float(row[f"{field}_{part}"] or 0) for part in ("mean", "low", "high"))
    return Deficit(
        feature_id=feature_id,
        parameter=parameter,
        instrument_id=published.document.instrument.id,
        area=area,
        name=f"{say.rating(parameter)}: {near or say('unnamed', id=feature_id)}"[:_LONGEST_NAME],
        evidence=f"{measured}: {value:.1f} ({low:.1f} - {high:.1f}); {say('people')}: {people}.",
        near=near,
        agency=published.city.settings.get("agencies", {}).get(parameter),
    )


def _whole(shape: shapely.geometry.base.BaseGeometry) -> MultiPolygon:
    return MultiPolygon(shapely.get_parts(shape).tolist())
