"""Audits for releases: drawn at random, over few cells, by people of all kinds."""

import numpy as np

from analysis.disclosure.release import WORDS, Audits
from analysis.instrument import Instrument, Kind, Question, Role
from geo import cells as h3cells

CELLS = np.sort(h3cells.disc(h3cells.cell_of(28.6, 77.2, resolution=9), k=6))
INSTRUMENT = Instrument(
    id="two",
    version=1,
    questions=tuple(Question(name=name, kind=Kind.RATING, role=Role.PLACE, top=3) for name in ("a", "b")),
)


def draw_audits(seed, *, rows=2000, people=150, counted=0.9, yes=0.1, quarters=("2026Q2", "2026Q3")):
    """Return audits of people with fixed traits, most of whom count; few audits are of the older quarter."""
    rng = np.random.default_rng(seed)
    who = np.minimum(rng.geometric(3 / people, rows) - 1, people - 1)
    traits = {
        name: rng.choice(len(words), size=people, p=_shares(name, len(words), yes)).astype(np.int8)
        for name, words in WORDS.items()
        if name != "daypart"
    }
    codes = {name: trait[who] for name, trait in traits.items()}
    codes["quarter"] = (rng.random(rows) < 0.9).astype(np.int8) * (len(quarters) - 1)
    codes["daypart"] = (rng.random(rows) < 0.4).astype(np.int8)
    return Audits(
        instrument=INSTRUMENT,
        cell=CELLS[(rng.random(rows) ** 2 * len(CELLS)).astype(np.int64)],
        auditor=who.astype(np.int32),
        counted=(rng.random(people) < counted)[who],
        quarters=quarters,
        codes=codes,
        ratings=rng.integers(-1, 4, (rows, 2)).astype(np.int8),
    )


def _shares(name, words, yes):
    if name == "disability":
        return [0.2, yes, 0.8 - yes]
    return np.arange(words, 0, -1) / np.arange(words + 1).sum()
