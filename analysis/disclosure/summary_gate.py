"""The summary of a run for each audience: of batches of k for everybody, of k in a cell for planners."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.by_gender import ByGender
from analysis.disclosure.admission import check_k
from analysis.disclosure.columns import PLANNER, PUBLIC, Precision, six_digits, twentieth
from analysis.disclosure.summary import Fall, Heard, Summary, Voices
from analysis.disclosure.visibility import by_gender, by_hour, enough, visible
from analysis.groups import distinct_members
from analysis.instrument import DAYPARTS, Question
from analysis.observations import MISSING, Observations
from analysis.recipe import Analysis, Variant
from geo.sun import Daypart

_HOURS = (Daypart.DAY, Daypart.NIGHT)


def public_summary(analysis: Analysis, *, k: int, shown: Set[int], groups: ByGender | None) -> Summary:
    """Return the summary for everyone; `analysis`, `shown` and `groups` as for `gate.public_zones`.

    Falls know the audits of `cells-day` and `cells-night`, in cells where k counted auditors gave the rating,
    and are told only where every level was given by k of them or by none; shares to 0.05. So a summary
    changes by whole batches, as those layers do. ValueError for k < 5.
    """
    check_k(k)
    hours = zip(_HOURS, by_hour(analysis, k=k, shown=shown), strict=True)
    everybody = analysis.everything.where(visible(analysis, k=k, shown=shown))
    heard = {"": everybody, **by_gender(analysis, groups, k=k, shown=shown)}
    split = analysis.observations.where(analysis.split)
    falls = _falls(split, {hour: part.estimates.cell for hour, part in hours}, k=k)
    return Summary(
        falls=[_told(fall, PUBLIC, whole=True) for fall in falls],
        heard=[_bounded(_voices(group, variant), k, PUBLIC) for group, variant in heard.items()],
    )


def planner_summary(analysis: Analysis, *, k: int, voices: Iterable[Voices]) -> Summary:
    """Return the summary for planners, from all used audits of counted auditors.

    Falls know the cells with k counted auditors by day, or by night, who gave the rating; a level that fewer
    than k of them gave has no count. `voices` of the whole city. ValueError for k < 5.
    """
    check_k(k)
    hours = zip(_HOURS, (analysis.day, analysis.night), strict=True)
    cells = {hour: part.where(enough(part, k)).estimates.cell for hour, part in hours}
    counted = analysis.observations.where(analysis.observations.counted)
    return Summary(
        falls=[_told(fall, PLANNER, whole=False) for fall in _falls(counted, cells, k=k)],
        heard=[_bounded(one, k, PLANNER) for one in voices],
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Counted:
    """Answers to one rating in one daypart by level, and whether k counted auditors gave each, or none."""

    rating: str
    daypart: str
    answers: NDArray[np.int64]
    fine: NDArray[np.bool_]


def _falls(
    observations: Observations, cells: Mapping[Daypart, NDArray[np.int64]], *, k: int
) -> Iterator[_Counted]:
    """Yield the ratings in the order of the instrument, those that k gave in a daypart where they count."""
    at = {
        hour: observations.where((observations.daypart == hour) & np.isin(observations.cell, known))
        for hour, known in cells.items()
    }
    for column, rating in enumerate(observations.instrument.ratings):
        for hour, here in at.items():
            if rating.counts_in(hour):
                given = here.where(here.ratings[:, column] != MISSING)
                counted = _counted(given, column, rating, hour, k=k)
                if counted.answers.sum():
                    yield counted


def _counted(given: Observations, column: int, rating: Question, hour: Daypart, *, k: int) -> _Counted:
    cells, place = np.unique(given.cell, return_inverse=True)
    many = distinct_members(place.astype(np.int64), given.auditor, size=len(cells)) >= k
    given = given.where(many[place])
    size = (rating.top or 0) + 1
    level = given.ratings[:, column].astype(np.int64)
    people = distinct_members(level, given.auditor, size=size)
    return _Counted(
        rating=rating.name,
        daypart=DAYPARTS[hour],
        answers=np.bincount(level, minlength=size),
        fine=(people == 0) | (people >= k),
    )


def _told(found: _Counted, precision: Precision, *, whole: bool) -> Fall:
    """Return what is told: of all levels or of none where `whole`, else of each by itself."""
    fine = found.fine & (found.fine.all() or not whole)
    count, share = (precision.count, twentieth) if whole else (int, six_digits)
    total = int(found.answers.sum())
    levels = list(zip(found.answers.tolist(), fine.tolist(), strict=True))
    return Fall(
        rating=found.rating,
        daypart=found.daypart,
        answers_min=precision.count(total),
        counts=[count(answers) if told else None for answers, told in levels],
        shares=[share(answers / total) if told else None for answers, told in levels],
    )


def _voices(group: str, variant: Variant) -> Voices:
    """Return whose audits bear on the score of the cells of a variant."""
    here = np.isin(variant.voices.cell, variant.estimates.cell)
    return Voices(
        group=group,
        auditors=len(np.unique(variant.voices.auditor[here])),
        audits=int(variant.estimates.audits.sum()),
    )


def _bounded(voices: Voices, k: int, precision: Precision) -> Heard:
    many = voices.auditors >= k
    return Heard(
        group=voices.group,
        auditors_min=precision.count(voices.auditors) if many else 0,
        audits_min=precision.count(voices.audits) if many else 0,
    )
