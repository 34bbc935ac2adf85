"""Expression trees with every operation of the theory, their values in fractions or fifty digits, and a reader of the prover's trees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import mpmath
from hypothesis import strategies as st

from epsdelta.exact.expression import Expression

__all__ = ["DIGITS", "RATIONAL", "Undefined", "read_tree", "trees", "value"]

DIGITS = 50
RATIONAL = ("add", "mul", "div", "power")
FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "tanh", "logistic", "softplus")


class Undefined(Exception):
    """No value at this point."""


@st.composite
def trees(draw: st.DrawFn, variables: int = 3, *, functions: Sequence[str] = FUNCTIONS, depth: int = 4) -> Expression:
    """As they stand in a file: nothing folded."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        if draw(st.booleans()):
            return Expression("variable", (), draw(st.integers(0, variables - 1)))
        return Expression("constant", (), Fraction(draw(st.integers(-4, 4)), draw(st.integers(1, 3))))
    inner = trees(variables, functions=functions, depth=depth - 1)
    op = draw(st.sampled_from(("add", "mul", "add", "mul", "div", "power", *functions)))
    if op in ("add", "mul", "div"):
        return Expression(op, (draw(inner), draw(inner)))
    return Expression(op, (draw(inner),), draw(st.integers(2, 4)) if op == "power" else None)


def value(tree: Expression, place: Sequence[Fraction]) -> Any:
    """A Fraction where only rational operations occur, else a number of fifty digits.

    Raises:
        Undefined: outside of the domain, and where a number gets too large to be of use.
    """
    known: dict[int, Any] = {}

    def visit(node: Expression) -> Any:
        if id(node) not in known:
            known[id(node)] = _value(node, [visit(a) for a in node.args], place)
        return known[id(node)]

    with mpmath.workdps(DIGITS):
        return visit(tree)


def number(value: Fraction | Any) -> Any:
    return mpmath.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else value


def _value(node: Expression, args: list[Any], place: Sequence[Fraction]) -> Any:
    if node.op == "constant":
        return Fraction(node.value or 0)
    if node.op == "variable":
        return place[int(node.value or 0)]
    if (node.op in ("log", "sqrt") and args[0] <= 0) or (node.op == "div" and args[1] == 0):
        raise Undefined
    if not all(isinstance(a, Fraction) for a in args) or node.op in FUNCTIONS:
        args = [number(a) for a in args]
    if any(abs(a) > 10**4 for a in args):
        raise Undefined
    a, b = args[0], args[-1]
    if node.op in FUNCTIONS:
        return _FUNCTIONS[node.op](a)
    if node.op == "power":
        return a ** int(node.value or 0)
    return {"add": lambda: a + b, "sub": lambda: a - b, "mul": lambda: a * b, "div": lambda: a / b, "opp": lambda: -a}[node.op]()


_FUNCTIONS: dict[str, Any] = {
    "exp": mpmath.exp, "log": mpmath.log, "sqrt": mpmath.sqrt, "sin": mpmath.sin, "cos": mpmath.cos, "tanh": mpmath.tanh,
    "logistic": lambda x: 1 / (1 + mpmath.exp(-x)), "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
}
_WORDS = {"Var": "variable", "Cst": "constant", "Add": "add", "Sub": "sub", "Mul": "mul", "Div": "div", "Opp": "opp", "Pow": "power",
          **{name.capitalize(): name for name in FUNCTIONS}}


def read_tree(text: str) -> Expression:
    """A tree in the prover's words."""
    tokens = re.findall(r"[()]|[^\s()]+", text)
    found, rest = _read(tokens)
    assert rest == []
    return found


def _read(tokens: list[str]) -> tuple[Any, list[str]]:
    head, *rest = tokens
    if head != "(":
        return int(head, 0), rest
    items: list[Any] = []
    if rest[0] in _WORDS:
        items, rest = [_WORDS[rest[0]]], rest[1:]
    while rest[0] != ")":
        item, rest = _read(rest)
        items.append(item)
    return _node(items), rest[1:]


def _node(items: list[Any]) -> Any:
    match items:
        case [int()]:
            return items[0]
        case ["variable", int()]:
            return Expression("variable", (), items[1])
        case ["constant", int(), int()]:
            assert items[2] > 0
            return Expression("constant", (), Fraction(items[1], items[2]))
        case ["power", Expression(), int()]:
            assert items[2] >= 2
            return Expression("power", (items[1],), items[2])
        case [str(), *args]:
            assert all(isinstance(a, Expression) for a in args) and len(args) == (2 if items[0] in ("add", "sub", "mul", "div") else 1)
            return Expression(items[0], tuple(args))
    raise AssertionError(items)
