"""What every column of a release means: for the codebook, for Frictionless, for HXL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.instruments.document import Document
from server.releasing.columns import Column


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """A column's title, what it is about, its HXL hashtag, and what its values mean."""

    title: str
    about: str
    hxl: str
    values: dict[str, str]


_WITHHELD = {"withheld": "too few people would stand behind it"}
_NOT_SAID = {"not_said": "the person did not say"}
_KEYS = {
    "cell": Meaning(
        title="H3 cell",
        about="15 hex digits. Of one of several resolutions; a row at a parent cell is part of a remainder.",
        hxl="#loc+code+v_h3",
        values={},
    ),
    "resolution": Meaning(
        title="H3 resolution of the cell",
        about="The larger, the finer: a cell of resolution 9 has about 0.1 km², one of 8 seven times that.",
        hxl="#meta+resolution+num",
        values={},
    ),
    "quarter": Meaning(
        title="Quarter of observation",
        about="In the city's time zone. Earlier ones than the release's are audits that arrived late.",
        hxl="#date+quarter",
        values={"unknown": "nobody knows the time", **_WITHHELD},
    ),
    "daypart": Meaning(
        title="Day or night",
        about="By the sun there and then; twilight is night.",
        hxl="#meta+daypart+code",
        values={
            "day": "sun at or above the horizon",
            "night": "below it",
            "unknown": "nobody knows the time",
            **_WITHHELD,
        },
    ),
    "gender": Meaning(
        title="Gender of the auditor",
        about="As she or he said.",
        hxl="#respondee+gender+code",
        values={"woman": "", "man": "", "other": "", **_NOT_SAID, **_WITHHELD},
    ),
    "age_band": Meaning(
        title="Age of the auditor in years",
        about="As she or he said.",
        hxl="#respondee+age+code",
        values={
            "under_25": "under 25",
            "25_59": "25 to 59",
            "60_plus": "60 and more",
            **_NOT_SAID,
            **_WITHHELD,
        },
    ),
    "mode": Meaning(
        title="How the place was rated",
        about="",
        hxl="#meta+mode+code",
        values={
            "walk": "on foot",
            "vehicle": "from a vehicle",
            "photo": "from a photo",
            "import": "taken from a file",
            "not_said": "nobody said",
            **_WITHHELD,
        },
    ),
    "disability": Meaning(
        title="Whether the auditor has a disability",
        about="As she or he said.",
        hxl="#respondee+disability+code",
        values={"yes": "", "no": "", **_NOT_SAID},
    ),
}


def meanings(columns: Sequence[Column], document: Document, *, language: str) -> dict[str, Meaning]:
    """Return what each column means, ratings in the words of the instrument, by name and in order."""
    asked = {question["name"]: question for question in document.localised(language)["questions"]}
    return {
        column.name: _KEYS[column.name] if column.name in _KEYS else _rating(asked[column.name])
        for column in columns
    }


def hxl_tags(names: Sequence[str]) -> list[str]:
    """Return the HXL hashtag of each column (https://hxlstandard.org/standard/1-1final/)."""
    return [_KEYS[name].hxl if name in _KEYS else _hxl_of_rating(name) for name in names]


def _hxl_of_rating(name: str) -> str:
    return f"#indicator+rating+{name}+num"


def _rating(question: dict[str, Any]) -> Meaning:
    return Meaning(
        title=question.get("label", question["name"]),
        about=question.get("hint", ""),
        hxl=_hxl_of_rating(question["name"]),
        values={str(level): text for level, text in enumerate(question["levels"])},
    )
