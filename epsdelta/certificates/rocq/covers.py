"""The region of a game cut into leaves on which a test of the theory succeeds, with each leaf's hull and witness."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

from epsdelta.certificates.kernel.problem import Problem
from epsdelta.certificates.rocq.mirror import Node, derivative, hull_over, nodes, values_at
from epsdelta.certificates.rocq.text import box, expressions, fraction, hull, integer, items, matrix, vector
from epsdelta.errors import EnclosureError, ProverError
from epsdelta.exact.interval import Interval, point

__all__ = ["Cover", "Setting", "find_cover", "setting"]

Hull = list[list[Interval]]
Box = tuple[Interval, ...]
MAX_TESTS = 2000
"""Most boxes tested for one statement."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A game as the theory reads it: ``trees`` is the field (empty for a linear one), ``slopes`` its derivatives, nothing folded."""

    problem: Problem
    trees: tuple[Node, ...]
    slopes: tuple[tuple[Node, ...], ...]
    players: str
    rule: str
    kept: dict[Box, Hull] = field(default_factory=dict[Box, Hull])

    def text(self, common: int) -> str:
        """The ``game``, its region over a denominator that all cuts share."""
        region = self.problem.region
        return f"Game {self.players} ({self.rule}) {'None' if region is None else f'(Some {box(region, common)})'}"

    def hull_on(self, leaf: Box) -> Hull:
        """The theory's enclosure of the Jacobian on a box."""
        if leaf not in self.kept:
            self.kept[leaf] = hull_over(self.trees, self.slopes, leaf)
        return self.kept[leaf]

    def values(self, place: Sequence[Fraction]) -> list[Interval]:
        """The field at a rational point: exact, or an interval that the theory can confirm."""
        problem = self.problem
        if not self.trees:
            rows, offset = problem.matrix or [], problem.offset or []
            return [point(sum((a * x for a, x in zip(row, place, strict=True)), b)) for row, b in zip(rows, offset, strict=True)]
        return values_at(self.trees, place)


def setting(problem: Problem) -> Setting:
    """The theory's ``game`` for a problem.

    Raises:
        ProverError: where its expressions are too large.
    """
    trees: tuple[Node, ...] = ()
    if problem.domain is None:
        rule = f"Linear {matrix(problem.matrix or [])} {vector(problem.offset or [])}"
    else:
        given = nodes(problem.domain)
        kind = "Costs" if problem.potentials else "Gradients"
        rule = f"{kind} {items(expressions(problem.domain))}"
        owners = [i for i, block in enumerate(problem.blocks) for _ in block]
        trees = tuple(derivative(given[owners[k]], k) if problem.potentials else given[k] for k in range(problem.dimension))
    slopes = () if problem.matrix is not None else tuple(tuple(derivative(tree, j) for j in range(problem.dimension)) for tree in trees)
    players = items([f"Player {len(block)} {_kind(c.kind, c.total)}" for block, c in zip(problem.blocks, problem.constraints, strict=True)])
    return Setting(problem, trees, slopes, players, rule)


def _kind(kind: str, total: Fraction) -> str:
    return {"free": "Free", "box": "InBox"}.get(kind) or f"(Simplex {fraction(total)})"


@dataclass(frozen=True, slots=True)
class _Cut:
    index: int
    place: Fraction
    left: _Cut | _Leaf
    right: _Cut | _Leaf


@dataclass(frozen=True, slots=True)
class _Leaf:
    hull: Hull
    witness: str


@dataclass(frozen=True, slots=True)
class Cover:
    """An enclosure of the Jacobian (one exact matrix, or a hull on each leaf of a split tree) with the witnesses of a test, leaf by leaf."""

    exact: str | None
    tree: _Cut | _Leaf

    @property
    def denominators(self) -> list[int]:
        """Of the places where the region is cut."""
        return _denominators(self.tree)

    @property
    def witnesses(self) -> list[str]:
        """One per leaf, in order."""
        return [leaf.witness for leaf in _leaves(self.tree)]

    @property
    def hulls(self) -> list[Hull]:
        """One per leaf, in order."""
        return [leaf.hull for leaf in _leaves(self.tree)]

    def text(self, common: int) -> str:
        """The ``cover``; ``common`` is the region's denominator."""
        return f"Exact {self.exact}" if self.exact is not None else f"Tree {_text(self.tree, common)}"


def find_cover(game: Setting, split: Sequence[object], test: Callable[[Hull], str | None], what: str) -> Cover:
    """Leaves on which a test succeeds: those of the certificate, cut further where the theory's wider enclosures need it.

    Args:
        game: the game.
        split: the certificate's split tree in preorder.
        test: a hull's witness, or None.
        what: the test in words.

    Raises:
        ProverError: where no witness is found on some leaf.
    """
    problem = game.problem
    if problem.matrix is not None:
        exact = [[point(e) for e in row] for row in problem.matrix]
        witness = test(exact)
        if witness is None:
            raise ProverError(f"no witness found that {what}: the inequality is too tight for the prover's checks")
        return Cover(matrix(problem.matrix), _Leaf(exact, witness))
    assert problem.region is not None
    return Cover(None, _grow(game, problem.region, iter(split), test, what, [0]))


def _grow(game: Setting, leaf: Box, split: Iterator[object], test: Callable[[Hull], str | None], what: str, count: list[int]) -> _Cut | _Leaf:
    """Follow the certificate's tree; its leaves may be cut further."""
    head = next(split)
    if head is None:
        return _refined(game, leaf, test, what, count, 0)
    assert isinstance(head, list)
    pair = cast("list[object]", head)
    index, place = int(str(pair[0])), Fraction(str(pair[1]))
    low, high = _halves(leaf, index, place)
    left = _grow(game, low, split, test, what, count)
    return _Cut(index, place, left, _grow(game, high, split, test, what, count))


def _halves(leaf: Box, index: int, place: Fraction) -> tuple[Box, Box]:
    side = leaf[index]
    return ((*leaf[:index], Interval(side.lo, place), *leaf[index + 1:]), (*leaf[:index], Interval(place, side.hi), *leaf[index + 1:]))


def _refined(game: Setting, leaf: Box, test: Callable[[Hull], str | None], what: str, count: list[int], depth: int) -> _Cut | _Leaf:
    if count[0] >= MAX_TESTS:
        raise ProverError(f"no witness found that {what}: the prover's enclosures are wider than the kernel's")
    count[0] += 1
    witness, found = None, None
    try:
        found = game.hull_on(leaf)
        witness = test(found)
    except EnclosureError:
        if depth >= 12:
            raise ProverError("the field is not shown to be defined on the region by the prover's plain intervals") from None
    if found is not None and witness is not None:
        return _Leaf(found, witness)
    if depth >= 24:
        raise ProverError(f"no witness found that {what}: the prover's enclosures are wider than the kernel's")
    index = _widest(game, leaf, found)
    side = leaf[index]
    place = (side.lo + side.hi) / 2
    low, high = _halves(leaf, index, place)
    return _Cut(index, place, _refined(game, low, test, what, count, depth + 1), _refined(game, high, test, what, count, depth + 1))


def _widest(game: Setting, leaf: Box, found: Hull | None) -> int:
    """The variable whose halving narrows the Jacobian most; the widest side where that cannot be told."""
    widths = [side.hi - side.lo for side in leaf]
    candidates = [k for k, width in enumerate(widths) if width > 0]
    if not candidates:
        raise ProverError("no witness found at a single point of the region: the inequality is too tight for the prover's checks")
    if found is None or len(candidates) > 12:
        return max(candidates, key=lambda k: widths[k])

    def spread(k: int) -> Fraction:
        side = leaf[k]
        try:
            half = hull_over(game.trees, game.slopes, _halves(leaf, k, (side.lo + side.hi) / 2)[0], sharp=False)
        except EnclosureError:
            return Fraction(10**9)
        return sum(((e.hi - e.lo) ** 2 for row in half for e in row), Fraction(0))

    return min(candidates, key=spread)


def _denominators(tree: _Cut | _Leaf) -> list[int]:
    if isinstance(tree, _Leaf):
        return []
    return [tree.place.denominator, *_denominators(tree.left), *_denominators(tree.right)]


def _leaves(tree: _Cut | _Leaf) -> list[_Leaf]:
    return [tree] if isinstance(tree, _Leaf) else [*_leaves(tree.left), *_leaves(tree.right)]


def _text(tree: _Cut | _Leaf, common: int) -> str:
    if isinstance(tree, _Leaf):
        return f"(Leaf {hull(tree.hull)})"
    return f"(Split {tree.index} {integer(int(tree.place * common))} {_text(tree.left, common)} {_text(tree.right, common)})"
