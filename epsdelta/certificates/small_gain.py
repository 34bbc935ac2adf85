"""Search for Small-Gain Nash and Schur-step witnesses: block constants, Perron vectors, bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from epsdelta.certificates.claims import SchurStep, SmallGain, Statement
from epsdelta.certificates.enclose import Split
from epsdelta.certificates.kernel.matrices import IntervalMatrix, definite
from epsdelta.certificates.rounding import above, below, eigenvalues, scales_near, shorten_down, shorten_up
from epsdelta.exact.rational import sqrt_lower

__all__ = ["BlockConstants", "block_constants", "schur_step", "small_gain", "why_no_small_gain"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockConstants:
    """mu_i, l_i, L_ij valid on the region, with the split tree behind them."""

    curvature: tuple[Fraction, ...]
    own: tuple[Fraction, ...]
    coupling: tuple[tuple[Fraction, ...], ...]
    split: Split

    @property
    def gain(self) -> list[list[Fraction]]:
        """K = diag(mu) - L."""
        return [[self.curvature[i] if i == j else -e for j, e in enumerate(row)] for i, row in enumerate(self.coupling)]

    def gain_floats(self) -> Array:
        return np.array([[float(e) for e in row] for row in self.gain])

    def step_limits(self) -> tuple[Fraction, ...] | None:
        """2/(mu_i + l_i), or None where the theorem does not apply."""
        sums = [mu + own for mu, own in zip(self.curvature, self.own, strict=True)]
        return tuple(2 / s for s in sums) if min(sums) > 0 else None


def block_constants(blocks: Sequence[range], split: Split) -> BlockConstants:
    """Block constants from the leaf enclosures: exact for scalar blocks, float norms with slack for larger ones (the kernel
    checks both)."""
    jacobians = [leaf.jacobian for leaf in split.leaves() if leaf.jacobian is not None]
    curvature = [min(_curvature(j, rows) for j in jacobians) for rows in blocks]
    own = [max(_norm(j, rows, rows) for j in jacobians) for rows in blocks]
    coupling = [[Fraction(0) if rows is columns else max(_norm(j, rows, columns) for j in jacobians) for columns in blocks]
                for rows in blocks]
    if any(_is_long(end) for jacobian in jacobians for row in jacobian for entry in row for end in (entry.lo, entry.hi)):
        # Values were rounded: leave room of 2^-38 everywhere, since the prover's intervals are a little wider.
        curvature, own = [mu - abs(mu) / 2**38 for mu in curvature], [norm + norm / 2**38 for norm in own]
        coupling = [[norm + norm / 2**38 for norm in row] for row in coupling]
    return BlockConstants(curvature=tuple(map(shorten_down, curvature)), own=tuple(map(shorten_up, own)),
                          coupling=tuple(tuple(map(shorten_up, row)) for row in coupling), split=split)


def _is_long(value: Fraction) -> bool:
    return value.denominator.bit_length() > 44


def _middle(jacobian: IntervalMatrix, rows: range, columns: range) -> tuple[Array, Array]:
    low = np.array([[float(jacobian[r][c].lo) for c in columns] for r in rows])
    high = np.array([[float(jacobian[r][c].hi) for c in columns] for r in rows])
    return (low + high) / 2, (high - low) / 2


def _curvature(jacobian: IntervalMatrix, rows: range) -> Fraction:
    if len(rows) == 1:
        return jacobian[rows.start][rows.start].lo
    center, radius = _middle(jacobian, rows, rows)
    least = float(np.linalg.eigvalsh((center + center.T) / 2)[0] - ((radius + radius.T) / 2).sum(axis=1).max())
    return below(least, 1e-9 * max(1.0, float(np.abs(center).max())))


def _norm(jacobian: IntervalMatrix, rows: range, columns: range) -> Fraction:
    if len(rows) == len(columns) == 1:
        entry = jacobian[rows.start][columns.start]
        return max(abs(entry.lo), abs(entry.hi))
    center, radius = _middle(jacobian, rows, columns)
    if not center.any() and not radius.any():
        return Fraction(0)
    spread = max(float(radius.sum(axis=1).max()), float(radius.sum(axis=0).max()))
    return above(float(np.linalg.norm(center, 2)) + spread, 1e-9 * max(1.0, float(np.abs(center).max())))


def _perron(matrix: Array) -> tuple[Array, Array]:
    """Positive right and left vectors near the Perron vectors of a nonnegative matrix (made irreducible by a tiny
    perturbation)."""
    size = len(matrix)
    base = matrix + 1e-13 * max(float(matrix.max(initial=0.0)), 1e-300)
    vectors: list[Array] = []
    for side in (base, base.T):
        values, columns = np.linalg.eig(side)
        vector = np.abs(columns[:, int(np.argmax(np.real(values)))])
        vectors.append(np.maximum(vector / vector.max(), 1e-12) if size > 1 else np.ones(1))
    return vectors[0], vectors[1]


def _gain_vectors(gain: Array) -> tuple[Array, Array]:
    shift = float(np.diag(gain).max())
    return _perron(np.maximum(shift * np.eye(len(gain)) - gain, 0.0))


def _least_ratio(rows: Sequence[Sequence[Fraction]], vector: Sequence[Fraction]) -> Fraction:
    return min(sum((a * v for a, v in zip(row, vector, strict=True)), Fraction(0)) / own for row, own in zip(rows, vector, strict=True))


def small_gain(constants: BlockConstants, *, with_bands: bool = True) -> Statement | None:
    """The statement with the closed-form weights w = u/v of the left and right Perron vectors; None when the margin is not
    positive."""
    gain = constants.gain
    right_floats, left_floats = _gain_vectors(constants.gain_floats())
    weights_floats = left_floats / right_floats
    left_floats = left_floats / weights_floats[0]
    right, left = scales_near(right_floats / right_floats[-1]), scales_near(left_floats / right_floats[-1])
    columns = [list(column) for column in zip(*gain, strict=True)]
    margin = shorten_down(min(_least_ratio(gain, right), _least_ratio(columns, left)))
    if margin <= 0:
        return None
    weights = [u / v for u, v in zip(left, right, strict=True)]
    lipschitz = _lipschitz(constants, weights)
    if lipschitz is None:
        return None
    bands, proofs = _bands(constants, weights) if with_bands else ([], [])
    claim = SmallGain(margin=margin, weights=weights, lipschitz=lipschitz, curvature=constants.curvature, own_lipschitz=constants.own,
                      coupling=constants.coupling, bands=bands)
    return Statement(claim, {"split": constants.split.preorder(), "left": left, "right": right, "bands": proofs})


def _lipschitz(constants: BlockConstants, weights: list[Fraction]) -> Fraction | None:
    bound = np.array([[float(constants.own[i] if i == j else e) for j, e in enumerate(row)] for i, row in enumerate(constants.coupling)])
    root = np.sqrt([float(w) for w in weights])
    beta = float(np.linalg.norm(root[:, None] * bound / root[None, :], 2))
    size = len(weights)
    exact = [[constants.own[i] if i == j else e for j, e in enumerate(row)] for i, row in enumerate(constants.coupling)]
    square = [[sum((weights[k] * exact[k][i] * exact[k][j] for k in range(size)), Fraction(0)) for j in range(size)] for i in range(size)]
    for slack in (1e-9, 1e-7, 1e-5, 1e-3):
        claimed = above(max(beta, 1e-12), slack * max(beta, 1e-12))
        residual = [[(claimed**2 * weights[i] if i == j else 0) - e for j, e in enumerate(row)] for i, row in enumerate(square)]
        if definite(residual, strict=False):
            return claimed
    return None


Band = tuple[int, int, Fraction, Fraction]


def _bands(constants: BlockConstants, weights: list[Fraction]) -> tuple[list[Band], list[list[list[Fraction]]]]:
    """Timescale bands of w_k/w_0: the closed form for two players, a bisection along rays to coordinate-wise extremes for
    more."""
    if len(weights) == 2:
        ends = _two_player_band(constants)
        return ([], []) if ends is None else ([(1, 0, *ends)], [[[Fraction(1), ends[0]], [Fraction(1), ends[1]]]])
    if not 2 < len(weights) <= 6:
        return [], []
    bands: list[Band] = []
    proofs: list[list[list[Fraction]]] = []
    for k in range(1, len(weights)):
        low, high = (_extreme_weights(constants, weights, k, sign) for sign in (-1, 1))
        bands.append((k, 0, low[k] / low[0], high[k] / high[0]))
        proofs.append([low, high])
    return bands, proofs


def _two_player_band(constants: BlockConstants) -> tuple[Fraction, Fraction] | None:
    """((sqrt m -+ sqrt(m - L12 L21)) / L21)^2 rounded inwards; None when a coupling vanishes (the band is then unbounded)."""
    m = constants.curvature[0] * constants.curvature[1]
    first, second = constants.coupling[0][1], constants.coupling[1][0]
    if first * second == 0 or m <= first * second:
        return None
    product = 2 * sqrt_lower(m * (m - first * second), 160)
    middle = 2 * m - first * second
    high = (middle + product) / second**2
    return shorten_up(first**2 / second**2 / high, 80), shorten_down(high, 80)


def _is_feasible(constants: BlockConstants, weights: list[Fraction]) -> bool:
    gain, size = constants.gain, len(weights)
    matrix = [[weights[i] * gain[i][j] + weights[j] * gain[j][i] for j in range(size)] for i in range(size)]
    return definite(matrix, strict=False) is True


def _extreme_weights(constants: BlockConstants, weights: list[Fraction], player: int, sign: int) -> list[Fraction]:
    """Weights with C(w, 0) >= 0 and w_player/w_0 near its extreme: a semidefinite program, pulled back to the exact cone."""
    from epsdelta.certificates.sdp import extreme_ratio

    target = extreme_ratio(constants.gain_floats(), [float(w) for w in weights], player, sign)
    if target is None:
        return weights
    goal = scales_near(target)
    for exponent in range(40, 0, -2):
        pull = Fraction(1, 2**exponent)
        mixed = [(1 - pull) * g / goal[0] + pull * w / weights[0] for g, w in zip(goal, weights, strict=True)]
        if _is_feasible(constants, mixed):
            return mixed
    return weights


def why_no_small_gain(constants: BlockConstants) -> str:
    """Why no weights work, in numbers."""
    if min(constants.curvature) <= 0:
        worst = constants.curvature.index(min(constants.curvature))
        return f"player {worst} has curvature {float(constants.curvature[worst]):.6g} <= 0 on the region"
    if len(constants.curvature) == 2:
        loop, product = constants.coupling[0][1] * constants.coupling[1][0], constants.curvature[0] * constants.curvature[1]
        return f"L12*L21 = {float(loop):.6g} >= mu1*mu2 = {float(product):.6g}"
    gains = np.array([[float(e / mu) for e in row] for mu, row in zip(constants.curvature, constants.coupling, strict=True)])
    return f"the gain matrix L_ij/mu_i has spectral radius {float(np.abs(eigenvalues(gains)).max()):.6g} >= 1"


def schur_step(constants: BlockConstants, steps: Sequence[Fraction], *, any_updates: bool) -> Statement | None:
    """The Schur-test step for player steps within 2/(mu_i + l_i); None where they exceed it or the rate is not below 1."""
    limits = constants.step_limits()
    if limits is None or any(h > limit for h, limit in zip(steps, limits, strict=True)):
        return None
    gain = constants.gain
    shrink = [[int(i == j) - h * e for j, e in enumerate(row)] for i, (h, row) in enumerate(zip(steps, gain, strict=True))]
    right_floats, left_floats = _perron(np.array([[float(e) for e in row] for row in shrink]))
    scales = scales_near(right_floats / right_floats[-1])
    left = scales_near(left_floats / left_floats[0])
    rates = [-_least_ratio([[-e for e in row] for row in m], v)
             for m, v in ((shrink, scales), ([list(c) for c in zip(*shrink, strict=True)], left))]
    rate, both = shorten_up(rates[0]), shorten_up(max(rates))
    weights: list[Fraction] | None = None
    if both < 1:
        rate, weights = both, [u / v for u, v in zip(left, scales, strict=True)]
    if rate >= 1:
        return None
    claim = SchurStep(step_sizes=tuple(steps), updates="any" if any_updates else "simultaneous", rate=rate, scales=scales, weights=weights,
                      curvature=constants.curvature, own_lipschitz=constants.own, coupling=constants.coupling)
    return Statement(claim, {"split": constants.split.preorder()})
