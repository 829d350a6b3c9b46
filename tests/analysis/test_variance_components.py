import numpy as np
import pytest

from analysis.variance_components import components


def test_variances_are_found_again():
    rng = np.random.default_rng(1)
    cell, auditor = rng.integers(0, 800, 40_000), rng.integers(0, 600, 40_000) // 2 * 2
    truth = {"cell": 0.04, "auditor": 0.09, "audit": 0.25}
    values = (
        2
        + rng.normal(0, truth["cell"] ** 0.5, 800)[cell]
        + rng.normal(0, truth["auditor"] ** 0.5, 600)[auditor]
        + rng.normal(0, truth["audit"] ** 0.5, 40_000)
    )
    values[:100] = np.nan
    found = components(values, cell=cell, auditor=auditor.astype(np.int32))
    assert found == pytest.approx(truth, rel=0.15)


@pytest.mark.parametrize(
    ("cell", "auditor"),
    [
        ([], []),
        ([1, 1, 1], [1, 2, 1]),
        ([1, 2, 3], [1, 1, 1]),
        ([1, 2], [1, 2]),
        ([1, 1, 2, 2, 3], [1, 1, 2, 2, 3]),
    ],
)
def test_nothing_is_claimed_where_nothing_can_be_told_apart(cell, auditor):
    values = np.arange(len(cell), dtype=float)
    found = components(values, cell=np.array(cell, dtype=np.int64), auditor=np.array(auditor, dtype=np.int32))
    assert found == {}
