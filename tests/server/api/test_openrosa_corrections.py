"""Records that correct others, and records that come at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

from tests.collect.forms import new_instance_id
from tests.server.api.collectors import Phone, Rows, message, quarantine, standing
from tests.server.api.people import Person


def test_an_edited_record_corrects_its_audit(phone: Phone, amina: Person, rows: Rows) -> None:
    ids = [new_instance_id() for _ in range(3)]
    assert phone.send(phone.filled(ids[0])).status_code == 201
    for level, (earlier, later) in zip((2, 3), pairwise(ids), strict=True):
        edited = phone.filled(later, earlier, answers__lighting=level)
        assert [phone.send(edited).status_code for _ in range(2)] == [201, 201]
    [audit] = standing(rows)
    assert (audit["version"], audit["lighting"]) == (3, 3)
    assert str(audit["audit_id"]) == ids[0][5:]
    assert amina.get(f"audits/{ids[0][5:]}").json["answers"]["lighting"] == 3
    assert quarantine(rows) == [None, None, None]


def test_an_edit_that_arrives_before_its_original_takes_its_place(phone: Phone, rows: Rows) -> None:
    first, second = new_instance_id(), new_instance_id()
    original, edited = phone.filled(first), phone.filled(second, first, answers__lighting=3)
    assert phone.send(edited).status_code == 201
    assert phone.send(original).status_code == 202
    assert [(audit["lighting"], audit["version"]) for audit in standing(rows)] == [(3, 1)]
    assert quarantine(rows) == [None, "superseded"]


def test_an_edit_of_what_was_changed_elsewhere_waits_for_a_moderator(
    phone: Phone, amina: Person, rows: Rows
) -> None:
    first, second = new_instance_id(), new_instance_id()
    assert phone.send(phone.filled(first)).status_code == 201
    audit = amina.get(f"audits/{first[5:]}").json
    changed = {name: audit[name] for name in ("id", "location", "observed_at", "instrument")}
    assert amina.put(f"audits/{first[5:]}", changed | {"answers": {"lighting": 0}}).status_code == 200
    answer = phone.send(phone.filled(second, first, answers__lighting=3))
    assert (answer.status_code, "changed elsewhere" in message(answer)[1]) == (202, True)
    assert [(audit["lighting"], audit["version"]) for audit in standing(rows)] == [(0, 2)]
    assert quarantine(rows) == [None, "stale"]


def test_an_edit_of_a_record_that_could_not_be_used_makes_the_audit(phone: Phone, rows: Rows) -> None:
    first, second = new_instance_id(), new_instance_id()
    assert phone.send(phone.filled(first, answers__lighting="9")).status_code == 202
    assert phone.send(phone.filled(second, first, answers__lighting="2")).status_code == 201
    assert [audit["lighting"] for audit in standing(rows)] == [2]


def test_an_edit_of_another_phones_record_changes_nothing(
    phone: Phone, bela: Person, stranger: Person, rows: Rows
) -> None:
    first, second = new_instance_id(), new_instance_id()
    assert phone.send(phone.filled(first)).status_code == 201
    answer = Phone(stranger, bela.token or "").send(phone.filled(second, first, answers__lighting=3))
    assert answer.status_code == 202
    assert [audit["lighting"] for audit in standing(rows)] == [1]
    assert quarantine(rows) == [None, "conflict"]


# --- at the same moment ---


def at_once(phone: Phone, records: list[bytes]) -> list[int]:
    """Return the statuses of records that are sent at the same moment, each by a client of its own."""
    app, gate = phone.person.client.application, threading.Barrier(len(records))

    def send_one(xml: bytes) -> int:
        alone = replace(phone, person=replace(phone.person, client=app.test_client()))
        gate.wait(10)
        return alone.send(xml).status_code

    with ThreadPoolExecutor(len(records)) as pool:
        return list(pool.map(send_one, records))


def test_the_same_record_eight_times_at_once_is_one_audit(phone: Phone, rows: Rows) -> None:
    assert at_once(phone, [phone.filled()] * 8) == [201] * 8
    assert (
        rows("SELECT count(*) AS n FROM audit") == rows("SELECT count(*) AS n FROM submission") == [{"n": 1}]
    )


def test_of_two_records_of_one_id_at_once_one_is_kept_and_one_waits(phone: Phone, rows: Rows) -> None:
    for _ in range(5):
        instance_id = new_instance_id()
        sent = [phone.filled(instance_id, answers__lighting=level) for level in range(4)]
        assert sorted(at_once(phone, sent)) == [201, 202, 202, 202]
    assert len(standing(rows)) == 5
    assert sorted(filter(None, quarantine(rows))) == ["conflict"] * 15
