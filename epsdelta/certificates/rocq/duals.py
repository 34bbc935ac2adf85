"""Forward differentiation over intervals, rule by rule as in the theory: floating (``ad`` in Enclosure.v) and rational (``qad``).

Rational intervals are exact. Signs of floating slopes are found with every result rounded to fewer bits than the theory keeps, so that
the theory finds them too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from epsdelta.errors import EnclosureError
from epsdelta.exact.expression import Expression
from epsdelta.exact.interval import Interval, operations, point
from epsdelta.exact.rational import round_down, round_up

__all__ = ["FLOATING", "FLOATING_SIGNS", "PRECISE", "Dual", "Rule", "duals"]

Node = Expression
Box = Sequence[Interval]
Table = dict[str, Callable[..., Interval]]
PRECISION = 48
"""Bits of the intervals here; the theory keeps 60, so its intervals lie inside."""
_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Dual:
    """An interval of the value and, for each variable that matters, of the partial derivative."""

    value: Interval
    slopes: dict[int, Interval]


_UNIT = point(1)


def _negative(x: Interval) -> Interval:
    return Interval(-x.hi, -x.lo)


def _minus(ops: Table, x: Interval, y: Interval) -> Interval:
    return ops["add"](x, _negative(y))


def _scaled(ops: Table, factor: Interval, slopes: dict[int, Interval]) -> dict[int, Interval]:
    return {k: ops["mul"](factor, s) for k, s in slopes.items()}


def _joined(ops: Table, first: dict[int, Interval], second: dict[int, Interval]) -> dict[int, Interval]:
    return {k: ops["add"](first[k], second[k]) if k in first and k in second else first.get(k, second.get(k, _UNIT))
            for k in {**first, **second}}


def _dual(ops: Table, node: Node, args: list[Dual], box: Box) -> Dual:
    op = node.op
    if op == "constant":
        return Dual(ops["leaf"](point(Fraction(node.value or 0))), {})
    if op == "variable":
        return Dual(ops["leaf"](box[int(node.value or 0)]), {int(node.value or 0): _UNIT})
    a = args[0]
    if op in ("add", "sub"):
        b = args[1] if op == "add" else Dual(_negative(args[1].value), {k: _negative(s) for k, s in args[1].slopes.items()})
        return Dual(ops["add"](a.value, b.value), _joined(ops, a.slopes, b.slopes))
    if op == "mul":
        b = args[1]
        return Dual(ops["mul"](a.value, b.value), _joined(ops, _scaled(ops, b.value, a.slopes), _scaled(ops, a.value, b.slopes)))
    if op == "div":
        b, w = args[1], ops["div"](a.value, args[1].value)
        right = {k: _negative(ops["div"](ops["mul"](w, s), b.value)) for k, s in b.slopes.items()}
        return Dual(w, _joined(ops, {k: ops["div"](s, b.value) for k, s in a.slopes.items()}, right))
    if op == "opp":
        return Dual(_negative(a.value), {k: _negative(s) for k, s in a.slopes.items()})
    if op == "power":
        k = int(node.value or 0)
        return Dual(ops["power"](a.value, k), _scaled(ops, ops["mul"](point(k), ops["power"](a.value, k - 1)), a.slopes))
    return _function(ops, op, a)


def _function(ops: Table, op: str, a: Dual) -> Dual:
    if op in ("log", "sqrt") and a.value.lo <= 0:
        raise EnclosureError(f"the argument of {op} is not positive on a box")
    w = ops[op](a.value)
    if op in ("log", "sqrt"):
        below = a.value if op == "log" else ops["mul"](point(2), w)
        return Dual(w, {k: ops["div"](s, below) for k, s in a.slopes.items()})
    if op == "exp":
        slope = w
    elif op in ("sin", "cos"):
        slope = ops["cos"](a.value) if op == "sin" else _negative(ops["sin"](a.value))
    elif op == "tanh":
        slope = _minus(ops, _UNIT, ops["power"](w, 2))
    elif op == "logistic":
        slope = _minus(ops, point(Fraction(1, 4)), ops["power"](_minus(ops, w, point(Fraction(1, 2))), 2))
    else:
        slope = ops["logistic"](a.value)
    return Dual(w, _scaled(ops, slope, a.slopes))


# ---- rational intervals ------------------------------------------------------------------------------------------------------


def _precise(ops: Table, node: Node, args: list[Dual], box: Box) -> Dual:
    """``qad`` of RationalEnclosure.v."""
    add, mul, zero = ops["add"], ops["mul"], point(0)
    if node.op in ("constant", "variable", "opp"):
        return _dual(ops, node, args, box)
    a, b = args[0], args[-1]
    keys = {**a.slopes, **b.slopes}
    pairs = {k: (a.slopes.get(k, zero), b.slopes.get(k, zero)) for k in keys}
    if node.op == "div":
        if b.value.lo <= 0 <= b.value.hi:
            raise EnclosureError("a divisor is not shown to differ from zero on a box")
        inverse = Interval(1 / b.value.hi, 1 / b.value.lo)
        value = mul(a.value, inverse)
        return Dual(value, {k: mul(add(p, _negative(mul(value, q))), inverse) for k, (p, q) in pairs.items()})
    if node.op == "mul":
        return Dual(mul(a.value, b.value), {k: add(mul(p, b.value), mul(a.value, q)) for k, (p, q) in pairs.items()})
    if node.op == "power":
        k = int(node.value or 0)
        factor = mul(point(k), ops["power"](a.value, k - 1))
        return Dual(ops["power"](a.value, k), {j: mul(factor, s) for j, s in a.slopes.items()})
    if node.op == "sub":
        return Dual(add(a.value, _negative(b.value)), {k: add(p, _negative(q)) for k, (p, q) in pairs.items()})
    return Dual(add(a.value, b.value), {k: add(p, q) for k, (p, q) in pairs.items()})


def _plus(x: Interval, y: Interval) -> Interval:
    return Interval(x.lo + y.lo, x.hi + y.hi)


def _times(x: Interval, y: Interval) -> Interval:
    ends = (x.lo * y.lo, x.lo * y.hi, x.hi * y.lo, x.hi * y.hi)
    return Interval(min(ends), max(ends))


def _powers(x: Interval, k: int) -> Interval:
    low, high = x.lo**k, x.hi**k
    if k % 2 or x.lo >= 0:
        return Interval(low, high)
    return Interval(high, low) if x.hi <= 0 else Interval(_ZERO, max(low, high))


# ---- the three ways -----------------------------------------------------------------------------------------------------------


def _same(side: Interval) -> Interval:
    return side


def _short(side: Interval) -> Interval:
    return Interval(round_down(side.lo, _places(side.lo)), round_up(side.hi, _places(side.hi)))


def _places(value: Fraction) -> int:
    """Binary places of about ``PRECISION`` significant bits."""
    return PRECISION - (value.numerator.bit_length() - value.denominator.bit_length())


def _rounding(table: Table) -> Table:
    def short(operation: Callable[..., Interval], *args: object) -> Interval:
        return _short(operation(*args))

    return {name: partial(short, operation) for name, operation in table.items()}


Rule = Callable[[Node, list[Dual], Box], Dual]
_TABLE = operations(PRECISION)
_RATIONAL: Table = {"add": _plus, "mul": _times, "power": _powers}
FLOATING: Rule = partial(_dual, {**_TABLE, "leaf": _same})
FLOATING_SIGNS: Rule = partial(_dual, {**_rounding(_TABLE), "leaf": _short})
PRECISE: Rule = partial(_precise, {**_RATIONAL, "leaf": _same})


def duals(trees: Sequence[Node], box: Box, rule: Rule, *, slopes: bool = True) -> list[Dual]:
    """Each tree's value and, unless only values are asked for, partial derivatives on a box.

    Raises:
        EnclosureError: where a tree is not shown to be defined on the box.
    """
    known: dict[int, Dual] = {}

    def visit(node: Node) -> Dual:
        if id(node) not in known:
            made = rule(node, [visit(a) for a in node.args], box)
            known[id(node)] = made if slopes else Dual(made.value, {})
        return known[id(node)]

    return [visit(tree) for tree in trees]
