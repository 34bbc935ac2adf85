"""Formulas are text, read by a whitelist over Python's ``ast`` into sympy: never eval, never sympify.

Numbers are integers and their quotients (``2/3`` is two thirds); ``**`` or ``^`` is the power; the functions are those of
``FUNCTIONS``.

>>> sorted(names("2*delta_f/(step_size*horizon) + L*step_size*sigma**2"))
['L', 'delta_f', 'horizon', 'sigma', 'step_size']
>>> from epsdelta.bounds.symbols import SYMBOLS
>>> parse("sqrt(L*horizon)/2", {"L": SYMBOLS["L"], "horizon": SYMBOLS["horizon"]})
sqrt(L)*sqrt(horizon)/2
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from epsdelta.bounds.lazy import sympy
from epsdelta.bounds.symbols import Symbol
from epsdelta.errors import ParseError

if TYPE_CHECKING:
    from sympy import Basic, Expr

__all__ = ["FUNCTIONS", "names", "parse", "parse_condition", "to_sympy", "tree"]

MAX_LENGTH = 4000
MAX_DEPTH = 60
MAX_POWER_BITS = 20_000
FUNCTIONS = {"sqrt": "sqrt", "log": "log", "exp": "exp", "min": "Min", "max": "Max", "floor": "floor", "ceil": "ceiling", "abs": "Abs",
             "cos": "cos", "sin": "sin"}
"""Functions of a formula, and sympy's names for them."""
_CONSTANTS = {"pi": "pi", "e": "E"}
_RELATIONS: dict[type[ast.cmpop], str] = {ast.LtE: "Le", ast.Lt: "Lt", ast.GtE: "Ge", ast.Gt: "Gt", ast.Eq: "Eq"}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b, ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b}


@lru_cache(maxsize=4096)
def tree(formula: str) -> ast.expr:
    """The syntax of a formula, which may still hold what is no arithmetic.

    Raises:
        ParseError: it is no expression, or too long.
    """
    if len(formula) > MAX_LENGTH:
        raise ParseError(f"the formula has {len(formula)} characters: at most {MAX_LENGTH} are read")
    if formula.count("(") > MAX_DEPTH or formula.count("**") + formula.count("^") > 200:
        raise ParseError(f"the formula is nested too deeply: at most {MAX_DEPTH} brackets are read")
    try:
        return ast.parse(formula.replace("^", "**").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ParseError(f"{formula[:60]!r} is not a formula: write it as in 2*L*delta_f/horizon") from None


@lru_cache(maxsize=4096)
def names(formula: str) -> frozenset[str]:
    """The symbols of a formula or condition, functions and constants excepted; sympy is not loaded."""
    found = {node.id for node in ast.walk(tree(formula)) if isinstance(node, ast.Name)}
    return frozenset(found - FUNCTIONS.keys() - _CONSTANTS.keys())


@lru_cache(maxsize=4096)
def to_sympy(symbol: Symbol) -> Any:
    """The sympy symbol, with the assumptions that follow from the domain."""
    domain = symbol.domain
    assumptions: dict[str, bool] = {"integer": True} if domain.is_integer else {"real": True}
    if domain.lower is not None and domain.lower >= 0:
        assumptions["nonnegative"] = True
        if domain.lower > 0 or domain.is_open[0]:
            assumptions = {**assumptions, "positive": True}
    return sympy.Symbol(symbol.name, **assumptions)


def parse(formula: str, symbols: Mapping[str, Symbol]) -> Expr:
    """The sympy expression of a formula.

    Args:
        formula: text over the names of ``symbols``.
        symbols: name to symbol.

    Raises:
        ParseError: an unknown name or function, a comparison, or anything else that is not arithmetic.
    """
    return _convert(tree(formula), {name: to_sympy(symbol) for name, symbol in symbols.items()})


def parse_condition(condition: str, symbols: Mapping[str, Symbol]) -> Basic:
    """The sympy relation of a condition such as ``step_size <= 1/L``, unevaluated."""
    found = tree(condition)
    if not isinstance(found, ast.Compare) or len(found.ops) != 1 or type(found.ops[0]) not in _RELATIONS:
        raise ParseError(f"{condition[:60]!r} is not one comparison: write it as in step_size <= 1/L")
    table = {name: to_sympy(symbol) for name, symbol in symbols.items()}
    relation = getattr(sympy, _RELATIONS[type(found.ops[0])])
    return relation(_convert(found.left, table), _convert(found.comparators[0], table), evaluate=False)


def _convert(node: ast.expr, table: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            return sympy.Integer(number)
        case ast.Constant(value=float(number)):
            raise ParseError(f"the number {number!r} is a decimal: write a quotient such as 1/10, which is exact")
        case ast.Name(id=name) if name in table:
            return table[name]
        case ast.Name(id=name) if name in _CONSTANTS:
            return getattr(sympy, _CONSTANTS[name])
        case ast.Name(id=name):
            raise ParseError(f"unknown symbol {name!r}: it is in no table of symbols")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_convert(operand, table)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _binary(type(op), _convert(left, table), _convert(right, table))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS and (
                len(arguments) == 1 or (arguments and name in ("min", "max"))):
            return getattr(sympy, FUNCTIONS[name])(*(_convert(argument, table) for argument in arguments))
        case _:
            raise ParseError(f"{ast.unparse(node)[:60]!r} is not arithmetic: use + - * / **, numbers, symbols and {', '.join(FUNCTIONS)}")


def _binary(op: type[ast.operator], left: Any, right: Any) -> Any:
    if op is ast.Pow and right.is_Rational:
        bits = max(abs(left.p), left.q).bit_length() if left.is_Rational else 1
        if abs(right) * bits > MAX_POWER_BITS:  # nothing in a file may make a number that fills the memory
            raise ParseError(f"the power {right} is too large")
    if op is ast.Div and right.is_zero:
        raise ParseError("division by zero in the formula")
    return _BINARY[op](left, right)
