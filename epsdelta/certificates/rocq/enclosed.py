"""Bounds on the derivatives of a bilevel problem's costs in the lower variables, on the leaves of a split tree, as the theory finds them.

The theory encloses one field: the upper cost once for each upper variable (so that its gradient is a row of the Jacobian), then the
lower cost's gradient in the lower variables. Free variables are held at 0: what matters may not contain them (PenaltyProblem.v).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import cast

from epsdelta.certificates.kernel.bilevel import BilevelProblem, Side
from epsdelta.certificates.rocq.affine import Form, affine_form, is_entire
from epsdelta.certificates.rocq.factor import find_factor
from epsdelta.certificates.rocq.mirror import Node, derivative, hull_over, is_rational, nodes
from epsdelta.certificates.rocq.text import factor, integer, items, over_common
from epsdelta.errors import EnclosureError, ProverError
from epsdelta.exact.interval import Interval, point

__all__ = ["MAX_LEAVES", "Cut", "Derivatives", "Leaf", "Piece", "Seeker", "Wanted", "derivatives", "leaves", "places"]

MAX_LEAVES, MAX_DEPTH, MOST_TRIED = 2048, 24, 8
MAX_ENTRIES = 4_000
"""Most entries of the Jacobian: each is differentiated symbolically."""
Hull = list[list[Interval]]
Region = tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A box cut in two."""

    index: int
    place: Fraction
    left: Piece
    right: Piece


@dataclass(frozen=True, slots=True)
class Leaf:
    """A box with the hull of the Jacobian there and the witness that g_yy is large enough."""

    hull: Hull
    witness: str


Piece = Cut | Leaf


def leaves(piece: Piece) -> Iterator[Leaf]:
    """In the theory's order."""
    if isinstance(piece, Leaf):
        yield piece
        return
    yield from leaves(piece.left)
    yield from leaves(piece.right)


def places(piece: Piece) -> Iterator[Fraction]:
    """Where boxes are cut."""
    if isinstance(piece, Cut):
        yield piece.place
        yield from places(piece.left)
        yield from places(piece.right)


@dataclass(frozen=True, slots=True)
class Derivatives:
    """The field of the theory, its derivatives, and ``forms``: these as affine forms where they all are."""

    upper: int
    lower: int
    region: Region
    given: tuple[Node, ...]
    trees: tuple[Node, ...]
    slopes: tuple[tuple[Node, ...], ...]
    forms: tuple[tuple[Form, ...], ...] | None
    is_rational: bool
    kept: dict[Region, Hull] = field(default_factory=dict[Region, Hull])

    def hull_on(self, leaf: Region) -> Hull:
        """The theory's enclosure of the Jacobian on a box.

        Raises:
            EnclosureError: where the theory would refuse it.
        """
        if leaf not in self.kept:
            box = [point(0) if side is None else side for side in leaf]
            if self.forms is not None:
                self.kept[leaf] = [[form.over(box) for form in row] for row in self.forms]
            else:  # costs and constraints must be defined too, and decide with the field whether intervals are rational
                nothing: list[tuple[Node, ...]] = [() for _ in self.given]
                self.kept[leaf] = hull_over([*self.trees, *self.given], [*self.slopes, *nothing], box)[:len(self.trees)]
        return self.kept[leaf]

    def require_visible(self) -> None:
        """What the theory asks of the expressions as they are written.

        Raises:
            ProverError: where a free or a lower variable stands where it may not.
        """
        free = frozenset(k for k, side in enumerate(self.region) if side is None)
        if not all(_is_sturdy(tree, free) for tree in self.given):
            raise ProverError("a free variable stands below a division bar, a logarithm or a root: give it a box")
        if any(_variables(tree) - set(range(self.upper)) for tree in self.given[2:]):
            raise ProverError("an upper constraint contains a lower variable as it is written")
        needed = [self.slopes[0][self.upper:], *(row[self.upper:] for row in self.slopes[self.upper:])]
        if any(_variables(entry) & free for row in needed for entry in row):
            raise ProverError("a derivative contains a free variable as it is written: give it a box, or multiply the costs out")


def derivatives(problem: BilevelProblem) -> Derivatives:
    """What the theory derives from a problem.

    Raises:
        ProverError: where there are too many derivatives.
    """
    size = problem.dimension
    if size * (1 + problem.lower) > MAX_ENTRIES:
        raise ProverError(f"{size} variables, {problem.lower} of them lower ones: too many derivatives for the prover")
    given = tuple(nodes(problem.domain))
    upper_slopes = tuple(derivative(given[0], j) for j in range(size))
    gradient = [derivative(given[1], i) for i in problem.lower_block]
    trees = (*[given[0]] * problem.upper, *gradient)
    slopes = (*[upper_slopes] * problem.upper, *(tuple(derivative(tree, j) for j in range(size)) for tree in gradient))
    return Derivatives(problem.upper, problem.lower, problem.region, given, trees, slopes, _forms([*trees, *given], slopes),
                       is_rational([*trees, *given]))


def _forms(trees: Sequence[Node], slopes: Sequence[Sequence[Node]]) -> tuple[tuple[Form, ...], ...] | None:
    if not all(is_entire(tree) for tree in trees):
        return None
    rows: list[tuple[Form, ...]] = []
    for row in slopes:
        found = [affine_form(entry) for entry in row]
        whole = tuple(form for form in found if form is not None)
        if len(whole) < len(found):
            return None
        rows.append(whole)
    return tuple(rows)


def _variables(tree: Node) -> set[int]:
    found, seen, pending = set[int](), set[int](), [tree]
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.op == "variable":
            found.add(int(node.value or 0))
        pending.extend(node.args)
    return found


def _is_sturdy(tree: Node, free: frozenset[int]) -> bool:
    """No free variable below a division bar, a logarithm or a root."""
    seen, pending = set[int](), [tree]
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        below = node.args[1] if node.op == "div" else node.args[0] if node.op in ("log", "sqrt") else None
        if below is not None and _variables(below) & free:
            return False
        pending.extend(node.args)
    return True


# ---- the search --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """|grad_y f| <= ``slope`` and g_yy >= ``bend`` I."""

    slope: Fraction
    bend: Fraction

    def witness(self, upper: int, lower: int, found: Hull) -> str | None:
        """Scales and factor for g_yy on a hull; None where one of the two bounds is not seen there."""
        row = found[0][upper:]
        if sum((max(e.lo * e.lo, e.hi * e.hi) for e in row), Fraction(0)) > self.slope**2:
            return None
        flat, common = over_common([q for line in found for e in line for q in (e.lo, e.hi)])
        width = upper + lower
        ends = [[(flat[2 * (i * width + j)], flat[2 * (i * width + j) + 1]) for j in range(upper, width)] for i in range(upper, width)]
        p, r = self.bend.numerator, self.bend.denominator
        center = [[r * (lo + hi) - (2 * p * common if i == j else 0) for j, (lo, hi) in enumerate(line)] for i, line in enumerate(ends)]
        return _by_radius(center, [[r * (hi - lo) for lo, hi in line] for line in ends])


def _by_radius(center: list[list[int]], radius: list[list[int]]) -> str | None:
    """Scales and a factor of the scaled centers less the radii, both doubled, as in the theory's ``radius_check``."""
    size = range(len(center))
    if any(center[i][i] < 0 for i in size):
        return None
    bits = [center[i][i].bit_length() // 2 for i in size]
    scales = [1 << (max(bits) - b) for b in bits]
    shrunk = [[2 * scales[i] * scales[j] * center[i][j] for j in size] for i in size]
    for i in size:
        shrunk[i][i] -= scales[i] * sum(scales[k] * (radius[i][k] + radius[k][i]) for k in size)
    found = find_factor(shrunk)
    return None if found is None else f"({items([integer(s) for s in scales])}, {factor(found)})"


@dataclass(slots=True)
class Seeker:
    """A split tree on whose leaves the bounds are seen: the certificate's, cut further up to ``most`` leaves (0: not at all)."""

    tool: Derivatives
    wanted: Wanted
    most: int
    made: int = 0

    def tree(self, region: Region, split: Sequence[object]) -> Piece | None:
        """None where there is no such tree."""
        self.made = 0
        return self._follow(region, iter(split))

    def _follow(self, leaf: Region, split: Iterator[object]) -> Piece | None:
        head = next(split)
        if head is None:
            return self._refined(leaf, 0)
        whole = self._seen(self._hull(leaf))
        if whole is not None:  # the certificate cuts more than it must
            _skip(split, 2)
            return whole
        pair = cast("list[object]", head)
        index, place = int(str(pair[0])), Fraction(str(pair[1]))
        low, high = _halves(leaf, index, place)
        left = self._follow(low, split)
        right = None if left is None else self._follow(high, split)
        return None if left is None or right is None else Cut(index, place, left, right)

    def _refined(self, leaf: Region, depth: int) -> Piece | None:
        found = self._hull(leaf)
        whole = self._seen(found)
        if whole is not None:
            self.made += 1
            return whole
        if not self.most or depth >= MAX_DEPTH or self.made + depth >= self.most:
            return None
        index = self._widest(leaf, found)
        side = None if index is None else leaf[index]
        if index is None or side is None:
            return None
        place = (side.lo + side.hi) / 2
        low, high = _halves(leaf, index, place)
        left = self._refined(low, depth + 1)
        right = None if left is None else self._refined(high, depth + 1)
        return None if left is None or right is None else Cut(index, place, left, right)

    def _seen(self, found: Hull | None) -> Leaf | None:
        """A leaf where the bounds are seen."""
        witness = None if found is None else self.wanted.witness(self.tool.upper, self.tool.lower, found)
        return None if found is None or witness is None else Leaf(found, witness)

    def _hull(self, leaf: Region) -> Hull | None:
        try:
            return self.tool.hull_on(leaf)
        except EnclosureError:
            return None

    def _widest(self, leaf: Region, found: Hull | None) -> int | None:
        """The variable whose halving narrows the derivatives most; the widest side where that cannot be told."""
        widths = {k: side.hi - side.lo for k, side in enumerate(leaf) if side is not None and side.lo < side.hi}
        if not widths:
            return None
        if found is None or len(widths) > MOST_TRIED:
            return max(widths, key=lambda k: widths[k])
        return min(widths, key=lambda k: self._spread(leaf, k))

    def _spread(self, leaf: Region, index: int) -> Fraction:
        side = leaf[index]
        half = None if side is None else self._hull(_halves(leaf, index, (side.lo + side.hi) / 2)[0])
        if half is None:
            return Fraction(10**9)
        first = self.tool.upper
        return sum(((e.hi - e.lo) ** 2 for row in (half[0], *half[first:]) for e in row[first:]), Fraction(0))


def _skip(split: Iterator[object], pieces: int) -> None:
    """Read as many whole subtrees."""
    while pieces:
        pieces += 1 if next(split) is not None else -1


def _halves(leaf: Region, index: int, place: Fraction) -> tuple[Region, Region]:
    side = leaf[index]
    if side is None:
        raise ProverError("a free variable is cut")
    return ((*leaf[:index], Interval(side.lo, place), *leaf[index + 1:]), (*leaf[:index], Interval(place, side.hi), *leaf[index + 1:]))
