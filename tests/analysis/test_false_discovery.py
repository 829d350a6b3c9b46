import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from analysis.false_discovery import benjamini_hochberg, credible

probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=50).map(np.array)

# Benjamini and Hochberg 1995, section 3.3: fifteen p-values of which the procedure rejects four at 0.05.
PUBLISHED = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.3240,
    0.4262,
    0.5719,
    0.6528,
    0.7590,
    1.0,
]


def test_the_published_example_rejects_four():
    assert (benjamini_hochberg(np.array(PUBLISHED)) <= 0.05).tolist() == [True] * 4 + [False] * 11


@given(probabilities)
def test_equals_statsmodels(p):
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1], abs=1e-12)


def test_missing_p_is_no_test():
    q = benjamini_hochberg(np.array([0.01, np.nan, 0.04]))
    assert q[[0, 2]] == pytest.approx(benjamini_hochberg(np.array([0.01, 0.04])))
    assert np.isnan(q[1])
    assert benjamini_hochberg(np.array([])).shape == (0,)


def test_claims_are_believed_while_the_expected_false_share_holds():
    probability = np.array([0.5, 0.99, 0.91, 0.96])
    assert credible(probability).tolist() == [False, True, True, True], "0.01, 0.025, 0.05"
    assert credible(probability, rate=0.04).tolist() == [False, True, False, True]
    assert credible(np.array([0.9, 0.3])).tolist() == [False, False]
    assert credible(np.array([])).tolist() == []


def test_of_believed_claims_few_are_false():
    rng = np.random.default_rng(0)
    probability = rng.beta(0.3, 0.6, 20_000)
    true = rng.random(20_000) < probability
    believed = credible(probability)
    assert believed.sum() > 1000
    assert 1 - true[believed].mean() == pytest.approx(0.05, abs=0.01)
