"""What is told of how a run's numbers were made: the weights with intervals, the variances."""

from collections.abc import Mapping
from typing import Any

from analysis.calibration import Interval
from analysis.disclosure.columns import six_digits
from analysis.recipe import Analysis


def account(analysis: Analysis) -> dict[str, Any]:
    """Return what everybody may know who may see the layers of this analysis; ready for JSON.

    `weights` are those of the score, equal ones where `weights_source` is not `fitted`; `shares` the
    non-negative estimates and `slopes` the unconstrained ones, [value, low, high], to 0.01, so that few
    changes by one person are seen in them; `variances` of the composite in squared rating steps.
    """
    calibration = analysis.calibration
    return {
        "weights": {name: six_digits(weight) for name, weight in calibration.weights.values.items()},
        "weights_version": calibration.weights.version,
        "weights_source": calibration.weights.source,
        "shares": _rounded(calibration.shares),
        "slopes": _rounded(calibration.slopes),
        "variances": {
            name: float(f"{value:.2g}") for name, value in analysis.everything.estimates.variances.items()
        },
    }


def _rounded(intervals: Mapping[str, Interval]) -> dict[str, list[float]]:
    return {
        name: [round(one.value, 2), round(one.low, 2), round(one.high, 2)] for name, one in intervals.items()
    }
