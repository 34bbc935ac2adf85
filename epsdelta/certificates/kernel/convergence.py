"""The claim that gradient play converges: it cannot leave a set, contracts there, and its limit is the only equilibrium of the set."""

from __future__ import annotations

from epsdelta.certificates.kernel import reader
from epsdelta.certificates.kernel.cover import field_at
from epsdelta.certificates.kernel.judge import require
from epsdelta.certificates.kernel.metric import norm_squared, require_ball, require_contraction
from epsdelta.certificates.kernel.problem import Problem
from epsdelta.exact.interval import Interval

__all__ = ["check_convergence"]


def check_convergence(problem: Problem, claim: object, witness: object, path: str) -> str:
    """(I - HJ)'P(I - HJ) <= rate_squared P < P on the region, and a set K in it that one step T does not leave.

    K is all of space or, with constraints, all strategies where the region contains them (``center`` and ``radius`` null); or, for
    players without constraints, the ball {|x - c|_P <= r} inside the region. With root^2 >= rate_squared, root < 1, T keeps the ball if
    |T(c) - c|_P = |HF(c)|_P <= (1 - root) r, since |T(x) - c|_P <= root |x - c|_P + |T(c) - c|_P. K is closed and not empty, so
    Banach's theorem gives one fixed point x* in K, and |x_k - x*|_P^2 <= rate_squared^k |x_0 - x*|_P^2 from each start in K. Fixed points
    of the projected step with positive steps per player are the solutions of the Nash variational inequality, zeros of F where nobody is
    constrained, and there is no other one in the region, where T contracts.
    """
    given = reader.fields(claim, f"{path}.claim", ("kind", "step_sizes", "metric", "rate_squared", "center", "radius"))
    proof = reader.fields(witness, f"{path}.witness", ("split", "root"))
    steps, metric, rate = require_contraction(problem, given, proof["split"], path)
    play = f"Gradient play with steps ({', '.join(map(str, steps))})"
    if given["center"] is None:
        require(given["radius"] is None and proof["root"] is None, "no radius and no root without a center")
        require(problem.contains_strategies, "the region contains all strategies, or there is a ball")
        goal = "every start to the only zero of the field" if problem.is_free else (
            "every strategy profile to the only solution of Nash's variational inequality")
        return f"{play} converges from {goal}; squared distances to it in P shrink by {rate} per step."
    center = reader.vector(given["center"], f"{path}.claim.center", problem.dimension)
    radius = reader.rational_at(given["radius"], f"{path}.claim.radius")
    root = reader.rational_at(proof["root"], f"{path}.witness.root")
    require(problem.is_free, "no player is constrained, where a ball is claimed")
    require(radius >= 0 and 0 <= root < 1 and root * root >= rate, "radius >= 0, 0 <= root < 1 and root^2 >= rate_squared")
    require_ball(problem, metric, center, radius)
    moved = [[Interval(h * e.lo, h * e.hi)] for h, e in zip(problem.per_coordinate(steps), field_at(problem, center), strict=True)]
    require(norm_squared(metric, moved) <= ((1 - root) * radius) ** 2, "|HF(center)|_P <= (1 - root) radius")
    return (f"{play} stays within P-distance {radius} of ({', '.join(map(str, center))}) from each start there and converges to the only zero "
            f"of the field in the region; squared distances to it in P shrink by {rate} per step.")
