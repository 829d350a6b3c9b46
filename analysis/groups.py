"""Labels for equal rows: sums by label, and how many different people stand behind each."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


def labels_of(columns: Sequence[ArrayLike]) -> tuple[Labels, int]:
    """Return labels 0..m-1, int64[n], equal exactly where all columns are, ordered as they are; and m."""
    first, *others = (np.unique(column, return_inverse=True)[1] for column in columns)
    labels = np.asarray(first, dtype=np.int64)
    for codes in others:
        spread = labels * (int(codes.max(initial=0)) + 1) + codes
        labels = np.unique(spread, return_inverse=True)[1].astype(np.int64)
    return labels, int(labels.max(initial=-1)) + 1


def distinct_members(labels: Labels, members: ArrayLike, *, size: int) -> NDArray[np.int64]:
    """Return how many different members each label 0..size-1 has, int64[size]."""
    pairs, _ = distinct_pairs(labels, members)
    return np.bincount(pairs, minlength=size)


def distinct_pairs(labels: ArrayLike, members: ArrayLike) -> tuple[Labels, NDArray[np.int64]]:
    """Return the labels and members of the different (label, member) pairs, sorted by label, then member."""
    groups, group = np.unique(labels, return_inverse=True)
    names, name = np.unique(members, return_inverse=True)
    pairs = np.sort(group * len(names) + name)
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]  # several times faster than numpy.unique, which hashes
    width = max(len(names), 1)
    return groups[pairs // width].astype(np.int64), names[pairs % width].astype(np.int64)


def sums(labels: Labels, values: Floats, *, size: int) -> Floats:
    """Return the sum of the values of each label 0..size-1, float[size]."""
    return np.bincount(labels, values, minlength=size).astype(np.float64)


def ratio(part: ArrayLike, whole: ArrayLike) -> Floats:
    """Return part / whole elementwise, NaN where the whole is not above 0."""
    denominator = np.asarray(whole, dtype=np.float64)
    quotient: Floats = np.divide(
        part, denominator, out=np.full(denominator.shape, np.nan), where=denominator > 0
    )
    return quotient
