import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from analysis.disclosure.chronicle import Chronicle, Known, Work
from analysis.disclosure.columns import LOWER_BOUNDS, lower_bound
from analysis.disclosure.gate import operator_layers, planner_layers, public_layers
from analysis.disclosure.layer import OperatorLayer, PlannerLayer, PublicLayer
from analysis.recipe import analyse
from geo import cells as h3cells

TODAY = Chronicle(today="2026-10-21")
SCORE = ["score", "score_low", "score_high"]
PLAIN = [
    *("cell", "resolution", *SCORE, "class", "needs"),
    *("auditors_min", "audits_min", "last_audit", "trend", "adjusted"),
]
PLAIN_HOTSPOT = [
    *("id", "cells", "area_km2", *SCORE, "needs", "kind"),
    *("trend", "since", "near", "auditors_min", "status"),
]
DARK = [
    *("cell", "resolution", "probability", "lighting_mean", "lighting_low", "lighting_high"),
    *("near", "streets", "owners", "agency", "street_km", "exposure", "rank"),
    *("auditors_min", "audits_min", "last_audit"),
]
NOW = ["probability", "deficit", "causes", "exposure", "rank", "score_women", "below_standard"]
QUARTERS = [
    f"{part}_{year}q{quarter}"
    for year in (2024, 2025)
    for quarter in (1, 2, 3, 4)
    for part in (*SCORE, "auditors_min", "audits_min")
]
TYPES = {"text": str, "integer": int, "number": float, "boolean": bool}


@pytest.fixture(scope="module")
def analysis(diced):
    return analyse(diced(4000, auditors=120, seed=5), seed=0)


def all_cells(analysis):
    return set(analysis.everything.estimates.cell.tolist())


def public(analysis, *, k=5, shown=None, chronicle=TODAY):
    layers = public_layers(
        analysis, k=k, shown=all_cells(analysis) if shown is None else shown, chronicle=chronicle
    )
    return {layer.name: layer for layer in layers}


def planner(analysis, *, k=5, chronicle=TODAY, **more):
    return {layer.name: layer for layer in planner_layers(analysis, k=k, chronicle=chronicle, **more)}


def operator(analysis):
    return {layer.name: layer for layer in operator_layers(analysis, chronicle=TODAY)}


def ids(layer):
    return {feature.cell for feature in layer.features}


def names(layer):
    return [field.name for field in layer.fields]


def test_layers_have_the_names_and_fields_of_the_contract(analysis):
    ratings = [
        f"{name}_{part}"
        for name in ("lighting", "walk_path", "people", "feeling")
        for part in ("mean", "low", "high")
    ]
    shown = {name: names(layer) for name, layer in public(analysis).items()}
    assert shown == {
        "cells": PLAIN,
        "cells-day": PLAIN,
        "cells-night": PLAIN,
        "hotspots": PLAIN_HOTSPOT,
        "hotspots-night": PLAIN_HOTSPOT,
    }
    reference = [
        "cell",
        "resolution",
        "gi_z",
        "gi_p",
        "gi_q",
        "gi_bin",
        "category",
        "score_raw",
        "score_common",
        "n_eff",
    ]
    assert {name: names(layer) for name, layer in planner(analysis).items()} == {
        "cells-now": PLAIN + ratings + NOW,
        "cells-reference": reference,
        "hotspots-now": PLAIN_HOTSPOT + ratings + NOW,
        "cells-history": ["cell", "resolution", *QUARTERS],
        "gaps": ["cell", "resolution", "rank", "why", "missing", "doubt", "gain", "known"],
        "dark-spots": DARK,
    }
    everything = {name: names(layer) for name, layer in operator(analysis).items()}
    assert everything == shown | {name: names(layer) for name, layer in planner(analysis).items()}


def test_each_audience_has_its_own_type(analysis):
    assert all(type(layer) is PublicLayer for layer in public(analysis).values())
    assert all(type(layer) is PlannerLayer for layer in planner(analysis).values())
    assert all(type(layer) is OperatorLayer for layer in operator(analysis).values())


def test_values_have_exactly_the_type_of_their_field(analysis):
    for layer in (*public(analysis).values(), *planner(analysis).values(), *operator(analysis).values()):
        assert layer.features, layer.name
        for feature in layer.features:
            assert list(feature.properties) == names(layer)
            for field in layer.fields:
                value = feature.properties[field.name]
                assert value is None or type(value) is TYPES[field.type], (layer.name, field.name, value)
            json.dumps(feature.properties, allow_nan=False)


def test_public_scores_are_tenths_and_counts_lower_bounds(analysis):
    for layer in public(analysis).values():
        for feature in layer.features:
            row = feature.properties
            for name in ("score", "score_low", "score_high"):
                assert row[name] == round(row[name], 1)
            assert 0 <= row["score_low"] <= row["score"] <= row["score_high"] <= 5
            assert row["auditors_min"] in LOWER_BOUNDS


@pytest.mark.parametrize(
    ("count", "bound"), [(4, 0), (5, 5), (9, 5), (10, 10), (49, 20), (50, 50), (100, 100), (7000, 100)]
)
def test_counts_become_lower_bounds(count, bound):
    assert lower_bound(count) == bound


def test_a_cell_needs_k_counted_auditors_behind_its_score(diced):
    thin = analyse(diced(600, auditors=60, seed=8, counted_share=0.8), seed=0)
    estimates = thin.everything.estimates
    enough = set(estimates.cell[estimates.counted_auditors >= 5].tolist())
    assert 0 < len(enough) < len(estimates)
    assert ids(public(thin)["cells"]) == enough
    assert ids(planner(thin)["cells-now"]) == ids(planner(thin)["cells-reference"]) == enough
    assert ids(planner(thin, k=7)["cells-now"]) < enough
    assert ids(operator(thin)["cells"]) == all_cells(thin)


def test_auditors_who_say_nothing_of_the_place_do_not_count(audits, city_cells):
    only_feeling = [[-1, -1, -1, 2]] * 4 + [[-1, 2, 2, 2]]
    layers = public(analyse(audits(only_feeling, cell=city_cells[0], auditor=range(5)), seed=0))
    assert not layers["cells"].features


def test_what_is_not_shown_is_nowhere(analysis):
    shown = set(sorted(all_cells(analysis))[::2])
    layers = public(analysis, shown=shown)
    assert ids(layers["cells"]) == shown & ids(public(analysis)["cells"])
    for layer in layers.values():
        for feature in layer.features:
            assert {feature.cell} - {None} | set(feature.cells) <= shown


def test_a_public_hotspot_joins_shown_cells_alone(analysis, zone):
    (whole,) = public(analysis)["hotspots"].features
    middle = h3cells.disc(int(zone[len(zone) // 2]), k=0).tolist()
    ring_cut = set(whole.cells) - set(zone[::2].tolist()) - set(middle)
    layers = public(analysis, shown=ring_cut)
    joined = [cell for feature in layers["hotspots"].features for cell in feature.cells]
    assert sorted(joined) == sorted(ring_cut)
    for feature in layers["hotspots"].features:
        expected = shapely.union_all(h3cells.polygons(np.array(feature.cells)))
        assert feature.geometry.symmetric_difference(expected).area < 1e-9
        assert feature.properties["cells"] == len(feature.cells)


def five(part, *, daypart, first=0):
    """Return columns of five people's audits in one daypart."""
    return [([1, 2, 2, 2], daypart, first + person) for person in range(part)]


@pytest.mark.parametrize(
    ("parts", "split"),
    [
        (five(5, daypart=0) + five(5, daypart=1, first=5), True),
        (five(5, daypart=0) + five(4, daypart=1, first=5), False),
        (five(5, daypart=0) + five(5, daypart=1), True),
        (five(9, daypart=0), True),
        (five(5, daypart=0) + five(5, daypart=1) + five(1, daypart=2), False),
        (five(5, daypart=0) + five(5, daypart=1) + five(5, daypart=2), True),
    ],
)
def test_day_and_night_are_shown_only_where_nothing_can_be_subtracted(audits, city_cells, parts, split):
    ratings, daypart, auditor = zip(*parts, strict=True)
    seen = audits(ratings, cell=city_cells[0], auditor=auditor, daypart=daypart)
    layers = public(analyse(seen, seed=0))
    assert ids(layers["cells"]) == {city_cells[0]}
    for name, code in (("cells-day", 0), ("cells-night", 1)):
        assert ids(layers[name]) == ({city_cells[0]} if split and code in daypart else set())


@pytest.mark.parametrize("unsplit", [0, 1, 4, 5])
def test_audits_that_are_not_split_must_be_none_or_of_k_people(audits, city_cells, unsplit):
    ratings, daypart, auditor = zip(*five(5, daypart=1), *five(unsplit, daypart=1, first=5), strict=True)
    seen = audits(ratings, cell=city_cells[0], auditor=auditor, daypart=daypart)
    layers = public(analyse(seen, seed=0, split=np.arange(5 + unsplit) < 5))
    assert ids(layers["cells"]) == {city_cells[0]}
    assert ids(layers["cells-night"]) == ({city_cells[0]} if unsplit in (0, 5) else set())


def test_a_dark_spot_needs_k_counted_auditors_by_night(audits, city_cells):
    told = [
        (city_cells[place], person, int(person < by_night))
        for place, by_night in enumerate((6, 5, 4))
        for person in range(8)
    ]
    cell, auditor, daypart = zip(*told, strict=True)
    seen = audits([[0, 1, 1, 1]] * len(told), cell=cell, auditor=auditor, daypart=daypart)
    analysis = analyse(seen, seed=0)
    assert ids(planner(analysis)["cells-now"]) == set(city_cells[:3].tolist())
    assert ids(planner(analysis)["dark-spots"]) == set(city_cells[:2].tolist())
    assert ids(operator(analysis)["dark-spots"]) == set(city_cells[:3].tolist())


def test_a_hotspots_story_goes_on_while_half_its_cells_are_shared(analysis):
    (first,) = public(analysis)["hotspots"].features
    assert first.properties["since"] == "2026-10-21"
    assert first.properties["status"] == "open"
    known = Known(cells=frozenset(first.cells[::2]), since="2026-03-01")
    work = Work(cells=frozenset(first.cells[:1]), status="ongoing", complete="2026-11-30")
    chronicle = Chronicle(today="2026-10-22", known={"hotspots": {"abc": known}}, works=(work,))
    (second,) = public(analysis, chronicle=chronicle)["hotspots"].features
    assert second.id == second.properties["id"] == "abc"
    assert [second.properties[name] for name in ("since", "status")] == ["2026-03-01", "planned"]
    (other,) = planner(analysis, chronicle=chronicle)["hotspots-now"].features
    assert other.properties["since"] == "2026-10-22", "stories of one layer are not another's"


def test_the_operator_gets_exact_counts(analysis):
    estimates = analysis.everything.estimates
    rows = [feature.properties for feature in operator(analysis)["cells"].features]
    assert [row["audits_min"] for row in rows] == estimates.audits.tolist()
    assert [row["auditors_min"] for row in rows] == estimates.counted_auditors.tolist()
    assert [row["score"] for row in rows] == pytest.approx(estimates.score.tolist(), rel=1e-5)


def test_a_quarter_of_a_cell_is_told_where_k_audited_in_it(diced):
    seen = diced(3000, auditors=60, seed=8)
    analysis = analyse(seen, seed=0)
    autumn = (seen.observed_day >= 20_362) & (seen.ratings[:, 1:3].max(axis=1) >= 0)  # 2025-10-01
    people = {
        cell: len(set(seen.auditor[autumn & (seen.cell == cell)].tolist())) for cell in all_cells(analysis)
    }
    rows = planner(analysis)["cells-history"].features
    told = {feature.cell for feature in rows if feature.properties["score_2025q4"] is not None}
    assert told == {feature.cell for feature in rows if people[feature.cell] >= 5}
    assert 0 < len(told) < len(rows)
    for feature in rows:
        row = feature.properties
        assert (row["auditors_min_2025q4"] >= 5) == (feature.cell in told) == (row["audits_min_2025q4"] >= 5)
        if feature.cell in told:
            assert row["score_low_2025q4"] <= row["score_2025q4"] <= row["score_high_2025q4"]
        assert row["score_2024q1"] is None
        assert row["audits_min_2024q1"] == 0


def test_gaps_do_not_tell_whether_fewer_than_k_audited_a_cell(diced, city_cells):
    """Four more people in a cell that nobody audited, whatever they say, change nothing."""
    edge = int(city_cells[0])
    without = diced(6000, auditors=150, seed=5)
    without = without.where(without.cell != edge)
    four = diced(400, auditors=4, seed=9)
    four.cell[:] = edge
    four.ratings[:] = 0
    four.auditor[:] += 1000
    columns = ("cell", "auditor", "counted", "daypart", "observed_day", "ratings", "gender")
    both = replace(
        without,
        **{name: np.concatenate([getattr(without, name), getattr(four, name)]) for name in columns},
    )
    plain, more = (
        [feature.properties for feature in planner(analyse(seen, seed=0))["gaps"].features]
        for seen in (without, both)
    )
    assert plain == more
    (row,) = [row for row in plain if row["cell"] == h3cells.to_text(edge)]
    assert (row["known"], row["why"].split(";")[0]) == (False, "unknown")


def test_women_are_told_apart_only_where_k_of_them_audited(analysis):
    estimates = analysis.everything.estimates
    women = dict(zip(estimates.cell.tolist(), estimates.women.tolist(), strict=True))
    rows = planner(analysis)["cells-now"].features
    told = {feature.cell for feature in rows if feature.properties["score_women"] is not None}
    assert told == {feature.cell for feature in rows if women[feature.cell] >= 5}
    assert 0 < len(told) < len(rows)


def test_ranks_and_standard_are_within_what_is_seen(analysis):
    rows = [feature.properties for feature in planner(analysis)["cells-now"].features]
    assert sorted(row["rank"] for row in rows) == list(range(1, len(rows) + 1))
    assert min(rows, key=lambda row: row["rank"])["deficit"] == max(row["deficit"] for row in rows)
    assert all(row["below_standard"] > 0.99 for row in _now(analysis, standard=5.0))
    assert all(row["below_standard"] < 0.01 for row in _now(analysis, standard=0.0))


def _now(analysis, *, standard):
    layers = planner(analysis, standard=standard)
    return [feature.properties for name in ("cells-now", "hotspots-now") for feature in layers[name].features]


def test_causes_carry_shares_and_needs_are_fixable(analysis):
    (spot,) = planner(analysis)["hotspots-now"].features
    named = [cause.split(" ") for cause in spot.properties["causes"].split(";")]
    shares = [float(share) for _, share in named]
    assert {name for name, _ in named} == {"lighting", "walk_path", "people"}
    assert sum(shares) == pytest.approx(1, abs=0.02)
    assert set(spot.properties["needs"].split(";")) == {"lighting", "walk_path"}


def test_a_city_without_audits_has_layers_without_rows(audits):
    empty = analyse(audits([], cell=1, auditor=0), seed=0)
    for layer in (*public(empty).values(), *planner(empty).values(), *operator(empty).values()):
        assert layer.features == ()
        assert layer.fields


@pytest.mark.parametrize("layers", [public, planner])
def test_a_threshold_below_five_is_refused(analysis, layers):
    with pytest.raises(ValueError, match="at least 5"):
        layers(analysis, k=4)
