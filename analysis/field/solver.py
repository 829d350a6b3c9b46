"""Sparse symmetric positive definite systems, several right-hand sides at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEPS = 2000


def conjugate_gradients(
    apply: Callable[[Floats], Floats],
    rhs: Floats,
    *,
    precondition: Callable[[Floats], Floats],
    tolerance: float,
    start: Floats | None = None,
) -> Floats:
    """Return x[n, k] with apply(x) = rhs, by preconditioned conjugate gradients.

    Each column ends where its residual has fallen to `tolerance` of its right-hand side, in the norm of the
    preconditioner (Saad 2003, Iterative methods for sparse linear systems, algorithm 9.1). Where that is a
    projection too, x is the solution within its range, and `start` must lie there. ArithmeticError where the
    matrix is not positive definite, or 2000 steps are too few.
    """
    x = np.zeros_like(rhs) if start is None else start.copy()
    residual = rhs.copy() if start is None else rhs - apply(start)
    goal = tolerance**2 * _dots(rhs, precondition(rhs))
    direction = precondition(residual)
    square = _dots(residual, direction)
    for _ in range(_STEPS):
        going = square > goal
        if not going.any():
            return x
        image = apply(direction)
        curvature = _dots(direction, image)
        if (curvature[going] <= 0).any():
            raise ArithmeticError("the matrix is not positive definite")
        step = np.divide(square, curvature, out=np.zeros_like(square), where=going)
        x += step * direction
        residual -= step * image
        ahead = precondition(residual)
        before, square = square, _dots(residual, ahead)
        direction *= np.divide(square, before, out=np.zeros_like(square), where=going)
        direction += ahead
    raise ArithmeticError(f"no solution after {_STEPS} steps of conjugate gradients")


def jacobi(diagonal: Floats) -> Callable[[Floats], Floats]:
    """Return the preconditioner that divides by the diagonal."""
    inverse = 1 / diagonal[:, None]
    return lambda x: inverse * x


def _dots(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->j", one, other))
