"""The tests that docs/security.md names are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def missing(page: str) -> list[str]:
    """Return the tests and files that a page names and that are not there."""
    named = re.findall(r"`((?:tests|server|docs)/[\w/.-]+)(?:::(\w+))?`", page)
    return [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).exists() or (test and f"def {test}(" not in (ROOT / file).read_text())
    ]


def test_every_test_named_is_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    assert missing(page) == []
    assert page.count("\n| V") >= 40


def test_a_test_that_is_not_there_is_seen() -> None:
    assert missing("`tests/project/test_security.py::test_nothing_of_the_kind`")
    assert missing("`tests/project/no_such_file.py`")
