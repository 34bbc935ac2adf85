"""Exact ranges of affine derivatives over a box, as the theory computes them (AffineCover.v), rule by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from epsdelta.certificates.rocq.mirror import Node
from epsdelta.exact.interval import Interval

__all__ = ["Form", "affine_form", "is_entire"]


@dataclass(frozen=True, slots=True)
class Form:
    """c + sum_j l_j x_j; no slope is stored that is 0."""

    constant: Fraction
    slopes: dict[int, Fraction]

    def over(self, box: Sequence[Interval]) -> Interval:
        """The range over a box, exactly."""
        low = high = self.constant
        for k, slope in self.slopes.items():
            ends = (slope * box[k].lo, slope * box[k].hi)
            low, high = low + min(ends), high + max(ends)
        return Interval(low, high)

    def times(self, factor: Fraction) -> Form:
        """A multiple."""
        return _combined(factor, self, Fraction(0), self)


def _combined(u: Fraction, a: Form, w: Fraction, b: Form) -> Form:
    slopes = {k: u * a.slopes.get(k, Fraction(0)) + w * b.slopes.get(k, Fraction(0)) for k in {**a.slopes, **b.slopes}}
    return Form(u * a.constant + w * b.constant, {k: s for k, s in slopes.items() if s})


def affine_form(tree: Node) -> Form | None:
    """``affine_form`` of the theory: None where it does not see that a tree is affine."""
    known: dict[int, Form | None] = {}

    def visit(node: Node) -> Form | None:
        if id(node) not in known:
            known[id(node)] = _form(node, [visit(a) for a in node.args])
        return known[id(node)]

    return visit(tree)


def _form(node: Node, args: Sequence[Form | None]) -> Form | None:
    one = Fraction(1)
    if node.op == "constant":
        return Form(Fraction(node.value or 0), {})
    if node.op == "variable":
        return Form(Fraction(0), {int(node.value or 0): one})
    a, b = args[0], args[-1]
    if a is None:
        return None
    if node.op == "opp":
        return a.times(-one)
    if node.op == "power":
        return a if node.value == 1 else None
    if node.op == "div":
        below = node.args[1]
        return a.times(1 / Fraction(below.value)) if below.op == "constant" and below.value else None
    if b is None or node.op not in ("add", "sub", "mul"):
        return None
    if node.op == "mul":
        return b.times(a.constant) if not a.slopes else a.times(b.constant) if not b.slopes else None
    return _combined(one, a, one if node.op == "add" else -one, b)


def is_entire(tree: Node) -> bool:
    """Whether the theory sees a polynomial: it divides by constants other than 0 only."""
    known: dict[int, bool] = {}

    def visit(node: Node) -> bool:
        if id(node) not in known:
            fits = node.op in ("constant", "variable", "add", "sub", "mul", "opp", "power") or (
                node.op == "div" and node.args[1].op == "constant" and bool(node.args[1].value))
            known[id(node)] = fits and all(visit(a) for a in node.args)
        return known[id(node)]

    return visit(tree)
