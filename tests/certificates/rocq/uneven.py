"""Certificates on games of unequal blocks that are not symmetric, with steps of their own for each player: made to be read back."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

from epsdelta.certificates.certificate import Certificate
from epsdelta.certificates.claims import (
    Claim,
    Convergence,
    Equilibrium,
    SchurStep,
    SmallGain,
    Statement,
    StepContraction,
    StrongMonotonicity,
    UnstableEquilibrium,
    UnstableFlow,
    UnstableStep,
)
from epsdelta.certificates.games import certify_game
from epsdelta.certificates.penalty import certify_penalty
from epsdelta.exact.matrix import solve
from epsdelta.problems.bilevel import Bilevel
from epsdelta.problems.game import Game, Player
from tests.certificates.test_mutations import corpus as smaller

__all__ = ["Certificates", "corpus"]

F = Fraction
Certificates = dict[str, str]

ROWS = [[F(4), F(1), F(-1, 2)], [F(1, 3), F(3), F(1, 4)], [F(-1, 5), F(2, 7), F(5)]]
ZERO = [F(1, 2), F(-1, 3), F(1, 5)]
METRIC = [[F(2), F(1, 3), F(1, 7)], [F(1, 3), F(3), F(1, 5)], [F(1, 7), F(1, 5), F(4)]]
STEPS = [F(1, 6), F(1, 8)]
WHOLE = {"split": [None]}
BANDS = [(0, 1, F(1, 3), F(2)), (1, 0, F(1, 4), F(2))]


def _diagonal(*entries: int) -> list[list[Fraction]]:
    return [[F(e if i == j else 0) for j in range(len(entries))] for i, e in enumerate(entries)]


def _uneven(**more: Any) -> Game:
    """One variable against two, in a linear game that is not symmetric."""
    offset = [-sum((a * z for a, z in zip(row, ZERO, strict=True)), F(0)) for row in ROWS]
    return Game.from_jacobian(ROWS, offset, players=[1, 2], **more)


def _simplex() -> Game:
    return Game.from_costs(["p^2 + 2*q^2 + 3*r^2/2 + p*q/3 + p*y/4 - r*y/5", "y^2 + y*(p - 2*q)/7 + exp(y)/9"],
                           variables=[["p", "q", "r"], ["y"]], constraints=[("simplex", "3/2"), "box"], region={"y": ["-1", "1/2"]})


def _functions() -> Game:
    field = ["3*x + log(x)/5 + sin(y)/7 - z/6", "4*y + tanh(y)/3 + cos(z)/9 + x*z/11",
             "5*z + y*x/11 + logistic(z)/8 - sqrt(x)/5 + 1/(x + 3)"]
    return Game.from_gradients(field, variables=[["x"], ["y", "z"]], constraints=["box", "free"],
                               region={"x": ["1/2", "2"], "y": ["-1", "1"], "z": ["-2", "-1/3"]})


def _three() -> Game:
    costs = ["a^2 + 3*b^2/2 + a*c/5 - b*d/7", "c^2 + softplus(c)/3 + c*(a - 2*b)/9 + c*e/8", "2*d^2 + e^2 + d*e/3 - d*c/6 + e^3*b/11"]
    return Game.from_costs(costs, variables=[["a", "b"], ["c"], ["d", "e"]], constraints=["simplex", "free", "box"],
                           region={"a": ["0", "1"], "b": ["0", "2"], "c": ["-1", "2"], "d": ["-2", "1"], "e": ["-1/3", "1/2"]})


def _searched() -> Iterator[tuple[str, Game, str | None]]:
    four = [[3, "1/2", "-1/3", 1], ["1/4", 2, "1/5", "-1/6"], ["1/7", "1/9", 4, "2/3"], ["-1/8", "1/2", "1/3", 2]]
    yield "linear", Game.from_jacobian(four, [1, "-1/2", 0, "2/3"], players=[3, 1]), None
    players = [Player(name="first", variables=("a", "b", "c"), constraint="box"), Player(name="second", variables=("d",))]
    box = [[-2, 1], [-1, 3], [-4, 2], [-3, "7/2"]]
    yield "linear in a box", Game.from_jacobian(four, [1, "-1/2", 0, "2/3"], players, region=box), "1/5"
    yield "simplex", _simplex(), "1/6"
    yield "three", _three(), "1/7"
    yield "actions", Game.from_jacobian([[1, 0, 8], [0, 1, "1/20"], ["1/20", 8, 1]], players=[2, 1]), None
    turn = [[0, 2, "1/3"], [-1, 0, "1/7"], [0, 0, 1]]
    yield "flow", Game.from_jacobian(turn, [0, 1, 2], players=[2, 1]), "1/2"


def _metric_claims() -> Iterator[tuple[str, Game, Claim, dict[str, Any] | None]]:
    uneven, near = _uneven(), [F(51, 100), F(-1, 3), F(1, 5)]
    yield "strong_monotonicity", uneven, StrongMonotonicity(metric=METRIC, margin=F(1)), WHOLE
    yield "step_contraction", uneven, StepContraction(step_sizes=STEPS, metric=METRIC, rate_squared=F(9, 10)), WHOLE
    yield "everywhere", uneven, Convergence(step_sizes=STEPS, metric=METRIC, rate_squared=F(9, 10), center=None, radius=None), {
        **WHOLE, "root": None}
    ringed = _uneven(region=[[-1, 2], ["-3/2", 1], [-1, "3/2"]])
    yield "in a ball", ringed, Convergence(step_sizes=STEPS, metric=METRIC, rate_squared=F(81, 100), center=near, radius=F(1)), {
        **WHOLE, "root": F(9, 10)}
    yield "equilibrium", ringed, Equilibrium(metric=METRIC, margin=F(1), center=near, radius=F(1, 2)), WHOLE
    uneven_steps = [F(1, 8), F(1, 5)]
    weighted = _diagonal(2, 2, 2, 3)
    yield "profiles", _simplex(), Convergence(step_sizes=uneven_steps, metric=weighted, rate_squared=F(99, 100), center=None,
                                              radius=None), {**WHOLE, "root": None}
    split: list[Any] = [[0, F(1)], None, [2, F(-1)], None, None]
    yield "split", _functions(), StepContraction(step_sizes=[F(1, 5), F(1, 9)], metric=_diagonal(2, 3, 5), rate_squared=F(99, 100)), {
        "split": split}


def _other_claims() -> Iterator[tuple[str, Game, Claim, dict[str, Any] | None]]:
    symmetric = Game.from_jacobian([*ROWS[:2], [F(-1, 5), F(1, 4), F(5)]], [1, 2, "-1/3"], players=[1, 2])
    constants = {"curvature": [F(4), F(29, 10)], "own_lipschitz": [F(41, 10), F(51, 10)], "coupling": [[F(0), F(6, 5)], [F(2, 5), F(0)]]}
    ends = [[[F(1), F(3)], [F(2), F(1)]], [[F(4), F(1)], [F(1), F(2)]]]
    yield "small_gain", symmetric, SmallGain(margin=F(3, 2), weights=[F(3), F(5, 2)], lipschitz=F(8), bands=BANDS, **constants), {
        **WHOLE, "left": [F(3), F(5)], "right": [F(1), F(2)], "bands": ends}
    for updates, weights in (("any", None), ("simultaneous", [F(1), F(3, 2)])):
        claim = SchurStep(step_sizes=[F(1, 5), F(1, 9)], updates=updates, rate=F(4, 5), scales=[F(1), F(2)], weights=weights, **constants)
        yield f"schur_step {updates}", symmetric, claim, WHOLE
    far, uneven = [F(3, 4), F(1, 8)], _uneven()
    yield "unstable_step", uneven, UnstableStep(step_sizes=far), None
    yield "unstable_flow", Game.from_jacobian([[0, 2, "1/3"], [-1, "1/5", "1/7"], [0, "1/9", "-1/2"]], players=[2, 1]), UnstableFlow(), None
    inverse = solve(ROWS, _diagonal(1, 1, 1))
    yield "unstable_equilibrium", uneven, UnstableEquilibrium(step_sizes=far, center=[*ZERO[:2], F(21, 100)], radius=F(1, 10)), {
        "inverse": inverse, "form": _diagonal(1, -10, -10), "vector": [F(1), F(0), F(0)]}


def _penalties() -> Iterator[tuple[str, Bilevel, dict[str, Any]]]:
    yield "polynomial", Bilevel.from_costs("x^2/2 + y - 2*z/3 + x*w", "(y - x)^2/2 + z^2 + z*y/4 - w*z", upper=["x", "w"], lower=["y", "z"],
                                        upper_constraints=["x + w - 1", "x - 2*w - 3"],
                                        region={"x": ["-1", "2"], "w": ["-1/3", "1"], "y": ["-3", "1/2"]}), {
        "feasibility": "1/50", "solver_gap": "1/1000"}
    yield "functions", Bilevel.from_costs("exp(x) + sin(y)", "(y - x)^2 + exp(y)/4", upper=["x"], lower=["y"],
                                                     region={"x": ["-1", "1"], "y": ["-2", "2"]}), {}


@lru_cache(maxsize=1)
def corpus() -> Certificates:
    """Certificates on games of unequal blocks, then the smaller ones that the kernel's tests use."""
    found: Certificates = {}
    for name, game, step in _searched():
        certificate = certify_game(game, step_size=step, gap="1/5").certificate
        assert certificate is not None, name
        found[f"search: {name}"] = certificate.to_json()
    for name, game, claim, witness in (*_metric_claims(), *_other_claims()):
        found[f"hand: {name}"] = Certificate(problem=game.to_dict(), statements=(Statement(claim, witness),)).to_json()
    for name, problem, targets in _penalties():
        made = certify_penalty(problem, **{"eps": "1/100", **targets}).certificate
        assert made is not None, name
        found[f"bilevel: {name}"] = made.to_json()
    return found | {f"kernel: {name}": text for name, text in smaller().items()}
