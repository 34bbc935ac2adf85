"""Witnesses for families of matrices: the integer matrices of the theory's checks, built here in the same way, and their factors.

Each function follows one check of the theory (Corners.v, Family.v, FamilyBlocks.v) and gives its witness as text, or None where the
check would fail. Hulls are intervals per entry; a hull with few entries that vary is tested at its corners, others by center and radius.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product as choices

from epsdelta.certificates.rocq.factor import find_factor
from epsdelta.certificates.rocq.text import factor, integer, items, over_common
from epsdelta.exact.interval import Interval
from epsdelta.exact.matrix import integer_product

__all__ = ["Metric", "curvature_witness", "growth_witness", "integers", "metric_of", "monotone_witness", "norm_witness", "step_witness"]

Rows = Sequence[Sequence[Fraction]]
Integers = list[list[int]]
Hull = Sequence[Sequence[Interval]]
Ends = list[list[tuple[int, int]]]
"""The ends of intervals, as integers over a denominator."""
MAX_VARYING = 6
NONE = "(Corners [])"


def integers(rows: Rows) -> tuple[Integers, int]:
    """Integer rows over the least common denominator."""
    flat, common = over_common([q for row in rows for q in row])
    width = len(rows[0])
    return [flat[k:k + width] for k in range(0, len(flat), width)], common


def _ends(hull: Hull) -> tuple[Ends, int]:
    flat, common = over_common([q for row in hull for side in row for q in (side.lo, side.hi)])
    pairs = [(flat[k], flat[k + 1]) for k in range(0, len(flat), 2)]
    width = len(hull[0])
    return [pairs[k:k + width] for k in range(0, len(pairs), width)], common


def _corners(ends: Ends) -> Iterator[Integers]:
    """In the theory's order: entries by rows, the first that varies changes slowest, low ends first."""
    width = len(ends[0])
    for flat in choices(*([lo] if lo == hi else [lo, hi] for row in ends for lo, hi in row)):
        yield [list(flat[k:k + width]) for k in range(0, len(flat), width)]


def _varies_little(ends: Ends) -> bool:
    return sum(lo != hi for row in ends for lo, hi in row) <= MAX_VARYING


def _at_corners(ends: Ends, matrix: Callable[[Integers], Integers]) -> str | None:
    """One factor for each corner."""
    found: list[str] = []
    for corner in _corners(ends):
        one = find_factor(matrix(corner))
        if one is None:
            return None
        found.append(factor(one))
    return f"(Corners {items(found)})"


def _by_radius(center: Integers, radius: Integers) -> str | None:
    """One factor of the scaled center matrix less the radii; ``center`` and ``radius`` are twice what they say, as in the theory."""
    size = range(len(center))
    if any(center[i][i] < 0 for i in size):
        return None
    bits = [center[i][i].bit_length() // 2 for i in size]
    scales = [1 << (max(bits) - b) for b in bits]
    shrunk = [[2 * scales[i] * scales[j] * center[i][j] for j in size] for i in size]
    for i in size:
        shrunk[i][i] -= scales[i] * sum(scales[k] * (radius[i][k] + radius[k][i]) for k in size)
    found = find_factor(shrunk)
    return None if found is None else f"(Radius {items([integer(s) for s in scales])} {factor(found)})"


def _absolute(rows: Integers) -> Integers:
    return [[abs(e) for e in row] for row in rows]


def _centers(ends: Ends) -> Integers:
    return [[lo + hi for lo, hi in row] for row in ends]


def _radii(ends: Ends) -> Integers:
    return [[hi - lo for lo, hi in row] for row in ends]


@dataclass(frozen=True, slots=True)
class Metric:
    """A positive definite matrix as integers over a denominator that is large enough to see its least eigenvalue, with the witness."""

    rows: Integers
    common: int
    witness: str

    @property
    def text(self) -> str:
        """The ``matrix`` of the theory."""
        return f"(Matrix {integer(self.common)} {items([items([integer(e) for e in row]) for row in self.rows])})"


def metric_of(metric: Rows) -> Metric | None:
    """With (lam, factor) for P - (lam/den) I >= 0, lam >= 1: a power of two. None where P is not shown to be definite."""
    rows, common = integers(metric)
    size = range(len(rows))
    for bits in (0, 8, 24, 64, 160):
        scaled = [[e << bits for e in row] for row in rows]
        lam = 1 << max(0, min(scaled[i][i] for i in size).bit_length() - 2)
        while lam:
            found = find_factor([[scaled[i][j] - (lam if i == j else 0) for j in size] for i in size])
            if found is not None:
                return Metric(scaled, common << bits, f"({integer(lam)}%Z, {factor(found)})")
            lam >>= 6
    return None


def monotone_witness(rows: Integers, margin: Fraction, hull: Hull) -> str | None:
    """For q P B - p d P >= 0 over the hull, d its denominator and margin = p/q."""
    return _monotone(rows, margin.numerator, margin.denominator, *_ends(hull))


def _monotone(rows: Integers, p: int, q: int, ends: Ends, d: int) -> str | None:
    """With the ends of the intervals over the denominator d."""

    def affine(over: int, least: int, left: Integers, right: Integers) -> Integers:
        return [[over * e - least * m for e, m in zip(r, s, strict=True)] for r, s in zip(integer_product(left, right), left, strict=True)]

    if _varies_little(ends):
        return _at_corners(ends, lambda corner: affine(q, p * d, rows, corner))
    return _by_radius(affine(q, 2 * p * d, rows, _centers(ends)), affine(q, 0, _absolute(rows), _radii(ends)))


def _step_matrix(steps: Sequence[int], unit: int, rows: Integers) -> Integers:
    return [[(unit if i == j else 0) - h * e for j, e in enumerate(row)] for i, (h, row) in enumerate(zip(steps, rows, strict=True))]


def _transposed(rows: Integers) -> Integers:
    return [list(column) for column in zip(*rows, strict=True)]


def step_witness(rows: Integers, steps: Sequence[Fraction], rate: Fraction, hull: Hull) -> str | None:
    """For p e^2 P - q S'PS >= 0 over the hull, S = e (I - HA) and rate = p/q; by radius for the Schur complement."""
    p, q = rate.numerator, rate.denominator
    sized, below = over_common(steps)
    ends, d = _ends(hull)
    e, size = below * d, range(len(rows))

    def shrinks(corner: Integers) -> Integers:
        step = _step_matrix(sized, e, corner)
        grown = integer_product(_transposed(step), integer_product(rows, step))
        return [[p * e * e * rows[i][j] - q * grown[i][j] for j in size] for i in size]

    if _varies_little(ends):
        return _at_corners(ends, shrinks)
    mixed = integer_product(rows, _step_matrix(sized, 2 * e, _centers(ends)))
    spread = integer_product(_absolute(rows), [[abs(h) * r for r in row] for h, row in zip(sized, _radii(ends), strict=True)])
    zeros = [0] * len(rows)
    center = [[2 * p * e * a for a in row] + zeros for row in rows] + [
        [2 * q * a for a in left] + [2 * q * e * a for a in right] for left, right in zip(mixed, rows, strict=True)]
    radius = [zeros + zeros for _ in size] + [[2 * q * a for a in row] + zeros for row in spread]
    return _by_radius(center, radius)


def _block(hull: Hull, rows: range, columns: range) -> list[list[Interval]]:
    return [[hull[r][c] for c in columns] for r in rows]


def curvature_witness(hull: Hull, block: range, least: int, under: int) -> str | None:
    """For v'Bv >= least / under |v|^2 over the diagonal block; the quotient need not be reduced: the theory takes both as they are."""
    unit = [[int(i == j) for j in block] for i in block]
    ends, d = _ends(hull)  # the theory takes the denominator of the whole hull
    return _monotone(unit, least, under, [[ends[r][c] for c in block] for r in block], d)


def norm_witness(hull: Hull, rows: range, columns: range, most: int, under: int) -> str | None:
    """For |Bv| <= most / under |v| over the block, not reduced; nothing is needed for single entries and zero blocks."""
    part = _block(hull, rows, columns)
    if len(rows) == len(columns) == 1 or not any(side.lo or side.hi for row in part for side in row):
        bound = max(max(abs(side.lo), abs(side.hi)) for row in part for side in row)
        return NONE if bound * under <= most else None
    p, q = most, under
    whole, d = _ends(hull)  # the theory takes the denominator of the whole hull
    ends = [[whole[r][c] for c in columns] for r in rows]
    wide, high = len(columns), len(rows)
    top = 2 * p * d
    center = [[top if i == j else 0 for j in range(wide)] + [0] * high for i in range(wide)] + [
        [2 * q * (lo + hi) for lo, hi in row] + [top if i == j else 0 for j in range(high)] for i, row in enumerate(ends)]
    radius = [[0] * (wide + high) for _ in range(wide)] + [[2 * q * (hi - lo) for lo, hi in row] + [0] * high for row in ends]
    return _by_radius(center, radius)


def growth_witness(rows: Integers, below: int, steps: Sequence[Fraction], least: Fraction, hull: Hull) -> str | None:
    """For (S'QS - Q) >= least I over the hull, S = I - HA, by center and radius of exact interval products."""
    p, q = least.numerator, least.denominator
    sized, under = over_common(steps)
    ends, d = _ends(hull)
    e, size = under * d, range(len(rows))
    step, spread = _step_matrix(sized, 2 * e, _centers(ends)), [[abs(h) * r for r in row] for h, row in zip(sized, _radii(ends), strict=True)]
    moved, moved_spread = integer_product(rows, step), integer_product(_absolute(rows), spread)
    low, high = [[0] * len(rows) for _ in size], [[0] * len(rows) for _ in size]
    for i in size:
        for j in size:
            for k in size:
                x, y, z, w = step[k][i], spread[k][i], moved[k][j], moved_spread[k][j]
                corners = ((x - y) * (z - w), (x - y) * (z + w), (x + y) * (z - w), (x + y) * (z + w))
                low[i][j] += min(corners)
                high[i][j] += max(corners)
    center = [[q * (low[i][j] + high[i][j]) - 8 * q * e * e * rows[i][j] - (8 * p * below * e * e if i == j else 0) for j in size] for i in size]
    radius = [[q * (high[i][j] - low[i][j]) for j in size] for i in size]
    return _by_radius(center, radius)
