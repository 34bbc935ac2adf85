"""Claims in a metric P: strong monotonicity, contraction of a step, the equilibrium's enclosure, local instability, refuted
structures."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import cast

from epsdelta.certificates.kernel import reader
from epsdelta.certificates.kernel.cover import Cover, field_at, read_cover, require_domain
from epsdelta.certificates.kernel.forms import is_monotone_at, shrinks_at
from epsdelta.certificates.kernel.judge import require
from epsdelta.certificates.kernel.matrices import (
    IntervalMatrix,
    all_definite,
    definite,
    identity,
    multiply,
    of_rationals,
    product,
    scale,
    subtract,
    transpose,
    transposed,
)
from epsdelta.certificates.kernel.problem import Problem
from epsdelta.exact.interval import Interval

__all__ = ["check_equilibrium", "check_no_metric", "check_step_contraction", "check_strong_monotonicity", "check_unstable_equilibrium",
           "contracts", "is_monotone", "norm_squared", "require_ball", "require_contraction"]

Matrix = list[list[Fraction]]
MAX_VARYING = 6


def _read_metric(value: object, path: str, problem: Problem) -> Matrix:
    """A symmetric positive definite matrix; the same object where an earlier statement wrote the same."""
    for written, metric in problem.metrics:
        if value == written:
            return metric
    metric = reader.matrix(value, path, problem.dimension, problem.dimension)
    require(metric == transposed(metric), "the metric is symmetric")
    require(definite(metric, strict=True), "the metric is positive definite")
    problem.metrics.append(([list(row) for row in cast("list[list[object]]", value)], metric))
    return metric


def _require_monotone(cover: Cover, metric: Matrix, margin: Fraction) -> None:
    """P J + J'P - 2 a P >= 0 on every leaf, hence, integrating along segments, <F(x)-F(y), x-y>_P >= a |x-y|_P^2.

    Not shown twice: as P > 0, a margin that is shown on the same leaves serves every smaller one.
    """
    margins = cover.problem.margins
    if any(known is metric and margin <= least and cover.leaves == leaves for known, least, leaves in margins):
        return
    what = f"sym(P J) >= {margin} P on every leaf"
    constant = cover.constant()
    if constant is not None:
        require(is_monotone_at(metric, constant, margin), what)
    else:
        for jacobian in cover.jacobians():
            require(is_monotone(jacobian, metric, margin), what)
    margins.append((metric, margin, cover.leaves))


def is_monotone(jacobian: IntervalMatrix, metric: Matrix, margin: Fraction) -> bool | None:
    """Whether sym(P J) >= margin P for every member of an interval matrix."""
    corners = _vertices(jacobian)
    if corners is not None:
        return _all(is_monotone_at(metric, corner, margin) for corner in corners)
    least = of_rationals([[margin * p for p in row] for row in metric])
    return all_definite(subtract(multiply(of_rationals(metric), jacobian), least))


def _vertices(jacobian: IntervalMatrix) -> list[Matrix] | None:
    """The corners of an interval matrix with at most ``MAX_VARYING`` entries that vary, else None.

    Both tests below are convex in the Jacobian for the order of definiteness, so they hold on the whole family if they hold at
    its corners.
    """
    varying = [(r, c) for r, row in enumerate(jacobian) for c, e in enumerate(row) if e.lo != e.hi]
    if len(varying) > MAX_VARYING:
        return None
    corners: list[Matrix] = []
    for pick in range(1 << len(varying)):
        corner = [[e.lo for e in row] for row in jacobian]
        for k, (r, c) in enumerate(varying):
            if pick >> k & 1:
                corner[r][c] = jacobian[r][c].hi
        corners.append(corner)
    return corners


def check_strong_monotonicity(problem: Problem, claim: object, witness: object, path: str) -> str:
    """P > 0 and P J(x) + J(x)'P >= 2 a P on the region."""
    given = reader.fields(claim, f"{path}.claim", ("kind", "metric", "margin"))
    proof = reader.fields(witness, f"{path}.witness", ("split",))
    margin = reader.rational_at(given["margin"], f"{path}.claim.margin")
    require(margin > 0, "the margin is positive")
    metric = _read_metric(given["metric"], f"{path}.claim.metric", problem)
    _require_monotone(read_cover(proof["split"], f"{path}.witness.split", problem), metric, margin)
    return (f"The field is strongly monotone with margin {margin} in the metric P on the region: at most one zero there, and "
            f"distances of solutions of x' = -F(x){_projected(problem, metric)} decay like exp(-{margin} t) while both stay in the region.")


def _projected(problem: Problem, metric: Matrix) -> str:
    """The flow that a metric's monotonicity speaks of: with constraints that it does not respect, only the unprojected one."""
    if problem.is_free:
        return ""
    return ", projected on the constraints," if _respects_constraints(problem, metric) else " without projection"


def _respects_constraints(problem: Problem, metric: Matrix) -> bool:
    """Whether projecting each player separately is the projection in the metric P: box players need a diagonal block of their
    own,
    simplex players a multiple of the identity."""
    for block, constraint in zip(problem.blocks, problem.constraints, strict=True):
        if constraint.kind == "free":
            continue
        if any(metric[r][c] for r in block for c in range(problem.dimension) if c != r):
            return False
        if constraint.kind == "simplex" and any(metric[r][r] != metric[block.start][block.start] for r in block):
            return False
    return True


def check_step_contraction(problem: Problem, claim: object, witness: object, path: str) -> str:
    """(I - HJ(x))' P (I - HJ(x)) <= rate_squared P on the region, so one (projected) step contracts by sqrt(rate_squared) in P.

    On a leaf where J is an interval matrix the equivalent Schur complement [[rate_squared P, A'P], [PA, P]] >= 0 is used, which
    is linear in A.
    """
    given = reader.fields(claim, f"{path}.claim", ("kind", "step_sizes", "metric", "rate_squared"))
    proof = reader.fields(witness, f"{path}.witness", ("split",))
    steps, _, rate = require_contraction(problem, given, proof["split"], path)
    where = "for all starts" if problem.region is None else (
        "iterates cannot leave the region" if problem.contains_strategies else "as long as iterates stay in the region")
    return f"Gradient play with steps ({', '.join(map(str, steps))}) contracts: squared distances in P shrink by {rate} per step; {where}."


def require_contraction(problem: Problem, given: dict[str, object], split: object, path: str) -> tuple[list[Fraction], Matrix, Fraction]:
    """Steps, metric and squared rate of a claim, after the proof that one projected step contracts so on the region."""
    steps = reader.vector(given["step_sizes"], f"{path}.claim.step_sizes", len(problem.blocks))
    rate = reader.rational_at(given["rate_squared"], f"{path}.claim.rate_squared")
    require(min(steps) > 0 and 0 <= rate < 1, "the steps are positive and 0 <= rate_squared < 1")
    metric = _read_metric(given["metric"], f"{path}.claim.metric", problem)
    require(_respects_constraints(problem, metric), "the metric respects the constraints (diagonal on box players, r*I on simplex players)")
    cover, what = read_cover(split, f"{path}.witness.split", problem), "(I - HJ)'P(I - HJ) <= rate_squared P on every leaf"
    constant = cover.constant()
    if constant is not None:
        require(shrinks_at(metric, constant, problem.per_coordinate(steps), rate), what)
    else:
        for jacobian in cover.jacobians():
            require(contracts(problem, jacobian, steps, metric, rate), what)
    return steps, metric, rate


def _step_map(problem: Problem, jacobian: IntervalMatrix, steps: list[Fraction]) -> IntervalMatrix:
    """A = I - H J."""
    sized = problem.per_coordinate(steps)
    moved = [scale(h, [row])[0] for h, row in zip(sized, jacobian, strict=True)]
    return subtract(of_rationals(identity(problem.dimension)), moved)


def contracts(problem: Problem, jacobian: IntervalMatrix, steps: list[Fraction], metric: Matrix, rate: Fraction) -> bool | None:
    """Whether (I - HJ)'P(I - HJ) <= rate P for every member of an interval matrix."""
    corners = _vertices(jacobian)
    if corners is not None:
        return _all(shrinks_at(metric, corner, problem.per_coordinate(steps), rate) for corner in corners)
    step = _step_map(problem, jacobian, steps)
    mixed = multiply(of_rationals(metric), step)
    corner = of_rationals([[rate * p for p in row] for row in metric])
    top = [a + b for a, b in zip(corner, transpose(mixed), strict=True)]
    bottom = [a + b for a, b in zip(mixed, of_rationals(metric), strict=True)]
    return all_definite(top + bottom)


def _all(answers: Iterable[bool | None]) -> bool | None:
    """False as soon as one answer is False, else None if one is None."""
    open_ = False
    for answer in answers:
        if answer is False:
            return False
        open_ = open_ or answer is None
    return None if open_ else True


def check_equilibrium(problem: Problem, claim: object, witness: object, path: str) -> str:
    """sym(PJ) >= a P on the region, the ball {|x - c|_P <= r} inside it and |F(c)|_P <= a r: exactly one zero, and it is in the
    ball."""
    given = reader.fields(claim, f"{path}.claim", ("kind", "metric", "margin", "center", "radius"))
    proof = reader.fields(witness, f"{path}.witness", ("split",))
    margin = reader.rational_at(given["margin"], f"{path}.claim.margin")
    radius = reader.rational_at(given["radius"], f"{path}.claim.radius")
    center = reader.vector(given["center"], f"{path}.claim.center", problem.dimension)
    require(margin > 0 and radius >= 0, "the margin is positive and the radius is not negative")
    require(all(c.kind != "simplex" for c in problem.constraints), "no player is confined to a simplex")
    metric = _read_metric(given["metric"], f"{path}.claim.metric", problem)
    require_ball(problem, metric, center, radius)
    residual = [[value] for value in field_at(problem, center)]
    require(norm_squared(metric, residual) <= (margin * radius) ** 2, "|F(center)|_P <= margin * radius")
    _require_monotone(read_cover(proof["split"], f"{path}.witness.split", problem), metric, margin)
    return (f"The field has exactly one zero in the region, within P-distance {radius} of ({', '.join(map(str, center))})"
            f"{_further_solutions(problem, metric)}.")


def _further_solutions(problem: Problem, metric: Matrix) -> str:
    """What a zero says of the constrained game, <F(x), y - x> >= 0 for all strategies y: a free player's may lie outside the region."""
    if problem.is_free:
        return ""
    if _respects_constraints(problem, metric):
        return "; it is the only solution of Nash's variational inequality" + ("" if problem.contains_strategies else " in the region")
    return f"; further solutions on the boundary{'' if problem.contains_strategies else ' or outside the region'} are not excluded"


def require_ball(problem: Problem, metric: Matrix, center: list[Fraction], radius: Fraction) -> None:
    """{|x - center|_P <= radius} lies inside the region; where radius > 0, the center lies strictly inside."""
    for k, (place, side) in enumerate(zip(center, problem.region or (), strict=problem.region is not None)):
        reach = min(place - side.lo, side.hi - place)
        require(reach >= 0 and (radius == 0 or reach > 0), f"the center lies inside the region in variable {k}")
        if radius > 0:  # max of |x_k - c_k| on the ball is r sqrt((P^-1)_kk) <= reach iff P - (r/reach)^2 e_k e_k' >= 0
            inside = [[p - ((radius / reach) ** 2 if i == j == k else 0) for j, p in enumerate(row)] for i, row in enumerate(metric)]
            require(definite(inside, strict=False), f"the ball stays inside the region in variable {k}")


def norm_squared(metric: Matrix, residual: IntervalMatrix) -> Fraction:
    """An upper bound of r'Pr over the members of an interval column; exact for an exact one."""
    if all(e.lo == e.hi for row in residual for e in row):
        column = [[e.lo for e in row] for row in residual]
        return product(transposed(column), product(metric, column))[0][0]
    return multiply(transpose(residual), multiply(of_rationals(metric), residual))[0][0].hi


def check_unstable_equilibrium(problem: Problem, claim: object, witness: object, path: str) -> str:
    """A zero exists in the box |x - c| <= r (interval Newton) and every A = I - HJ(x) on the box has an eigenvalue outside the
    unit circle.

    Existence and uniqueness: x -> x - Y F(x) maps the box into its interior when |Y F(c)| + |I - Y J(box)| r < r. Instability:
    A'QA - Q > 0 and
    z'Qz >= 0, z != 0 exclude spectral radius < 1 (x'Qx would grow along A^k z) and = 1 (Av = cv with |c| = 1 gives v*(A'QA -
    Q)v = 0).
    """
    given = reader.fields(claim, f"{path}.claim", ("kind", "step_sizes", "center", "radius"))
    proof = reader.fields(witness, f"{path}.witness", ("inverse", "form", "vector"))
    size = problem.dimension
    steps = reader.vector(given["step_sizes"], f"{path}.claim.step_sizes", len(problem.blocks))
    center = reader.vector(given["center"], f"{path}.claim.center", size)
    radius = reader.rational_at(given["radius"], f"{path}.claim.radius")
    inverse = reader.matrix(proof["inverse"], f"{path}.witness.inverse", size, size)
    form = reader.matrix(proof["form"], f"{path}.witness.form", size, size)
    vector = reader.vector(proof["vector"], f"{path}.witness.vector", size)
    require(min(steps) > 0 and radius > 0, "the steps and the radius are positive")
    require(all(c.kind != "simplex" for c in problem.constraints), "no player is confined to a simplex")
    box = tuple(Interval(c - radius, c + radius) for c in center)
    if problem.region is not None:
        require(all(side.lo < b.lo and b.hi < side.hi for side, b in zip(problem.region, box, strict=True)),
                "the box is inside the region")
    (jacobian,) = Cover(problem, (box,)).jacobians()
    moved = multiply(of_rationals(inverse), [[value] for value in field_at(problem, center)])
    defect = subtract(of_rationals(identity(size)), multiply(of_rationals(inverse), jacobian))
    for k in range(size):
        spread = sum((max(abs(e.lo), abs(e.hi)) for e in defect[k]), Fraction(0)) * radius
        require(max(abs(moved[k][0].lo), abs(moved[k][0].hi)) + spread < radius, f"interval Newton stays inside the box, row {k}")
    require(all(form[i][j] == form[j][i] for i in range(size) for j in range(i)), "the form is symmetric")
    step = _step_map(problem, jacobian, steps)
    grown = multiply(transpose(step), multiply(of_rationals(form), step))
    require(all_definite(subtract(grown, of_rationals(form)), strict=True), "A'QA - Q > 0 on the box")
    require(any(vector), "the vector is not zero")
    columns = [[v] for v in vector]
    require(product(transposed(columns), product(form, columns))[0][0] >= 0, "z'Qz >= 0")
    return (f"The zero of the field within {radius} of ({', '.join(map(str, center))}) in each coordinate is linearly unstable "
            f"for the steps ({', '.join(map(str, steps))}): the step's derivative there has spectral radius > 1, so starts as near "
            "as you like leave a neighborhood.")


def check_no_metric(problem: Problem, claim: object, witness: object, path: str) -> str:
    """No P of a structure makes sym(PJ) > 0, by a dual Z >= 0, Z != 0: tr((PJ + J'P)Z) = tr(P(JZ + ZJ')) would be positive and
    is not.

    "players": P = blkdiag(r_i I) (Rosen's condition), refuted when each tr((JZ)_ii) <= 0. "blocks": P = blkdiag(P_i), refuted
    when each
    (JZ + ZJ')_ii <= 0. The field must be linear.
    """
    given = reader.fields(claim, f"{path}.claim", ("kind", "structure"))
    proof = reader.fields(witness, f"{path}.witness", ("dual",))
    structure = reader.choice(given["structure"], f"{path}.claim.structure", ("players", "blocks"))
    dual = reader.matrix(proof["dual"], f"{path}.witness.dual", problem.dimension, problem.dimension)
    require(problem.matrix is not None, "the Jacobian is constant")
    require(all(c.kind != "simplex" for c in problem.constraints), "no player is confined to a simplex")
    require(problem.region is None or all(side.lo < side.hi for side in problem.region), "the region has an interior")
    require_domain(problem, problem.region)
    require(all(dual[i][j] == dual[j][i] for i in range(len(dual)) for j in range(i)), "the dual matrix is symmetric")
    require(any(any(row) for row in dual) and definite(dual, strict=False), "the dual matrix is positive semidefinite and not zero")
    moved = product(problem.matrix or [], dual)
    for i, block in enumerate(problem.blocks):
        if structure == "players":
            require(sum((moved[r][r] for r in block), Fraction(0)) <= 0, f"tr((JZ)_ii) <= 0 for player {i}")
        else:
            own = [[-moved[r][c] - moved[c][r] for c in block] for r in block]
            require(definite(own, strict=False), f"(JZ + ZJ')_ii <= 0 for player {i}")
    shape = "metric of one weight per player (Rosen's condition)" if structure == "players" else "block metric, one block per player,"
    return f"No {shape} makes the field strictly monotone."


