"""The admission rule over the store's memory: which audits the public layers know after this run."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.by_gender import gender_part
from analysis.disclosure.admission import admit, splittable, wave_size
from analysis.observations import Observations
from analysis.score import bearing
from geo.sun import Daypart
from server.queries.admission import NewAdmissions, StaleAdmissions
from server.queries.binary_copy import Records
from server.queries.observations import UsedAudits


@dataclass(frozen=True, kw_only=True, eq=False)
class Admission:
    """What becomes public with this run, and what is to be remembered of it."""

    observations: Observations
    """All the public model may know: admitted audits of cells that are not hidden."""
    split: NDArray[np.bool_]
    """Which of them the public models of day and night may know."""
    by_gender: NDArray[np.bool_]
    """Which of them the public models of women and of men may know."""
    shown: frozenset[int]
    """Their cells."""
    new: NewAdmissions
    """The audits that enter now."""
    settled: Records
    """Stale admissions whose cell was admitted to again: they hide nothing any longer."""


def decide(used: UsedAudits, stale: StaleAdmissions, *, k: int) -> Admission:
    """Return the admission of a run.

    A cell is hidden from the moment one of its admitted audits is corrected, withdrawn or erased until audits
    are admitted there again; hidden, it is absent from the public model too. An audit that does not bear on
    the score never enters: k people must stand behind every change of a score. Nothing enters a frozen cell.
    Waves grow with the number of cells that ever were admitted to.
    """
    known, may = used.observations, ~(used.admitted | used.frozen)
    waiting = known.where(may)
    entering = np.zeros(len(used), dtype=np.bool_)
    entering[may] = admit(
        cell=waiting.cell,
        auditor=waiting.auditor,
        counted=bearing(waiting),
        together=used.together[may],
        wave=wave_size(len(np.unique(known.cell[used.admitted]))),
        k=k,
    )
    known = replace(known, gender=np.where(used.admitted, used.admitted_gender, known.gender))
    split, by_gender = used.split.copy(), used.by_gender.copy()
    split[entering], by_gender[entering] = _split(known.where(entering), stale, k=k)
    entered = np.unique(known.cell[entering])
    hidden = np.setdiff1d(stale.cell, entered)
    public = (used.admitted | entering) & ~np.isin(known.cell, hidden)
    return Admission(
        observations=_public(known.where(public)),
        split=split[public],
        by_gender=by_gender[public],
        shown=frozenset(known.cell[public].tolist()),
        new=NewAdmissions(
            audit=used.audit[entering],
            cell=known.cell[entering],
            split=split[entering],
            by_gender=by_gender[entering],
            gender=known.gender[entering],
        ),
        settled=stale.within(entered),
    )


def _split(
    entering: Observations, stale: StaleAdmissions, *, k: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which audits enter split by day and night, and which by gender, each pair of the two a part.

    They are those of splittable batches, none where one before lost an audit: there the new audits hide what
    the lost one was by coming together with what is left of its batch; by parts they could be subtracted.
    """
    fresh = ~np.isin(entering.cell, stale.cell)
    batch, auditor = entering.cell, entering.auditor
    split = fresh & splittable(batch=batch, part=entering.daypart, auditor=auditor, k=k)
    hour = np.where(split, entering.daypart, len(Daypart))
    part = gender_part(entering.gender) * (len(Daypart) + 1) + hour
    return split, fresh & splittable(batch=batch, part=part, auditor=auditor, k=k)


def _public(admitted: Observations) -> Observations:
    """Return the admitted audits as the public model sees them, whoever else is there.

    Who was counted when admitted stays so: else one withdrawn audit could silence its author everywhere.
    Auditors are numbered among themselves: else those who wait would shift the numbers.
    """
    _, auditor = np.unique(admitted.auditor, return_inverse=True)
    return replace(admitted, auditor=auditor.astype(np.int32), counted=np.ones(len(admitted), dtype=np.bool_))
