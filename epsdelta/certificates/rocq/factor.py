"""Witnesses that an integer matrix is positive semidefinite, in the one form that the theory checks.

``multiple * A - sum_k d_k c_k c_k'`` is diagonally dominant with ``multiple > 0`` and weights ``d_k >= 0``. A rounded Cholesky factor
gives such a witness for a strictly definite matrix (weights 1, small residual), an exact elimination for a singular one (residual 0).
The search is untrusted; :func:`holds` repeats the check of the theory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, isqrt, lcm

import numpy as np

__all__ = ["Factor", "find_factor", "holds"]

Rows = Sequence[Sequence[int]]
BITS = (16, 30, 60, 120, 240, 480)
MOST_EXACT = 40
"""Largest singular matrix that is eliminated exactly: the numbers grow with the dimension."""


@dataclass(frozen=True, slots=True)
class Factor:
    """``multiple * A = sum_k d_k c_k c_k' + (diagonally dominant)``; ``terms`` holds the pairs (d_k, c_k)."""

    multiple: int
    terms: tuple[tuple[int, tuple[int, ...]], ...]


def find_factor(matrix: Rows) -> Factor | None:
    """A witness for a positive semidefinite matrix; None where none was found.

    >>> find_factor([[1, 1], [1, 1]])
    Factor(multiple=2, terms=())
    >>> find_factor([[1, 2], [2, 1]]) is None
    True
    """
    twice = [[a + b for a, b in zip(row, column, strict=True)] for row, column in zip(matrix, zip(*matrix, strict=True), strict=True)]
    if any(twice[i][i] < 0 for i in range(len(twice))):
        return None
    trivial = Factor(2, ())
    if holds(matrix, trivial):
        return trivial
    least = _least_eigenvalue(twice)
    if least < -1e-6:
        return None
    for bits in BITS:
        found = _rounded(twice, bits)
        if found is not None and holds(matrix, found):
            return found
        if least < 1e-13 and bits >= 120:  # singular, it seems: rounding never ends
            break
    exact = _exact(twice) if len(twice) <= MOST_EXACT else None
    return exact if exact is not None and holds(matrix, exact) else None


def holds(matrix: Rows, factor: Factor) -> bool:
    """The theory's check: multiple > 0, weights >= 0, and R = multiple (A + A') - 2 sum_k d_k c_k c_k' has sum_{j != i} |R_ij| <= R_ii."""
    if factor.multiple <= 0 or any(d < 0 or len(c) != len(matrix) for d, c in factor.terms):
        return False
    size = range(len(matrix))
    residual = [[factor.multiple * (a + b) for a, b in zip(row, column, strict=True)]
                for row, column in zip(matrix, zip(*matrix, strict=True), strict=True)]
    for d, c in factor.terms:
        support = [i for i in size if c[i]]
        for i in support:
            row, weight = residual[i], 2 * d * c[i]
            for j in support:
                row[j] -= weight * c[j]
    return all(sum(abs(residual[i][j]) for j in size if j != i) <= residual[i][i] for i in size)


def _least_eigenvalue(twice: list[list[int]]) -> float:
    """About the least eigenvalue of D A D with ones (or zeros) on the diagonal: below -1e-6 nothing can be found."""
    size = range(len(twice))
    bits = [twice[i][i].bit_length() // 2 for i in size]
    scaled = [[Fraction(twice[i][j], 1 << (bits[i] + bits[j])) for j in size] for i in size]
    if any(abs(e) > 8 for row in scaled for e in row):
        return -1.0
    return float(np.linalg.eigvalsh(np.array([[float(e) for e in row] for row in scaled]))[0])


def _rounded(twice: list[list[int]], bits: int) -> Factor | None:
    """A Cholesky factor in integers of about ``bits`` bits, of the matrix less a multiple of the identity that pays for rounding."""
    size, largest = len(twice), max(twice[i][i] for i in range(len(twice)))
    if largest <= 0:
        return None
    multiple = max(1, 4**bits // largest)
    shift = size * (isqrt(multiple * largest) + 1)
    columns: list[list[int]] = []
    rows: list[list[int]] = [[] for _ in range(size)]
    for j in range(size):
        own = multiple * twice[j][j] - shift - sum(e * e for e in rows[j])
        if own <= 0:
            return None
        pivot = isqrt(own)
        if pivot == 0:
            return None
        column = [0] * j + [pivot]
        for i in range(j + 1, size):
            rest = multiple * twice[i][j] - sum(a * b for a, b in zip(rows[i], rows[j], strict=False))
            column.append((2 * rest + pivot) // (2 * pivot))
        for i in range(j, size):
            rows[i].append(column[i])
        columns.append(column)
    return Factor(2 * multiple, tuple((1, tuple(column)) for column in columns))


def _exact(twice: list[list[int]]) -> Factor | None:
    """Exact elimination; None where a pivot is negative, or zero above entries that are not."""
    size = len(twice)
    rest = [[Fraction(e) for e in row] for row in twice]
    found: list[tuple[Fraction, tuple[int, ...]]] = []
    for k in range(size):
        pivot = rest[k][k]
        if pivot < 0 or (pivot == 0 and any(rest[k][j] for j in range(size))):
            return None
        if pivot == 0:
            continue
        column = [rest[i][k] for i in range(size)]
        common = lcm(*(e.denominator for e in column))
        integers = [int(e * common) for e in column]
        divisor = gcd(*integers)
        found.append((Fraction(divisor * divisor, common * common) / pivot, tuple(e // divisor for e in integers)))
        for i in range(k, size):
            for j in range(k, size):
                rest[i][j] -= column[i] * column[j] / pivot
    common = lcm(1, *(weight.denominator for weight, _ in found))
    return Factor(2 * common, tuple((int(weight * common), c) for weight, c in found))
