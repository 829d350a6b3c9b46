"""What a place lacks, with the evidence of the layers."""

import pytest

from server.cities import City
from server.errors import Invalid, NotThere
from server.handoff.deficit import Deficit, find_deficit
from tests.server.handoff.conftest import layer
from tests.server.places import Places


def test_the_figures_are_the_layers(own: Places, city: City, deficit: Deficit, hotspot: str) -> None:
    table = layer(own.database, city, "hotspots-now")
    place = list(table.columns["id"]).index(hotspot)
    mean, low, high = (float(table.columns[f"lighting_{end}"][place]) for end in ("mean", "low", "high"))
    assert f"{mean:.1f} ({low:.1f} - {high:.1f})" in deficit.evidence


def test_a_dark_spot_lacks_light_and_nothing_else(own: Places, city: City) -> None:
    columns = layer(own.database, city, "dark-spots").columns
    cell = str(columns["cell"][0])
    found = find_deficit(own.database, city, cell)
    assert (found.parameter, found.agency) == ("lighting", "Power Board")
    assert "Lighting, by night: " in found.evidence
    with pytest.raises(Invalid, match="does not lack"):
        find_deficit(own.database, city, cell, "walk_path")


def test_what_is_not_there_or_not_lacking_is_named(own: Places, city: City, hotspot: str) -> None:
    with pytest.raises(NotThere, match="no hotspot or dark spot 'x'"):
        find_deficit(own.database, city, "x")
    with pytest.raises(Invalid) as refused:
        find_deficit(own.database, city, hotspot, "transport")
    assert "lighting" in refused.value.faults[0].detail
