import shutil
import sys

import pytest

from server.cluster import ClusterError, binaries


def install(folder, *, version="15.4", postgis="3.3.2"):
    """Make an installation that answers as PostgreSQL's programs do."""
    share = folder / "share"
    (share / "extension").mkdir(parents=True)
    if postgis:
        (share / "extension" / "postgis.control").write_text(f"default_version = '{postgis}'\n")
    programs = {
        "initdb": f"echo 'initdb (PostgreSQL) {version} (Debian)'",
        "pg_config": f"echo {share}",
        "pg_ctl": "true",
    }
    for name, line in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine on which nothing is installed but what a test installs."""
    monkeypatch.setattr(binaries, "PLACES", (str(tmp_path / "*" / "bin")[1:],))
    monkeypatch.setattr(shutil, "which", {"apt-get": "/usr/bin/apt-get"}.get)
    return tmp_path


def test_the_newest_version_with_postgis_is_taken(machine):
    install(machine / "a" / "bin", version="17.1", postgis="3.5.0")
    install(machine / "b" / "bin", version="18.0", postgis="")
    install(machine / "c" / "bin", version="15.9")
    assert binaries.find() == binaries.Binaries(machine / "a" / "bin", 17)


def test_the_version_that_made_the_cluster_is_preferred_to_the_newest(machine):
    install(machine / "a" / "bin", version="17.1")
    install(machine / "b" / "bin", version="15.9")
    assert binaries.find(major=15).folder == machine / "b" / "bin"


def test_a_named_folder_is_the_only_one_looked_at(machine):
    install(machine / "a" / "bin", version="17.1")
    named = install(machine / "elsewhere", version="16.2")
    assert binaries.find(named).major == 16


@pytest.mark.parametrize(
    ("version", "postgis", "fault"),
    [
        ("14.9", "3.3.2", "PostgreSQL 14 is older than 15"),
        ("15.4", "3.2.9", "PostGIS 3.2 is older than 3.3"),
        ("15.4", "", "PostgreSQL 15 without PostGIS"),
    ],
)
def test_what_is_too_old_or_lacks_postgis_is_told_with_the_line_to_type(machine, version, postgis, fault):
    install(machine / "a" / "bin", version=version, postgis=postgis)
    with pytest.raises(ClusterError) as caught:
        binaries.find()
    assert f"{machine / 'a' / 'bin'}: {fault}" in str(caught.value)
    assert "sudo apt-get install -y" in str(caught.value)


def test_a_named_folder_without_the_programs_is_told(machine):
    with pytest.raises(ClusterError, match="no initdb"):
        binaries.find(machine)


def test_nothing_at_all_is_told(machine):
    with pytest.raises(ClusterError, match="no PostgreSQL found"):
        binaries.find()


def test_the_line_to_type_fits_the_machine(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert "SAFEAUDIT_PG_BIN" in binaries.remedy()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert binaries.remedy() == "brew install postgis"
