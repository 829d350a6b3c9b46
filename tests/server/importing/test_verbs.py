"""Each verb on a small frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.importing.conditions import Criterion, Frame, where
from server.importing.times import Keep
from server.importing.verbs import Cases, Constant, Date, First, Quantile, Recode, Rename

Noted = list[tuple[int, str]]


def frame(**columns: list[str]) -> Frame:
    return Frame(columns, len(next(iter(columns.values()))))


def made(verb: object, of: Frame) -> tuple[list[str], Noted]:
    noted: Noted = []
    values = verb.values(of, lambda index, problem: noted.append((index, problem)))  # type: ignore[attr-defined]
    return list(values), noted


def test_rename_cuts_blanks_and_words_for_missing() -> None:
    of = Frame({"a": [" 1 ", "NA", ""]}, 3, frozenset({"NA"}))
    assert made(Rename("a"), of) == (["1", "", ""], [])


def test_recode_by_table_and_complaint_about_what_is_not_in_it() -> None:
    of = frame(a=["GRAVE", "", "LEVE", "other"])
    values, noted = made(Recode("a", {"GRAVE": "0", "LEVE": "2"}), of)
    assert values == ["0", "", "2", ""]
    assert noted == [(3, "'other' of column a is not in the table of the mapping")]
    assert made(Recode("a", {"GRAVE": "0"}, otherwise="1"), of) == (["0", "", "1", "1"], [])


def test_the_first_case_that_holds_wins() -> None:
    of = frame(paved=["False", "True", "True", ""], cracks=["True", "True", "False", ""])
    cases = Cases(
        (
            ((Criterion("paved", among=frozenset({"False"})),), "0"),
            ((Criterion("cracks", among=frozenset({"True"})),), "2"),
            ((Criterion("paved", blank=False),), "3"),
        )
    )
    assert made(cases, of)[0] == ["0", "2", "3", ""]


@pytest.mark.parametrize(
    ("test", "held"),
    [
        (Criterion("n", limits=(("at_least", 3.0),)), [False, True, True, False, False]),
        (Criterion("n", limits=(("above", 3.0), ("below", 10.0))), [False, False, False, False, False]),
        (Criterion("n", limits=(("at_most", 3.0),)), [True, True, False, False, False]),
        (Criterion("n", blank=True), [False, False, False, True, False]),
        (Criterion("n", among=frozenset({"3", "x"})), [False, True, False, False, True]),
        (Criterion("n", among=frozenset({"3", "x"}), negated=True), [True, False, True, True, False]),
    ],
)
def test_conditions(test: Criterion, held: list[bool]) -> None:
    assert where((test,), frame(n=["2", "3", "10", "", "x"])).tolist() == held


def test_first_value_that_is_there() -> None:
    verb = First((Rename("a"), Rename("b"), Constant("z")))
    assert made(verb, frame(a=["1", "", ""], b=["2", "2", ""]))[0] == ["1", "2", "z"]


def test_quantiles_within_groups_over_the_whole_file() -> None:
    verb = Quantile("elo", 4, within="city")
    parts = [
        frame(elo=["1", "2", "100"], city=["a", "a", "b"]),
        frame(elo=["3", "4", "x"], city=["a", "a", "b"]),
    ]
    fitted = verb.fitted(parts)
    assert [made(fitted, part)[0] for part in parts] == [["0", "1", "0"], ["2", "3", ""]]
    assert made(fitted, parts[1])[1] == [(2, "'x' of column elo is no number")]
    reverse = Quantile("elo", 4, within="city", worst="high").fitted(parts)
    assert made(reverse, parts[0])[0] == ["3", "2", "3"]


# Whole numbers: between neighbouring floats an interpolated cut point rounds onto one of them.
@given(st.lists(st.integers(-(10**6), 10**6).map(float), min_size=8, max_size=200, unique=True))
def test_quantile_levels_are_monotone_and_nearly_even(numbers: list[float]) -> None:
    of = frame(n=[repr(number) for number in numbers])
    levels = np.array(made(Quantile("n", 4).fitted([of]), of)[0], dtype=int)
    order = np.argsort(numbers)
    assert np.all(np.diff(levels[order]) >= 0)
    assert np.ptp(np.bincount(levels, minlength=4)) <= 1


def test_a_date_that_does_not_fit_is_noted() -> None:
    values, noted = made(Date("t", "%d.%m.%Y", Keep.DAY), frame(t=["20.11.2026", "", "2026"]))
    assert values == ["2026-11-20", "", ""]
    assert noted == [(2, "'2026' of column t does not read as %d.%m.%Y")]
