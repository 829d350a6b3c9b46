"""The short version of the campaign; `make collect` sends 1,000 records."""

import http.client
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.collect.campaign import sent
from tests.collect.phone import Collect, Record, UploadError, chunks

DAMAGE = {
    "missing": "DELETE FROM audit WHERE ctid IN (SELECT ctid FROM audit WHERE version = 1 LIMIT 1)",
    "altered": "UPDATE audit SET ratings[9] = 2 - ratings[9]",
    "photos_missing": "DELETE FROM attachment WHERE ctid IN (SELECT ctid FROM attachment LIMIT 1)",
    "photos_strange": "UPDATE attachment SET name = 'x' || name",
    "files_wrong": "UPDATE photo SET stored_sha256 = 'x'",
    "quarantine_wrong": "UPDATE submission SET quarantine = 'stale' WHERE quarantine IS NULL",
    "auditors_wrong": "UPDATE audit SET device_id = (SELECT device_id FROM audit LIMIT 1)",
}


@pytest.mark.slow
def test_every_record_and_photo_comes_through_a_bad_network_once_and_none_is_stuck() -> None:
    with sent(records=60) as outcome:
        verdict = outcome.verdict()
        assert verdict.passed, str(verdict)
        assert verdict.records == 60
        assert min(verdict.photos, verdict.retries, verdict.corrected, verdict.reopened, verdict.split) > 0
        assert len(outcome.faults) == 5, "each kind of fault happened"
        for field, damage in DAMAGE.items():
            with outcome.connection.transaction(force_rollback=True):
                outcome.connection.execute(damage)
                assert getattr(outcome.verdict(), field) > 0, "the verdict can go red"


@pytest.mark.parametrize(
    ("sizes", "posts"),
    [
        ([], [[]]),
        ([5], [[5]]),
        ([95], [[95]]),
        ([50, 39, 1], [[50, 39, 1]]),
        ([50, 40, 10, 95, 1], [[50, 40], [10], [95], [1]]),
        ([0] * 150, [[0] * 101, [0] * 49]),
    ],
)
def test_records_are_split_as_collect_splits_them(sizes: list[int], posts: list[list[int]]) -> None:
    """Worked by hand from SubmissionChunker.kt, with 10 bytes of XML and 100 accepted."""
    record = Record(b"x" * 10, tuple((str(number), bytes(size)) for number, size in enumerate(sizes)))
    cut = list(chunks(record, 100))
    assert [[len(content) for _, content in files] for files, _ in cut] == posts
    assert [last for _, last in cut] == [False] * (len(posts) - 1) + [True]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No",
        b"HTTP/1.1 204 No Content\r\nX-OpenRosa-Accept-Content-Length: ",
        b"HTTP/1.1 204 No Content\r\nX-OpenRosa-Version: 1.0\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["in the status", "in a header", "between headers", "200", "503"],
)
def test_collect_goes_on_from_nothing_but_a_whole_204(answer: bytes) -> None:
    record = Record(b"<data/>")
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        answered = pool.submit(_answer_once, server, answer)
        phone = Collect("http://audits.example.org/openrosa/x/y", "collect:1", server.getsockname()[:2])
        with pytest.raises((UploadError, http.client.HTTPException)):
            phone.send(record)
        assert answered.result(10).startswith(b"HEAD /openrosa/x/y/submission?deviceID=collect%3A1 ")
        assert phone.posts == 0


def _answer_once(server: socket.socket, answer: bytes) -> bytes:
    phone, _ = server.accept()
    with phone:
        asked = phone.recv(4096)
        phone.sendall(answer)
    return asked
