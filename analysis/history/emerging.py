"""Emerging hot spots: how a place came to be hot or cold, in the terms of ArcGIS.

Hot is less safe than the city, cold safer. Rules and names are of "How Emerging Hot Spot Analysis works"
(Esri, ArcGIS Pro), the first that applies in the order in which Esri lists them.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.false_discovery import RATE, benjamini_hochberg
from analysis.getis_ord import two_sided_p
from analysis.reasons import objects

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

NO_PATTERN, TOO_SHORT = "no pattern detected", "too_short"
FEWEST_SLICES = 10
LATEST = 3
"""A series must reach into the last so many slices: what ended before is no news of today."""
_NEARLY_ALWAYS = 0.9


def categories(z: Floats, heard: Mask) -> NDArray[np.object_]:
    """Return the category of each place from z-scores, float[slices, places], positive where less safe.

    Slices in which a place was not heard, bool[slices, places], are no part of its series. A slice is hot or
    cold where Benjamini and Hochberg's q of its places is at most 0.05. `too_short` where fewer than 10
    slices were heard, or none of the last 3.
    """
    slices = [_significant(one, there) for one, there in zip(z, heard, strict=True)]
    significant = np.array(slices, dtype=np.bool_).reshape(z.shape)
    hot, cold = significant & (z > 0), significant & (z < 0)
    way = np.sign(z_of_trend := mann_kendall(z, heard)) * (2 * ndtr(-np.abs(z_of_trend)) < RATE)
    found = objects([NO_PATTERN] * z.shape[1])
    for word, here, there, up in (("hot", hot, cold, way), ("cold", cold, hot, -way)):
        for name, mask in reversed(_patterns(here, there, heard, up)):
            found[mask] = f"{name} {word} spot"
    found[(heard.sum(axis=0) < FEWEST_SLICES) | ~heard[-LATEST:].any(axis=0)] = TOO_SHORT
    return found


def mann_kendall(values: Floats, given: Mask) -> Floats:
    """Return the z-score of a monotone trend in each column, float[slices, places]; only given values count.

    S = sum of sign(x_j - x_i) over i < j, z = (S - sign S) / sqrt(n (n - 1) (2 n + 5) / 18), 0 for n < 3; for
    values without ties (Mann 1945, Econometrica 13; Kendall 1975, Rank correlation methods).
    """
    slices, places = values.shape
    score = np.zeros(places)
    for later in range(1, slices):
        steps = np.sign(values[later] - values[:later]) * given[:later] * given[later]
        score += steps.sum(axis=0)
    n = given.sum(axis=0)
    variance = np.maximum(n * (n - 1) * (2 * n + 5) / 18, 1)
    return np.where(n < 3, 0.0, (score - np.sign(score)) / np.sqrt(variance))


def _significant(z: Floats, heard: Mask) -> Mask:
    return np.asarray(benjamini_hochberg(np.where(heard, two_sided_p(z), np.nan)) <= RATE)


def _patterns(hot: Mask, cold: Mask, heard: Mask, way: Floats) -> list[tuple[str, Mask]]:
    """Return which places are of each kind of hot spot, in Esri's order; `way` -1, 0, 1: the trend of z."""
    times, run = hot.sum(axis=0), _last_run(hot, heard)
    last, often = run > 0, times >= _NEARLY_ALWAYS * heard.sum(axis=0)
    return [
        ("new", last & (times == 1)),
        ("consecutive", (run >= 2) & (times == run) & ~often),
        ("intensifying", last & often & (way > 0)),
        ("persistent", last & often & (way == 0)),
        ("diminishing", last & often & (way < 0)),
        ("sporadic", last & ~often & ~cold.any(axis=0)),
        ("oscillating", last & ~often & cold.any(axis=0)),
        ("historical", ~last & often & (times > 0)),
    ]


def _last_run(hot: Mask, heard: Mask) -> NDArray[np.int64]:
    """Return how many slices of each place are hot without a break up to the last one heard."""
    going, run = np.ones(hot.shape[1], dtype=np.bool_), np.zeros(hot.shape[1], dtype=np.int64)
    for here, there in zip(hot[::-1], heard[::-1], strict=True):
        going &= here | ~there
        run += going & here
    return run
