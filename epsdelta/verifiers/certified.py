"""A certificate against simulation: the certified method from many starts, each step held against the certified rate.

The kernel's proof is exact and needs no simulation. This is the check of the checker: a violation here means that the library has proved
something false, and is reported as the gravest bug there is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from epsdelta.certificates.kernel import check_text
from epsdelta.certificates.kernel.problem import Problem, read_problem
from epsdelta.certificates.model import float_operations
from epsdelta.exact.expression import tape
from epsdelta.problems.project import project_box_batch, project_simplex_batch
from epsdelta.verifiers.replay import pair_contracts, pair_is_monotone, step_stays
from epsdelta.verifiers.report import Finding, Outcome

__all__ = ["Held", "simulate_certificate"]

TOLERANCE = 1e-7
"""Relative excess that the rounding of close pairs can explain."""
GRAVEST = "the kernel accepts the statement and simulation contradicts it: this is the gravest bug there is, please report it with the file"
STEPS = 60


@dataclass(frozen=True, slots=True)
class Held:
    """One statement of a certificate held against simulation.

    Attributes:
        kind: of the claim.
        finding: what was seen.
    """

    kind: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class _Play:
    """A game in floats: its field and the projection on the players' sets."""

    problem: Problem

    def field(self, points: Any) -> Any:
        """F at points (..., n)."""
        problem = self.problem
        if problem.matrix is not None and problem.offset is not None:
            return points @ _floats(problem.matrix).T + _floats(problem.offset)
        columns = [points[..., k] for k in range(points.shape[-1])]
        values = tape(problem.gradients).run(columns, lambda q: np.float64(float(q)), float_operations())
        return np.stack([np.broadcast_to(value, points.shape[:-1]) for value in values], axis=-1)

    def project(self, points: Any) -> Any:
        """The nearest points of the players' sets."""
        moved = np.array(points)
        for block, constraint in zip(self.problem.blocks, self.problem.constraints, strict=True):
            part = moved[..., block.start:block.stop]
            if constraint.kind == "simplex":
                moved[..., block.start:block.stop] = project_simplex_batch(part, float(constraint.total))
            elif constraint.kind == "box" and self.problem.region is not None:
                moved[..., block.start:block.stop] = project_box_batch(part, self.problem.region[block.start:block.stop])
        return moved

    def step(self, points: Any, steps: Any) -> Any:
        """One step of projected gradient play with a step size per coordinate."""
        return self.project(points - steps * self.field(points))

    def ends(self) -> tuple[Any, Any]:
        """Lower and upper corner of the region, infinite where there is none."""
        if self.problem.region is None:
            infinite = np.full(self.problem.dimension, np.inf)
            return -infinite, infinite
        return np.array([float(side.lo) for side in self.problem.region]), np.array([float(side.hi) for side in self.problem.region])

    def is_inside(self, points: Any) -> Any:
        """Which points lie in the region."""
        low, high = self.ends()
        return np.all((points >= low - 1e-12) & (points <= high + 1e-12), axis=-1)

    def pairs(self, count: int, rng: np.random.Generator) -> tuple[Any, Any]:
        """Pairs of feasible points of the region: far apart, and within a thousandth of its size."""
        size = self.problem.dimension
        low, high = self.ends()
        if self.problem.region is None:
            scale = 10.0 ** rng.integers(-2, 3, (count, 1))
            first, second = (scale * rng.standard_normal((count, size)) for _ in range(2))
            width = scale
        else:
            first, second = (low + (high - low) * rng.random((count, size)) for _ in range(2))
            width = high - low
        near = first + 1e-3 * width * rng.standard_normal((count, size))
        second = np.where((np.arange(count) % 2 == 0)[:, None], second, near)
        return self.project(first), self.project(np.clip(second, low, high))


def _floats(values: Any) -> Any:
    return np.array([[float(entry) for entry in row] if isinstance(row, (list, tuple)) else float(row) for row in values])


def _rationals(values: Any) -> Any:
    """Numbers of the file as floats."""
    return _floats([[Fraction(entry) for entry in row] if isinstance(row, list) else Fraction(row) for row in values])


def simulate_certificate(text: str | bytes, *, pairs: int = 20_000, seed: int = 0) -> tuple[str, list[Held]]:
    """The kernel's verdict on a certificate, and every statement held against simulation.

    Args:
        text: the file's content.
        pairs: pairs of points, and trajectories.
        seed: of the points.

    Returns:
        The verdict's name in lower case, and one finding per statement.

    Raises:
        FormatError: the text is no certificate.
    """
    verdict = check_text(text)
    given = json.loads(text)
    play = _Play(read_problem(given["problem"]))
    with np.errstate(all="ignore"):
        held = [Held(one["claim"]["kind"], _hold(play, one["claim"], pairs, np.random.default_rng([seed, k])))
                for k, one in enumerate(given["statements"])]
    return verdict.outcome.name.lower(), held


def _hold(play: _Play, claim: Mapping[str, Any], count: int, rng: np.random.Generator) -> Finding:
    kind = claim["kind"]
    if kind in ("small_gain", "strong_monotonicity", "equilibrium"):
        metric = _per_player(play.problem, claim["weights"]) if kind == "small_gain" else _rationals(claim["metric"])
        found = _monotone(play, claim, metric, count, rng)
        return found if kind != "equilibrium" or found.outcome is Outcome.VIOLATED else _near(play, claim, metric, found)
    if kind in ("step_contraction", "schur_step"):
        return _contracting(play, claim, *play.pairs(count, rng))
    if kind == "convergence":
        return _converging(play, claim, count, rng)
    if kind in ("unstable_step", "unstable_flow", "unstable_equilibrium"):
        return _unstable(play, claim)
    return Finding(outcome=Outcome.INCONCLUSIVE, reason="a statement about all metrics of a structure: nothing to simulate")


def _per_player(problem: Problem, values: Sequence[str]) -> Any:
    """diag with each player's number repeated for its coordinates."""
    return np.diag(np.concatenate([np.full(len(block), float(Fraction(value))) for block, value in zip(problem.blocks, values, strict=True)]))


def _square(moves: Any, metric: Any) -> Any:
    return np.einsum("...i,ij,...j->...", moves, metric, moves)


def _verdict(worst: float, limit: float, what: str, holds: Callable[[], bool | None] = lambda: None) -> Finding:
    """worst <= limit; an excess in floats is replayed, and only what the replay confirms is a violation."""
    said, numbers = f"{what}: worst {worst:.9g}, certified {limit:.9g}", {"worst": worst, "certified": limit}
    if worst <= limit + TOLERANCE * max(1.0, abs(limit)):
        return Finding(outcome=Outcome.CONSISTENT, smallest=TOLERANCE, reason=said, numbers=numbers)
    confirmed = holds()
    if confirmed is None:
        return Finding(outcome=Outcome.INCONCLUSIVE, reason=f"{said}; floats exceed it, and there is no exact replay", numbers=numbers)
    if confirmed:
        return Finding(outcome=Outcome.CONSISTENT, reason=f"{said}; the excess is rounding: replayed exactly, the pair obeys", numbers=numbers)
    return Finding(outcome=Outcome.VIOLATED, reason=f"{said}; {GRAVEST}", numbers=numbers)


def _monotone(play: _Play, claim: Mapping[str, Any], metric: Any, count: int, rng: np.random.Generator) -> Finding:
    """<F(x) - F(y), x - y>_P/|x - y|_P^2 >= margin on pairs."""
    first, second = play.pairs(count, rng)
    moves = first - second
    size = _square(moves, metric)
    ratio = np.einsum("...i,ij,...j->...", moves, metric, play.field(first) - play.field(second)) / size
    ratio = np.where(size > 0, ratio, np.inf)
    k = int(np.argmin(ratio))
    return _verdict(-float(ratio[k]), -float(Fraction(claim["margin"])), "monotonicity over pairs (negated)",
                    lambda: pair_is_monotone(play.problem, claim, first[k], second[k]))


def _near(play: _Play, claim: Mapping[str, Any], metric: Any, found: Finding) -> Finding:
    """A zero of the field, by Newton's method from the claimed center, lies within the claimed radius."""
    center, radius = _rationals(claim["center"]), float(Fraction(claim["radius"]))
    point = center.copy()
    for _ in range(30):
        point = point - np.linalg.lstsq(_slopes(play.field, point), play.field(point), rcond=None)[0]
    away = float(np.sqrt(max(0.0, float(_square(point - center, metric)))))
    return found if away <= radius + 1e-6 else _verdict(away, radius, "distance from the center to the zero of the field")


def _slopes(function: Callable[[Any], Any], point: Any) -> Any:
    """The derivative of a map by central differences."""
    step = 1e-6 * np.eye(len(point))
    return ((function(point + step) - function(point - step)) / 2e-6).T


def _contracting(play: _Play, claim: Mapping[str, Any], first: Any, second: Any, also: str = "") -> Finding:
    """Every step of pairs of trajectories shrinks their certified distance by the certified rate, while both stay in the region."""
    steps = np.diag(_per_player(play.problem, claim["step_sizes"]))
    if claim["kind"] != "schur_step":
        metric, rate = _rationals(claim["metric"]), float(Fraction(claim["rate_squared"])) ** 0.5

        def distance(moves: Any) -> Any:
            return np.sqrt(np.maximum(_square(moves, metric), 0.0))
    else:
        scales, rate = _rationals(claim["scales"]), float(Fraction(claim["rate"]))

        def distance(moves: Any) -> Any:
            blocks = zip(play.problem.blocks, scales, strict=True)
            return np.max(np.stack([np.linalg.norm(moves[..., block.start:block.stop], axis=-1) / v for block, v in blocks]), axis=0)

    begun, worst, pair = distance(first - second), 0.0, (first[0], second[0])
    for _ in range(STEPS):
        before = distance(first - second)
        # Distances that have shrunk to the size of rounding errors say nothing.
        alive = play.is_inside(first) & play.is_inside(second) & (before > 1e-6 * begun)
        then = play.step(first, steps), play.step(second, steps)
        ratio = np.where(alive, distance(then[0] - then[1]) / before, 0.0)
        k = int(np.argmax(ratio))
        if ratio[k] > worst:
            worst, pair = float(ratio[k]), (first[k], second[k])
        first, second = then
    return _verdict(worst, rate, f"contraction per step over {len(begun)} pairs of trajectories and {STEPS} steps{also}",
                    lambda: pair_contracts(play.problem, claim, *pair))


def _converging(play: _Play, claim: Mapping[str, Any], count: int, rng: np.random.Generator) -> Finding:
    """Play from the set stays there, and each step shrinks distances to the limit, and between starts, by the certified rate."""
    starts, also = play.pairs(count, rng)[0], ""
    if claim["center"] is not None:
        starts, also = _in_ball(claim, count, rng), ", none of which leaves the ball"
        stayed = _staying(play, claim, starts)
        if stayed.outcome is not Outcome.CONSISTENT:
            return stayed
    limit = _limit(play, claim, starts[0])
    if limit is None:
        return _contracting(play, claim, starts, starts[::-1], f"{also}; the limit was not found in floats")
    to_limit = (np.arange(len(starts)) % 2 == 0)[:, None]
    return _contracting(play, claim, starts, np.where(to_limit, limit, starts[::-1]), f"{also}, every other one to their limit")


def _in_ball(claim: Mapping[str, Any], count: int, rng: np.random.Generator) -> Any:
    """Points of the ball |x - center|_P <= radius: every other one on its sphere, up to rounding."""
    center, radius = _rationals(claim["center"]), float(Fraction(claim["radius"]))
    values, vectors = np.linalg.eigh(_rationals(claim["metric"]))
    ways = rng.standard_normal((count, len(center)))
    lengths = np.where(np.arange(count) % 2 == 0, 1.0, rng.random(count) ** (1 / len(center))) * (1 - 1e-12)
    unit = ways / np.linalg.norm(ways, axis=1)[:, None] * lengths[:, None]
    return center + radius * (unit / np.sqrt(np.maximum(values, np.finfo(float).tiny))) @ vectors.T


def _staying(play: _Play, claim: Mapping[str, Any], starts: Any) -> Finding:
    """No step from a point of the ball ends outside."""
    center, radius, metric = _rationals(claim["center"]), float(Fraction(claim["radius"])), _rationals(claim["metric"])
    steps = np.diag(_per_player(play.problem, claim["step_sizes"]))
    worst, start, points = 0.0, starts[0], starts
    for _ in range(STEPS):
        then = play.step(points, steps)
        away = np.sqrt(np.maximum(_square(np.stack([points, then]) - center, metric), 0.0))
        reached = np.where(away[0] <= radius, away[1], 0.0)
        k = int(np.argmax(reached))
        if reached[k] > worst:
            worst, start = float(reached[k]), points[k]
        points = then
    return _verdict(worst, radius, f"distance from the center over {len(starts)} trajectories and {STEPS} steps",
                    lambda: step_stays(play.problem, claim, start))


def _limit(play: _Play, claim: Mapping[str, Any], start: Any) -> Any | None:
    """The fixed point of a step, by some steps and Newton's method; None where floats do not reach one."""
    steps, point = np.diag(_per_player(play.problem, claim["step_sizes"])), start
    for _ in range(STEPS):
        point = play.step(point, steps)
    for _ in range(30):
        moved = play.step(point, steps) - point
        if not np.all(np.isfinite(moved)):
            return None
        point = play.project(point + np.linalg.lstsq(np.eye(len(point)) - _slopes(lambda x: play.step(x, steps), point), moved, rcond=None)[0])
    return point if np.abs(play.step(point, steps) - point).max() <= 1e-12 * max(1.0, float(np.abs(point).max())) else None


def _unstable(play: _Play, claim: Mapping[str, Any]) -> Finding:
    """The spectrum that the statement speaks of, in floats."""
    point = _rationals(claim["center"]) if claim["kind"] == "unstable_equilibrium" else np.zeros(play.problem.dimension)
    jacobian = _slopes(play.field, point)
    if claim["kind"] == "unstable_flow":
        return _verdict(float(np.linalg.eigvals(jacobian).real.min()), 1e-6, "least real part of the Jacobian's eigenvalues")
    moved = np.eye(len(point)) - _per_player(play.problem, claim["step_sizes"]) @ jacobian
    radius = float(np.abs(np.linalg.eigvals(moved)).max())
    return _verdict(-radius, -1 + 1e-6, "spectral radius of a step (negated)")
