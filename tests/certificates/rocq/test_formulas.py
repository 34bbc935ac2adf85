"""The catalogue's formulas in the prover's language: the file is the generated one, and its expressions have the entries' values."""

from __future__ import annotations

import ast
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from epsdelta.bounds.bound import Bound, Standing
from epsdelta.bounds.catalogue import all_bounds, get
from epsdelta.bounds.domains import COUNT, REAL
from epsdelta.bounds.evaluate import value_at
from epsdelta.bounds.symbols import Symbol
from epsdelta.certificates.rocq.formulas import definition, definitions, formula_name, refused, rocq_expression
from epsdelta.certificates.rocq.library import THEORY
from epsdelta.errors import InputError
from tests.bounds.draws import draw
from tests.certificates.rocq.expressions import definitions_of, evaluated, is_rational

DEFINED = definitions_of((THEORY / "Formulas.v").read_text(encoding="utf-8"))
RENDERED = [bound for bound in all_bounds() if bound.standing not in (Standing.ORDER, Standing.WITHDRAWN) and bound.id not in refused()]
TABLE = {"T": Symbol("T", "T", "a count", COUNT), "k": Symbol("k", "k", "a count", COUNT)} | {
    name: Symbol(name, name, "a number", REAL) for name in ("x", "y", "z")}


def test_the_file_is_what_the_catalogue_gives() -> None:
    """``python -m epsdelta.certificates.rocq.formulas`` writes it."""
    assert (THEORY / "Formulas.v").read_text(encoding="utf-8") == definitions()


def test_every_entry_has_a_definition_of_its_own() -> None:
    assert list(DEFINED) == [formula_name(bound.id) for bound in sorted(RENDERED, key=lambda bound: bound.id)]
    assert len({formula_name(bound.id) for bound in all_bounds()}) == len(all_bounds())


def test_arguments_are_the_parameters_in_their_order() -> None:
    for bound in RENDERED:
        binders = DEFINED[formula_name(bound.id)].binders
        assert [name.removesuffix("_") for name, _ in binders] == [symbol.name for symbol in bound.parameters]
        assert [kind == "nat" for _, kind in binders] == [symbol.domain.is_integer for symbol in bound.parameters]


def test_few_entries_are_refused() -> None:
    """Formulas with ``floor``, and powers of what may be zero."""
    assert refused().keys() <= {"bilevel/hypergradient/iterative-differentiation", "perceptron/batch/skewed-data",
                                "sgd/confidence/spike-identity"}


@pytest.mark.parametrize("bound", RENDERED, ids=lambda bound: bound.id)
def test_a_definition_has_the_value_of_its_entry(bound: Bound) -> None:
    """At random exact parameters: exactly where the formula is rational, else to 25 digits."""
    defined, compared = DEFINED[formula_name(bound.id)], 0
    short = {symbol.name: Fraction(7) for symbol in bound.parameters if symbol.name == "horizon"}
    for seed in range(4):
        values = draw(bound, seed, short if seed % 2 else None) or draw(bound, seed)
        if values is None or (is_rational(defined.body) and values.get("horizon", 0) > 2000):
            continue
        ordered = {symbol.name: values[symbol.name] for symbol in bound.parameters}
        own, known = defined.value(ordered), value_at(bound.value, values, 40)
        compared += 1
        if is_rational(defined.body):
            assert known.lower <= own <= known.upper  # one number, but for high powers
        else:
            with mpmath.workdps(60):
                middle = mpmath.mpf(known.lower.numerator) / known.lower.denominator
                assert abs(own - middle) <= mpmath.mpf(10) ** -25 * max(abs(middle), mpmath.mpf(10) ** -25)
    assert compared


# ---- the renderer ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("formula", "text"), [
    ("x - (y - z)", "x - (y - z)"), ("x - y - z", "x - y - z"), ("x/(y*z)", "x / (y * z)"), ("x/y*z", "x / y * z"), ("x*(y/z)", "x * (y / z)"),
    ("-x**2", "- x ^ 2"), ("(-x)**2", "(- x) ^ 2"), ("-(x + y)", "- (x + y)"), ("x*-y", "x * - y"), ("-(-x)", "- (- x)"),
    ("(x**2)**3", "(x ^ 2) ^ 3"), ("2*T*x", "2 * INR T * x"), ("x**(2*T)", "x ^ (2 * T)%nat"),
    ("x**(2*(T + 1))", "x ^ (2 * (T + 1))%nat"), ("x**(T - 1)", "x ^ (T - 1)%nat"), ("x**(-T)", "/ x ^ T"), ("x**(-1)", "/ x"),
    ("y*x**(-2)", "y * / x ^ 2"), ("x**floor(T/(k + 1))", "x ^ (T / (k + 1))%nat"), ("T**2", "INR T ^ 2"),
    ("sqrt(T)", "sqrt (INR T)"), ("sqrt(x)**3", "sqrt x ^ 3"),
    ("x**(1/2)", "sqrt x"), ("x**(T/2)", "sqrt x ^ T"), ("x**(3/4)", "sqrt (sqrt x) ^ 3"), ("x**(-1/2)", "/ sqrt x"),
    ("max(x, y, z)", "Rmax (Rmax x y) z"), ("min(1, -x)", "Rmin 1 (- x)"), ("abs(x) + log(y)", "Rabs x + ln y"),
    ("2**(1/3)", "Rpower 2 (1 / 3)"), ("T**(1 - x)", "Rpower (INR T) (1 - x)"), ("e*pi*exp(x)", "exp 1 * PI * exp x")])
def test_structure_is_preserved(formula: str, text: str) -> None:
    assert rocq_expression(formula, TABLE) == text


@pytest.mark.parametrize("formula", ["floor(x)", "ceil(T/2)", "x**floor(T/(k - 1))", "x**floor(y)", "x**(1/3)", "x**y", "x**(T - 2)",
                                     "x**(T - k)", "x**2**T", "(x - x)**(-1/3)", "x < y", "1.5*x", "min()", "w"])
def test_what_has_no_faithful_form_is_refused(formula: str) -> None:
    with pytest.raises(InputError):
        rocq_expression(formula, TABLE)


def test_names_of_the_language_get_an_underscore() -> None:
    table = {name: Symbol(name, name, "a number", REAL) for name in ("R", "at", "ln")}
    assert rocq_expression("R*at*log(ln)", table) == "R_ * at_ * ln ln_"


def test_an_order_has_no_definition() -> None:
    with pytest.raises(InputError, match="no formula to define"):
        definition(next(bound for bound in all_bounds() if bound.standing is Standing.ORDER))


def test_a_definition_reads_as_the_entry() -> None:
    assert definition(get("gd/convex/any-step")) == (
        "Definition gd_convex_any_step (L distance : R) (horizon : nat) (step_size : R) : R := distance ^ 2 / (2 * step_size * INR horizon).")


def _fraction(node: ast.expr, values: dict[str, Fraction]) -> Fraction:
    """A formula's value by Python's own reading of it."""
    match node:
        case ast.Constant(value=int(number)):
            return Fraction(number)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(operand=operand):
            return -_fraction(operand, values)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _fraction(left, values), _fraction(right, values)
            operations: dict[type, Any] = {ast.Add: lambda: a + b, ast.Sub: lambda: a - b, ast.Mult: lambda: a * b, ast.Div: lambda: a / b,
                                           ast.Pow: lambda: a ** int(b)}
            return operations[type(op)]()
        case _:
            raise AssertionError(ast.unparse(node))


_LEAVES = st.sampled_from(["x", "y", "z", "T", "2", "3"])
_NATURALS = st.sampled_from(["2", "3", "T", "2*T", "T + 1", "2*(T + 1)", "T - 1", "-2", "-T"])
_FORMULAS = st.recursive(_LEAVES, lambda inner: st.one_of(
    st.builds("({}) {} ({})".format, inner, st.sampled_from("+-*/"), inner), st.builds("-({})".format, inner),
    st.builds("({})**({})".format, inner, _NATURALS)), max_leaves=10)


@given(_FORMULAS, st.lists(st.fractions(-3, 3, max_denominator=5), min_size=3, max_size=3), st.integers(1, 3))
def test_brackets_are_where_they_are_needed(formula: str, numbers: list[Fraction], count: int) -> None:
    """Any formula has the value in the prover's grammar that it has in Python's, where it has one."""
    node = ast.parse(ast.unparse(ast.parse(formula, mode="eval")), mode="eval").body
    values = dict(zip("xyz", numbers, strict=True)) | {"T": Fraction(count)}
    try:
        wanted = _fraction(node, values)
    except ZeroDivisionError:
        assume(False)
        return
    assert evaluated(rocq_expression(ast.unparse(node), TABLE), values) == wanted
