"""The audit a receipt code was given for."""

from sqlalchemy import Connection

from server.errors import NotThere
from server.intake.receipts import proves, read_receipt
from server.queries.audits import Stored, list_current


def redeem_receipt(connection: Connection, *, code: str, secret: bytes) -> tuple[int, Stored]:
    """Return (city id, current version) of the audit this code proves; NotThere for any other code."""
    receipt = read_receipt(code)
    if receipt is not None:
        found = list_current(connection, city_id=receipt.city_id, first=receipt.first, last=receipt.last)
        for stored in found:
            if proves(receipt, secret=secret, audit_id=stored.audit_id):
                return receipt.city_id, stored
    raise NotThere("no audit for this receipt; check the code")
