"""Which places come first: where most is lacking for most."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def by_burden(deficit: Floats, exposure: Floats, *, first: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the order of places, rank 1 first: by deficit times exposure, then by deficit, then by `first`.

    A deficit below 0 counts as 0. `exposure` at least 0, or NaN where nothing is known of any place: then by
    deficit alone.
    """
    burden = np.maximum(deficit, 0) * np.where(np.isnan(exposure), 1, exposure)
    return np.lexsort([first, -deficit, -burden])
