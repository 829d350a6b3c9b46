import re
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import analysis
from analysis.disclosure import ladder
from analysis.disclosure.release import ReleasedRows
from analysis.disclosure.release_gate import release, rungs_of
from geo import cells as h3cells
from tests.analysis.disclosure.releases import INSTRUMENT, draw_audits

KEYS = ["quarter", "daypart", "gender", "age_band", "mode"]


def made(audits, *, k=5, seed=0, **options):
    return release(audits, k=k, resolution=9, rng=np.random.default_rng(seed), **options)


def classes(found):
    """Return the rows of each class, by what anybody can read of them."""
    rows = defaultdict(list)
    keys = np.column_stack([found.cell, *(found.codes[name] for name in KEYS)])
    for row, key in enumerate(keys.tolist()):
        rows[tuple(key)].append(row)
    return rows


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("k", "people"), [(5, 10), (10, 10), (14, 14)])
def test_every_class_has_ten_or_k_counted_auditors_with_one_row_each(seed, k, people):
    audits = draw_audits(seed)
    found = made(audits, k=k)
    assert len(found.rows) > 500
    for rows in classes(found.rows).values():
        behind = Counter(audits.auditor[found.origin[rows]].tolist())
        assert len(behind) >= people
        assert max(behind.values()) == 1
        assert audits.counted[found.origin[rows]].all()


def test_each_row_is_one_audit_at_its_own_place_or_a_parent_and_says_what_is_true_or_nothing():
    audits = draw_audits(1)
    found = made(audits)
    assert len(set(found.origin.tolist())) == len(found.origin) == len(found.rows)
    for row, source in enumerate(found.origin.tolist()):
        told = int(found.rows.cell[row])
        own = h3cells.parent(int(audits.cell[source]), resolution=h3cells.resolution_of(told))
        assert told == own
        for name in KEYS:
            assert found.rows.codes[name][row] in (-1, audits.codes[name][source])
        assert found.rows.ratings[row].tolist() == audits.ratings[source].tolist()


def test_rows_hold_the_columns_of_the_contract_and_disability_on_request_alone():
    audits = draw_audits(2)
    assert list(made(audits).rows.codes) == KEYS
    assert list(made(audits, disability=True).rows.codes) == [*KEYS, "disability"]


@pytest.mark.parametrize("seed", range(4))
def test_with_disability_no_class_tells_more_than_all_rows_do(seed):
    audits = draw_audits(seed, rows=6000, people=300, yes=0.3)
    found = made(audits, disability=True)
    codes = found.rows.codes["disability"]
    overall = np.bincount(codes, minlength=3) / len(codes)
    assert len(codes) > 1000
    for rows in classes(found.rows).values():
        share = np.bincount(codes[rows], minlength=3) / len(rows)
        assert np.abs(share - overall).sum() / 2 <= 0.2
        assert share[1] <= 0.5


def test_without_the_condition_disability_would_be_told_of_some_class():
    audits = draw_audits(0, rows=6000, people=300, yes=0.3)
    found = made(audits)
    codes = audits.codes["disability"][found.origin]
    overall = np.bincount(codes, minlength=3) / len(codes)
    far = [
        np.abs(np.bincount(codes[rows], minlength=3) / len(rows) - overall).sum() / 2
        for rows in classes(found.rows).values()
    ]
    assert max(far) > 0.2


def test_the_order_of_rows_says_nothing_and_the_seed_alone_decides_it():
    audits = draw_audits(3, rows=6000)
    found = made(audits, seed=1)
    assert abs(np.corrcoef(found.origin, np.arange(len(found.origin)))[0, 1]) < 0.05
    assert made(audits, seed=1).origin.tolist() == found.origin.tolist()
    assert made(audits, seed=2).origin.tolist() != found.origin.tolist()


def test_the_account_adds_up():
    audits = draw_audits(4)
    account = made(audits).account
    assert account.rows_in == audits.counted.sum() == account.rows_out + account.capped + account.suppressed
    assert account.smallest >= 10
    assert sum(account.by_resolution.values()) == account.rows_out
    assert len(account.checks) == 4


def test_who_is_missing_is_told_of_ten_people_or_more_alone():
    audits = draw_audits(5, people=400, rows=3000)
    found = made(audits)
    lines = found.account.missing
    assert {line.column for line in lines} == {"all", "area", *KEYS}
    for line in lines:
        assert line.suppressed * 20 == pytest.approx(round(line.suppressed * 20))
        if line.column in KEYS:
            code = audits.words[line.column].index(line.value)
            mine = audits.counted & (audits.codes[line.column] == code)
            assert len(set(audits.auditor[mine].tolist())) >= 10
    woman = next(line for line in lines if line.value == "woman")
    mine = (audits.codes["gender"] == 1)[found.origin]
    assert woman.withheld == pytest.approx((found.rows.codes["gender"][mine] < 0).mean(), abs=0.025)


def test_few_people_and_no_audits_give_no_rows():
    assert len(made(draw_audits(0, people=9, counted=1.0)).rows) == 0
    empty = made(draw_audits(0, rows=0))
    assert (len(empty.rows), empty.account.smallest, empty.account.missing) == (0, 0, ())


def test_counting_rows_instead_of_people_does_not_pass_the_checks(monkeypatch):
    monkeypatch.setattr(
        ladder, "distinct_members", lambda labels, _members, size: np.bincount(labels, minlength=size)
    )
    with pytest.raises(AssertionError, match="10 counted auditors or more"):
        made(draw_audits(6))


def test_a_ladder_of_uncounted_people_does_not_pass_the_checks(monkeypatch):
    audits = draw_audits(6, counted=0.5)
    whole = ladder.generalise
    monkeypatch.setattr(
        "analysis.disclosure.release_gate.generalise",
        lambda **given: whole(**given | {"counted": np.ones(len(audits), dtype=bool)}),
    )
    with pytest.raises(AssertionError, match="10 counted auditors or more"):
        made(audits)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"auditor": np.zeros(3, dtype=np.int32)}, r"auditor: is \[3\], must be \[2000\]"),
        ({"ratings": np.zeros((2000, 3), dtype=np.int8)}, r"ratings: is \[2000, 3\], must be \[2000, 2\]"),
        ({"codes": {}}, "codes: are of"),
        ({"quarters": ("2026Q2",)}, "quarter: codes must be 0 to 0"),
    ],
)
def test_columns_that_do_not_fit_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        replace(draw_audits(0), **change)


def test_k_below_five_is_refused():
    with pytest.raises(ValueError, match="at least 5"):
        made(draw_audits(0), k=4)


@pytest.mark.parametrize("resolution", [2, 6, 9, 11])
def test_the_ladder_goes_from_the_citys_resolution_to_three_coarser(resolution):
    rungs = rungs_of(resolution)
    assert [rungs[0].resolution, rungs[-1].resolution] == [resolution, max(resolution - 3, 0)]
    assert all(first.resolution >= second.resolution for first, second in pairwise(rungs))


@pytest.mark.parametrize("seal", [None, object(), "seal"])
def test_nobody_makes_released_rows_without_the_seal(seal):
    with pytest.raises(TypeError, match="only the disclosure gate"):
        ReleasedRows(instrument=INSTRUMENT, words={}, cell=None, codes={}, ratings=None, seal=seal)


def test_the_release_gate_alone_comes_by_the_seal():
    root = Path(analysis.__file__).parent.parent
    sources = [path for package in ("analysis", "geo", "server") for path in (root / package).rglob("*.py")]
    knowing = {
        path.name
        for path in sources
        if re.search(r"disclosure\.release import[^)]*\b_SEAL\b", path.read_text(encoding="utf-8"))
    }
    assert knowing == {"release_gate.py"}
