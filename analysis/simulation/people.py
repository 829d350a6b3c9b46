"""Who audits, how often and where: heavy-tailed, localised, each with an own severity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.simulation.landscape import Landscape, smooth_field
from analysis.simulation.scenario import Scenario
from geo import cells as h3cells
from geo.areas import EARTH_RADIUS_M
from geo.lattice import Lattice

Floats = NDArray[np.float64]

GENDERS = ("", "woman", "man", "other")
AGE_BANDS = ("", "under_18", "18_24", "25_39", "40_59", "60_plus")
DISABILITIES = ("", "yes", "no")
"""Texts of the profile codes below; the empty text is an answer not given."""

_GENDER_SHARES = (0.08, 0.52, 0.38, 0.02)
_AGE_SHARES = (0.10, 0.04, 0.28, 0.34, 0.18, 0.06)
_DISABILITY_SHARES = (0.20, 0.06, 0.74)


@dataclass(frozen=True, kw_only=True, eq=False)
class People:
    """The auditors of a synthetic city, one entry each."""

    severity: Floats
    """Added to every latent answer."""
    gender: NDArray[np.int8]
    """Index into GENDERS, as `Observations.gender`."""
    age_band: NDArray[np.int8]
    disability: NDArray[np.int8]


def people(auditors: int, scenario: Scenario, rng: np.random.Generator) -> People:
    """Draw the auditors: severity, gender, age band, disability."""
    return People(
        severity=rng.uniform(-scenario.severity, scenario.severity, size=auditors),
        gender=rng.choice(len(GENDERS), size=auditors, p=_GENDER_SHARES).astype(np.int8),
        age_band=rng.choice(len(AGE_BANDS), size=auditors, p=_AGE_SHARES).astype(np.int8),
        disability=rng.choice(len(DISABILITIES), size=auditors, p=_DISABILITY_SHARES).astype(np.int8),
    )


def visits(
    land: Landscape, audits: int, auditors: int, scenario: Scenario, rng: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Draw the auditor of each audit, int32[audits], and the row of its cell, int64[audits].

    Activity is Zipf (weight 1/rank, one audit at least); cells are drawn by how often they are visited and by
    nearness to the auditor's home.
    """
    lattice, level = land.lattice, land.latent.mean(axis=(0, 2))
    by_rank = 1 / np.arange(1, auditors + 1)
    counts = 1 + rng.multinomial(audits - auditors, rng.permutation(by_rank / by_rank.sum()))
    pull = scenario.seeking * (level.mean() - level)
    effort = np.exp(scenario.effort_sd * _half_smooth(lattice, rng) + pull)
    homes = rng.choice(len(lattice), size=auditors, p=effort / effort.sum())
    x, y = _plane_m(lattice)
    rows = []
    for home, count in zip(homes, counts, strict=True):
        away = np.hypot(x - x[home], y - y[home])
        weight = effort * (np.exp(-away / scenario.reach_m) + scenario.roaming)
        rows.append(rng.choice(len(lattice), size=count, p=weight / weight.sum()))
    return np.repeat(np.arange(auditors, dtype=np.int32), counts), np.concatenate(rows)


def _half_smooth(lattice: Lattice, rng: np.random.Generator) -> Floats:
    rough = rng.standard_normal(len(lattice))
    return np.asarray((smooth_field(lattice, rng) + rough) / np.sqrt(2))


def _plane_m(lattice: Lattice) -> tuple[Floats, Floats]:
    """Return the cells' centres in metres east and north of the first, in an equirectangular plane."""
    lat, lng = np.deg2rad(h3cells.centre(lattice.cells))
    east = (lng - lng[0] + np.pi) % (2 * np.pi) - np.pi
    return east * np.cos(lat.mean()) * EARTH_RADIUS_M, (lat - lat[0]) * EARTH_RADIUS_M
