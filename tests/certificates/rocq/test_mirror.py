"""Derivatives and enclosures that follow the theory, against the package's own derivatives and values; numbers and trees as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from epsdelta.certificates.rocq import text
from epsdelta.certificates.rocq.library import sources
from epsdelta.certificates.rocq.mirror import derivative, hull_over, is_rational, nodes, values_at
from epsdelta.errors import EnclosureError, ProverError
from epsdelta.exact.expression import OPERATIONS, Expression, differentiate, tape, variable
from epsdelta.exact.interval import Interval
from tests.certificates.rocq.trees import DIGITS, RATIONAL, Undefined, number, read_tree, trees, value

SIZE = 3
places = st.lists(st.fractions(-2, 3, max_denominator=16), min_size=SIZE, max_size=SIZE)
rational_trees = trees(SIZE, functions=())


@st.composite
def boxes(draw: st.DrawFn) -> tuple[Interval, ...]:
    low = [draw(st.fractions(-1, 2, max_denominator=8)) for _ in range(SIZE)]
    return tuple(Interval(a, a + draw(st.sampled_from([Fraction(0), Fraction(1, 100), Fraction(1, 8), Fraction(1)]))) for a in low)


@st.composite
def inside(draw: st.DrawFn, box: Sequence[Interval]) -> list[Fraction]:
    """A corner, the middle, or another point."""
    return [side.lo + (side.hi - side.lo) * draw(st.sampled_from([Fraction(k, 16) for k in (0, 0, 16, 16, 8, 3, 11)])) for side in box]


def agree(first: Any, second: Any) -> bool:
    if isinstance(first, Fraction) and isinstance(second, Fraction):
        return first == second
    with mpmath.workdps(DIGITS):
        return abs(number(first) - number(second)) <= mpmath.mpf(10) ** -30 * (1 + abs(number(first)))


def contains(side: Interval, found: Any) -> bool:
    if isinstance(found, Fraction):
        return side.lo <= found <= side.hi
    with mpmath.workdps(DIGITS):
        slack = mpmath.mpf(10) ** -38 * (1 + abs(found))
        return number(side.lo) - slack <= found <= number(side.hi) + slack


def defined(tree: Expression, place: Sequence[Fraction]) -> Any:
    try:
        return value(tree, place)
    except Undefined:
        assume(False)


class TestDerivative:
    @given(rational_trees, places)
    @settings(max_examples=120)
    def test_rational_operations_exactly(self, tree: Expression, place: list[Fraction]) -> None:
        defined(tree, place)
        for k in range(SIZE):
            mirrored, own = defined(derivative(tree, k), place), defined(differentiate(tree, k), place)
            assert isinstance(mirrored, Fraction) and mirrored == own

    @given(trees(SIZE), places)
    @settings(max_examples=120)
    def test_all_operations(self, tree: Expression, place: list[Fraction]) -> None:
        defined(tree, place)
        for k in range(SIZE):
            assert agree(defined(derivative(tree, k), place), defined(differentiate(tree, k), place))

    @given(trees(SIZE), places)
    @settings(max_examples=70)
    def test_twice(self, tree: Expression, place: list[Fraction]) -> None:
        """The derivatives have operations of their own, which are differentiated too: the Jacobian of a game by costs."""
        defined(tree, place)
        mirrored = derivative(derivative(tree, 0), 1)
        assert agree(defined(mirrored, place), defined(differentiate(differentiate(tree, 0), 1), place))

    @pytest.mark.parametrize("op", ["exp", "log", "sqrt", "sin", "cos", "tanh", "logistic", "softplus", "power", "div"])
    def test_each(self, op: str) -> None:
        x = variable(0)
        inner = Expression("mul", (Expression("constant", (), Fraction(3)), x))
        tree = Expression(op, (Expression("constant", (), Fraction(5)), inner) if op == "div" else (inner,), 4 if op == "power" else None)
        for place in (Fraction(1, 7), Fraction(2)):
            assert agree(value(derivative(tree, 0), [place]), value(differentiate(tree, 0), [place]))
        assert derivative(tree, 1).op == "constant" and derivative(tree, 1).value == 0


class TestHull:
    @given(st.lists(trees(SIZE, depth=3), min_size=1, max_size=SIZE), boxes(), st.data(), st.booleans())
    @settings(max_examples=100)
    def test_contains_the_jacobian(self, field: list[Expression], box: tuple[Interval, ...], data: st.DataObject, sharp: bool) -> None:
        slopes = [[derivative(tree, k) for k in range(SIZE)] for tree in field]
        try:
            found = hull_over(field, slopes, box, sharp=sharp)
        except EnclosureError:
            assume(False)
        assert len(found) == len(field)
        for _ in range(3):
            place = data.draw(inside(box))
            for tree, row in zip(field, found, strict=True):
                try:
                    entries = [value(differentiate(tree, k), place) for k in range(SIZE)]
                except Undefined:
                    continue
                assert all(contains(side, entry) for side, entry in zip(row, entries, strict=True))

    @given(st.lists(trees(SIZE, depth=3), min_size=1, max_size=SIZE), boxes())
    @settings(max_examples=100)
    def test_sharper_is_inside(self, field: list[Expression], box: tuple[Interval, ...]) -> None:
        slopes = [[derivative(tree, k) for k in range(SIZE)] for tree in field]
        try:
            plain = hull_over(field, slopes, box, sharp=False)
        except EnclosureError:
            assume(False)
        for row, other in zip(plain, hull_over(field, slopes, box), strict=True):
            assert all(a.lo <= b.lo <= b.hi <= a.hi for a, b in zip(row, other, strict=True))

    @given(rational_trees, boxes())
    @settings(max_examples=100)
    def test_a_point_is_exact_for_rational_trees(self, tree: Expression, box: tuple[Interval, ...]) -> None:
        place = [side.lo for side in box]
        try:
            (row,) = hull_over([tree], [[derivative(tree, k) for k in range(SIZE)]], [Interval(q, q) for q in place])
        except EnclosureError:
            assume(False)
        assert is_rational([tree])
        assert [(side.lo, side.hi) for side in row] == [(e, e) for e in (defined(differentiate(tree, k), place) for k in range(SIZE))]

    @pytest.mark.parametrize(("op", "low"), [("log", Fraction(0)), ("log", Fraction(-1)), ("sqrt", Fraction(0)), ("div", Fraction(-1)),
                                             ("div", Fraction(0))])
    def test_poles_are_refused(self, op: str, low: Fraction) -> None:
        x, one = variable(0), Expression("constant", (), Fraction(1))
        tree = Expression("div", (one, x)) if op == "div" else Expression(op, (x,))
        for other in (tree, Expression("add", (tree, Expression("exp", (x,))))):
            with pytest.raises(EnclosureError):
                hull_over([other], [[derivative(other, 0)]], [Interval(low, Fraction(1))])

    @given(st.lists(trees(SIZE, depth=3), min_size=1, max_size=SIZE), places)
    @settings(max_examples=70)
    def test_values(self, field: list[Expression], place: list[Fraction]) -> None:
        own = [defined(tree, place) for tree in field]
        try:
            found = values_at(field, place)
        except EnclosureError:
            assume(False)
        assert all(contains(side, e) for side, e in zip(found, own, strict=True))
        if is_rational(field):
            assert [(side.lo, side.hi) for side in found] == [(e, e) for e in own]


def numbers_in(written: str) -> list[int]:
    return [int(word, 0) for word in re.findall(r"-?(?:0x[0-9a-f]+|\d+)", written)]


long = st.one_of(st.integers(-20_000, 20_000), st.integers(-10**60, 10**60))
fractions = st.builds(Fraction, long, st.one_of(st.integers(1, 9), st.integers(1, 10**40)))


class TestText:
    @given(long)
    def test_integers(self, n: int) -> None:
        written = text.integer(n)
        assert int(written.strip("()"), 0) == n and (written.startswith("(-") == (n < 0))

    @given(fractions)
    def test_fractions(self, q: Fraction) -> None:
        above, below = text.fraction(q).split()
        assert Fraction(int(above.strip("()"), 0), int(below)) == q
        assert Fraction(*numbers_in(text.numeral(q))) == q

    @given(st.lists(fractions, min_size=1, max_size=4))
    def test_vectors(self, numbers: list[Fraction]) -> None:
        common, *entries = numbers_in(text.vector(numbers))
        assert common > 0 and [Fraction(e, common) for e in entries] == numbers

    @given(st.integers(1, 3).flatmap(lambda n: st.lists(st.lists(fractions, min_size=n, max_size=n), min_size=1, max_size=3)))
    def test_matrices(self, rows: list[list[Fraction]]) -> None:
        written = text.matrix(rows)
        common, *flat = numbers_in(written)
        assert [Fraction(e, common) for e in flat] == [e for row in rows for e in row]
        assert written.count("[") == len(rows) + 1

    @given(st.lists(st.tuples(fractions, fractions), min_size=1, max_size=4), st.integers(1, 6))
    def test_boxes_and_hulls(self, pairs: list[tuple[Fraction, Fraction]], factor: int) -> None:
        sides = [Interval(min(pair), max(pair)) for pair in pairs]
        _, least = text.over_common([q for side in sides for q in (side.lo, side.hi)])
        for written in (text.box(sides), text.box(sides, least * factor), text.hull([sides])):
            common, *flat = numbers_in(written)
            assert [Fraction(e, common) for e in flat] == [q for side in sides for q in (side.lo, side.hi)]

    @given(st.lists(trees(SIZE), min_size=1, max_size=2), places)
    @settings(max_examples=70)
    def test_trees(self, field: list[Expression], place: list[Fraction]) -> None:
        program = tape(field)
        for written, tree, back in zip(text.expressions(program), field, nodes(program), strict=True):
            own = defined(tree, place)
            assert agree(value(read_tree(written), place), own) and agree(value(back, place), own)

    def test_every_operation_is_a_word_of_the_theory(self) -> None:
        declared = re.search(r"Inductive expr[^:]*:=(.*?)\.\s", sources()["Expressions"], re.DOTALL)
        assert declared is not None
        words = set(re.findall(r"\b[A-Z][a-z]+\b", declared[1]))
        x = variable(0)
        for op in set(OPERATIONS) - {"constant", "variable"}:
            tree = Expression(op, (x, x) if op in RATIONAL[:3] else (x,), 2 if op == "power" else None)
            (written,) = text.expressions(tape([tree]))
            assert written.split()[0].strip("(") in words, op

    def test_common_parts_count_as_often_as_they_are_written(self) -> None:
        tree = variable(0)
        for _ in range(20):
            tree = Expression("mul", (tree, tree))
        with pytest.raises(ProverError, match=r"^an expression has more than 50000 nodes when it is written out as a tree"):
            text.expressions(tape([tree]))
        small = variable(0)
        for _ in range(14):
            small = Expression("mul", (small, small))
        assert len(text.expressions(tape([small]))) == 1
        with pytest.raises(ProverError, match=r"^the expressions have more than 50000 nodes"):
            text.expressions(tape([small, Expression("exp", (small,))]))
