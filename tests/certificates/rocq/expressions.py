"""A reader of the prover's expressions, written from the levels of its grammar and not from what renders them.

``^`` binds tighter than a sign or an inverse, these tighter than ``*`` and ``/``, these than ``+`` and ``-``; an application binds tightest.
Between brackets with ``%nat`` behind them ``/`` rounds down.
Formulas without roots, logarithms and exponentials are evaluated in fractions, others with sixty digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath

_TOKEN = re.compile(r"\s*(\d+|[A-Za-z_][\w']*|%nat|[-+*/^()])")
_IRRATIONAL = re.compile(r"\b(?:sqrt|ln|exp|cos|sin|Rpower|PI)\b")
_DEFINITION = re.compile(r"^Definition (\w+)((?:\s+\([^()]*\))*)\s+: R\s+:=\s+(.*?)\.$", re.MULTILINE | re.DOTALL)
DIGITS = 60


@dataclass(frozen=True)
class Defined:
    """A definition: its binders as (name, type) pairs, and its body."""

    name: str
    binders: tuple[tuple[str, str], ...]
    body: str

    def value(self, values: Mapping[str, Fraction]) -> Any:
        """A Fraction, or a number of sixty digits; the arguments are taken by position."""
        assert len(values) == len(self.binders)
        for (_, kind), value in zip(self.binders, values.values(), strict=True):
            assert kind == "R" or (kind == "nat" and value.denominator == 1 and value >= 0)
        return evaluated(self.body, {name: value for (name, _), value in zip(self.binders, values.values(), strict=True)})


def definitions_of(text: str) -> dict[str, Defined]:
    """Every definition of a source, by name."""
    found: dict[str, Defined] = {}
    for name, binders, body in _DEFINITION.findall(text):
        groups = [group.split(":") for group in re.findall(r"\(([^()]*)\)", binders)]
        pairs = tuple((one, kind.strip()) for names, kind in groups for one in names.split())
        assert name not in found
        found[name] = Defined(name, pairs, body)
    return found


def is_rational(body: str) -> bool:
    """Whether an expression is evaluated in fractions."""
    return _IRRATIONAL.search(body) is None


def evaluated(body: str, values: Mapping[str, Fraction]) -> Any:
    """The value of an expression."""
    with mpmath.workdps(DIGITS):
        if is_rational(body):
            return _Reader(body, values, Fraction).whole()
        return _Reader(body, values, lambda value: mpmath.mpf(value.numerator) / value.denominator).whole()


class _Reader:
    def __init__(self, text: str, values: Mapping[str, Fraction], number: Callable[[Fraction], Any]) -> None:
        self.tokens = _TOKEN.findall(text)
        assert "".join(self.tokens) == re.sub(r"\s", "", text)
        self.values, self.number, self.at, self.natural = values, number, 0, False

    def _is_natural(self) -> bool:
        """Whether ``%nat`` stands behind the bracket that was just opened."""
        depth, at = 1, self.at
        while depth:
            depth += {"(": 1, ")": -1}.get(self.tokens[at], 0)
            at += 1
        return self.tokens[at:at + 1] == ["%nat"]

    def _next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._next()
        assert not wanted or token in wanted
        self.at += 1
        return token

    def whole(self) -> Any:
        value = self._sum()
        assert self._next() == ""
        return value

    def _sum(self) -> Any:
        value = self._product()
        while self._next() in ("+", "-"):
            sign, other = self._take(), self._product()
            assert sign == "+" or not self.natural or value >= other, "a difference of naturals that is one"
            value = value + other if sign == "+" else value - other
        return value

    def _product(self) -> Any:
        value = self._signed()
        while self._next() in ("*", "/"):
            sign, other = self._take(), self._signed()
            rounded = sign == "/" and self.natural
            value = value * other if sign == "*" else self.number(Fraction(int(value) // int(other))) if rounded else value / other
        return value

    def _signed(self) -> Any:
        if self._next() in ("-", "/"):
            return -self._signed() if self._take() == "-" else 1 / self._signed()
        return self._power()

    def _power(self) -> Any:
        base = self._application()
        if self._next() != "^":
            return base
        self._take()
        exponent = self._power()
        assert exponent == int(exponent) and exponent >= 0, "the exponent is a natural number"
        return base ** int(exponent)

    def _application(self) -> Any:
        two = {"Rmin": min, "Rmax": max, "Rpower": lambda x, y: mpmath.exp(y * mpmath.log(x))}
        one = {"INR": lambda x: x, "Rabs": abs, "sqrt": mpmath.sqrt, "ln": mpmath.log, "exp": mpmath.exp, "cos": mpmath.cos, "sin": mpmath.sin}
        name = self._next()
        if name in one and name not in self.values:
            self._take()
            return one[name](self._atom())
        if name in two and name not in self.values:
            self._take()
            return two[name](self._atom(), self._atom())
        return self._atom()

    def _atom(self) -> Any:
        token = self._take()
        if token == "(":
            outside, self.natural = self.natural, self.natural or self._is_natural()
            value = self._sum()
            self._take(")")
            self.natural = outside
            if self._next() == "%nat":
                self._take()
                assert value == int(value) and value >= 0, "a natural number"
            return value
        if token.isdigit():
            return self.number(Fraction(token))
        return mpmath.pi if token == "PI" and token not in self.values else self.number(self.values[token])
