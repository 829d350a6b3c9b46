import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from server import cluster as embedded
from server import database, durability
from server.cluster import ClusterError, databases
from server.cluster.account import account_for
from server.cluster.embedded import SOCKET, SOCKET_PATH_BYTES, Cluster
from server.cluster.lease import alone

ROOT = Path(__file__).parents[3]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who lends PostgreSQL another account")


def query(cluster, statement, *, database="safeaudit", user="safeaudit"):
    with psycopg.connect(host=str(cluster.socket), dbname=database, user=user, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else None


def processes_of(cluster):
    """Return the pids of every PostgreSQL process that works in this data folder."""
    found = set()
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (one / "cwd").readlink() == cluster.data:
                found.add(int(one.name))
    return found


def kill_all(cluster):
    for pid in (cluster.postmaster_pid(), *processes_of(cluster)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not processes_of(cluster))


def wait_until(condition, *, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def foreign_pid(home):
    """A living process that PostgreSQL heeds: of its own account, and not one of its parents."""
    account = account_for(home / "postgres" / "data")
    process = subprocess.Popen(["sleep", "300"], user=account.uid if account.is_other else None)
    yield process.pid
    process.kill()
    process.wait()


def spawn(home, body):
    """Start a process that holds the cluster of a HOME; it goes on when it is sent a line."""
    script = f"""
        import sys
        from pathlib import Path
        from server import cluster as embedded
        cluster = embedded.ensure(Path({str(home)!r}), durable=False)
        print(cluster.postmaster_pid(), flush=True)
        sys.stdin.readline()
        {body}
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_from_an_empty_home_to_a_durable_postgis_that_only_its_socket_reaches(empty_home):
    with embedded.ensure(empty_home) as cluster:
        store = database.connect(cluster.url)
        with store.transaction() as connection:
            durability.check(connection)
        store.dispose()
        assert query(cluster, "SELECT ST_AsText(ST_Point(77.2, 28.6))") == [("POINT(77.2 28.6)",)]
        assert query(cluster, "SHOW listen_addresses") == [("",)]
        assert query(cluster, "SHOW data_checksums") == [("on",)]
        assert (empty_home / "postgres").stat().st_mode & 0o777 == 0o700
        assert Path(f"/proc/{cluster.postmaster_pid()}").stat().st_uid == cluster.data.stat().st_uid != 0
    assert processes_of(cluster) == set()


def test_what_was_stored_is_there_after_stop_and_start(home):
    with embedded.ensure(home, durable=False) as cluster:
        query(cluster, "CREATE TABLE kept AS SELECT 42 AS answer")
    with embedded.ensure(home, durable=False) as cluster:
        assert query(cluster, "SELECT answer FROM kept") == [(42,)]


def test_the_owner_has_no_power_over_the_cluster_but_takes_the_layer_role(home):
    assert {database.LAYER_ROLE, database.TENANT_ROLE} < set(databases.LENT_ROLES.split())
    with embedded.ensure(home, durable=False) as cluster:
        powers = (
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles"
        )
        assert query(cluster, f"{powers} WHERE rolname = 'safeaudit'") == [(False,)]
        query(cluster, f"GRANT {database.LAYER_ROLE} TO CURRENT_USER; SET ROLE {database.LAYER_ROLE}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(cluster, f"SET ROLE {database.LAYER_ROLE}; CREATE TABLE mine (x int)")


def test_a_database_is_copied_from_a_template_and_dropped_under_its_users(home):
    with embedded.ensure(home, durable=False) as cluster:
        cluster.create_database("first")
        query(cluster, "CREATE TABLE spot AS SELECT ST_Point(1, 2) AS geometry", database="first")
        cluster.create_database("copy", template="first")
        assert cluster.database_url("copy").split("?")[0].endswith("/copy")
        user = psycopg.connect(host=str(cluster.socket), dbname="copy", user="safeaudit")
        assert user.execute("SELECT ST_X(geometry) FROM spot").fetchone() == (1.0,)
        cluster.drop_database("copy")
        user.close()
        cluster.drop_database("copy")
        assert query(cluster, "SELECT 1 FROM pg_database WHERE datname = 'copy'") == []


def test_four_starts_at_once_share_one_postmaster_and_the_last_to_leave_ends_it(empty_home):
    users = [spawn(empty_home, "cluster.stop()") for _ in range(4)]
    pids = {int(user.stdout.readline()) for user in users}
    assert len(pids) == 1
    cluster = Cluster(empty_home)
    for user in users:
        assert cluster.postmaster_pid() in pids
        user.communicate("go on\n", timeout=60)
        assert user.returncode == 0
    assert processes_of(cluster) == set()


def test_a_user_killed_with_9_holds_nothing_back_and_breaks_nothing(home):
    user = spawn(home, "cluster.stop()")
    pid = int(user.stdout.readline())
    user.kill()
    user.communicate()
    with embedded.ensure(home, durable=False) as cluster:
        assert cluster.postmaster_pid() == pid
    assert processes_of(cluster) == set()


def test_a_postmaster_killed_with_9_is_started_again_with_every_commit(home):
    with embedded.ensure(home) as cluster:
        query(cluster, "CREATE TABLE survivor (n int)")
        for n in range(3):
            query(cluster, f"INSERT INTO survivor VALUES ({n})")
            os.kill(cluster.postmaster_pid(), signal.SIGKILL)
            cluster.start()
            assert query(cluster, "SELECT count(*) FROM survivor") == [(n + 1,)]


def test_pid_files_that_name_a_foreign_process_are_seen_through(home, foreign_pid):
    with embedded.ensure(home) as cluster:
        query(cluster, "CREATE TABLE seen_through AS SELECT 42 AS answer")
        kill_all(cluster)
        for file in (cluster.data / "postmaster.pid", cluster.socket / f"{SOCKET}.lock"):
            lines = file.read_text().split("\n")
            file.write_text("\n".join([str(foreign_pid), *lines[1:]]))
        cluster.start()
        assert query(cluster, "SELECT answer FROM seen_through") == [(42,)]


def test_an_empty_pid_file_left_by_a_full_disk_is_seen_through(home):
    with embedded.ensure(home, durable=False) as cluster:
        kill_all(cluster)
        (cluster.data / "postmaster.pid").write_text("")
        cluster.start()
        assert cluster.is_ready()


def test_no_second_postmaster_runs_beside_a_busy_backend_of_the_first(home, foreign_pid):
    with embedded.ensure(home, durable=False) as cluster:
        address = f"host={cluster.socket} dbname=safeaudit user=safeaudit"
        script = f"import psycopg; psycopg.connect({address!r}).execute({BUSY!r})"
        client = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
        active = (
            "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series(1, 3%'"
        )
        wait_until(lambda: query(cluster, active + " AND pid <> pg_backend_pid()"))
        ((backend,),) = query(cluster, active + " AND pid <> pg_backend_pid()")
        os.kill(cluster.postmaster_pid(), signal.SIGKILL)
        (cluster.data / "postmaster.pid").write_text(f"{foreign_pid}\n")
        assert backend in processes_of(cluster)
        cluster.start()
        assert backend not in processes_of(cluster)
        client.wait(timeout=30)


BUSY = "SELECT sum(n) FROM generate_series(1, 30000000) AS n"


def test_a_half_made_cluster_is_made_anew(empty_home):
    half = empty_home / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("15\n")
    with embedded.ensure(empty_home, durable=False) as cluster:
        assert cluster.is_ready()
        assert not half.exists()


def test_a_cluster_of_another_version_is_refused_with_the_line_to_type_and_left_alone(home):
    version = home / "postgres" / "data" / "PG_VERSION"
    made_by = version.read_text()
    version.write_text("14\n")
    with pytest.raises(
        ClusterError, match=r"PostgreSQL 14;.* -y postgresql-14-postgis-3 .*Nothing was changed"
    ):
        embedded.ensure(home)
    assert version.read_text() == "14\n"
    version.write_text(made_by)


def test_a_data_folder_that_is_something_else_is_refused(empty_home):
    (empty_home / "postgres" / "data").mkdir(parents=True)
    if os.geteuid() == 0:
        os.chown(empty_home / "postgres" / "data", 65534, 65534)
    with pytest.raises(ClusterError, match="is no PostgreSQL data folder"):
        embedded.ensure(empty_home)


def test_a_server_that_cannot_start_is_told_in_its_own_words(home, monkeypatch):
    monkeypatch.setattr("server.cluster.embedded.START_WAIT_S", 1)
    configuration = home / "postgres" / "data" / "postgresql.auto.conf"
    configuration.write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(ClusterError, match="shared_buffers"):
        embedded.ensure(home)
    configuration.write_text("")


def test_a_home_that_cannot_be_made_names_the_setting(empty_home):
    empty_home.write_text("a file, no folder")
    with pytest.raises(ClusterError, match=r"SAFEAUDIT_HOME=.* cannot be made"):
        embedded.ensure(empty_home)


@needs_root
def test_a_home_that_postgres_may_not_enter_names_the_folder_in_the_way(empty_home):
    empty_home.parent.chmod(0o700)
    with pytest.raises(
        ClusterError, match=f"may not enter {empty_home.parent}[.].*chmod o.x {empty_home.parent}"
    ):
        embedded.ensure(empty_home)


@needs_root
def test_a_data_folder_of_an_unprivileged_user_is_served_under_that_user(empty_home):
    (empty_home / "postgres").mkdir(parents=True)
    data = empty_home / "postgres" / "data"
    data.mkdir()
    os.chown(data, 65534, 65534)
    assert account_for(data).uid == 65534


def test_a_long_home_gets_a_short_private_socket_folder(empty_home):
    long = empty_home / ("x" * 100)
    with embedded.ensure(long, durable=False) as cluster:
        assert len(str(cluster.socket / SOCKET)) <= SOCKET_PATH_BYTES
        assert cluster.socket.stat().st_mode & 0o777 == 0o700
        assert query(cluster, "SELECT 1") == [(1,)]
    cluster.socket.rmdir()


@needs_root
def test_a_socket_folder_planted_by_somebody_else_is_refused(empty_home):
    long = Cluster(empty_home / ("x" * 100))
    long.socket.mkdir()
    os.chown(long.socket, 65533, 65533)
    try:
        with pytest.raises(ClusterError, match="belongs to somebody else"):
            long.start()
    finally:
        long.socket.rmdir()


def test_variables_meant_for_other_databases_change_nothing(home, monkeypatch):
    for name, value in {
        "PGPORT": "1",
        "PGHOST": "db.example.org",
        "PGDATA": "/nowhere",
        "PGUSER": "x",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PGOPTIONS", "-c synchronous_commit=off")
    with embedded.ensure(home, durable=False) as cluster:
        assert cluster.is_ready()


def test_the_lock_is_waited_for_and_then_told(tmp_path):
    with (
        alone(tmp_path / "lock"),
        pytest.raises(ClusterError, match=r"fuser .*lock"),
        alone(tmp_path / "lock", wait_s=0.2),
    ):
        pass


def test_windows_is_told_what_to_do_instead(empty_home, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        with pytest.raises(ClusterError) as caught:
            embedded.ensure(empty_home)
    assert "WSL2" in str(caught.value)
