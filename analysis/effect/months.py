"""The event study: how far the place lay from its matches in each month before and after."""

import numpy as np

from analysis.effect.design import BEFORE
from analysis.effect.placebo import Placebos
from analysis.effect.residuals import Residuals
from analysis.effect.result import Month
from analysis.effect.units import PLACE, Layout, voiced


def months(residuals: Residuals, layout: Layout, placebos: Placebos) -> tuple[Month, ...]:
    """Return every month in which the place was audited: its mean residual less that of its matches.

    Each against the own time before. An effect before the work began is a sign that the matches are none.
    """
    answers = residuals.of
    unit = layout.unit_of(answers.cell)
    names, month = np.unique(answers.month, return_inverse=True)
    mean, worth = voiced(residuals, [unit, month], shape=(layout.size, len(names)))
    side, side_worth = voiced(residuals, [unit, answers.side.astype(np.int64)], shape=(layout.size, 2))
    apart = mean - side[:, [BEFORE]]
    matched = apart[placebos.matches[PLACE]]
    heard = ~np.isnan(matched)
    others = np.where(heard, matched, 0).sum(axis=0) / np.maximum(heard.sum(axis=0), 1)
    audits = np.bincount(month[unit == PLACE], minlength=len(names))
    return tuple(
        Month(
            month=int(names[index]),
            effect=placebos.judged(
                float(apart[PLACE, index] - others[index]),
                noise=float(1 / worth[PLACE, index] + 1 / side_worth[PLACE, BEFORE]),
                top=answers.top,
            ),
            audits=int(audits[index]),
        )
        for index in np.flatnonzero(audits)
    )
