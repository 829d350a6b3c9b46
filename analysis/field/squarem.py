"""A fixed point of a slow iteration, sooner."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LONGEST = 8.0
_FARTHEST = 1.0


def extrapolated(before: Floats, first: Floats, second: Floats) -> Floats:
    """Return where two rounds of a fixed-point iteration lead, at most 1 from the second.

    Squared extrapolation, scheme S3 (Varadhan and Roland 2008, Scandinavian Journal of Statistics 35), its
    steplength 1 to 8.
    """
    step, bend = first - before, second - 2 * first + before
    length = np.clip(np.linalg.norm(step) / max(float(np.linalg.norm(bend)), 1e-12), 1, _LONGEST)
    leap = before + 2 * length * step + length**2 * bend
    return np.asarray(np.clip(leap, second - _FARTHEST, second + _FARTHEST))
