"""One product per quarter, whole or not at all, and no audit in two."""

import multiprocessing
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from analysis.disclosure import release_gate
from analysis.disclosure.ladder import Rung
from server.cities import CityDirectory
from server.database import connect
from server.errors import Conflict, Invalid, NotThere, Unavailable
from server.period import Period
from server.queries.audits import end_audits
from server.releasing import create_release as making
from server.releasing.verify import verify
from tests.server.publishing.conftest import Town
from tests.server.releasing.conftest import MADE, SUMMER, Archive

LATER = datetime(2026, 1, 20, 12, tzinfo=UTC)
AUTUMN = datetime(2025, 11, 1, 12, tzinfo=UTC)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_asking_again_gives_the_same_release_and_the_same_bytes_and_is_logged_once(summer: Archive) -> None:
    first = summer.make(purpose="a study of light")
    before = contents(summer.folder())
    summer.town.audit(summer.town.people(30, enrolled=SUMMER), 0, at=SUMMER, received=LATER)
    again = summer.make(now=LATER)
    assert again == first
    assert contents(summer.folder()) == before
    assert summer.query("SELECT count(*) FROM release") == [(1,)]
    assert summer.query("SELECT actor, action, detail->>'purpose' FROM event") == [
        ("operator", "release.create", "a study of light")
    ]


def test_all_audits_of_counted_auditors_are_remembered_and_no_others(summer: Archive) -> None:
    town = summer.town
    fresh = town.people(12, origin="phone", enrolled=SUMMER)
    town.audit(fresh, 0, at=SUMMER)
    made = summer.make()
    assert summer.query("SELECT count(*), min(release_id) FROM released_audit") == [
        (made.rows_in, made.release_id)
    ]
    known = "SELECT count(*) FROM released_audit JOIN audit USING (city_id, audit_id) JOIN device USING "
    assert summer.query(known + "(city_id, device_id) WHERE origin = 'phone'") == [(0,)]
    with pytest.raises(IntegrityError, match="pk_released_audit"):
        summer.query(
            "INSERT INTO released_audit SELECT city_id, audit_id, version, release_id FROM released_audit"
        )


def test_late_audits_join_the_next_release_under_their_own_quarter(summer: Archive) -> None:
    town = summer.town
    summer.make()
    late = town.audit(town.people(15, enrolled=SUMMER), 2, at=SUMMER, received=MADE + timedelta(days=1))
    new = town.audit(town.people(25, enrolled=SUMMER), 3, at=AUTUMN)
    summer.make("2025Q4", now=LATER)
    told = dict(summer.query("SELECT audit_id, release_id FROM released_audit"))
    assert {told[one] for one in (*late, *new)} == {"2025Q4-safetipin-9"}
    lines = (summer.folder("2025Q4") / "audits.csv").read_text().splitlines()[1:]
    assert sorted({line.split(",")[2] for line in lines}) == ["2025Q3", "2025Q4"]
    assert len([line for line in lines if ",2025Q3," in line]) == 15


def test_a_quarter_that_was_never_released_waits_for_its_own(summer: Archive) -> None:
    town = summer.town
    town.audit(town.people(25, enrolled=SUMMER), 3, at=AUTUMN)
    summer.make("2025Q4", now=LATER)
    lines = (summer.folder("2025Q4") / "audits.csv").read_text().splitlines()[1:]
    assert {line.split(",")[2] for line in lines} == {"2025Q4"}
    assert summer.make(now=LATER).rows_in > 800


def test_quarters_are_the_citys(summer: Archive) -> None:
    town = summer.town
    in_delhi_already_october = datetime(2025, 9, 30, 19, 0, tzinfo=UTC)
    audits = town.audit(town.people(15, enrolled=SUMMER), 0, at=in_delhi_already_october)
    summer.make()
    told = {row[0] for row in summer.query("SELECT audit_id FROM released_audit")}
    assert not told & set(audits)


def test_an_erased_audit_leaves_the_list_and_its_release_stays_as_it_was(summer: Archive) -> None:
    made = summer.make()
    before = contents(summer.folder())
    one = summer.query("SELECT audit_id FROM released_audit LIMIT 1")[0][0]
    city_id = summer.town.city.city_id
    with summer.town.database.transaction() as connection:
        end_audits(connection, city_id=city_id, ids=[one], state="erased")
    assert summer.query(f"SELECT count(*) FROM released_audit WHERE audit_id = '{one}'") == [(0,)]
    assert summer.make(now=LATER) == made
    assert contents(summer.folder()) == before
    summer.town.audit(summer.town.people(25, enrolled=SUMMER), 3, at=AUTUMN)
    summer.make("2025Q4", now=LATER)
    assert summer.query(f"SELECT count(*) FROM released_audit WHERE audit_id = '{one}'") == [(0,)]


def test_an_audit_erased_while_the_release_is_made_is_not_in_it(summer: Archive) -> None:
    one = summer.query("SELECT audit_id FROM audit ORDER BY audit_id LIMIT 1")[0][0]
    erased: list[float] = []

    def erase(share: float, _doing: str) -> None:
        if share >= 0.5 and not erased:
            erased.append(share)
            with summer.town.database.transaction() as connection:
                end_audits(connection, city_id=summer.town.city.city_id, ids=[one], state="erased")

    total = summer.query("SELECT count(*) FROM audit")[0][0]
    made = summer.make(progress=erase)
    assert erased
    assert made.rows_in == total - 1
    assert summer.query(f"SELECT count(*) FROM released_audit WHERE audit_id = '{one}'") == [(0,)]


def test_two_at_once_give_one(summer: Archive) -> None:
    with ThreadPoolExecutor(3) as pool:
        made = [one.result() for one in [pool.submit(summer.make) for _ in range(3)]]
    assert len({one.sha256 for one in made}) == 1
    assert summer.query("SELECT count(*) FROM release") == [(1,)]
    assert summer.left() == ["2025Q3-safetipin-9"]


NOT_YET = (
    ("2025Q3", datetime(2025, 9, 30, tzinfo=UTC), "is not over: it can be released from 2025-10-15"),
    ("2025Q3", datetime(2025, 10, 14, 18, 0, tzinfo=UTC), "phones may still bring"),
    ("2025Q4", datetime(2025, 9, 30, tzinfo=UTC), "is still to come"),
    ("2025Q2", MADE, "has no used audits of safetipin-9 in 2025Q2"),
)


def test_what_cannot_be_released_yet_is_told_why(summer: Archive) -> None:
    for period, now, words in NOT_YET:
        with pytest.raises(Conflict, match=words):
            summer.make(period, now=now)
    assert summer.left() == []
    in_kolkata_the_fifteenth = datetime(2025, 10, 14, 18, 31, tzinfo=UTC)
    assert summer.make(now=in_kolkata_the_fifteenth).rows_out


@pytest.mark.parametrize("text", ["2025", "2025Q5", "2025-Q3", "0000Q1", "2025Q3\n", ""])
def test_a_period_that_is_none_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Period.of(text)
    assert "write such as 2026Q3" in refused.value.faults[0].detail


def test_an_unknown_instrument_and_an_endless_purpose_are_refused(summer: Archive) -> None:
    with pytest.raises(NotThere, match="no instrument 'x'"):
        summer.make(instrument_id="x")
    with pytest.raises(Invalid, match="purpose"):
        summer.make(purpose="x" * 501)


def test_too_few_people_and_people_too_far_apart_give_nothing_and_use_nothing_up(archive: Archive) -> None:
    town = archive.town
    people = town.people(9, enrolled=SUMMER)
    town.audit(people, 0, at=SUMMER)
    with pytest.raises(Conflict, match="fewer than 10 counted auditors"):
        archive.make()
    town.audit(town.people(1, enrolled=SUMMER), 0, at=datetime(2025, 7, 1, 12, tzinfo=UTC), daypart=0)
    assert archive.make().rows_out == 10


def test_where_nobody_stands_together_nothing_is_made(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def own_cells(resolution: int) -> tuple[Rung, ...]:  # a town this small is one cell, three resolutions up
        return (Rung(resolution=resolution, columns=()),)

    monkeypatch.setattr(release_gate, "rungs_of", own_cells)
    town = archive.town
    for place, one in enumerate(town.people(12, enrolled=SUMMER)):
        town.audit([one], place, at=SUMMER)
    with pytest.raises(Conflict, match="nowhere do 10 counted auditors"):
        archive.make()
    assert archive.left() == []
    assert archive.query("SELECT count(*) FROM released_audit") == [(0,)]


# --- crashes ---


def _make_and_die(url: str, home: Path, doing: str, after_the_move: bool) -> None:
    database = connect(url, pool_size=3)
    archive = Archive(Town(database, CityDirectory(database).get("testville")), home)

    def die(_share: float, told: str) -> None:
        if told.startswith(doing) and not after_the_move:
            os.kill(os.getpid(), signal.SIGKILL)

    if after_the_move:
        move = making.move_into_place

        def move_and_die(folder: Path, final: Path) -> None:
            move(folder, final)
            os.kill(os.getpid(), signal.SIGKILL)

        making.move_into_place = move_and_die
    archive.make(progress=die)


@pytest.mark.parametrize(
    ("doing", "after_the_move"),
    [("writing audits.parquet", False), ("publishing", True)],
)
def test_kill_9_leaves_no_release_and_the_next_try_makes_one_whole_one(
    summer: Archive, database_url: str, doing: str, after_the_move: bool
) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_make_and_die, args=(database_url, summer.home, doing, after_the_move))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert summer.query("SELECT (SELECT count(*) FROM release), (SELECT count(*) FROM released_audit)") == [
        (0, 0)
    ]
    made = summer.make()
    assert summer.left() == [made.release_id]
    assert verify(summer.folder()) == (made.rows_out, made.sha256.hex())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Return a maker of a disk of some kilobytes; skip where this user may mount none."""
    mounted: list[Path] = []

    def make(size_kb: int) -> Path:
        folder = tmp_path / f"disk-{size_kb}"
        folder.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            pytest.skip("this user may not mount a tmpfs")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("size_kb", [12, 160])
def test_a_full_disk_is_told_and_leaves_nothing(
    summer: Archive, small_disk: Callable[[int], Path], size_kb: int
) -> None:
    full = Archive(summer.town, small_disk(size_kb))
    with pytest.raises(Unavailable, match="no room left"):
        full.make()
    assert full.left() == []
    assert full.query("SELECT count(*) FROM release") == [(0,)]
    assert summer.make().rows_out


# --- verify ---


def _alter(folder: Path) -> None:
    file = folder / "audits.csv"
    file.write_text(file.read_text().replace("night", "day", 1))


def _alter_and_sum(folder: Path) -> None:
    file, sums = folder / "audits.csv", folder / "SHA256SUMS"
    old = subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True).stdout[:64]
    file.write_text(file.read_text().replace(",walk,", ",fly,", 1))
    new = subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True).stdout[:64]
    sums.write_text(sums.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("tamper", "where", "words"),
    [
        (_alter, "audits.csv", "was altered"),
        (_alter_and_sum, "audits.csv, row", "descriptor forbids"),
        (lambda folder: (folder / "audits.gpkg").unlink(), "audits.gpkg", "is missing"),
        (lambda folder: (folder / "more.csv").write_text("x"), "more.csv", "not part of the release"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), "SHA256SUMS", "no release"),
        (lambda folder: (folder / "SHA256SUMS").write_text("x\n"), "SHA256SUMS, line 1", "cannot be read"),
        (lambda folder: (folder / "SHA256SUMS").write_text(""), "audits.csv", "not part"),
    ],
)
def test_verify_names_what_was_tampered_with(
    released: Path, tamper: Callable[[Path], None], where: str, words: str
) -> None:
    tamper(released)
    with pytest.raises(Invalid) as refused:
        verify(released)
    faults = refused.value.faults
    assert any(fault.pointer.startswith(where) and words in fault.detail for fault in faults), faults


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return []


@pytest.fixture
def released(
    kept: list[Path], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Path:
    """A copy of one release, made once."""
    if not kept:
        summer: Archive = request.getfixturevalue("summer")
        summer.make()
        kept.append(Path(shutil.copytree(summer.folder(), tmp_path_factory.mktemp("kept") / "release")))
    return Path(shutil.copytree(kept[0], tmp_path_factory.mktemp("copy") / "release"))
