"""Trust in auditors, from a run to the store, where moderators alone see it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from analysis.abuse.trust import trust
from analysis.recipe import Analysis
from server.queries.binary_copy import Records, uuids
from server.queries.moderation import put_trust
from server.queries.observations import UsedAudits


@dataclass(frozen=True, kw_only=True, eq=False)
class Trusted:
    """The trust in each auditor, told by one of their audits: a run knows auditors by codes alone."""

    audit_id: Records
    """Two halves of each."""
    trust: NDArray[np.float64]
    cells: NDArray[np.int64]

    @classmethod
    def of(cls, used: UsedAudits, analysis: Analysis) -> Self:
        """Return the trust that an analysis of these audits tells."""
        found = trust(analysis)
        codes, first = np.unique(used.observations.auditor, return_index=True)
        rows = first[np.searchsorted(codes, found.auditor)]
        return cls(audit_id=used.audit["audit_id"][rows], trust=found.trust, cells=found.cells)

    def store(self, connection: Connection, *, city_id: int) -> None:
        """Keep it in place of what the run before told."""
        put_trust(
            connection,
            city_id=city_id,
            ids=uuids(self.audit_id),
            trust=self.trust.tolist(),
            cells=self.cells.tolist(),
        )
