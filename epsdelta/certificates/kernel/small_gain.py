"""Claims from block constants: Small-Gain Nash (arXiv 2512.06791) and the Schur-test Euler step.

With blocks J_ij of the Jacobian on the region R,

    mu_i <= lambda_min(sym J_ii),   l_i >= ||J_ii||,   L_ij >= ||J_ij|| (i != j),   K = diag(mu) - L.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from epsdelta.certificates.kernel import reader
from epsdelta.certificates.kernel.cover import read_cover
from epsdelta.certificates.kernel.judge import require, shown
from epsdelta.certificates.kernel.matrices import IntervalMatrix, all_definite, definite
from epsdelta.certificates.kernel.problem import Problem
from epsdelta.exact.interval import Interval, point

__all__ = ["check_schur_step", "check_small_gain"]

Matrix = list[list[Fraction]]


@dataclass(frozen=True, slots=True)
class _Constants:
    """Claimed block constants: curvature mu, own Lipschitz l, coupling L (zero diagonal)."""

    curvature: list[Fraction]
    own: list[Fraction]
    coupling: Matrix

    def gain(self) -> Matrix:
        """K = diag(mu) - L."""
        size = len(self.curvature)
        return [[self.curvature[i] if i == j else -self.coupling[i][j] for j in range(size)] for i in range(size)]


def _read_constants(claim: dict[str, object], path: str, players: int) -> _Constants:
    constants = _Constants(reader.vector(claim["curvature"], f"{path}.curvature", players),
                           reader.vector(claim["own_lipschitz"], f"{path}.own_lipschitz", players),
                           reader.matrix(claim["coupling"], f"{path}.coupling", players, players))
    for i, row in enumerate(constants.coupling):
        require(row[i] == 0 and min(row) >= 0, f"coupling row {i} is nonnegative with a zero diagonal")
    return constants


def _check_constants(problem: Problem, constants: _Constants, split: object, path: str) -> None:
    """The constants hold on every leaf of the region, hence on the region: they are bounds on each point's Jacobian."""
    for jacobian in read_cover(split, path, problem).jacobians():
        for i, rows in enumerate(problem.blocks):
            for j, columns in enumerate(problem.blocks):
                block = [[jacobian[r][c] for c in columns] for r in rows]
                if i == j:
                    require(_curved(block, constants.curvature[i]), f"curvature of player {i} >= {constants.curvature[i]}")
                    require(_bounded(block, constants.own[i]), f"own Lipschitz constant of player {i} <= {constants.own[i]}")
                else:
                    require(_bounded(block, constants.coupling[i][j]), f"coupling[{i}][{j}] <= {constants.coupling[i][j]}")


def _curved(block: IntervalMatrix, least: Fraction) -> bool | None:
    """sym(block) >= least * I."""
    shifted = [[Interval(e.lo - least, e.hi - least) if r == c else e for c, e in enumerate(row)] for r, row in enumerate(block)]
    return all_definite(shifted)


def _bounded(block: IntervalMatrix, most: Fraction) -> bool | None:
    """Spectral norm <= most, from [[most I, B], [B', most I]] >= 0; entrywise for a single row or zero blocks."""
    rows, columns = len(block), len(block[0])
    if rows == columns == 1:
        return max(abs(block[0][0].lo), abs(block[0][0].hi)) <= most
    if not any(e.lo or e.hi for row in block for e in row):
        return most >= 0
    zero, top = point(Fraction(0)), point(most)
    upper = [[top if r == c else zero for c in range(rows)] + block[r] for r in range(rows)]
    lower = [[block[r][c] for r in range(rows)] + [top if c == d else zero for d in range(columns)] for c in range(columns)]
    return all_definite(upper + lower)


def _weighted(constants: _Constants, weights: list[Fraction]) -> Matrix:
    """C(w, 0) = W K + K' W."""
    gain, size = constants.gain(), len(weights)
    return [[weights[i] * gain[i][j] + weights[j] * gain[j][i] for j in range(size)] for i in range(size)]


def check_small_gain(problem: Problem, claim: object, witness: object, path: str) -> str:
    """Margin a with K v >= a v, K'u >= a u, w = u/v: then <F(x)-F(y), x-y>_W >= a |x-y|_W^2 on the region.

    Proof: S = W^{1/2} K W^{-1/2} has S z >= a z and S'z >= a z for z = sqrt(uv) > 0, so sym(S), a symmetric Z-matrix, has least
    eigenvalue
    >= a (Perron-Frobenius); block Cauchy-Schwarz bounds d'WJd from below by sum_ij sqrt(w_i)e_i S_ij sqrt(w_j)e_j with e_i =
    |d_i|.
    ``lipschitz`` = beta holds when B'WB <= beta^2 W for B = diag(l) + L >= 0. A band [i, j, low, high] states that every ratio
    w_i/w_j in
    [low, high] is that of weights with C(w, 0) >= 0: such weights form a convex cone, so both ends with witnesses suffice.
    """
    players = len(problem.blocks)
    given = reader.fields(claim, f"{path}.claim",
                          ("kind", "margin", "weights", "lipschitz", "curvature", "own_lipschitz", "coupling", "bands"))
    proof = reader.fields(witness, f"{path}.witness", ("split", "left", "right", "bands"))
    margin = reader.rational_at(given["margin"], f"{path}.claim.margin")
    beta = reader.rational_at(given["lipschitz"], f"{path}.claim.lipschitz")
    weights = reader.vector(given["weights"], f"{path}.claim.weights", players)
    left = reader.vector(proof["left"], f"{path}.witness.left", players)
    right = reader.vector(proof["right"], f"{path}.witness.right", players)
    constants = _read_constants(given, f"{path}.claim", players)
    require(margin > 0, "the margin is positive")
    require(min(left) > 0 and min(right) > 0, "left and right vectors are positive")
    require(all(w * v == u for w, v, u in zip(weights, right, left, strict=True)), "weights are left / right")
    _require_gains(constants.gain(), right, margin, "K v >= a v")
    _require_gains([list(c) for c in zip(*constants.gain(), strict=True)], left, margin, "K'u >= a u")
    _require_lipschitz(constants, weights, beta)
    sentence = _check_bands(constants, given["bands"], proof["bands"], path)
    _check_constants(problem, constants, proof["split"], f"{path}.witness.split")
    return (f"Small-Gain Nash: with weights ({', '.join(map(str, weights))}) the field is strongly monotone with margin {margin} and "
            f"{beta}-Lipschitz in the weighted norm on the region; flow distances decay like exp(-{margin} t) and Euler steps "
            f"0 < h < {shown(2 * margin / beta**2)} contract while both solutions stay in the region.{sentence}")


def _require_gains(gain: Matrix, vector: list[Fraction], margin: Fraction, what: str) -> None:
    for i, row in enumerate(gain):
        require(sum((g * v for g, v in zip(row, vector, strict=True)), Fraction(0)) >= margin * vector[i], f"{what}, row {i}")


def _require_lipschitz(constants: _Constants, weights: list[Fraction], beta: Fraction) -> None:
    size = len(weights)
    bound = [[constants.own[i] if i == j else constants.coupling[i][j] for j in range(size)] for i in range(size)]
    require(beta > 0 and min(constants.own) >= 0, "the Lipschitz constants are nonnegative, beta positive")
    residual = [[(beta * beta * weights[i] if i == j else Fraction(0))
                 - sum((weights[k] * bound[k][i] * bound[k][j] for k in range(size)), Fraction(0)) for j in range(size)]
                for i in range(size)]
    require(definite(residual, strict=False), f"B'WB <= {beta}^2 W")


def _check_bands(constants: _Constants, claim: object, witness: object, path: str) -> str:
    players = len(constants.curvature)
    bands = reader.items(claim, f"{path}.claim.bands", most=players * players)
    proofs = reader.items(witness, f"{path}.witness.bands", least=len(bands), most=len(bands))
    words: list[str] = []
    for k, (band, proof) in enumerate(zip(bands, proofs, strict=True)):
        place = f"{path}.claim.bands[{k}]"
        i, j, *ends = reader.items(band, place, least=4, most=4)
        first, second = reader.integer(i, f"{place}[0]", 0, players - 1), reader.integer(j, f"{place}[1]", 0, players - 1)
        low, high = (reader.rational_at(end, f"{place}[{2 + n}]") for n, end in enumerate(ends))
        require(first != second and 0 < low <= high, f"band {k} compares two players and has 0 < low <= high")
        for end, weights in zip((low, high), reader.matrix(proof, f"{path}.witness.bands[{k}]", 2, players), strict=True):
            require(min(weights) > 0 and weights[first] == end * weights[second], f"band {k}: the witness has the ratio {end}")
            require(definite(_weighted(constants, weights), strict=False), f"band {k}: C(w, 0) >= 0 at ratio {end}")
        words.append(f" Every ratio w_{first}/w_{second} in [{low}, {high}] admits weights with C(w, 0) >= 0.")
    return "".join(words)


def check_schur_step(problem: Problem, claim: object, witness: object, path: str) -> str:
    """Projected gradient play with player steps h_i <= 2/(mu_i + l_i) contracts by ``rate``.

    With e_i = |x_i - y_i| one step gives e+ <= N e for N = I - diag(h) K >= 0, since a gradient step on J_ii (symmetric,
    mu_i <= J_ii <= l_i) contracts by 1 - h_i mu_i and projections do not expand. N v <= rate v with v > 0 bounds max_i e_i/v_i,
    for
    simultaneous and, as rate <= 1, for sequential and asynchronous updates too (there the points mixed of old and new blocks must
    lie in the region). A round is one sweep, or, asynchronously, a stretch in which every player has updated and no value
    written before the previous round is in use (Bertsekas). If also N'u <= rate u, the Schur test bounds the norm with weights u/v by the
    same rate (simultaneous updates).
    """
    players = len(problem.blocks)
    given = reader.fields(claim, f"{path}.claim",
                          ("kind", "step_sizes", "updates", "rate", "scales", "weights", "curvature", "own_lipschitz", "coupling"))
    proof = reader.fields(witness, f"{path}.witness", ("split",))
    steps = reader.vector(given["step_sizes"], f"{path}.claim.step_sizes", players)
    updates = reader.choice(given["updates"], f"{path}.claim.updates", ("simultaneous", "any"))
    rate = reader.rational_at(given["rate"], f"{path}.claim.rate")
    scales = reader.vector(given["scales"], f"{path}.claim.scales", players)
    constants = _read_constants(given, f"{path}.claim", players)
    require(problem.has_symmetric_blocks(), "each player's own block of the Jacobian is symmetric")
    require(problem.contains_strategies or updates == "simultaneous", "the region contains all points mixed of old and new blocks")
    require(min(scales) > 0 and 0 <= rate < 1, "the scales are positive and 0 <= rate < 1")
    for i, (h, mu, own) in enumerate(zip(steps, constants.curvature, constants.own, strict=True)):
        require(0 < h and mu <= own and h * (mu + own) <= 2, f"0 < h_{i} <= 2 / (mu_{i} + l_{i})")
    gain = constants.gain()
    shrink = [[int(i == j) - steps[i] * gain[i][j] for j in range(players)] for i in range(players)]
    _require_shrinks(shrink, scales, rate, "(I - HK) v <= rate v")
    also = ""
    if given["weights"] is not None:
        weights = reader.vector(given["weights"], f"{path}.claim.weights", players)
        require(min(weights) > 0, "the weights are positive")
        _require_shrinks([list(c) for c in zip(*shrink, strict=True)], [w * v for w, v in zip(weights, scales, strict=True)], rate,
                         "(I - HK)'u <= rate u")
        also = f", and with simultaneous updates in the norm with weights ({', '.join(map(str, weights))})"
    _check_constants(problem, constants, proof["split"], f"{path}.witness.split")
    kind = "simultaneous" if updates == "simultaneous" else "simultaneous, sequential or asynchronous"
    where = "iterates cannot leave the region" if problem.contains_strategies else "as long as iterates stay in the region"
    return (f"Gradient play with steps ({', '.join(map(str, steps))}) and {kind} updates contracts by {rate} "
            f"in each round (a round: every player has updated and no value written before the previous round is in use) in "
            f"max_i |x_i - y_i|/v_i with v = ({', '.join(map(str, scales))}){also}; {where}.")


def _require_shrinks(matrix: Matrix, vector: list[Fraction], rate: Fraction, what: str) -> None:
    for i, row in enumerate(matrix):
        require(min(row) >= 0 and sum((a * v for a, v in zip(row, vector, strict=True)), Fraction(0)) <= rate * vector[i],
                f"{what}, row {i}")
