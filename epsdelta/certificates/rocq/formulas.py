"""The catalogue's formulas as Rocq definitions, so that a theorem and its entry speak of one right-hand side.

``python -m epsdelta.certificates.rocq.formulas`` writes ``theory/Formulas.v``: one definition per entry with constants, rendered from
the syntax of the entry's formula, operation by operation; nothing is simplified. A parameter that is an integer becomes a ``nat``, any
other an ``R``. What has no faithful form there (``floor`` outside an exponent) is refused, and such an entry has no definition.

The prover's real functions are total: ``/ 0``, ``sqrt`` and ``ln`` of negative numbers have some value there. A definition agrees with
the entry where the entry's formula is defined; ``Rpower x y`` is ``x**y`` for x > 0 only and is used nowhere else.

>>> from epsdelta.bounds.catalogue import get
>>> definition(get("gd/polyak-lojasiewicz/gap"))
'Definition gd_polyak_lojasiewicz_gap (L delta_f : R) (horizon : nat) (mu : R) : R := (1 - mu / L) ^ horizon * delta_f.'
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from epsdelta.bounds.bound import Bound, Standing
from epsdelta.bounds.catalogue import all_bounds
from epsdelta.bounds.formula import parse, tree
from epsdelta.bounds.symbols import Symbol
from epsdelta.certificates.rocq.library import THEORY
from epsdelta.errors import InputError

__all__ = ["definition", "definitions", "formula_name", "main", "refused", "rocq_expression"]

WIDTH = 140
_RESERVED = frozenset({
    "INR", "PI", "Prop", "R", "Rabs", "Rmax", "Rmin", "Rpower", "SProp", "Set", "Type", "as", "at", "by", "cofix", "cos", "else", "end",
    "exists", "exists2", "exp", "fix", "for", "forall", "fun", "if", "in", "let", "ln", "match", "nat", "return", "sin", "sqrt", "then",
    "using", "where", "with"})
"""Keywords, and names that a definition uses: a parameter of that name gets an underscore."""
_FUNCTIONS = {"sqrt": "sqrt", "log": "ln", "exp": "exp", "cos": "cos", "sin": "sin", "abs": "Rabs"}
_EXTREMES = {"min": "Rmin", "max": "Rmax"}
_CONSTANTS = {"pi": "PI", "e": "exp 1"}
_ATOM, _APPLIED, _POWER, _SIGN, _PRODUCT, _SUM = 0, 10, 30, 35, 40, 50
"""Levels of the prover's grammar: what binds tighter has the smaller one."""
_BINARY: Mapping[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", _SUM), ast.Sub: ("-", _SUM), ast.Mult: ("*", _PRODUCT), ast.Div: ("/", _PRODUCT)}


@dataclass(frozen=True, slots=True)
class _Term:
    """A text and the level of its outermost operation."""

    text: str
    level: int = _ATOM

    def within(self, level: int) -> str:
        """The text, in brackets where its level exceeds what the place allows."""
        return self.text if self.level <= level else f"({self.text})"


def formula_name(name: str) -> str:
    """The definition's name for the id of an entry.

    >>> formula_name("gd/convex/any-step")
    'gd_convex_any_step'
    """
    return name.replace("/", "_").replace("-", "_")


def rocq_expression(formula: str, symbols: Mapping[str, Symbol]) -> str:
    """A formula as an expression of type R.

    Args:
        formula: as an entry writes it.
        symbols: name to symbol.

    Raises:
        InputError: the formula has a part without a faithful form.

    >>> from epsdelta.bounds.symbols import SYMBOLS
    >>> rocq_expression("L**2*distance/(2*horizon)**(3/2)", SYMBOLS)
    'L ^ 2 * distance / sqrt (2 * INR horizon) ^ 3'
    """
    return _real(tree(formula), symbols).text


def definition(bound: Bound) -> str:
    """The entry's formula as one definition over ``bound.parameters``, in their order.

    Raises:
        InputError: the entry has no constants, or its formula has no faithful form.
    """
    if bound.standing in (Standing.ORDER, Standing.WITHDRAWN):
        raise InputError(f"{bound.id} is {bound.standing.word}: it has no formula to define")
    table = {symbol.name: symbol for symbol in bound.parameters}
    groups = groupby(bound.parameters, key=lambda symbol: "nat" if symbol.domain.is_integer else "R")
    binders = "".join(f" ({' '.join(_name(symbol.name) for symbol in group)} : {kind})" for kind, group in groups)
    return f"Definition {formula_name(bound.id)}{binders} : R := {rocq_expression(bound.formula, table)}."


# ---- reals -------------------------------------------------------------------------------------------------------------------


def _name(name: str) -> str:
    return f"{name}_" if name in _RESERVED else name


def _real(node: ast.expr, symbols: Mapping[str, Symbol]) -> _Term:
    match node:
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            return _Term(str(number))
        case ast.Name(id=name) if name in symbols:
            return _Term(f"INR {_name(name)}", _APPLIED) if symbols[name].domain.is_integer else _Term(_name(name))
        case ast.Name(id=name) if name in _CONSTANTS:
            return _Term(_CONSTANTS[name], _APPLIED if " " in _CONSTANTS[name] else _ATOM)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _Term(f"- {_real(operand, symbols).within(_POWER)}", _SIGN)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(left, right, symbols)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            sign, level = _BINARY[type(op)]
            return _Term(f"{_real(left, symbols).within(level)} {sign} {_real(right, symbols).within(level - 1)}", level)
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _applied(_FUNCTIONS[name], _real(argument, symbols))
        case ast.Call(func=ast.Name(id=name), args=[first, *others], keywords=[]) if name in _EXTREMES:
            found = _real(first, symbols)
            for other in others:
                found = _applied(_EXTREMES[name], found, _real(other, symbols))
            return found
        case _:
            raise InputError(f"{ast.unparse(node)[:60]!r} has no form in the prover's real numbers")


def _applied(function: str, *arguments: _Term) -> _Term:
    return _Term(" ".join([function, *(argument.within(_ATOM) for argument in arguments)]), _APPLIED)


def _power(base: ast.expr, exponent: ast.expr, symbols: Mapping[str, Symbol]) -> _Term:
    """``x ^ n``, a root of x for a half or a quarter, ``/ x ^ n`` for a negative exponent, ``Rpower`` for any other and x > 0."""
    match exponent:
        case ast.UnaryOp(op=ast.USub(), operand=opposite):
            return _Term(f"/ {_power(base, opposite, symbols).within(_POWER)}", _SIGN)
        case ast.BinOp(left=ast.UnaryOp(op=ast.USub(), operand=left), op=ast.Div(), right=right):
            return _Term(f"/ {_power(base, ast.BinOp(left, ast.Div(), right), symbols).within(_POWER)}", _SIGN)
        case _:
            pass
    natural, roots = exponent, 0
    if isinstance(exponent, ast.BinOp) and isinstance(exponent.op, ast.Div) and isinstance(exponent.right, ast.Constant):
        natural, roots = exponent.left, {2: 1, 4: 2}.get(exponent.right.value, 0)  # type: ignore[arg-type]
    found = _natural(natural, symbols) if natural is exponent or roots else None
    if found is None:
        return _real_power(base, exponent, symbols)
    root = _real(base, symbols)
    for _ in range(roots):
        root = _applied("sqrt", root)
    if found.text == "1":
        return root
    power = found.text if found.level == _ATOM else f"({found.text})%nat"
    return _Term(f"{root.within(_APPLIED)} ^ {power}", _POWER)


def _real_power(base: ast.expr, exponent: ast.expr, symbols: Mapping[str, Symbol]) -> _Term:
    found = _applied("Rpower", _real(base, symbols), _real(exponent, symbols))
    if not parse(ast.unparse(base), symbols).is_positive:
        raise InputError(f"{ast.unparse(base)[:60]!r} may be zero: its power {ast.unparse(exponent)[:60]!r} has no form in the prover")
    return found


# ---- natural numbers ---------------------------------------------------------------------------------------------------------


def _natural(node: ast.expr, symbols: Mapping[str, Symbol]) -> _Term | None:
    """An exponent made of naturals, their sums, products, quotients rounded down, and differences that are never negative; else None."""
    match node:
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            return _Term(str(number))
        case ast.Name(id=name) if name in symbols and symbols[name].domain.is_integer and (symbols[name].domain.lower or 0) >= 0:
            return _Term(_name(name))
        case ast.BinOp(left=left, op=ast.Add() | ast.Mult() as op, right=right):
            parts = _natural(left, symbols), _natural(right, symbols)
        case ast.BinOp(left=left, op=ast.Sub() as op, right=ast.Constant(value=int(number)) as right) if _least(left, symbols) >= number:
            parts = _natural(left, symbols), _natural(right, symbols)
        case ast.Call(func=ast.Name(id="floor"), args=[ast.BinOp(left=left, op=ast.Div() as op, right=right)]) if _least(right, symbols) > 0:
            parts = _natural(left, symbols), _natural(right, symbols)  # the quotient of naturals is rounded down
        case _:
            return None
    sign, level = _BINARY[type(op)]
    first, second = parts
    return None if first is None or second is None else _Term(f"{first.within(level)} {sign} {second.within(level - 1)}", level)


def _least(node: ast.expr, symbols: Mapping[str, Symbol]) -> int:
    """The least value of a natural expression on the domains of its symbols; -1 where it is none."""
    match node:
        case ast.Constant(value=int(number)):
            return number
        case ast.Name(id=name) if name in symbols and symbols[name].domain.is_integer:
            lower = symbols[name].domain.lower
            return -1 if lower is None else int(lower)
        case ast.BinOp(left=left, op=ast.Add() | ast.Mult() as op, right=right):
            first, second = _least(left, symbols), _least(right, symbols)
            return -1 if min(first, second) < 0 else first + second if isinstance(op, ast.Add) else first * second
        case _:
            return -1


# ---- the file ----------------------------------------------------------------------------------------------------------------


_HEADER = """\
(** The right-hand sides of the catalogue of bounds, one definition per entry, by the entry's id with [_] for [/] and [-].

    Written by [python -m epsdelta.certificates.rocq.formulas] from the formulas of the entries; do not edit. A theorem [ID_holds]
    proves the entry's inequality with this right-hand side, a theorem [ID_refuted] that the inequality is false as stated.
    Arguments come in alphabetical order; those that only the conditions of an entry mention are there too. *)

From Coq Require Import Reals.
Local Open Scope R_scope.

"""


_GLUED = "\xa0:\xa0R\xa0:="
"""The end of a heading, which stays on one line."""


def _has_constants(bound: Bound) -> bool:
    return bound.standing not in (Standing.ORDER, Standing.WITHDRAWN)


def refused() -> dict[str, str]:
    """Entries with constants whose formula has no faithful form, and why."""
    reasons: dict[str, str] = {}
    for bound in filter(_has_constants, all_bounds()):
        try:
            definition(bound)
        except InputError as error:
            reasons[bound.id] = str(error)
    return reasons


def definitions() -> str:
    """The text of ``Formulas.v``."""
    without = refused()
    found = [definition(bound) for bound in all_bounds() if _has_constants(bound) and bound.id not in without]
    return _HEADER + "\n".join(_wrapped(one) for one in found) + "\n"


def _wrapped(line: str) -> str:
    """A definition in lines of at most ``WIDTH`` characters; one that is longer has its formula on lines of its own."""
    if len(line) <= WIDTH:
        return line
    head, sign, body = line.partition(" := ")
    wrap = textwrap.TextWrapper(WIDTH - 2, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    heading = wrap.fill(f"{head}{sign}".replace(" : R :=", _GLUED)).replace(_GLUED, " : R :=")
    return "\n".join([heading, *(f"  {one}" for one in wrap.wrap(body))])


def main() -> None:
    """Write ``theory/Formulas.v``."""
    (THEORY / "Formulas.v").write_text(definitions(), encoding="utf-8")
    for name, reason in refused().items():
        print(f"no definition of {name}: {reason}")


if __name__ == "__main__":
    main()
