"""Data as text of the prover's language. Numbers and positions only: no text of the user's file gets here."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from epsdelta.certificates.rocq.factor import Factor
from epsdelta.errors import ProverError
from epsdelta.exact.expression import Tape
from epsdelta.exact.interval import Interval

__all__ = ["box", "expressions", "factor", "fraction", "hull", "integer", "items", "matrix", "numeral", "over_common", "real", "vector"]

MAX_TREE = 50_000
"""Most nodes of the expressions of a game, written out as trees: common parts count as often as they are used."""
_TWO = {"add": "Add", "mul": "Mul", "div": "Div"}


def integer(number: int) -> str:
    """An integer, in brackets where it is negative.

    >>> integer(3), integer(-3)
    ('3', '(-3)')
    """
    digits = str(number) if -10_000 < number < 10_000 else hex(number)  # the prover reads long numbers faster so
    return digits if number >= 0 else f"({digits})"


def items(texts: Sequence[str]) -> str:
    """A list."""
    return "[" + "; ".join(texts) + "]"


def over_common(numbers: Sequence[Fraction]) -> tuple[list[int], int]:
    """Numerators over the least common denominator.

    >>> over_common([Fraction(1, 2), Fraction(-1, 3)])
    ([3, -2], 6)
    """
    common = lcm(1, *(q.denominator for q in numbers))
    return [q.numerator * (common // q.denominator) for q in numbers], common


def fraction(number: Fraction) -> str:
    """Two arguments: numerator and denominator."""
    return f"{integer(number.numerator)} {number.denominator}"


def real(number: Fraction) -> str:
    """A rational as the real number that the theory's ``rat`` gives."""
    return f"(rat {fraction(number)})"


def numeral(number: Fraction) -> str:
    """A rational in plain words of the reals: ``(3 / 4)``."""
    return integer(number.numerator) if number.denominator == 1 else f"({integer(number.numerator)} / {number.denominator})"


def vector(numbers: Sequence[Fraction]) -> str:
    """A ``vector``: integers over one denominator."""
    numerators, common = over_common(numbers)
    return f"(Vector {integer(common)} {items([integer(n) for n in numerators])})"


def _rows(rows: Sequence[Sequence[int]]) -> str:
    return items([items([integer(n) for n in row]) for row in rows])


def _split(flat: Sequence[int], columns: int) -> list[list[int]]:
    return [list(flat[k:k + columns]) for k in range(0, len(flat), columns)]


def matrix(rows: Sequence[Sequence[Fraction]]) -> str:
    """A ``matrix``: integer rows over one denominator."""
    flat, common = over_common([q for row in rows for q in row])
    return f"(Matrix {integer(common)} {_rows(_split(flat, len(rows[0])))})"


def _pairs(sides: Sequence[Interval]) -> tuple[list[str], int]:
    flat, common = over_common([q for side in sides for q in (side.lo, side.hi)])
    return [f"({integer(flat[k])}, {integer(flat[k + 1])})" for k in range(0, len(flat), 2)], common


def box(sides: Sequence[Interval], common: int | None = None) -> str:
    """A ``box``: pairs of integers over one denominator, the least or a multiple of it that is given."""
    if common is not None:
        pairs = [f"({integer(int(s.lo * common))}, {integer(int(s.hi * common))})" for s in sides]
        return f"(Box {integer(common)} {items(pairs)})"
    pairs, least = _pairs(sides)
    return f"(Box {least} {items(pairs)})"


def hull(rows: Sequence[Sequence[Interval]]) -> str:
    """A ``hull``: an interval for each entry of the Jacobian, over one denominator."""
    pairs, common = _pairs([side for row in rows for side in row])
    columns = len(rows[0])
    return f"(Hull {integer(common)} {items([items(pairs[k:k + columns]) for k in range(0, len(pairs), columns)])})"


def factor(found: Factor) -> str:
    """A ``factor``: the witness of a definite matrix."""
    terms = [f"({integer(weight)}, {items([integer(n) for n in column])})" for weight, column in found.terms]
    return f"(Factor {integer(found.multiple)} {items(terms)})"


def expressions(program: Tape) -> list[str]:
    """The outputs of a program as expression trees of the theory.

    Raises:
        ProverError: where the trees have more than ``MAX_TREE`` nodes.
    """
    texts: list[str] = []
    sizes: list[int] = []
    for op, args, value in program.nodes:
        sizes.append(1 + sum(sizes[a] for a in args))
        if sizes[-1] > MAX_TREE:
            raise ProverError(f"an expression has more than {MAX_TREE} nodes when it is written out as a tree: too large for the prover")
        texts.append(_node(op, [texts[a] for a in args], value))
    if sum(sizes[k] for k in program.outputs) > MAX_TREE:
        raise ProverError(f"the expressions have more than {MAX_TREE} nodes when they are written out as trees: too large for the prover")
    return [texts[k] for k in program.outputs]


def _node(op: str, args: list[str], value: Fraction | int | None) -> str:
    if op == "variable":
        return f"(Var {int(value or 0)})"
    if op == "constant":
        return f"(Cst {fraction(Fraction(value or 0))})"
    if op == "power":
        return f"(Pow {args[0]} {int(value or 0)})"
    return f"({_TWO.get(op, op.capitalize())} {' '.join(args)})"
