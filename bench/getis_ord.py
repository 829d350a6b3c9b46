"""CPU seconds of Gi* at 10,000 and 100,000 cells beside esda's: python -m bench.getis_ord.

Both compute the analytic z of the same values on the same k=2 discs, built beforehand; the run fails where
they differ.
"""

import time
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from analysis.getis_ord import gi_star
from geo import cells as h3cells
from geo.lattice import Lattice

SIZES = (10_000, 100_000)
DISC_K = 2
FILLED = 0.7
"""Share of a round city's cells that have audits."""
ROUNDS = 5


def main() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # esda's and numba's own
        from esda.getisord import G_Local  # noqa: PLC0415 (imports and compiles for seconds; not measured)
        from libpysal.weights import WSP  # noqa: PLC0415

        print("   cells  neighbours  ours, CPU s  esda, CPU s    ratio  difference")
        for size in SIZES:
            lattice, values = _city(size)
            discs = lattice.disc_matrix(DISC_K)
            theirs = WSP(lattice.disc_matrix(DISC_K, include_self=False)).to_W(silence_warnings=True)
            ours_s, z = _cpu_s(lambda: gi_star(values, discs), rounds=ROUNDS)  # noqa: B023 (called at once)
            theirs_s, found = _cpu_s(
                lambda: G_Local(values, theirs, transform="B", star=True, permutations=0).Zs,  # noqa: B023
                rounds=1,
            )
            difference = np.abs(z - found).max()
            print(
                f"{len(lattice):8d} {discs.nnz:11d} {ours_s:12.4f} {theirs_s:12.4f} "
                f"{theirs_s / ours_s:8.0f} {difference:11.1e}"
            )
            if difference > 1e-6:
                raise SystemExit("the two disagree")


def _city(size: int) -> tuple[Lattice, NDArray[np.float64]]:
    """Return about `size` cells of a round city with holes, and autocorrelated positive values on them."""
    rng = np.random.default_rng(size)
    k = round((size / FILLED / 3) ** 0.5)
    everything = np.sort(h3cells.disc(h3cells.cell_of(28.6, 77.2, resolution=9), k=k))
    lattice = Lattice(everything[rng.random(len(everything)) < FILLED])
    noise = rng.normal(size=len(lattice))
    return lattice, 2 + 0.3 * noise + 0.1 * (lattice.disc_matrix(1) @ noise)


def _cpu_s(work: Callable[[], NDArray[np.float64]], *, rounds: int) -> tuple[float, NDArray[np.float64]]:
    """Return the best of some rounds in CPU seconds of this process, and the result."""
    best, result = np.inf, np.empty(0)
    for _ in range(rounds):
        start = time.process_time()
        result = work()
        best = min(best, time.process_time() - start)
    return best, result


if __name__ == "__main__":
    main()
