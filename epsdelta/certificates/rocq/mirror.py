"""What the theory computes from expression trees, computed here too: derivatives and intervals of the Jacobian.

The theory differentiates costs symbolically (``deriv`` in Expressions.v), encloses the Jacobian by forward differentiation over
intervals (``ad`` in Enclosure.v) and sharpens entries by monotonicity (``sharp_check``). Witnesses must hold for those enclosures, so
all are followed rule by rule; a difference would only make the prover refuse a witness.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from epsdelta.certificates.rocq.duals import FLOATING, FLOATING_SIGNS, PRECISE, duals
from epsdelta.errors import EnclosureError
from epsdelta.exact.expression import Expression, Tape
from epsdelta.exact.interval import Interval, point
from epsdelta.exact.rational import round_down, round_up

__all__ = ["Node", "derivative", "hull_over", "is_rational", "nodes", "values_at"]

Node = Expression
"""A node of a tree of the theory: the operations of a file, and "sub" and "opp", which only derivatives have."""
Box = Sequence[Interval]
_SLACK_BITS = 46
_RATIONAL = frozenset({"constant", "variable", "add", "sub", "mul", "div", "opp", "power"})


def nodes(program: Tape) -> list[Node]:
    """The outputs of a program as trees, nothing folded."""
    built: list[Node] = []
    for op, args, value in program.nodes:
        built.append(Expression(op, tuple(built[a] for a in args), value))
    return [built[k] for k in program.outputs]


def _number(value: Fraction | int) -> Node:
    return Expression("constant", (), Fraction(value))


def _is(node: Node, value: int) -> bool:
    return node.op == "constant" and node.value == value


def _fold(op: str, a: Node, b: Node, of: Callable[[Fraction, Fraction], Fraction]) -> Node:
    if isinstance(a.value, Fraction) and isinstance(b.value, Fraction) and a.op == b.op == "constant":
        return _number(of(a.value, b.value))
    return Expression(op, (a, b))


def _add(a: Node, b: Node) -> Node:
    if _is(a, 0):
        return b
    return a if _is(b, 0) else _fold("add", a, b, lambda p, q: p + q)


def _sub(a: Node, b: Node) -> Node:
    if _is(b, 0):
        return a
    return _opp(b) if _is(a, 0) else _fold("sub", a, b, lambda p, q: p - q)


def _opp(a: Node) -> Node:
    if a.op == "opp":
        return a.args[0]
    return _number(-a.value) if isinstance(a.value, Fraction) and a.op == "constant" else Expression("opp", (a,))


def _mul(a: Node, b: Node) -> Node:
    if _is(a, 0) or _is(b, 0):
        return _number(0)
    if _is(a, 1):
        return b
    return a if _is(b, 1) else _fold("mul", a, b, lambda p, q: p * q)


def _div(a: Node, b: Node) -> Node:
    if _is(a, 0):
        return _number(0)
    if _is(b, 1):
        return a
    return Expression("div", (a, b)) if _is(b, 0) else _fold("div", a, b, lambda p, q: p / q)


def _power(a: Node, k: int) -> Node:
    if k == 0:
        return _number(1)
    return a if k == 1 else Expression("power", (a,), k)


def derivative(tree: Node, index: int) -> Node:
    """``deriv index tree``, common parts once."""
    known: dict[int, Node] = {}

    def visit(node: Node) -> Node:
        if id(node) not in known:
            known[id(node)] = _rule(node, index, [visit(a) for a in node.args])
        return known[id(node)]

    return visit(tree)


def _rule(node: Node, index: int, slopes: list[Node]) -> Node:
    op, args = node.op, node.args
    if op in ("constant", "variable"):
        return _number(1 if op == "variable" and node.value == index else 0)
    a, da = args[0], slopes[0]
    if op == "add":
        return _add(da, slopes[1])
    if op == "sub":
        return _sub(da, slopes[1])
    if op == "mul":
        return _add(_mul(da, args[1]), _mul(a, slopes[1]))
    if op == "div":
        return _div(_sub(da, _mul(Expression("div", (a, args[1])), slopes[1])), args[1])
    if op == "opp":
        return _opp(da)
    if op == "power":
        k = int(node.value or 0)
        return _mul(_mul(_number(k), _power(a, k - 1)), da)
    if op == "log":
        return _div(da, a)
    if op == "sqrt":
        return _div(da, Expression("mul", (_number(2), Expression("sqrt", (a,)))))
    if op == "cos":
        return _opp(_mul(Expression("sin", (a,)), da))
    return _mul(_outer(op, a), da)


def _outer(op: str, a: Node) -> Node:
    one, two = _number(1), 2
    if op == "exp":
        return Expression("exp", (a,))
    if op == "sin":
        return Expression("cos", (a,))
    if op == "tanh":
        return Expression("sub", (one, Expression("power", (Expression("tanh", (a,)),), two)))
    logistic = Expression("logistic", (a,))
    return logistic if op == "softplus" else Expression("mul", (logistic, Expression("sub", (one, logistic))))


# ---- enclosures --------------------------------------------------------------------------------------------------------------


def is_rational(trees: Sequence[Node]) -> bool:
    """Whether the trees have rational operations only: the theory then computes with rational intervals, exactly."""
    seen: set[int] = set()

    def visit(node: Node) -> bool:
        if id(node) in seen:
            return True
        seen.add(id(node))
        return node.op in _RATIONAL and all(visit(a) for a in node.args)

    return all(visit(tree) for tree in trees)


def hull_over(trees: Sequence[Node], slopes: Sequence[Sequence[Node]], box: Box, *, sharp: bool = True) -> list[list[Interval]]:
    """An interval for each entry of the Jacobian on a box: exact where the derivative is a number or the trees are rational, else a little
    wider than computed.

    Args:
        trees: the field.
        slopes: ``derivative(trees[i], j)``.
        box: one interval per variable.
        sharp: whether entries are narrowed by monotonicity, as the theory's ``sharp_check`` confirms them.

    Raises:
        EnclosureError: where the theory would refuse the box: a pole, or a root or logarithm that is not shown to be defined.
    """
    exact, zero = is_rational(trees), point(0)
    found: list[list[Interval]] = []
    for dual, row in zip(duals(trees, box, PRECISE if exact else FLOATING), slopes, strict=True):
        plain = [dual.slopes.get(j, zero) for j in range(len(row))]
        found.append([point(Fraction(slope.value or 0)) if slope.op == "constant" else e if exact else _wider(e)
                      for e, slope in zip(plain, row, strict=True)])
    if not sharp:
        return found
    wide = {id(slope): slope for row, known in zip(slopes, found, strict=True) for slope, e in zip(row, known, strict=True) if e.width}
    try:
        ahead = duals(list(wide.values()), box, PRECISE if exact else FLOATING_SIGNS)
    except EnclosureError:  # a derivative with a pole only costs sharpness
        return found
    ends = {key: _on_faces(slope, dual.slopes, box, exact) for (key, slope), dual in zip(wide.items(), ahead, strict=True)}
    return [[_common(e, ends.get(id(slope))) for slope, e in zip(row, known, strict=True)]
            for row, known in zip(slopes, found, strict=True)]


def _common(plain: Interval, other: Interval | None) -> Interval:
    return plain if other is None else Interval(max(plain.lo, other.lo), min(plain.hi, other.hi))


def _on_faces(entry: Node, slopes: dict[int, Interval], box: Box, exact: bool) -> Interval | None:
    """From the least value on one face to the greatest on another: where the signs of the partial derivatives put the extremes."""
    low, high = list(box), list(box)
    for k, slope in slopes.items():
        if slope.lo >= 0:
            low[k], high[k] = point(box[k].lo), point(box[k].hi)
        elif slope.hi <= 0:
            low[k], high[k] = point(box[k].hi), point(box[k].lo)
    if low == list(box):
        return None
    rule = PRECISE if exact else FLOATING_SIGNS
    ends = Interval(duals([entry], low, rule, slopes=False)[0].value.lo, duals([entry], high, rule, slopes=False)[0].value.hi)
    return ends if exact else _wider(ends)


def values_at(trees: Sequence[Node], place: Sequence[Fraction]) -> list[Interval]:
    """Intervals of the field's values at a rational point; exact where only rational operations occur.

    Raises:
        EnclosureError: where the field is not shown to be defined there.
    """
    exact = [_rational(tree, place) for tree in trees]
    if all(q is not None for q in exact):
        return [point(q) for q in exact if q is not None]
    values = [d.value for d in duals(trees, [point(q) for q in place], FLOATING)]
    return [_wider(value) if value.lo or value.hi else value for value in values]  # a product with an exact zero is exact in the theory too


def _rational(node: Node, place: Sequence[Fraction]) -> Fraction | None:
    if node.op == "constant":
        return Fraction(node.value or 0)
    if node.op == "variable":
        return place[int(node.value or 0)]
    args = [_rational(a, place) for a in node.args]
    a, b = args[0], args[-1]
    if a is None or b is None:
        return None
    if node.op == "power":
        return a ** int(node.value or 0)
    if node.op == "div":
        return a / b if b else None
    table = {"add": a + b, "sub": a - b, "mul": a * b, "opp": -a}
    return table.get(node.op)


def _wider(side: Interval) -> Interval:
    """Outward by about 2^-44 of the larger end, to short dyadic numbers."""
    size = max(abs(side.lo), abs(side.hi))
    if not size:
        return Interval(Fraction(-1, 2**60), Fraction(1, 2**60))
    places = _SLACK_BITS - (size.numerator.bit_length() - size.denominator.bit_length())
    step = Fraction(1, 2**places) if places >= 0 else Fraction(2 ** -places)
    return Interval(round_down(side.lo, places) - step, round_up(side.hi, places) + step)
