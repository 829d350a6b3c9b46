"""What the figures of docs/method.md show: simulated cities, and what the method makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from analysis.dayparts import levelled
from analysis.detector import detect
from analysis.effect.design import Plan
from analysis.effect.evaluation import evaluate
from analysis.field.city import City
from analysis.observations import Observations
from analysis.score import composite, equal_weights, to_five
from analysis.simulation.change import Change, changed
from analysis.simulation.city import SimulatedCity, simulate
from analysis.simulation.recovery import hot
from analysis.simulation.scenario import Scenario
from bench import detector, effect, small_towns
from geo import cells as h3cells
from server.instruments.catalogue import builtin

Floats = NDArray[np.float64]

INSTRUMENT = builtin()["safetipin-9"].instrument
WEIGHTS = equal_weights(INSTRUMENT)
TOWN = shapely.box(77.17, 28.57, 77.23, 28.63)
DISTRICT = shapely.box(77.14, 28.54, 77.27, 28.655)
_TOP, _LEVEL = 3, 1
_Z95 = 1.959963984540054


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """Scores 0..5 of a cell after so many audits, (low, mean, high), that all say `said`."""

    audits: list[int]
    people: Floats
    one_person: Floats
    said: float
    city: float


def evidence(audits: tuple[int, ...] = (0, 1, 2, 3, 5, 8, 12, 20, 30)) -> Evidence:
    """Return what a cell's score becomes as regular auditors of the town all answer the same of it."""
    town = _town(TOWN, audits=4_000, auditors=60).observations()
    cells, count = np.unique(town.cell, return_counts=True)
    cell = int(cells[count.argmax()])  # in the midst of others that are audited
    regulars = np.bincount(town.auditor).argsort()[::-1]
    rest = town.where((town.cell != cell) | (np.arange(len(town)) == np.flatnonzero(town.cell == cell)[0]))
    rest = replace(rest, counted=rest.cell != cell)  # known as a place, heard of from nobody
    people = [_interval(_telling(rest, cell, regulars[:n]), cell) for n in audits]
    one = [_interval(_telling(rest, cell, np.repeat(regulars[:1], n)), cell) for n in audits]
    return Evidence(
        audits=list(audits),
        people=np.array([found[:3] for found in people]).T,
        one_person=np.array([found[:3] for found in one]).T,
        said=float(to_five(_LEVEL, top=_TOP)),
        city=people[0][3],
    )


def _telling(town: Observations, cell: int, who: NDArray[np.int64]) -> Observations:
    """Return the audits, and one by each of `who` that answers everything alike."""
    rows: dict[str, Any] = {
        "cell": np.full(len(who), cell),
        "auditor": who,
        "counted": np.ones(len(who), dtype=np.bool_),
        "daypart": np.zeros(len(who)),
        "observed_day": np.full(len(who), town.observed_day.max()),
        "ratings": np.full((len(who), town.ratings.shape[1]), _LEVEL),
        "gender": np.array([town.gender[town.auditor == one][0] for one in who]),
    }
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(town, name), column]).astype(getattr(town, name).dtype)
        for name, column in rows.items()
    }
    return replace(town, **columns)


def _interval(seen: Observations, cell: int) -> tuple[float, float, float, float]:
    """Return low, score and high of a cell, and the city's mean score."""
    cells, index = np.unique(seen.cell, return_inverse=True)
    y = np.where(seen.counted, composite(seen, WEIGHTS), np.nan)
    level = levelled(y, daypart=seen.daypart, place=index)
    found = City.of(seen, cells).posterior(level, top=_TOP, rng=np.random.default_rng(0), draws=100)
    row = int(np.searchsorted(cells, cell))
    reach = _Z95 * found.sd[row]
    steps = np.array([found.mean[row] - reach, found.mean[row], found.mean[row] + reach, found.city])
    low, mean, high, city = to_five(steps.clip(0, _TOP), top=_TOP).tolist()
    return low, mean, high, city


@dataclass(frozen=True, kw_only=True, eq=False)
class Maps:
    """A city's cells, and scores 0..5 of them, NaN where nobody audited."""

    shapes: list[Floats]
    """Corners of each cell, lng/lat, float[c, 2]."""
    true: Floats
    plain: Floats
    score: Floats
    outlined: Mapping[str, NDArray[np.bool_]]
    """Which cells are outlined on the map of each title: planted ones, and those called hot."""
    aspect: float

    @property
    def range(self) -> tuple[float, float]:
        """The scores at the ends of the colours."""
        return float(self.true.min()), float(self.true.max())


def maps(audits: int = 2_500) -> Maps:
    """Return a town with three bad places, audited where a few people happen to be."""
    scenario = Scenario(zones=3, delta=0.8, night_only_share=0.0)
    town = _town(TOWN, audits=audits, auditors=60, scenario=scenario)
    found = detect(town.observations(), WEIGHTS, np.random.default_rng(0))
    cells = town.truth.cells
    row = np.searchsorted(cells, found.cell)
    plain, score = np.full((2, len(cells)), np.nan)
    plain[row], score[row] = found.score_raw, found.score
    called, nowhere = np.zeros((2, len(cells)), dtype=np.bool_)
    called[row] = hot(found.klass)
    shapes = [shapely.get_coordinates(shape).round(5) for shape in h3cells.polygons(cells)]
    return Maps(
        shapes=shapes,
        true=to_five(town.truth.everything, top=_TOP),
        plain=plain,
        score=score,
        outlined={"what is true": town.truth.zone >= 0, "plain means of audits": nowhere, "scores": called},
        aspect=float(1 / np.cos(np.radians(TOWN.centroid.y))),
    )


@dataclass(frozen=True, kw_only=True)
class Flagged:
    """What a detector flags: how much of what is bad, and how much that is not."""

    name: str
    recall: float
    false: float


def discoveries(seeds: int = 4, audits: int = 4_600) -> list[Flagged]:
    """Return the means over the seeds of detectors on cities of 1,400 cells with three places 0.5 lower."""
    scenario, rows = Scenario(zones=3, night_only_share=0.0), dict[str, list[list[float]]]()
    peers = {name: detector.PEERS[name] for name in ("DBSCAN", "HDBSCAN", "worst 5 %")}
    for seed in range(seeds):
        city = _town(DISTRICT, audits=audits, auditors=125, scenario=scenario, seed=seed)
        for name, row in detector.measure(city, peers):
            rows.setdefault(name, []).append(row)
    means = {name: np.mean(row, axis=0) for name, row in rows.items()}
    return [Flagged(name=name, recall=mean[1], false=mean[2]) for name, mean in means.items()]


@dataclass(frozen=True, kw_only=True, eq=False)
class Admitted:
    """How the public layers of a city fill, by day."""

    days: NDArray[np.int64]
    audits: Floats
    """Of the audits made by then, the share admitted."""
    cells: Floats
    """Of the cells shown in the end, the share shown by then."""
    waited: NDArray[np.int64]
    """Days that each admitted audit waited."""

    @property
    def median_wait(self) -> float:
        """Half of the admitted audits waited no longer."""
        return float(np.median(self.waited))


def waiting(audits: int = 18_000, auditors: int = 260, area: BaseGeometry = detector.AREA) -> Admitted:
    """Return what becomes of the audits of five months, a run being made each night."""
    seen = _town(area, audits=audits, auditors=auditors).observations()
    first = int(seen.observed_day.min())
    made, entered = seen.observed_day - first, small_towns.admission_day(seen)
    admitted = entered >= 0
    entered = entered - first
    days = np.arange(int(made.max()) + 1)
    cells, index = np.unique(seen.cell[admitted], return_inverse=True)
    shown = np.full(len(cells), days[-1])
    np.minimum.at(shown, index, entered[admitted])
    return Admitted(
        days=days,
        audits=np.array([(admitted & (entered <= day)).sum() / (made <= day).sum() for day in days]),
        cells=np.array([(shown <= day).mean() for day in days]),
        waited=(entered - made)[admitted].astype(np.int64),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class EventStudy:
    """Monthly differences from the matches in rating steps, how far their intervals reach, and the truth."""

    month: list[int]
    estimate: Floats
    reach: Floats
    """float[2, months]: below and above the estimate."""
    true: float


def event_study(seed: int = 1, audits: int = effect.AUDITS) -> EventStudy:
    """Return the event study of a place that was made 0.5 better, chosen because it looked worst."""
    change = Change(effect=0.5, spill=0.5)
    made = changed(
        INSTRUMENT,
        effect.CELLS,
        audits=audits,
        auditors=effect.AUDITORS,
        seed=seed,
        change=change,
        scenario=Scenario(),
    )
    follow_up = effect.FOLLOW_UP_DAYS
    plan = Plan(cells=made.place, begin_day=made.day, complete_day=made.day, follow_up_days=follow_up)
    rng, today = np.random.default_rng(0), made.day + follow_up
    found = evaluate(made.observations, WEIGHTS, plan, today=today, fewest_auditors=5, rng=rng)
    effects = [one.effect for one in found.months]
    estimate, low, high = (
        np.array([getattr(one, part) for one in effects]) for part in ("estimate", "low", "high")
    )
    return EventStudy(
        month=[one.month for one in found.months],
        estimate=estimate,
        reach=np.array([estimate - low, high - estimate]),
        true=made.effect,
    )


def _town(
    area: BaseGeometry, *, audits: int, auditors: int, scenario: Scenario | None = None, seed: int = 1
) -> SimulatedCity:
    return simulate(
        instrument=INSTRUMENT,
        area=area,
        first_day=date(2026, 1, 1),
        seed=seed,
        audits=audits,
        auditors=auditors,
        scenario=scenario or Scenario(),
    )
