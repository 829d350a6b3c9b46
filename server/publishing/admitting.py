"""The admission rule over the store's memory: which audits the public layers know after this run."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.admission import admit, splittable
from analysis.observations import Observations
from analysis.score import bearing
from server.queries.admission import StaleAdmissions
from server.queries.binary_copy import Records
from server.queries.observations import UsedAudits


@dataclass(frozen=True, kw_only=True, eq=False)
class Admission:
    """What becomes public with this run, and what is to be remembered of it."""

    observations: Observations
    """All the public model may know: admitted audits of cells that are not hidden."""
    split: NDArray[np.bool_]
    """Which of them the public models of day and night may know."""
    shown: frozenset[int]
    """Their cells."""
    new_audit: Records
    new_cell: NDArray[np.int64]
    new_split: NDArray[np.bool_]
    """The audits that enter now, their cells, and whether day and night may know them."""
    settled: Records
    """Stale admissions whose cell was admitted to again: they hide nothing any longer."""


def decide(used: UsedAudits, stale: StaleAdmissions, *, k: int) -> Admission:
    """Return the admission of a run.

    A cell is hidden from the moment one of its admitted audits is corrected, withdrawn or erased until audits
    are admitted there again; hidden, it is absent from the public model too. An audit that does not bear on
    the score never enters: k people must stand behind every change of a score.
    """
    known = used.observations
    waiting = known.where(~used.admitted)
    entering = np.zeros(len(used), dtype=np.bool_)
    entering[~used.admitted] = admit(
        cell=waiting.cell, auditor=waiting.auditor, counted=bearing(waiting), k=k
    )
    split = used.split.copy()
    split[entering] = _split(known.where(entering), stale, k=k)
    entered = np.unique(known.cell[entering])
    hidden = np.setdiff1d(stale.cell, entered)
    public = (used.admitted | entering) & ~np.isin(known.cell, hidden)
    return Admission(
        observations=_public(known.where(public)),
        split=split[public],
        shown=frozenset(known.cell[public].tolist()),
        new_audit=used.audit[entering],
        new_cell=known.cell[entering],
        new_split=split[entering],
        settled=stale.within(entered),
    )


def _split(entering: Observations, stale: StaleAdmissions, *, k: int) -> NDArray[np.bool_]:
    """Return which audits enter split: of splittable batches, none where one before lost an audit.

    There the new audits hide what the lost one was by coming together with what is left of its batch; by
    day or by night alone they could be subtracted again.
    """
    whole = splittable(batch=entering.cell, daypart=entering.daypart, auditor=entering.auditor, k=k)
    return whole & ~np.isin(entering.cell, stale.cell)


def _public(admitted: Observations) -> Observations:
    """Return the admitted audits as the public model sees them, whoever else is there.

    Who was counted when admitted stays so: else one withdrawn audit could silence its author everywhere.
    Auditors are numbered among themselves: else those who wait would shift the numbers.
    """
    _, auditor = np.unique(admitted.auditor, return_inverse=True)
    return replace(admitted, auditor=auditor.astype(np.int32), counted=np.ones(len(admitted), dtype=np.bool_))
