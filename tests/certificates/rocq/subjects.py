"""The certificates that must have machine-checked proofs, one statement each, and their mutants: one rational changed."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from epsdelta.certificates.certificate import Certificate
from epsdelta.certificates.claims import Statement, StepContraction, StrongMonotonicity
from epsdelta.certificates.games import certify_game
from epsdelta.certificates.penalty import certify_penalty
from epsdelta.problems.bilevel import Bilevel
from epsdelta.problems.files import load_game
from epsdelta.problems.game import Game

__all__ = ["LARGE", "Mutant", "mutants", "subjects", "whole"]

GAMES = Path(__file__).parents[3] / "examples" / "games"
LARGE = ("linear-quadratic",)
Place = tuple[str | int, ...]


def ten(size: int = 10) -> Game:
    """Ten players with cubic, exponential and trigonometric terms and skew couplings on a box."""
    drawn = np.random.default_rng(0).integers(-8, 9, (size, size))
    skew = drawn - drawn.T
    gradients: list[str] = []
    for i in range(size):
        k = (i + 1) % size
        linear = "".join(f" + ({skew[i][j]})/32*x{j}" for j in range(size) if skew[i][j])
        gradients.append(f"x{i}{linear} + exp(x{i}-x{k})/8 + x{i}^3/8 + sin(x{i}*x{k})/16")
    return Game.from_gradients(gradients, variables=[[f"x{i}"] for i in range(size)], region={f"x{i}": ["-1/8", "1/8"] for i in range(size)})


def linear_quadratic(half: int = 32) -> Game:
    """Two players of equal dimension, coupled by a matrix and its negative transpose."""
    drawn = np.random.default_rng(1).integers(-8, 9, (half, half))
    rows = [[Fraction(int(i == j)) for j in range(2 * half)] for i in range(2 * half)]
    for i in range(half):
        for j in range(half):
            rows[i][half + j], rows[half + j][i] = Fraction(int(drawn[i][j]), 64), Fraction(-int(drawn[i][j]), 64)
    return Game.from_jacobian(rows, players=[half, half])


def smooth() -> Game:
    """Two players with an exponential and a sine on a box."""
    return Game.from_gradients(["2*x + exp(x)/4 + y/2", "2*y + sin(x*y)/8 - x/3 - 1/5"], variables=[["x"], ["y"]],
                               region={"x": ["-1/2", "1/2"], "y": ["-1/2", "1/2"]}, constraints=["box", "box"])


def _by_hand(game: Game) -> Certificate:
    """In the Euclidean metric; a search for the best margin takes half a minute."""
    unit = [[Fraction(int(i == j)) for j in range(game.dimension)] for i in range(game.dimension)]
    step = StepContraction(step_sizes=[Fraction(1, 8)] * game.dimension, metric=unit, rate_squared=Fraction(9, 10))
    monotone = StrongMonotonicity(margin=Fraction(4, 5), metric=unit)
    return Certificate(problem=game.to_dict(), statements=tuple(Statement(claim, {"split": [None]}) for claim in (monotone, step)))


def _made() -> Iterator[tuple[str, Certificate | None, set[str]]]:
    """Name, certificate, and the kinds that it must have."""
    toy = load_game(GAMES / "sgn-toy.toml")
    yield "E1", certify_game(toy).certificate, {"small_gain"}
    yield "E1 at 1", certify_game(toy, step_size="1").certificate, {"small_gain", "schur_step"}
    yield "E1 at 117/100", certify_game(toy, step_size="117/100").certificate, {"step_contraction"}
    yield "E6 at 9/10", certify_game(load_game(GAMES / "e6-constrained.toml"), step_size="9/10").certificate, {"schur_step", "convergence"}
    yield "exp and sin", certify_game(smooth(), step_size="1/4").certificate, {"schur_step", "convergence", "equilibrium"}
    yield "ten", _by_hand(ten()), {"strong_monotonicity", "step_contraction"}
    yield "linear-quadratic", certify_game(linear_quadratic(), step_size="1/4").certificate, {"small_gain", "schur_step", "equilibrium"}
    tight = Bilevel.from_costs("x^2/2 + y", "(y - x)^2/2", upper=["x"], lower=["y"])
    yield "penalty-tight", certify_penalty(tight, eps="1/100").certificate, {"penalty"}
    bowl = Bilevel.from_costs("x^2 + exp(y)", "(y - x)^2 + y^4/10", upper=["x"], lower=["y"], region={"x": ["-1", "1"], "y": ["-1", "1"]})
    yield "penalty on a box", certify_penalty(bowl, eps="1/10").certificate, {"penalty"}


@lru_cache(maxsize=1)
def whole() -> dict[str, str]:
    """The certificates as they are."""
    found: dict[str, str] = {}
    for name, certificate, kinds in _made():
        assert certificate is not None, name
        assert kinds <= {statement.claim.kind for statement in certificate.statements}, name
        found[name] = certificate.to_json()
    return found


@lru_cache(maxsize=1)
def subjects() -> dict[str, str]:
    """One statement each."""
    found: dict[str, str] = {}
    for name, text in whole().items():
        document = json.loads(text)
        for statement in document["statements"]:
            found[f"{name}: {statement['claim']['kind']}"] = json.dumps({**document, "statements": [statement]})
    return found


@dataclass(frozen=True)
class Mutant:
    """A certificate with one number changed."""

    subject: str
    place: Place
    value: str
    text: str

    def __str__(self) -> str:
        return f"{self.subject}, {'.'.join(map(str, self.place))} = {self.value}"


def _rationals(value: Any, place: Place) -> Iterator[tuple[Place, Fraction]]:
    if isinstance(value, str) and value.lstrip("-").replace("/", "", 1).isdigit():
        yield place, Fraction(value)
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _rationals(item, (*place, key))


def mutants(subject: str, text: str, *, count: int | None = None, seed: int = 0) -> list[Mutant]:
    """Every rational of claim and witness changed a little, much, in sign, to 0, or replaced by another of them."""
    document, rng = json.loads(text), random.Random(f"{subject} {seed}")
    found = [*_rationals(document["statements"][0]["claim"], ("claim",)), *_rationals(document["statements"][0]["witness"], ("witness",))]
    pairs: list[tuple[Place, Fraction]] = []
    for place, q in found:
        near = {q * Fraction(k, 1000) for k in (999, 1001, 900, 1100, -1000, 0)} if q else {Fraction(k, 1000) for k in (1, -1, 1000, -1000)}
        pairs += [(place, other) for other in sorted({*near, rng.choice(found)[1]} - {q})]
    chosen = pairs if count is None else rng.sample(pairs, min(count, len(pairs)))
    return [Mutant(subject, place, str(q), _put(document, place, str(q))) for place, q in chosen]


def _put(document: dict[str, Any], place: Place, value: str) -> str:
    changed = copy.deepcopy(document)
    at: Any = changed["statements"][0]
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return json.dumps(changed)
