import json

import numpy as np
import pytest
import shapely

from analysis.disclosure.gate import Chronicle, operator_zones, planner_zones, public_layers, public_zones
from analysis.disclosure.layer import OperatorLayer, PlannerLayer, PublicLayer
from analysis.recipe import analyse
from analysis.zones import Zone

RATINGS = [f"{name}_mean" for name in ("lighting", "walk_path", "people", "feeling")]
FIELDS = [
    *("id", "set", "name", "score", "score_low", "score_high", "rank_low", "rank_high"),
    *("audited_share", "hotspot_share", "dark_share", "feel_safe_share", "below_standard_share"),
    *RATINGS,
    *("group", "licence", "attribution"),
]
SHARES = [name for name in FIELDS if name.endswith("_share")]


def zone_of(name, cells):
    area = shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])
    return Zone(id=name * 12, set="wards", name=name, area=area, cells=np.sort(cells), licence="CC0")


@pytest.fixture(scope="module")
def analysis(diced):
    return analyse(diced(4000, auditors=120, seed=5), seed=0)


@pytest.fixture(scope="module")
def zones(city_cells, zone):
    nowhere = np.array([], dtype=np.int64)
    return [zone_of("a", zone), zone_of("b", np.setdiff1d(city_cells, zone)), zone_of("c", nowhere)]


def all_cells(analysis):
    return set(analysis.everything.estimates.cell.tolist())


def public(analysis, zones, **more):
    return public_zones(analysis, k=5, shown=more.pop("shown", all_cells(analysis)), zones=zones, **more)


def rows(layer):
    return {feature.properties["name"]: feature.properties for feature in layer.features}


def test_every_audience_has_the_fields_of_the_contract(analysis, zones):
    layers = (
        public(analysis, zones),
        planner_zones(analysis, k=5, zones=zones),
        *operator_zones(analysis, zones=zones),
    )
    assert [type(layer) for layer in layers] == [PublicLayer, PlannerLayer, OperatorLayer, OperatorLayer]
    assert [layer.name for layer in layers] == ["zones", "zones-now", "zones", "zones-now"]
    for layer in layers:
        assert [field.name for field in layer.fields] == FIELDS
        for feature in layer.features:
            assert feature.id == feature.properties["id"]
            assert feature.geometry.area == 1
            json.dumps(feature.properties, allow_nan=False)


def test_public_figures_are_rounded_and_in_order(analysis, zones):
    for row in list(rows(public(analysis, zones)).values())[:2]:
        assert 0 <= row["score_low"] <= row["score"] <= row["score_high"] <= 5
        assert 1 <= row["rank_low"] <= row["rank_high"] <= 2
        for name in ("score", "score_low", "score_high", *RATINGS):
            assert row[name] == round(row[name], 1)
        assert all(0 <= row[name] <= 1 for name in SHARES)
        for name in ("dark_share", "feel_safe_share", "below_standard_share"):
            assert row[name] == pytest.approx(round(row[name] * 20) / 20, abs=1e-12)
        assert (row["group"], row["licence"], row["attribution"]) == ("", "CC0", "")


def test_a_zone_without_shown_cells_says_only_that(analysis, zones, zone):
    without = rows(public(analysis, zones, shown=all_cells(analysis) - set(zone.tolist())))
    assert without["a"]["audited_share"] == 0.0
    assert without["c"]["audited_share"] is None
    for name in ("a", "c"):
        said = {key for key, value in without[name].items() if value not in (None, "")}
        assert said - {"audited_share"} == {"id", "set", "name", "licence"}


def test_zones_know_the_shown_cells_alone(analysis, zones, zone, diced):
    """Whatever cells are not shown: the zones say what they say where those cells are in no zone."""
    shown = set(sorted(all_cells(analysis))[::2])
    cut = [zone_of(one.name, np.intersect1d(one.cells, sorted(shown))) for one in zones]
    whole, less = (rows(public(analysis, some, shown=shown)) for some in (zones, cut))
    for name in "ab":
        assert {**whole[name], "audited_share": 1.0} == less[name]
    assert whole["a"]["audited_share"] == round(len(cut[0].cells) / 19, 2)


def test_zones_of_thin_cells_show_nothing(diced, zones):
    thin = analyse(diced(600, auditors=60, seed=8, counted_share=0.8), seed=0)
    cells = public_layers(thin, k=5, shown=all_cells(thin), chronicle=Chronicle(today="2026-10-21"))[0]
    for one in (public(thin, zones), planner_zones(thin, k=5, zones=zones)):
        for place in zones[:2]:
            inside = {feature.cell for feature in cells.features} & set(place.cells.tolist())
            assert rows(one)[place.name]["audited_share"] == pytest.approx(
                len(inside) / len(place.cells), abs=0.005
            )
    assert rows(operator_zones(thin, zones=zones)[0])["a"]["audited_share"] > 0.9


def test_zones_alone_in_a_city_without_audits(audits, zones):
    empty = analyse(audits([], cell=1, auditor=0), seed=0)
    assert [row["audited_share"] for row in rows(public(empty, zones)).values()] == [0.0, 0.0, None]
    assert public(empty, []).features == ()


def test_a_threshold_below_five_is_refused(analysis, zones):
    with pytest.raises(ValueError, match="at least 5"):
        public_zones(analysis, k=4, shown=set(), zones=zones)
    with pytest.raises(ValueError, match="at least 5"):
        planner_zones(analysis, k=4, zones=zones)
