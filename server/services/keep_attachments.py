"""Make photos of the files that came with a submission from ODK Collect.

The phone is told that all is well whatever they are: a record refused for a file would stay on it for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection

from server.cities import City
from server.errors import Conflict, Invalid, NotThere, Refusal, TooLarge, WrongMediaType
from server.queries.submissions import (
    hold_submission,
    insert_attachment,
    list_attachments,
    update_submission,
)
from server.services.keep_photo import Place, Studio, keep_photo
from server.services.receive_submission import Acknowledgement, Delivery
from server.services.submit_audits import Sender

MOST_ATTACHMENTS = 20
"""Of one post; what is beyond is dropped."""


def keep_attachments(
    studio: Studio, *, city: City, sender: Sender, delivery: Delivery, received: Acknowledgement
) -> None:
    """Keep the files of a delivery as photos of its audit, each committed by itself; then it is complete.

    What makes no photo is dropped, and noted with the reason. Where the city takes no photos, or the sender
    is under 18, all are dropped; where the submission was taken back meanwhile, nothing is kept. Raises
    Unavailable where a photo cannot be kept just now: sent again, the delivery goes on from there.
    """
    if received.submission_id is None:
        return
    folder = _Folder(studio, city.city_id, sender, received.audit_id, received.submission_id)
    try:
        if city.settings.get("photos"):
            folder.keep(delivery.files[:MOST_ATTACHMENTS])
        if delivery.complete:
            folder.close()
    except NotThere:
        return


@dataclass(frozen=True)
class _Folder:
    """The files of one submission on their way into the album; NotThere once it was taken back."""

    studio: Studio
    city_id: int
    sender: Sender
    audit_id: UUID
    submission_id: int

    def keep(self, files: Sequence[tuple[str, bytes]]) -> None:
        with self.studio.database.transaction() as connection:
            known = list_attachments(connection, city_id=self.city_id, submission_id=self.submission_id)
        for name, content in files:
            digest = sha256(content).digest()
            if (name, digest) not in known:
                self._keep_one(name, content, digest)

    def close(self) -> None:
        with self.studio.database.transaction() as connection:
            self._hold(connection)
            update_submission(
                connection,
                city_id=self.city_id,
                submission_id=self.submission_id,
                values={"complete": True},
            )

    def _keep_one(self, name: str, content: bytes, digest: bytes) -> None:
        fault = None
        place = Place(
            city_id=self.city_id, device_id=self.sender.device_id, audit_id=self.audit_id, hold=self._hold
        )
        try:
            if keep_photo(self.studio, place, content).status == "dropped":
                return
        except (Conflict, Invalid, TooLarge, WrongMediaType) as refusal:
            fault = _reason(refusal)
        with self.studio.database.transaction() as connection:
            self._hold(connection)
            insert_attachment(
                connection,
                city_id=self.city_id,
                submission_id=self.submission_id,
                name=name,
                sha256=digest,
                fault=fault,
            )

    def _hold(self, connection: Connection) -> None:
        if not hold_submission(connection, city_id=self.city_id, submission_id=self.submission_id):
            raise NotThere("this submission was taken back")


def _reason(refusal: Refusal) -> str:
    return "; ".join([fault.detail for fault in refusal.faults] or [refusal.detail])
