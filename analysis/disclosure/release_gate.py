"""The gate of releases: it alone makes rows of single audits that anybody may have.

Each row is told at the finest class with enough people; what is left over goes to the H3 parent, saying less.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure import closeness
from analysis.disclosure.admission import check_k
from analysis.disclosure.capping import within_cap
from analysis.disclosure.ladder import SUPPRESSED, Fit, Generalised, Rung, every_label, generalise
from analysis.disclosure.missing import missing
from analysis.disclosure.release import (
    _SEAL,
    DISABILITY,
    KEYS,
    WORDS,
    Account,
    Audits,
    Disclosure,
    ReleasedRows,
)
from analysis.groups import Floats, Labels, distinct_members, labels_of
from analysis.variance_components import components
from geo.cells import parent, resolution_of

FEWEST = 10
"""Counted auditors behind a class of a release, or the city's k where that is more."""
CAP = 1
"""Rows of one auditor in one class: of two it could be guessed (docs/decisions/0007)."""
_YES = WORDS[DISABILITY].index("yes")


def rungs_of(resolution: int) -> tuple[Rung, ...]:
    """Return the ladder from a city's resolution down to three coarser: the place is kept before the person.

    Mode is withheld first, then age or gender, then the daypart; at a parent they are tried again. The
    quarter goes last.
    """
    quarter, daypart, gender, age_band, _ = KEYS
    when = (quarter, daypart)
    kept = (
        (0, KEYS),
        (0, (*when, gender, age_band)),
        (0, (*when, gender)),
        (0, (*when, age_band)),
        (0, when),
        (0, (quarter,)),
        (1, (*when, gender, age_band)),
        (1, (*when, gender)),
        (1, when),
        (1, (quarter,)),
        (2, when),
        (2, (quarter,)),
        (3, (quarter,)),
        (3, ()),
    )
    return tuple(Rung(resolution=max(resolution - up, 0), columns=columns) for up, columns in kept)


def release(
    audits: Audits, *, k: int, resolution: int, rng: np.random.Generator, disability: bool = False
) -> Disclosure:
    """Return what a release may show of audits, at the city's resolution and coarser.

    Every class, rows alike in cell and in all columns but the ratings, has at least max(10, k) counted
    auditors, none of them with more than one row, chosen at random; uncounted auditors are left out. With
    `disability` its column comes too, and no class then differs from all rows by more than
    `closeness.FARTHEST`, nor says yes more than half the time. Rows are in random order: keep the seed of
    `rng` secret. ValueError for k below 5; AssertionError where the finished rows break what is promised.
    """
    check_k(k)
    people = max(FEWEST, k)
    priority = rng.permutation(len(audits))
    fit = _close_to_all(audits, priority) if disability else every_label
    said = _climb(audits, people, resolution, fit)
    labels, size = labels_of([said.rung, said.cell, *said.columns.values()])
    kept = within_cap(labels, audits.auditor, priority, most=CAP) & audits.counted
    out = kept & (said.rung != SUPPRESSED)
    if disability:
        out = _settled(audits, labels, size, out)
        said = _without(said, kept & ~out)
    origin = rng.permutation(np.flatnonzero(out))
    checks = _checked(audits, said, origin, people=people, disability=disability)
    variances = _variances(audits, resolution)
    return Disclosure(
        rows=_rows(audits, said, origin, disability=disability),
        account=Account(
            k=people,
            resolution=resolution,
            cap=CAP,
            rows_in=int(audits.counted.sum()),
            capped=int((audits.counted & ~kept).sum()),
            suppressed=int((kept & ~out).sum()),
            rows_out=len(origin),
            classes=len(np.unique(labels[origin])),
            smallest=_smallest(labels[origin], audits.auditor[origin]),
            by_resolution=_by_resolution(said.cell[origin]),
            missing=missing(audits, said, kept, resolution=resolution, k=people),
            variances=variances,
            checks=checks,
        ),
        origin=origin,
    )


def _climb(audits: Audits, people: int, resolution: int, fit: Fit) -> Generalised:
    return generalise(
        cell=audits.cell,
        auditor=audits.auditor,
        counted=audits.counted,
        columns={name: audits.codes[name].astype(np.int64) for name in KEYS},
        rungs=rungs_of(resolution),
        k=people,
        fit=fit,
    )


def _close_to_all(audits: Audits, priority: NDArray[np.int64]) -> Fit:
    """Return the condition that the rows of a class within the cap say disability as all audits do."""
    codes, words = audits.codes[DISABILITY], len(WORDS[DISABILITY])
    counted = codes[audits.counted]
    overall = np.bincount(counted, minlength=words) / max(len(counted), 1)

    def fit(rows: NDArray[np.int64], labels: Labels, size: int) -> NDArray[np.bool_]:
        kept = within_cap(labels, audits.auditor[rows], priority[rows], most=CAP)
        share = closeness.shares(labels[kept], size, codes[rows][kept], words=words)
        return closeness.close(share, overall, sensitive=_YES)

    return fit


def _settled(audits: Audits, labels: Labels, size: int, out: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows left once no class lies too far from what is left; classes go whole."""
    codes, words = audits.codes[DISABILITY], len(WORDS[DISABILITY])
    while True:
        share = closeness.shares(labels[out], size, codes[out], words=words)
        overall = np.bincount(codes[out], minlength=words) / max(int(out.sum()), 1)
        far = ~closeness.close(share, overall, sensitive=_YES)[labels] & out
        if not far.any():
            return out
        out = out & ~far


def _without(said: Generalised, gone: NDArray[np.bool_]) -> Generalised:
    return Generalised(
        rung=np.where(gone, SUPPRESSED, said.rung).astype(np.int8),
        cell=np.where(gone, 0, said.cell),
        columns={name: np.where(gone, -1, codes) for name, codes in said.columns.items()},
    )


def _rows(audits: Audits, said: Generalised, origin: NDArray[np.int64], *, disability: bool) -> ReleasedRows:
    codes = {name: said.columns[name][origin].astype(np.int8) for name in KEYS}
    if disability:
        codes[DISABILITY] = audits.codes[DISABILITY][origin]
    return ReleasedRows(
        instrument=audits.instrument,
        words={name: audits.words[name] for name in codes},
        cell=said.cell[origin],
        codes=codes,
        ratings=audits.ratings[origin],
        seal=_SEAL,
    )


def _checked(
    audits: Audits, said: Generalised, origin: NDArray[np.int64], *, people: int, disability: bool
) -> tuple[str, ...]:
    """Return what is true of the finished rows, counted anew; AssertionError for what is not."""
    columns = [said.cell[origin], *(said.columns[name][origin] for name in KEYS)]
    _, labels = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    pairs, times = np.unique(
        np.column_stack([labels.ravel(), audits.auditor[origin]]), axis=0, return_counts=True
    )
    place = parent_of_own(audits.cell[origin], said.cell[origin])
    found = {
        f"every class has {people} counted auditors or more": bool(
            (np.bincount(pairs[:, 0]) >= people).all() and audits.counted[origin].all()
        ),
        f"rows of one auditor in a class: {CAP} at most": bool((times <= CAP).all()),
        "no audit is in the release twice": len(np.unique(origin)) == len(origin),
        "every row is told at its own cell or a parent of it": bool((place == said.cell[origin]).all()),
    }
    if disability:
        size, words = int(labels.max(initial=-1)) + 1, len(WORDS[DISABILITY])
        codes = audits.codes[DISABILITY][origin]
        share = closeness.shares(labels.ravel(), size, codes, words=words)
        overall = np.bincount(codes, minlength=words) / max(len(codes), 1)
        found[f"disability in every class is within {closeness.FARTHEST} of all rows'"] = bool(
            closeness.close(share, overall, sensitive=_YES).all()
        )
    broken = [promise for promise, kept in found.items() if not kept]
    if broken:
        raise AssertionError(f"the release is not what was promised: not {'; not '.join(broken)}")
    return tuple(found)


def parent_of_own(cell: NDArray[np.int64], told: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each cell's ancestor at the resolution at which it is told."""
    found = cell.copy()
    levels = resolution_of(told)
    for level in np.unique(levels).tolist():
        found[levels == level] = parent(cell[levels == level], resolution=level)
    return found


def _smallest(labels: Labels, auditor: NDArray[np.int32]) -> int:
    if not len(labels):
        return 0
    _, group = np.unique(labels, return_inverse=True)
    return int(distinct_members(group, auditor, size=int(group.max()) + 1).min())


def _by_resolution(cell: NDArray[np.int64]) -> Mapping[int, int]:
    found, counts = np.unique(resolution_of(cell), return_counts=True)
    return dict(zip(found.tolist()[::-1], counts.tolist()[::-1], strict=True))


def _variances(audits: Audits, resolution: int) -> dict[str, float]:
    """Return the variance components of the mean of the place ratings, to two digits."""
    asked = [audits.instrument.ratings.index(rating) for rating in audits.instrument.place]
    levels = audits.ratings[audits.counted][:, asked]
    given = levels >= 0
    answered = given.sum(axis=1)
    mean: Floats = np.where(answered > 0, (levels * given).sum(axis=1) / np.maximum(answered, 1), np.nan)
    found = components(
        mean,
        cell=parent(audits.cell[audits.counted], resolution=resolution),
        auditor=audits.auditor[audits.counted],
    )
    return {name: float(f"{value:.2g}") for name, value in found.items()}
