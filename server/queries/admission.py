"""SQL of the admission rule's memory: which version of which audit is in the public layers.

A batch are the audits that one run admitted to one cell.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from server.queries import binary_copy
from server.queries.binary_copy import BOOL, INT2, INT4, INT8, Records, read_records, uuids, write_records

# An admitted version that is no longer the audit's highest (corrected, withdrawn or erased since), or that a
# moderator hid.
STALE = """
SELECT admission.audit_id, admission.version, admission.cell, admission.run_id
FROM admission
WHERE admission.city_id = %(city_id)s AND admission.instrument_id = %(instrument_id)s AND (EXISTS (
    SELECT FROM audit AS later
    WHERE later.city_id = admission.city_id AND later.audit_id = admission.audit_id AND later.version > 1
      AND later.version > admission.version)
  OR admission.audit_id IN (
    SELECT m.audit_id FROM moderation_audit AS m JOIN moderation_case AS c USING (city_id, case_id)
    WHERE m.city_id = %(city_id)s AND c.state = 'hidden'))
"""
_FIND_STALE = f"SELECT audit_id, version, cell FROM ({STALE}) AS stale"  # noqa: S608 - this module's words
_STALE_COLUMNS = {"audit_id": binary_copy.UUID, "version": INT2, "cell": INT8}

# After the city's resolution was changed nothing is admitted: k people per cell were counted elsewhere.
_DELETE_OF_OTHER_RESOLUTIONS = text(
    "DELETE FROM admission WHERE city_id = :city_id AND (cell >> 52) & 15 <> :resolution"
)
_GONE = """
unnest(CAST(:ids AS uuid[]), CAST(:versions AS smallint[])) AS gone (audit_id, version)
WHERE admission.city_id = :city_id AND admission.audit_id = gone.audit_id AND admission.version = gone.version
"""
_SPLIT_NO_LONGER = text(f"""
UPDATE admission SET split = false, by_gender = false
FROM (SELECT DISTINCT instrument_id, cell, run_id FROM admission, {_GONE}) AS broken
WHERE admission.city_id = :city_id AND (admission.split OR admission.by_gender)
  AND admission.instrument_id = broken.instrument_id
  AND admission.cell = broken.cell AND admission.run_id = broken.run_id
""")  # noqa: S608 - this module's words
_DELETE = text(f"DELETE FROM admission USING {_GONE}")  # noqa: S608 - this module's words


@dataclass(frozen=True, kw_only=True, eq=False)
class StaleAdmissions:
    """Admitted versions that are no longer current, or hidden: what hides their cells."""

    audit: Records
    """`audit_id` (two halves) and `version` of each row."""
    cell: NDArray[np.int64]

    def within(self, cells: NDArray[np.int64]) -> Records:
        """Return the audits whose cell is one of these."""
        return self.audit[np.isin(self.cell, cells)]


def read_stale(connection: Connection, *, city_id: int, instrument_id: str) -> StaleAdmissions:
    """Return the admissions of audits that were corrected, withdrawn, erased or hidden since."""
    values = {"city_id": city_id, "instrument_id": instrument_id}
    found = read_records(connection, _FIND_STALE, values, columns=_STALE_COLUMNS)
    return StaleAdmissions(
        audit=found[["audit_id", "version"]], cell=np.ascontiguousarray(found["cell"], dtype=np.int64)
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class NewAdmissions:
    """Audits that one run lets into the public layers."""

    audit: Records
    """As in StaleAdmissions."""
    cell: NDArray[np.int64]
    split: NDArray[np.bool_]
    """Whether the layers of day and night know them."""
    by_gender: NDArray[np.bool_]
    """Whether what is told of women and of men does."""
    gender: NDArray[np.int8]
    """Of their auditors now, coded as in Observations: it stands however it is corrected later, so that one
    person's word changes nothing public."""

    def __len__(self) -> int:
        return len(self.audit)


def insert_admissions(
    connection: Connection, *, city_id: int, run_id: int, instrument_id: str, new: NewAdmissions
) -> None:
    """Remember what a run let into the public layers."""
    name = instrument_id.encode()
    columns = {
        "city_id": INT4,
        "audit_id": binary_copy.UUID,
        "version": INT2,
        "instrument_id": f"S{len(name)}",
        "cell": INT8,
        "run_id": INT8,
        "split": BOOL,
        "by_gender": BOOL,
        "gender": INT2,
    }
    records = np.empty(len(new), dtype=binary_copy.record_type(columns))
    records["city_id"], records["instrument_id"], records["run_id"] = city_id, name, run_id
    records["audit_id"], records["version"] = new.audit["audit_id"], new.audit["version"]
    for column in ("cell", "split", "by_gender", "gender"):
        records[column] = getattr(new, column)
    write_records(connection, "admission", records, columns=columns)


def settle(connection: Connection, *, city_id: int, audit: Records) -> None:
    """Forget stale admissions; what is left of their batches is split no longer.

    `audit` as in StaleAdmissions.
    """
    if len(audit) == 0:
        return
    values = {"city_id": city_id, "ids": uuids(audit["audit_id"]), "versions": audit["version"].tolist()}
    connection.execute(_SPLIT_NO_LONGER, values)
    connection.execute(_DELETE, values)


def delete_of_other_resolutions(connection: Connection, *, city_id: int, resolution: int) -> None:
    """Forget what was admitted to cells of another resolution than the city's."""
    connection.execute(_DELETE_OF_OTHER_RESOLUTIONS, {"city_id": city_id, "resolution": resolution})
