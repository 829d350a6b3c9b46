"""Photos are turned on where they can be drawn, and nowhere else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cities import City
from server.cli import group
from server.errors import Invalid
from server.photos import extra
from server.photos.faces import model_files

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run(database_url: str, city: City, tmp_path: Path) -> Callable[..., Result]:
    environ = {"SAFEAUDIT_DATABASE_URL": database_url, "SAFEAUDIT_SECRET_KEY": "k" * 40}
    environ["SAFEAUDIT_HOME"] = str(tmp_path)
    return lambda *words: CliRunner().invoke(group, words, env=environ)


def test_photos_are_turned_on_only_where_what_they_need_is_installed(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "photos: true" not in run("city", "show", "testville").output
    with monkeypatch.context() as patch:
        patch.setattr(extra, "find_spec", lambda name: None if name == "cv2" else object())
        refused = run("city", "set", "testville", "photos=on")
        assert isinstance(refused.exception, Invalid)
        [fault] = refused.exception.faults
        assert fault.pointer == "/photos"
        assert f"not installed (cv2): type `make photos` in {ROOT}" in fault.detail
        assert "photos: true" not in run("city", "show", "testville").output
        assert run("city", "set", "testville", "photos=off").exit_code == 0
    assert run("city", "set", "testville", "photos=on").exit_code == 0
    assert "photos: true" in run("city", "show", "testville").output
    assert "photos need" not in run("check").output
    monkeypatch.setattr(extra, "find_spec", lambda _: None)
    assert "- photos need packages that are not installed (PIL, cv2)" in run("check").output


def test_a_library_without_its_models_does_not_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert extra.missing_extra() == ""
    assert all(file.is_file() for file in model_files())
    monkeypatch.setattr("server.photos.faces.model_files", lambda: [tmp_path / "haarcascade_x.xml"])
    assert "haarcascade_x.xml" in extra.missing_extra()
