"""What is taken back over HTTP is noted for later restores; where it cannot be, nothing is taken back."""

from pathlib import Path
from uuid import UUID

from server.endings_log import read_endings
from tests.server.api.people import Person, audit


def test_withdrawing_and_erasing_are_noted(amina: Person, tmp_path: Path) -> None:
    by_token, by_receipt = audit(), audit()
    amina.post("audits", by_token)
    receipt = amina.post("audits", by_receipt).json["receipt"]
    assert amina.delete(f"audits/{by_token['id']}").status_code == 204
    act = {"receipt": receipt, "action": "withdraw"}
    assert amina.post("/api/v1/receipts", act).status_code == 204
    assert amina.delete("devices/me").status_code == 204
    found = read_endings(tmp_path / "endings.log")
    own = UUID(str(amina.device))
    assert [(one.device_id, one.audit_id) for one in found] == [
        (own, UUID(by_token["id"])),
        (own, UUID(by_receipt["id"])),
        (own, None),
    ]


def test_what_cannot_be_noted_is_not_taken_back(amina: Person, tmp_path: Path) -> None:
    sent = audit()
    amina.post("audits", sent)
    (tmp_path / "endings.log").mkdir()
    assert amina.delete(f"audits/{sent['id']}").status_code == 503
    assert amina.delete("devices/me").status_code == 503
    assert amina.get(f"audits/{sent['id']}").json["status"] == "kept"
