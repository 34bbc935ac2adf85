"""Exact replays: what floats report as a violation is computed again from the same points before anything is said.

A float is a rational number, so a pair of points that simulation has found is an exact instance. Fields of polynomial and rational
games are evaluated at it without error; where elementary functions occur, within 2^-200 relative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from epsdelta.certificates.kernel.problem import Problem
from epsdelta.exact.expression import tape
from epsdelta.exact.interval import enclose, point
from epsdelta.problems.project import project_box, project_simplex

__all__ = ["pair_contracts", "pair_is_monotone", "step_stays"]

PRECISION = 256
SLACK = Fraction(1, 2**150)
"""Relative room for the enclosures' width: far above it, and far below any excess that floats can show."""
Vector = list[Fraction]


def _field(problem: Problem, x: Sequence[Fraction]) -> Vector:
    """F(x): exact for linear fields, otherwise the middle of a 256-bit enclosure."""
    if problem.matrix is not None and problem.offset is not None:
        return [sum((a * e for a, e in zip(row, x, strict=True)), b) for row, b in zip(problem.matrix, problem.offset, strict=True)]
    return [(side.lo + side.hi) / 2 for side in enclose(tape(problem.gradients), [point(e) for e in x], PRECISION)]


def _step(problem: Problem, steps: Sequence[Fraction], x: Vector) -> Vector:
    """One step of projected gradient play."""
    moved = [e - h * f for e, h, f in zip(x, steps, _field(problem, x), strict=True)]
    for block, constraint in zip(problem.blocks, problem.constraints, strict=True):
        part = moved[block.start:block.stop]
        if constraint.kind == "simplex":
            part = project_simplex(part, constraint.total)
        elif constraint.kind == "box" and problem.region is not None:
            part = project_box(part, problem.region[block.start:block.stop])
        moved[block.start:block.stop] = part
    return moved


def _repeated(problem: Problem, values: Sequence[str]) -> Vector:
    """Each player's number once per coordinate."""
    return [Fraction(value) for block, value in zip(problem.blocks, values, strict=True) for _ in block]


def _form(metric: Sequence[Sequence[Fraction]], x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
    return sum((a * p * b for a, row in zip(x, metric, strict=True) for p, b in zip(row, y, strict=True) if p), Fraction(0))


def _metric(problem: Problem, claim: Mapping[str, Any]) -> list[Vector]:
    if claim["kind"] == "small_gain":
        weights = _repeated(problem, claim["weights"])
        return [[w if i == j else Fraction(0) for j in range(len(weights))] for i, w in enumerate(weights)]
    return [[Fraction(entry) for entry in row] for row in claim["metric"]]


def _exact(values: Any) -> Vector:
    return [Fraction(float(value)) for value in values]


def pair_is_monotone(problem: Problem, claim: Mapping[str, Any], first: Any, second: Any) -> bool:
    """Whether <F(x) - F(y), x - y>_P >= margin |x - y|_P^2 at this pair.

    Args:
        problem: the kernel's reading of the game.
        claim: of the kind small_gain, strong_monotonicity or equilibrium, as in the file.
        first: x, floats.
        second: y, floats.
    """
    x, y = _exact(first), _exact(second)
    metric, moves = _metric(problem, claim), [a - b for a, b in zip(x, y, strict=True)]
    changes = [a - b for a, b in zip(_field(problem, x), _field(problem, y), strict=True)]
    size = _form(metric, moves, moves)
    return _form(metric, moves, changes) >= (Fraction(claim["margin"]) - SLACK) * size


def pair_contracts(problem: Problem, claim: Mapping[str, Any], first: Any, second: Any) -> bool:
    """Whether one step shrinks the certified distance of this pair by the certified rate.

    Args:
        problem: the kernel's reading of the game.
        claim: of the kind step_contraction, convergence or schur_step, as in the file.
        first: x, floats.
        second: y, floats.
    """
    x, y = _exact(first), _exact(second)
    steps = _repeated(problem, claim["step_sizes"])
    moves = [a - b for a, b in zip(x, y, strict=True)]
    moved = [a - b for a, b in zip(_step(problem, steps, x), _step(problem, steps, y), strict=True)]
    if claim["kind"] in ("step_contraction", "convergence"):
        metric = _metric(problem, claim)
        return _form(metric, moved, moved) <= (Fraction(claim["rate_squared"]) + SLACK) * _form(metric, moves, moves)
    before, after = (max(sum((e * e for e in part[block.start:block.stop]), Fraction(0)) / Fraction(v) ** 2
                         for block, v in zip(problem.blocks, claim["scales"], strict=True)) for part in (moves, moved))
    return after <= (Fraction(claim["rate"]) ** 2 + SLACK) * before


def step_stays(problem: Problem, claim: Mapping[str, Any], start: Any) -> bool:
    """Whether one step from a point of the certified ball ends in the ball; of a point outside nothing is claimed.

    Args:
        problem: the kernel's reading of the game.
        claim: of the kind convergence with a center and a radius, as in the file.
        start: x, floats.
    """
    x = _exact(start)
    metric, center, most = _metric(problem, claim), [Fraction(entry) for entry in claim["center"]], Fraction(claim["radius"]) ** 2
    before, after = ([a - c for a, c in zip(place, center, strict=True)]
                     for place in (x, _step(problem, _repeated(problem, claim["step_sizes"]), x)))
    return _form(metric, before, before) > most or _form(metric, after, after) <= most * (1 + SLACK)
