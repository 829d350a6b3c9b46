"""The admission rule over the store's memory: which audits the public layers know after this run."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.admission import admit
from analysis.observations import Observations
from server.queries.admission import StaleAdmissions
from server.queries.binary_copy import Records
from server.queries.observations import UsedAudits


@dataclass(frozen=True, kw_only=True, eq=False)
class Admission:
    """What becomes public with this run, and what is to be remembered of it."""

    observations: Observations
    """All the public model may know: admitted audits of cells that are not hidden."""
    shown: frozenset[int]
    """Their cells."""
    new_audit: Records
    new_cell: NDArray[np.int64]
    """The audits that enter now, and their cells."""
    settled: Records
    """Stale admissions whose cell was admitted to again: they hide nothing any longer."""


def decide(used: UsedAudits, stale: StaleAdmissions, *, k: int) -> Admission:
    """Return the admission of a run.

    A cell is hidden from the moment one of its admitted audits is corrected, withdrawn or erased until audits
    are admitted there again; hidden, it is absent from the public model too.
    """
    known = used.observations
    waiting = ~used.admitted
    entering = np.zeros(len(used), dtype=np.bool_)
    entering[waiting] = admit(
        cell=known.cell[waiting], auditor=known.auditor[waiting], counted=known.counted[waiting], k=k
    )
    entered = np.unique(known.cell[entering])
    hidden = np.setdiff1d(stale.cell, entered)
    public = (used.admitted | entering) & ~np.isin(known.cell, hidden)
    return Admission(
        observations=_public(known.where(public)),
        shown=frozenset(known.cell[public].tolist()),
        new_audit=used.audit[entering],
        new_cell=known.cell[entering],
        settled=stale.within(entered),
    )


def _public(admitted: Observations) -> Observations:
    """Return the admitted audits as the public model sees them, whoever else is there.

    Who was counted when admitted stays so: else one withdrawn audit could silence its author everywhere.
    Auditors are numbered among themselves: else those who wait would shift the numbers.
    """
    _, auditor = np.unique(admitted.auditor, return_inverse=True)
    return replace(admitted, auditor=auditor.astype(np.int32), counted=np.ones(len(admitted), dtype=np.bool_))
