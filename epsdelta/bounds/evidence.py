"""What backs a bound, and how it is replayed.

Evidence is named by an id ``kind/name``. Four kinds are replayed here, each by a function that takes the bound and yields ``Step``s:

* ``derivation``: the proof, step by step; its last step must give the bound's own formula, so that a changed formula fails;
* ``worst-case``: an instance on which the bound is attained, computed exactly (it shows tightness, not truth);
* ``exact-check``: the bound holds on instances that are computed exactly (it refutes nothing and proves nothing in general);
* ``counterexample``: an instance that satisfies the assumptions and violates the bound, computed exactly.

The other kinds point elsewhere: ``certificate`` (a claim kind of the kernel), ``experiment``, ``rocq`` (a machine-
checked theorem; see ``epsdelta.bounds.theorems``). Arithmetic is exact: integers, fractions and sympy. Floats have no place in a step.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from epsdelta.bounds.lazy import sympy
from epsdelta.exact.polynomial import evaluate, sturm_count
from epsdelta.exact.rational import rational

if TYPE_CHECKING:
    from epsdelta.bounds.bound import Bound

__all__ = ["EXTERNAL", "REPLAYED", "Evidence", "Replay", "Step", "combination", "counterexample", "derivation", "exact_check", "identity",
           "nonnegative_on", "replay", "step", "sum_of_squares", "worst_case"]

REPLAYED = ("derivation", "worst-case", "exact-check", "counterexample")
EXTERNAL = ("certificate", "experiment", "rocq")


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence of an argument and whether its check held."""

    sentence: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that can be replayed.

    Args:
        id: ``kind/name``.
        statement: what it shows, in one or two sentences.
        run: takes the bound, yields the steps.
    """

    id: str
    statement: str
    run: Callable[[Bound], Iterable[Step]]

    @property
    def kind(self) -> str:
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Replay:
    """The steps of one evidence, as they came out."""

    evidence: str
    statement: str
    steps: tuple[Step, ...]

    @property
    def holds(self) -> bool:
        """Whether there is a step and every step held."""
        return bool(self.steps) and all(one.holds for one in self.steps)


def replay(evidence: Evidence, bound: Bound) -> Replay:
    """Run an evidence on a bound; an arithmetic error is a step that failed."""
    steps: list[Step] = []
    try:
        steps.extend(evidence.run(bound))
    except (ArithmeticError, ValueError, TypeError) as error:
        steps.append(Step(f"stopped: {type(error).__name__}: {error}", False))
    return Replay(evidence.id, evidence.statement, tuple(steps))


def _maker(kind: str) -> Callable[[str], Callable[[Callable[[Bound], Iterator[Step]]], Evidence]]:
    def named(name: str) -> Callable[[Callable[[Bound], Iterator[Step]]], Evidence]:
        def make(run: Callable[[Bound], Iterator[Step]]) -> Evidence:
            return Evidence(f"{kind}/{name}", " ".join((run.__doc__ or "").split()), run)
        return make
    functools.update_wrapper(named, _maker, assigned=("__module__",), updated=())
    named.__doc__ = f"Decorator: a generator of steps, whose docstring is the statement, becomes evidence ``{kind}/NAME``."
    return named


derivation = _maker("derivation")
worst_case = _maker("worst-case")
exact_check = _maker("exact-check")
counterexample = _maker("counterexample")


# ---- steps -------------------------------------------------------------------------------------------------------------------


def step(sentence: str, holds: Any) -> Step:
    """A step that holds where ``holds`` is true; a relation that sympy leaves undecided does not hold."""
    return Step(sentence, holds is True or holds is sympy.true)


def _exact(value: Any) -> Any:
    """A sympy expression as it is, an int or Fraction as a sympy number; a float is refused."""
    if isinstance(value, sympy.Basic):
        return value
    exact = rational(value, name="a number of a step")
    return sympy.Rational(exact.numerator, exact.denominator)


def _is_zero(expression: Any) -> bool:
    """Whether an expression vanishes identically; only exact rewriting decides, and what it cannot decide is no."""
    for rewrite in (sympy.expand, sympy.simplify, lambda e: sympy.simplify(sympy.expand(sympy.powdenest(e, force=False)))):
        expression = rewrite(expression)
        if expression == 0:
            return True
        if expression.is_number and not expression.free_symbols:
            return sympy.simplify(expression) == 0
    return False


def identity(sentence: str, left: Any, right: Any) -> Step:
    """left = right, identically in every symbol (by exact rewriting)."""
    return Step(sentence, _is_zero(_exact(left) - _exact(right)))


def sum_of_squares(sentence: str, expression: Any, squares: Sequence[tuple[Any, Any]]) -> Step:
    """expression = sum of c * s^2 with every c known to be nonnegative from its symbols' domains; so expression >= 0."""
    known = all(_exact(c).is_nonnegative for c, _ in squares)
    return Step(sentence, known and _is_zero(_exact(expression) - sum((_exact(c) * _exact(s) ** 2 for c, s in squares), sympy.Integer(0))))


def combination(sentence: str, conclusion: Any, terms: Sequence[tuple[Any, Any]], where: Mapping[Any, Any] | None = None) -> Step:
    """conclusion = sum of multiplier * slack, with every multiplier known to be nonnegative.

    ``conclusion >= 0`` is what is claimed and each ``slack >= 0`` is an assumption, an earlier step or a square. This is the form of
    every proof from a performance-estimation problem.

    Args:
        sentence: what is claimed.
        conclusion: the expression that is nonnegative.
        terms: (multiplier, slack) pairs; a multiplier's sign follows from its symbols' domains, before ``where`` is applied.
        where: how a condition enters: ``{L: (1 - r)/eta}`` with a nonnegative symbol r says L*eta <= 1.
    """
    known = all(_exact(c).is_nonnegative for c, _ in terms)
    difference = _exact(conclusion) - sum((_exact(c) * _exact(s) for c, s in terms), sympy.Integer(0))
    return Step(sentence, known and _is_zero(difference.subs(where or {})))


def nonnegative_on(sentence: str, polynomial: Any, variable: Any, low: Fraction | int, high: Fraction | int | None) -> Step:
    """A univariate polynomial with rational coefficients is >= 0 on [low, high], by Sturm's theorem.

    The polynomial is divided by the squares that its repeated roots give, so a double root inside is allowed.
    """
    poly = sympy.Poly(polynomial, variable, domain="QQ")
    if poly.is_zero:
        return Step(sentence, True)
    lead, factors = poly.sqf_list()
    odd = sympy.Poly(sympy.sign(lead), variable, domain="QQ")
    for factor, power in factors:
        odd = odd * factor if power % 2 else odd
    coefficients = [Fraction(int(c.p), int(c.q)) for c in odd.all_coeffs()]
    left, right = Fraction(low), None if high is None else Fraction(high)
    inside = [left + 1] if right is None else [left + (right - left) * Fraction(k, 7) for k in range(1, 7)]
    is_constant = len(coefficients) == 1
    changes = 0 if is_constant else _interior_roots(coefficients, left, right)
    return Step(sentence, changes == 0 and any(evaluate(coefficients, x) > 0 for x in inside))


def _interior_roots(coefficients: Sequence[Fraction], low: Fraction, high: Fraction | None) -> int:
    """Roots in the open interval; ``sturm_count`` counts those of (low, high]."""
    count = sturm_count(coefficients, low, high)
    return count - (1 if high is not None and evaluate(coefficients, high) == 0 else 0)


def index(modules: Iterable[Any]) -> Mapping[str, Evidence]:
    """Evidence by id, from the ``EVIDENCE`` tuples of modules; an id that stands twice is refused."""
    table: dict[str, Evidence] = {}
    for module in modules:
        for one in getattr(module, "EVIDENCE", ()):
            if one.id in table:
                raise ValueError(f"evidence {one.id!r} stands twice in the catalogue")
            table[one.id] = one
    return table
