"""From a step that contracts to a set that play does not leave: the convergence claim."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from epsdelta.certificates.claims import Claim, Convergence, SchurStep, Statement, StepContraction
from epsdelta.certificates.enclose import Split, refine
from epsdelta.certificates.kernel.metric import contracts
from epsdelta.certificates.metric import find_equilibrium, step_contraction
from epsdelta.certificates.model import Model
from epsdelta.certificates.rounding import shorten_up
from epsdelta.exact.rational import round_down, round_nearest, sqrt_upper

__all__ = ["convergence"]

Rows = Sequence[Sequence[Fraction]]


def convergence(model: Model, split: Split, steps: Sequence[Fraction], known: Sequence[Statement]) -> Statement | None:
    """Play with these steps converges: in all of space, among all strategies, or in a ball inside the region around an equilibrium.

    Args:
        model: the game.
        split: leaves of the region.
        steps: a step per player.
        known: what is proved already; a metric in which these steps contract is taken from there, or searched for.
    """
    found = _contraction(model, split, steps, [statement.claim for statement in known])
    if found is None:
        return None
    claim, tree = found
    if model.problem.contains_strategies:
        return Statement(Convergence(step_sizes=claim.step_sizes, metric=claim.metric, rate_squared=claim.rate_squared, center=None,
                                     radius=None), {"split": tree, "root": None})
    return _ball(model, claim, tree) if model.problem.is_free else None


def _contraction(model: Model, split: Split, steps: Sequence[Fraction], known: Sequence[Claim]) -> tuple[StepContraction, object] | None:
    """A contraction claim for the steps with a split tree that proves it."""
    steps = tuple(steps)
    for claim in reversed(known):
        if isinstance(claim, StepContraction) and tuple(claim.step_sizes) == steps:
            candidate = claim
        elif isinstance(claim, SchurStep) and tuple(claim.step_sizes) == steps and claim.weights is not None:
            sized = [w for w, block in zip(claim.weights, model.problem.blocks, strict=True) for _ in block]
            metric = [[w if i == j else Fraction(0) for j in range(len(sized))] for i, w in enumerate(sized)]
            candidate = StepContraction(step_sizes=steps, metric=metric, rate_squared=shorten_up(claim.rate**2))
        else:
            continue
        cover = _cover(model, candidate)
        if cover is not None and candidate.rate_squared < 1:
            return candidate, cover.preorder()
    statement = step_contraction(model, split, steps)
    if statement is None or statement.witness is None or not isinstance(statement.claim, StepContraction):
        return None
    return statement.claim, statement.witness["split"]


def _cover(model: Model, claim: StepContraction) -> Split | None:
    metric, steps = [list(row) for row in claim.metric], list(claim.step_sizes)
    return refine(model, lambda jacobian: contracts(model.problem, jacobian, steps, metric, claim.rate_squared) is True)


def _ball(model: Model, claim: StepContraction, tree: object) -> Statement | None:
    """The largest ball around Newton's point that lies inside the region, in floats, a little smaller."""
    region, point = model.problem.region, find_equilibrium(model)
    if region is None or point is None:
        return None
    center = [round_nearest(Fraction(float(x)), 44) for x in point]
    reach = np.array([float(min(c - side.lo, side.hi - c)) for c, side in zip(center, region, strict=True)])
    spread = np.diag(np.linalg.inv(np.array([[float(e) for e in row] for row in claim.metric])))
    radius = round_down(Fraction(float((reach / np.sqrt(spread)).min())) * (1 - Fraction(1, 2**20)), 60)
    made = Convergence(step_sizes=claim.step_sizes, metric=claim.metric, rate_squared=claim.rate_squared, center=center, radius=radius)
    return Statement(made, {"split": tree, "root": shorten_up(sqrt_upper(claim.rate_squared, 60))}) if radius > 0 else None
