"""Is what a certificate states true? Recomputed from the JSON alone, with python-flint, sympy and mpmath, without the code under test.

Claims on linear games are decided exactly. Claims on a region of a nonlinear game are put to the test at many rational points (corners
among them), exactly where the field is polynomial: that can only refute, which is what an accepted mutant has to survive.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import Any

import mpmath
import sympy

from tests.oracles import is_positive, is_semidefinite, is_stable_field, is_stable_step, step_matrix

__all__ = ["states_only_true", "without_names"]

Rows = list[list[Fraction]]
DIGITS = 60
_LOOSE = Fraction(1, 10**40)
"""Where values are 60-digit floats, an inequality may fail by this much and still count as true."""


def without_names(certificate: dict[str, Any]) -> str:
    """The certificate's content with what only labels it left out, and every rational in lowest terms."""
    problem = dict(certificate["problem"])
    problem["name"] = ""
    problem["players"] = [{**p, "name": "", "variables": len(p["variables"])} for p in problem["players"]]
    return json.dumps(_reduced({**certificate, "problem": problem}), sort_keys=True)


def _reduced(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reduced(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_reduced(item) for item in value]
    if isinstance(value, str) and value.lstrip("-").replace("/", "", 1).isdigit():
        return str(Fraction(value))
    return value


def _vector(values: Sequence[str]) -> list[Fraction]:
    return [Fraction(v) for v in values]


def _matrix(values: Sequence[Sequence[str]]) -> Rows:
    return [_vector(row) for row in values]


def _product(left: Rows, right: Rows) -> Rows:
    return [[sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0)) for column in zip(*right, strict=True)] for row in left]


def _transpose(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


def _minus(left: Rows, right: Rows) -> Rows:
    return [[a - b for a, b in zip(r, s, strict=True)] for r, s in zip(left, right, strict=True)]


def _scaled(factor: Fraction, rows: Rows) -> Rows:
    return [[factor * e for e in row] for row in rows]


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt, "sin": sympy.sin, "cos": sympy.cos, "tanh": sympy.tanh,
    "logistic": lambda x: 1 / (1 + sympy.exp(-x)), "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
}


class _Facts:
    """The game of a certificate, read again from its JSON."""

    def __init__(self, problem: dict[str, Any]) -> None:
        self.sizes = [len(p["variables"]) for p in problem["players"]]
        self.dimension = sum(self.sizes)
        starts = list(itertools.accumulate(self.sizes, initial=0))
        self.blocks = [range(a, b) for a, b in itertools.pairwise(starts)]
        self.kinds = [p["constraint"]["kind"] for p in problem["players"]]
        self.totals = [Fraction(p["constraint"].get("total", "0")) for p in problem["players"]]
        self.region = None if problem["region"] is None else [_vector(pair) for pair in problem["region"]]
        self.symbols = list(sympy.symbols(f"z0:{self.dimension}"))
        given = problem["field"]
        self.costs: list[Any] = []
        if given["form"] == "linear":
            shift = _vector(given["offset"])
            self.field = [sum((sympy.Rational(a) * x for a, x in zip(row, self.symbols, strict=True)), sympy.Rational(b))
                          for row, b in zip(_matrix(given["jacobian"]), shift, strict=True)]
        else:
            trees = self._trees(given["nodes"])
            outputs = [trees[k] for k in given["outputs"]]
            if given["form"] == "costs":
                self.costs = outputs
                self.field = [sympy.diff(outputs[i], self.symbols[k]) for i, block in enumerate(self.blocks) for k in block]
            else:
                self.field = outputs
        self.derivative = [[sympy.diff(f, s) for s in self.symbols] for f in self.field]
        self.is_linear = all(sympy.expand(e).is_Rational for row in self.derivative for e in row)
        self.is_polynomial = all(sympy.sympify(e).is_polynomial(*self.symbols) for row in self.derivative for e in row)
        self._entries = [self._function(e) for row in self.derivative for e in row]
        self._values = [self._function(f) for f in self.field]

    def _trees(self, nodes: list[list[Any]]) -> list[Any]:
        built: list[Any] = []
        for op, *rest in nodes:
            if op == "variable":
                built.append(self.symbols[rest[0]])
            elif op == "constant":
                built.append(sympy.Rational(rest[0]))
            elif op == "power":
                built.append(built[rest[0]] ** rest[1])
            elif op in ("add", "mul", "div"):
                a, b = built[rest[0]], built[rest[1]]
                built.append(a + b if op == "add" else a * b if op == "mul" else a / b)
            else:
                built.append(_FUNCTIONS[op](built[rest[0]]))
        return built

    @property
    def slack(self) -> Fraction:
        return Fraction(0) if self.is_polynomial else _LOOSE

    @property
    def contains_strategies(self) -> bool:
        if self.region is None:
            return True
        region = self.region
        return all(kind == "box" or (kind == "simplex" and all(region[k][0] <= 0 and region[k][1] >= total for k in block))
                   for kind, total, block in zip(self.kinds, self.totals, self.blocks, strict=True))

    def points(self) -> Iterator[list[Fraction]]:
        """Corners, center and random rational points of the region; the origin for a constant Jacobian."""
        if self.region is None or self.is_linear:
            yield [Fraction(0)] * self.dimension if self.region is None else [low for low, _ in self.region]
            return
        yield from (list(corner) for corner in itertools.islice(itertools.product(*self.region), 64))
        rng = random.Random(7)
        for _ in range(40):
            yield [low + (high - low) * Fraction(rng.randint(0, 64), 64) for low, high in self.region]

    def _function(self, expression: Any) -> Callable[[Sequence[Fraction]], Fraction]:
        """An expression as a function: exact where it is polynomial with rational coefficients, otherwise with 60 digits."""
        whole = sympy.Poly(expression, *self.symbols) if self.is_polynomial else None
        if whole is not None and all(c.is_Rational for c in whole.coeffs()):
            terms = [(powers, Fraction(int(c.p), int(c.q))) for powers, c in whole.terms()]
            return lambda x: sum((c * prod((v**n for v, n in zip(x, powers, strict=True)), start=Fraction(1)) for powers, c in terms),
                                 Fraction(0))
        rounded = sympy.lambdify(self.symbols, expression, "mpmath")

        def value(x: Sequence[Fraction]) -> Fraction:
            with mpmath.workdps(DIGITS):
                return Fraction(str(mpmath.mpf(rounded(*(mpmath.mpf(v.numerator) / v.denominator for v in x)))))

        return value

    def field_at(self, point: Sequence[Fraction]) -> list[Fraction]:
        return [value(point) for value in self._values]

    def jacobian_at(self, point: Sequence[Fraction]) -> Rows:
        size = self.dimension
        flat = [entry(point) for entry in self._entries]
        return [flat[k * size:(k + 1) * size] for k in range(size)]

    def jacobians(self) -> list[Rows]:
        return [self.jacobian_at(point) for point in self.points()]

    def steps(self, values: Sequence[str]) -> list[Fraction]:
        return [h for h, size in zip(_vector(values), self.sizes, strict=True) for _ in range(size)]

    def zero_near(self, center: Sequence[Fraction]) -> list[Fraction] | None:
        """A zero of the field: exact for linear games, otherwise Newton's method with 60 digits, residual checked."""
        if self.is_linear:
            solution: Any = sympy.linsolve([sympy.expand(f) for f in self.field], *self.symbols)
            found: list[Any] = [entry for point in solution for entry in point]
            if len(found) != self.dimension or not all(e.is_Rational for e in found):
                return None
            return [Fraction(int(e.p), int(e.q)) for e in found]
        with mpmath.workdps(DIGITS):
            function = sympy.lambdify(self.symbols, self.field, "mpmath")
            try:
                root: Any = mpmath.findroot(lambda *x: function(*x), [mpmath.mpf(c.numerator) / c.denominator for c in center])
            except (ValueError, ZeroDivisionError):
                return None
            return [Fraction(str(x)) for x in (root if hasattr(root, "__len__") else [root])]


@lru_cache(maxsize=4096)
def _facts(problem: str) -> tuple[_Facts, list[Rows]]:
    facts = _Facts(json.loads(problem))
    return facts, facts.jacobians()


def states_only_true(certificate: dict[str, Any]) -> bool:
    """Whether every claim of a certificate that the kernel accepted is true."""
    problem = {**certificate["problem"], "name": ""}
    problem["players"] = [{**p, "name": "", "variables": [0] * len(p["variables"])} for p in problem["players"]]
    key = json.dumps(problem, sort_keys=True)
    return all(_is_true(key, json.dumps(s["claim"], sort_keys=True), json.dumps(_decisive(s), sort_keys=True))
               for s in certificate["statements"])


def _decisive(statement: dict[str, Any]) -> Any:
    """The part of a witness that the recomputation uses: existence claims (a dual, weights at a band's end) need an example."""
    kind = statement["claim"]["kind"]
    name = {"no_metric": "dual", "small_gain": "bands"}.get(kind)
    return statement["witness"][name] if name else None


@lru_cache(maxsize=100_000)
def _is_true(problem: str, claim: str, example: str) -> bool:
    facts, jacobians = _facts(problem)
    given = json.loads(claim)
    return bool(_JUDGES[given["kind"]](facts, jacobians, given, json.loads(example)))


def _least(facts: _Facts, rows: Rows) -> bool:
    """Positive semidefinite, up to the slack of rounded values."""
    return is_semidefinite([[e + (facts.slack if i == j else 0) for j, e in enumerate(row)] for i, row in enumerate(rows)])


def _is_metric(metric: Rows) -> bool:
    return metric == _transpose(metric) and is_positive(metric)


def _monotone(facts: _Facts, jacobians: list[Rows], metric: Rows, margin: Fraction) -> bool:
    for jacobian in jacobians:
        moved = _product(metric, jacobian)
        if not _least(facts, _minus(_minus(moved, _scaled(Fraction(-1), _transpose(moved))), _scaled(2 * margin, metric))):
            return False
    return True


def _strong_monotonicity(facts: _Facts, jacobians: list[Rows], claim: dict[str, Any], _: Any) -> bool:
    metric, margin = _matrix(claim["metric"]), Fraction(claim["margin"])
    return margin > 0 and _is_metric(metric) and _monotone(facts, jacobians, metric, margin)


def _step_contraction(facts: _Facts, jacobians: list[Rows], claim: dict[str, Any], _: Any) -> bool:
    steps, metric, rate = facts.steps(claim["step_sizes"]), _matrix(claim["metric"]), Fraction(claim["rate_squared"])
    if min(steps) <= 0 or not 0 <= rate < 1 or not _is_metric(metric):
        return False
    for kind, block in zip(facts.kinds, facts.blocks, strict=True):
        coupled = any(metric[r][c] for r in block for c in range(facts.dimension) if c != r)
        uneven = kind == "simplex" and len({metric[r][r] for r in block}) > 1
        if kind != "free" and (coupled or uneven):
            return False
    for jacobian in jacobians:
        step = step_matrix(jacobian, steps)
        if not _least(facts, _minus(_scaled(rate, metric), _product(_transpose(step), _product(metric, step)))):
            return False
    return True


def _convergence(facts: _Facts, jacobians: list[Rows], claim: dict[str, Any], _: Any) -> bool:
    """The step contracts, and nothing leaves: neither a strategy profile the region, nor a point of the ball its ball."""
    if not _step_contraction(facts, jacobians, claim, None):
        return False
    if claim["center"] is None:
        return claim["radius"] is None and facts.contains_strategies
    center, radius, metric = _vector(claim["center"]), Fraction(claim["radius"]), _matrix(claim["metric"])
    if set(facts.kinds) != {"free"} or radius < 0:
        return False
    inverse = _inverse(metric)
    for k, (low, high) in enumerate(facts.region or ()):
        reach = min(center[k] - low, high - center[k])
        if reach < 0 or radius**2 * inverse[k][k] > reach**2:
            return False
    most = radius**2 + facts.slack
    for place in _ball(center, radius, metric, inverse):
        moved = [x - h * f for x, h, f in zip(place, facts.steps(claim["step_sizes"]), facts.field_at(place), strict=True)]
        if _square_between(moved, center, metric) > most:
            return False
    zero = facts.zero_near(center)
    return zero is not None and _square_between(zero, center, metric) <= radius**2 + (0 if facts.is_linear else _LOOSE)


def _inverse(metric: Rows) -> Rows:
    inverse: Any = sympy.Matrix([[sympy.Rational(e.numerator, e.denominator) for e in row] for row in metric]).inv()
    return [[Fraction(int(e.p), int(e.q)) for e in inverse.row(k)] for k in range(len(metric))]


def _square_between(x: Sequence[Fraction], y: Sequence[Fraction], metric: Rows) -> Fraction:
    apart = [[a - b] for a, b in zip(x, y, strict=True)]
    return _product(_transpose(apart), _product(metric, apart))[0][0]


def _ball(center: list[Fraction], radius: Fraction, metric: Rows, inverse: Rows) -> Iterator[list[Fraction]]:
    """Rational points of the ball: its center, points just inside the sphere where a coordinate is extreme, and random ones."""
    yield center
    rng, size = random.Random(7), len(center)
    random_ways = [[Fraction(rng.randint(-64, 64), 64) for _ in center] for _ in range(20)]
    for way in [*inverse, *random_ways]:
        square = _square_between(way, [Fraction(0)] * size, metric)
        if square > 0:
            with mpmath.workdps(DIGITS):  # the length is rounded up, so that the point stays inside
                length = Fraction(str(mpmath.sqrt(mpmath.mpf(square.numerator) / square.denominator))) * (1 + _LOOSE)
            yield from ([c + s * radius * w / length for c, w in zip(center, way, strict=True)] for s in (1, -1))


def _constants_hold(facts: _Facts, jacobians: list[Rows], claim: dict[str, Any]) -> bool:
    curvature, own, coupling = _vector(claim["curvature"]), _vector(claim["own_lipschitz"]), _matrix(claim["coupling"])
    if any(coupling[i][i] or min(coupling[i]) < 0 for i in range(len(coupling))):
        return False
    for jacobian in jacobians:
        for i, rows in enumerate(facts.blocks):
            for j, columns in enumerate(facts.blocks):
                block = [[jacobian[r][c] for c in columns] for r in rows]
                most = own[i] if i == j else coupling[i][j]
                square = _product(_transpose(block), block)
                bound = [[most**2 * int(r == c) for c in range(len(square))] for r in range(len(square))]
                if most < 0 or not _least(facts, _minus(bound, square)):
                    return False
                if i == j:
                    sym = _minus(_scaled(Fraction(1, 2), block), _scaled(Fraction(-1, 2), _transpose(block)))
                    if not _least(facts, [[e - curvature[i] * int(r == c) for c, e in enumerate(row)] for r, row in enumerate(sym)]):
                        return False
    return True


def _gain(claim: dict[str, Any]) -> Rows:
    curvature, coupling = _vector(claim["curvature"]), _matrix(claim["coupling"])
    return [[curvature[i] if i == j else -e for j, e in enumerate(row)] for i, row in enumerate(coupling)]


def _form(weights: list[Fraction], gain: Rows, margin: Fraction) -> Rows:
    """W K + K' W - 2 a W."""
    size = len(weights)
    return [[weights[i] * gain[i][j] + weights[j] * gain[j][i] - (2 * margin * weights[i] if i == j else 0) for j in range(size)]
            for i in range(size)]


def _small_gain(facts: _Facts, jacobians: list[Rows], claim: dict[str, Any], ends: Any) -> bool:
    gain, weights = _gain(claim), _vector(claim["weights"])
    margin, beta = Fraction(claim["margin"]), Fraction(claim["lipschitz"])
    if margin <= 0 or beta <= 0 or min(weights) <= 0 or not is_semidefinite(_form(weights, gain, margin)):
        return False
    bound = [[Fraction(claim["own_lipschitz"][i]) if i == j else -e for j, e in enumerate(row)] for i, row in enumerate(gain)]
    diagonal = [[w * int(i == j) for j in range(len(weights))] for i, w in enumerate(weights)]
    if not is_semidefinite(_minus(_scaled(beta**2, diagonal), _product(_transpose(bound), _product(diagonal, bound)))):
        return False
    for (i, j, low, high), proofs in zip(claim["bands"], ends, strict=True):
        if i == j or not 0 < Fraction(low) <= Fraction(high):
            return False
        for end, proof in zip((Fraction(low), Fraction(high)), proofs, strict=True):
            if len(weights) == 2:  # the ratio determines the weights: no example needed
                proof = ["1", str(1 / end)] if i == 0 else ["1", str(end)]
            example = _vector(proof)
            if min(example) <= 0 or example[i] != end * example[j] or not is_semidefinite(_form(example, gain, Fraction(0))):
                return False
    return _constants_hold(facts, jacobians, claim)


def _schur_step(facts: _Facts, jacobians: list[Rows], claim: dict[str, Any], _: Any) -> bool:
    steps, rate, scales = _vector(claim["step_sizes"]), Fraction(claim["rate"]), _vector(claim["scales"])
    curvature, own = _vector(claim["curvature"]), _vector(claim["own_lipschitz"])
    if claim["updates"] not in ("simultaneous", "any") or (claim["updates"] == "any" and not facts.contains_strategies):
        return False
    if min(steps) <= 0 or min(scales) <= 0 or not 0 <= rate < 1:
        return False
    if any(h * (mu + top) > 2 or mu > top for h, mu, top in zip(steps, curvature, own, strict=True)):
        return False
    for jacobian in jacobians:
        if any(abs(jacobian[r][c] - jacobian[c][r]) > facts.slack for block in facts.blocks for r in block for c in block):
            return False
    shrink = step_matrix(_gain(claim), steps)
    if min(min(row) for row in shrink) < 0:
        return False
    if any(sum((a * v for a, v in zip(row, scales, strict=True)), Fraction(0)) > rate * v for row, v in zip(shrink, scales, strict=True)):
        return False
    if claim["weights"] is not None:  # the norm of W^1/2 N W^-1/2 is at most the rate
        weights = _vector(claim["weights"])
        diagonal = [[w * int(i == j) for j in range(len(weights))] for i, w in enumerate(weights)]
        shrunk = _product(_transpose(shrink), _product(diagonal, shrink))
        if min(weights) <= 0 or not is_semidefinite(_minus(_scaled(rate**2, diagonal), shrunk)):
            return False
    return _constants_hold(facts, jacobians, claim)


def _equilibrium(facts: _Facts, jacobians: list[Rows], claim: dict[str, Any], _: Any) -> bool:
    center, radius = _vector(claim["center"]), Fraction(claim["radius"])
    metric, margin = _matrix(claim["metric"]), Fraction(claim["margin"])
    if "simplex" in facts.kinds or margin <= 0 or radius < 0 or not _is_metric(metric) or not _monotone(facts, jacobians, metric, margin):
        return False
    zero = facts.zero_near(center)
    if zero is None or (facts.region is not None
                        and any(not a - _LOOSE <= x <= b + _LOOSE for x, (a, b) in zip(zero, facts.region, strict=True))):
        return False
    return _square_between(zero, center, metric) <= radius**2 + (0 if facts.is_linear else _LOOSE)


def _unstable_equilibrium(facts: _Facts, _: list[Rows], claim: dict[str, Any], __: Any) -> bool:
    center, radius, steps = _vector(claim["center"]), Fraction(claim["radius"]), facts.steps(claim["step_sizes"])
    if "simplex" in facts.kinds or radius <= 0 or min(steps) <= 0:
        return False
    zero = facts.zero_near(center)
    if zero is None or any(abs(x - c) > radius for x, c in zip(zero, center, strict=True)):
        return False
    if facts.region is not None and any(not a < x < b for x, (a, b) in zip(zero, facts.region, strict=True)):
        return False
    return not is_stable_step(step_matrix(facts.jacobian_at(zero), steps))


def _no_metric(facts: _Facts, jacobians: list[Rows], claim: dict[str, Any], example: Any) -> bool:
    dual = _matrix(example)
    if not facts.is_linear or dual != _transpose(dual) or not any(any(row) for row in dual) or not is_semidefinite(dual):
        return False
    moved = _product(jacobians[0], dual)
    for block in facts.blocks:
        own = [[-moved[r][c] - moved[c][r] for c in block] for r in block]
        holds = sum(own[k][k] for k in range(len(own))) >= 0 if claim["structure"] == "players" else is_semidefinite(own)
        if not holds:
            return False
    return True


def _unstable_step(facts: _Facts, jacobians: list[Rows], claim: dict[str, Any], _: Any) -> bool:
    steps = facts.steps(claim["step_sizes"])
    return facts.is_linear and set(facts.kinds) == {"free"} and min(steps) > 0 and not is_stable_step(step_matrix(jacobians[0], steps))


def _unstable_flow(facts: _Facts, jacobians: list[Rows], _: dict[str, Any], __: Any) -> bool:
    return facts.is_linear and set(facts.kinds) == {"free"} and not is_stable_field(jacobians[0])


_JUDGES: dict[str, Callable[[_Facts, list[Rows], dict[str, Any], Any], bool]] = {
    "small_gain": _small_gain, "schur_step": _schur_step, "strong_monotonicity": _strong_monotonicity,
    "step_contraction": _step_contraction, "convergence": _convergence,
    "equilibrium": _equilibrium, "unstable_equilibrium": _unstable_equilibrium, "no_metric": _no_metric, "unstable_step": _unstable_step,
    "unstable_flow": _unstable_flow,
}
