"""Files of photos: there whole or not at all, and safe before anybody is told so."""

import errno
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from server.errors import Unavailable
from server.photos.album import Album, Bucket, Folder, open_album
from server.settings import Settings


@pytest.fixture(params=["folder", "bucket"])
def album(request: pytest.FixtureRequest, tmp_path: Path) -> Album:
    return (
        Folder(tmp_path / "photos") if request.param == "folder" else Bucket(f"memory://{uuid4().hex}/photos")
    )


def test_a_file_is_read_as_it_was_put_until_it_is_removed(album: Album) -> None:
    album.put("a.jpg", b"one")
    album.put("b.jpg", b"two")
    assert (album.read("a.jpg"), album.read("b.jpg")) == (b"one", b"two")
    album.remove("a.jpg")
    album.remove("a.jpg")
    with pytest.raises(FileNotFoundError):
        album.read("a.jpg")
    assert album.read("b.jpg") == b"two"


def test_only_the_servers_account_may_look(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "photos")
    folder.put("a.jpg", b"one")
    assert [path.stat().st_mode & 0o077 for path in (folder.path, folder.path / "a.jpg")] == [0, 0]


def test_a_file_is_on_disk_before_its_name_and_its_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Watch what the kernel is asked for; a loss of power cannot be had in a test."""
    Folder(tmp_path).put("first.jpg", b"")
    order: list[tuple[str, str]] = []
    real_fsync, real_rename = os.fsync, Path.rename

    def fsync(descriptor: int) -> None:
        order.append(("fsync", Path(os.readlink(f"/proc/self/fd/{descriptor}")).name))
        real_fsync(descriptor)

    def rename(self: Path, target: Any) -> Any:
        order.append(("rename", Path(target).name))
        return real_rename(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "rename", rename)
    Folder(tmp_path).put("a.jpg", b"one")
    assert order == [("fsync", "a.jpg.part"), ("rename", "a.jpg"), ("fsync", tmp_path.name)]


def test_without_room_nothing_is_left_and_the_phone_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    (tmp_path / "photos").mkdir()
    with pytest.raises(Unavailable, match="No space left"):
        Folder(tmp_path / "photos").put("a.jpg", b"one")
    assert list((tmp_path / "photos").iterdir()) == []


def test_a_file_that_was_being_written_is_removed_too(tmp_path: Path) -> None:
    (tmp_path / "a.jpg.part").write_bytes(b"half")
    Folder(tmp_path).remove("a.jpg")
    assert list(tmp_path.iterdir()) == []


def test_a_bucket_that_cannot_be_reached_asks_to_send_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(f"{name}: no such host")

    monkeypatch.setattr(Bucket, "_files", (Away(), "bucket"))
    with pytest.raises(Unavailable, match="send the same again"):
        Bucket("s3://bucket").put("a.jpg", b"one")
    with pytest.raises(OSError, match="cannot be reached"):
        Bucket("s3://bucket").remove("a.jpg")


def test_the_settings_say_where(tmp_path: Path) -> None:
    assert open_album(Settings(home=tmp_path)) == Folder(tmp_path / "photos")
    named = Settings.from_environment({"SAFEAUDIT_PHOTO_BUCKET": "s3://bucket/folder/"})
    assert open_album(named) == Bucket("s3://bucket/folder")
