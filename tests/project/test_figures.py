"""The figures of docs/method.md: the script that draws them runs, and what is shown is what is kept."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from bench import figure_data, figures
from bench.figure_data import EventStudy, Flagged

DOCS = Path(__file__).parents[2] / "docs"


def test_every_figure_is_kept_and_shown_and_no_other():
    method = (DOCS / "method.md").read_text()
    kept = {file.stem for file in (DOCS / "figures").iterdir()}
    assert kept == set(figures.FIGURES)
    for name in kept:
        assert f"](figures/{name}.svg)" in method, name


@pytest.mark.parametrize("name", figures.FIGURES)
def test_a_kept_figure_is_small_and_tells_no_date(name):
    told = (DOCS / "figures" / f"{name}.svg").read_text()
    assert len(told) < 400_000
    assert ElementTree.fromstring(told).tag.endswith("svg")
    assert "<dc:date>" not in told


def test_more_people_narrow_the_interval_and_one_person_does_not(tmp_path):
    found = figure_data.evidence(audits=(0, 1, 12))
    people, one = (high - low for low, _, high in (found.people, found.one_person))
    assert people[2] < 0.7 * people[0]
    assert one[2] > 0.7 * one[0]
    assert abs(found.people[1][2] - found.said) < 0.5 * abs(found.people[1][0] - found.said)
    assert drawn(figures.evidence(found), tmp_path)


def test_the_field_lies_nearer_to_the_truth_than_plain_means(tmp_path):
    maps = figure_data.maps(audits=900)
    known = ~np.isnan(maps.plain)
    plain, score = (np.abs(one - maps.true)[known].mean() for one in (maps.plain, maps.score))
    assert score < plain
    assert drawn(figures.smoothing(maps), tmp_path)


def test_audits_wait_and_cells_come(tmp_path):
    admitted = figure_data.waiting(audits=2_000, auditors=60, area=figure_data.TOWN)
    assert (np.diff(admitted.cells) >= 0).all()
    assert admitted.cells[-1] == 1
    assert 0 < admitted.audits[-1] < 1
    assert admitted.waited.min() >= 0
    assert drawn(figures.waiting(admitted), tmp_path)


def test_a_figure_drawn_twice_is_the_same(tmp_path):
    rows = [Flagged(name="one", recall=0.6, false=0.03), Flagged(name="other", recall=0.4, false=0.2)]
    assert drawn(figures.discoveries(rows), tmp_path) == drawn(figures.discoveries(rows), tmp_path)


def test_months_are_drawn_with_their_intervals(tmp_path):
    study = EventStudy(month=[-1, 0], estimate=np.array([0.1, 0.5]), reach=np.full((2, 2), 0.2), true=0.5)
    assert "true effect" in drawn(figures.event_study(study), tmp_path)


def drawn(figure, folder):
    """Return a figure's SVG."""
    figures.save(figure, folder / "figure.svg")
    return (folder / "figure.svg").read_text()
