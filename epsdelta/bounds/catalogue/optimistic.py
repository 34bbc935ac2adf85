"""Bilinear games min over x, max over y of x' A y: exact factors of five methods.

In the singular basis of A every method acts on pairs (x_i, y_i) with a singular value sig: the field is multiplication by i sig on
z = x_i - i y_i (or its conjugate). With s = step_size * sig the factors below are moduli of complex numbers or roots, and exact.
For a game with several singular values each pair has its own factor.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from epsdelta.bounds.bound import Bound, Direction, Guarantee, Standing
from epsdelta.bounds.domains import POSITIVE
from epsdelta.bounds.evidence import Step, combination, derivation, exact_check, identity, step, worst_case
from epsdelta.bounds.lazy import sympy as sp
from epsdelta.bounds.sources import OWN, Source
from epsdelta.bounds.symbols import Symbol

DASKALAKIS = Source(authors=("Daskalakis", "Ilyas", "Syrgkanis", "Zeng"), year=2018, arxiv="1711.00141", title="Training GANs with optimism")
SINGULAR_VALUE = Symbol("singular_value", r"\varsigma", "singular value of the matrix of a bilinear game", POSITIVE, "1/[t]")
_bilinear = partial(Bound, setting="bilinear game, one singular value", direction=Direction.UPPER, guarantee=Guarantee.WORST_CASE,
                    assumptions=("bilinear", "unconstrained"), symbols=(SINGULAR_VALUE,), source=OWN, standing=Standing.PROVED)
_factor = partial(_bilinear, metric="distance to the equilibrium after a step divided by before", metric_latex=r"\|z^{+}\|/\|z\|")
_radius = partial(_bilinear, metric="spectral radius of one step", metric_latex=r"\rho")


def _s(bound: Bound) -> Any:
    eta = bound.choice("step_size") if bound.choices else bound.symbol("step_size")
    return eta * bound.symbol("singular_value")


@derivation("bilinear-gradient-play")
def _gradient(bound: Bound) -> Iterator[Step]:
    """z+ = (1 - i s) z, T times."""
    horizon = bound.symbol("horizon")
    s = _s(bound)
    yield identity("|1 - i s|^2 = 1 + s^2", sp.expand((1 - sp.I * s) * (1 + sp.I * s)), 1 + s**2)
    yield identity("T steps", bound.value, sp.sqrt(1 + s**2) ** horizon)


@worst_case("bilinear-gradient-play-plane")
def _gradient_attained(bound: Bound) -> Iterator[Step]:
    """x' y from (1, 0) with step 1/2: four exact steps."""
    x, y = sp.Integer(1), sp.Integer(0)
    h = sp.Rational(1, 2)
    for k in range(1, 5):
        x, y = x - h * y, y + h * x
        value = bound.value.subs({bound.symbol("step_size"): h, bound.symbol("singular_value"): 1, bound.symbol("horizon"): k})
        yield identity(f"|z_{k}|^2 = value^2", x**2 + y**2, value**2)


@derivation("bilinear-alternating")
def _alternating(bound: Bound) -> Iterator[Step]:
    """x+ = x - s y, y+ = y + s x+: the matrix [[1, -s], [s, 1 - s^2]] has determinant 1 and trace 2 - s^2."""
    s = sp.Symbol("s", positive=True)
    room = sp.Symbol("r", nonnegative=True)  # s = 2 - r
    matrix = sp.Matrix([[1, -s], [s, 1 - s**2]])
    yield identity("determinant 1: two conjugate roots then have modulus 1", matrix.det(), bound.value**2)
    yield step("r >= 0 is the condition", bound.conditions == ("step_size*singular_value < 2",))
    yield combination("trace^2 <= 4 where s <= 2: the roots are conjugate", 4 - matrix.trace() ** 2, [(s**2 * (2 + s), room)],
                      where={room: 2 - s})


@derivation("bilinear-proximal")
def _proximal(bound: Bound) -> Iterator[Step]:
    """(1 + i s) z+ = z."""
    s = _s(bound)
    yield identity("value^2 |1 + i s|^2 = 1", bound.value**2 * sp.expand((1 + sp.I * s) * (1 - sp.I * s)), 1)
    yield step("the value is positive", bound.value.is_positive is True)


@derivation("bilinear-extragradient")
def _extragradient(bound: Bound) -> Iterator[Step]:
    """z+ = (1 - i s - s^2) z."""
    s = _s(bound)
    square = sp.expand((1 - sp.I * s - s**2) * (1 + sp.I * s - s**2))
    yield identity("value^2 = 1 - s^2 + s^4", bound.value**2, square)
    t = sp.Symbol("t", nonnegative=True)
    if bound.choices:
        yield identity("1 - t + t^2 - value^2 = (t - s^2)^2 for every t: the step is best", 1 - t + t**2 - bound.value**2, (t - s**2) ** 2)


def _optimistic_polynomial(z: Any, s: Any) -> Any:
    return z**2 - (1 - 2 * sp.I * s) * z - sp.I * s


@derivation("bilinear-optimistic-short-step")
def _short(bound: Bound) -> Iterator[Step]:
    """z^2 - (1 - 2 i s) z - i s has the roots (1 +- w)/2 - i s, w = sqrt(1 - 4 s^2), of squared moduli (1 +- w)/2."""
    w = sp.Symbol("w", nonnegative=True)
    s_value = _s(bound)
    s = sp.sqrt(1 - w**2) / 2
    for sign in (1, -1):
        yield identity(f"root with sign {sign}", sp.expand(_optimistic_polynomial((1 + sign * w) / 2 - sp.I * s, s)), 0)
        yield identity(f"its squared modulus, sign {sign}", sp.expand(((1 + sign * w) / 2) ** 2 + s**2), (1 + sign * w) / 2)
    yield step("w is real by the condition, or w = 0 at the prescribed step",
               bool(bound.choices) or "2*step_size*singular_value <= 1" in bound.conditions)
    yield identity("the larger is the square of the formula, w = sqrt(1 - 4 s^2)", bound.value**2, (1 + sp.sqrt(1 - 4 * s_value**2)) / 2)


@derivation("bilinear-optimistic-long-step")
def _long(bound: Bound) -> Iterator[Step]:
    """For s >= 1/2 the roots are 1/2 - i (s +- u/2), u = sqrt(4 s^2 - 1), and the larger squared modulus is 2 s^2 + s u."""
    u = sp.Symbol("u", nonnegative=True)
    s = sp.sqrt(1 + u**2) / 2
    for sign in (1, -1):
        yield identity(f"root with sign {sign}", sp.expand(_optimistic_polynomial(sp.Rational(1, 2) - sp.I * (s + sign * u / 2), s)), 0)
    yield identity("the larger squared modulus", sp.expand(sp.Rational(1, 4) + (s + u / 2) ** 2), 2 * s**2 + s * u)
    eta_s = _s(bound)
    yield step("u is real by the condition", "2*step_size*singular_value >= 1" in bound.conditions)
    yield identity("the square of the formula", bound.value**2, 2 * eta_s**2 + eta_s * sp.sqrt(4 * eta_s**2 - 1))


@derivation("bilinear-optimistic-threshold")
def _threshold(bound: Bound) -> Iterator[Step]:
    """Below s = 1/2 the factor is below 1; above, 2 s^2 + s sqrt(4 s^2 - 1) < 1 iff s^2 (4 s^2 - 1) < (1 - 2 s^2)^2 iff 3 s^2 < 1."""
    s = sp.Symbol("s", positive=True)
    sig = bound.symbol("singular_value")
    yield identity("(1 - 2 s^2)^2 - s^2 (4 s^2 - 1) = 1 - 3 s^2, and 1 - 2 s^2 > 0 there", (1 - 2 * s**2) ** 2 - s**2 * (4 * s**2 - 1),
                   1 - 3 * s**2)
    yield identity("at the value 3 s^2 = 1", 3 * (bound.value * sig) ** 2, 1)
    yield combination("1/2 <= s < 1/sqrt(3) keeps 1 - 2 s^2 > 0", 1 - 2 * s**2, [(sp.Rational(2, 3), 1 - 3 * s**2), (sp.Rational(1, 3), 1)])


@worst_case("bilinear-optimistic-boundary")
def _boundary(bound: Bound) -> Iterator[Step]:
    """At the value a root has modulus exactly 1."""
    s = bound.value * bound.symbol("singular_value")
    root = sp.Rational(1, 2) - sp.I * (s + sp.sqrt(4 * s**2 - 1) / 2)
    yield identity("it is a root", sp.expand(_optimistic_polynomial(root, s)), 0)
    yield identity("of modulus 1", sp.expand(sp.Rational(1, 4) + (s + sp.sqrt(4 * s**2 - 1) / 2) ** 2), 1)


@exact_check("bilinear-optimistic-growth")
def _growth(bound: Bound) -> Iterator[Step]:
    """Schur-Cohn by exact roots: at s = 288/500 stable, at s = 5784/10000 not, as the limit 1/sqrt(3) = .57735 says."""
    value = bound.value.subs(bound.symbol("singular_value"), 1)
    for s, stable in ((sp.Rational(1, 4), True), (sp.Rational(1, 2), True), (sp.Rational(5764, 10000), True), (sp.Rational(5784, 10000), False)):
        square = (1 + sp.sqrt(1 - 4 * s**2)) / 2 if 2 * s <= 1 else 2 * s**2 + s * sp.sqrt(4 * s**2 - 1)
        yield step(f"s = {s}: squared radius {'below 1' if stable else 'at least 1, the control beyond the limit'}",
                   bool(square < 1) is stable and bool(s < value) is stable)


ENTRIES = (
    _factor(id="gradient-play/bilinear/growth", title="Simultaneous gradient play grows on bilinear games with one singular value",
            method="gradient play",
            metric="distance to the equilibrium after T steps divided by the first distance", metric_latex=r"\|z_T\|/\|z_0\|",
            direction=Direction.LOWER, formula="(1 + step_size**2*singular_value**2)**(horizon/2)",
            evidence=("derivation/bilinear-gradient-play", "worst-case/bilinear-gradient-play-plane", "certificate/unstable_step"),
            notes="An equality. With several positive singular values the pair of each grows by its own factor. No step size helps."),
    _radius(id="gradient-play/bilinear/alternating", title="Alternating gradient play stays bounded on bilinear games, without converging",
            method="alternating gradient play", formula="1", conditions=("step_size*singular_value < 2",),
            evidence=("derivation/bilinear-alternating",),
            notes="An equality; the iterates move on an ellipse. Of several singular values the largest is meant."),
    _factor(id="proximal-point/bilinear/any-step", title="Proximal point on bilinear games with one singular value", method="proximal point",
            formula="1/sqrt(1 + step_size**2*singular_value**2)", evidence=("derivation/bilinear-proximal",), notes="An equality."),
    _factor(id="extragradient/bilinear/any-step", title="Extragradient on bilinear games with one singular value", method="extragradient",
            formula="sqrt(1 - step_size**2*singular_value**2 + step_size**4*singular_value**4)",
            evidence=("derivation/bilinear-extragradient",), notes="An equality; below 1 exactly for step_size * singular_value < 1."),
    _factor(id="extragradient/bilinear/best-step", title="Extragradient on bilinear games with one singular value, best step",
            method="extragradient",
            formula="sqrt(3)/2", choices=(("step_size", "1/(sqrt(2)*singular_value)"),), evidence=("derivation/bilinear-extragradient",),
            notes="An equality where all singular values are equal."),
    _radius(id="optimistic/bilinear/short-step", title="Optimistic gradient on bilinear games with one singular value, s at most 1/2",
            method="optimistic gradient",
            formula="sqrt((1 + sqrt(1 - 4*step_size**2*singular_value**2))/2)", conditions=("2*step_size*singular_value <= 1",),
            source=DASKALAKIS, evidence=("derivation/bilinear-optimistic-short-step",),
            notes="An equality: z+ = z - 2 step F(z) + step F(z_prev)."),
    _radius(id="optimistic/bilinear/best-step", title="Optimistic gradient on bilinear games with one singular value, best step",
            method="optimistic gradient",
            formula="1/sqrt(2)", choices=(("step_size", "1/(2*singular_value)"),), source=OWN,
            evidence=("derivation/bilinear-optimistic-short-step",), notes="An equality where all singular values are equal."),
    _radius(id="optimistic/bilinear/long-step", title="Optimistic gradient on bilinear games with one singular value, s from 1/2",
            method="optimistic gradient",
            formula="sqrt(2*step_size**2*singular_value**2 + step_size*singular_value*sqrt(4*step_size**2*singular_value**2 - 1))",
            conditions=("2*step_size*singular_value >= 1",), evidence=("derivation/bilinear-optimistic-long-step",),
            notes="An equality; below 1 exactly for step_size * singular_value < 1/sqrt(3)."),
    _bilinear(id="optimistic/bilinear/threshold", title="Optimistic gradient on bilinear games: the step limit", method="optimistic gradient",
              metric="least upper bound of the steps below which the spectral radius is below 1", direction=Direction.LOWER,
              metric_latex=r"\sup\{\bar\eta:\ \rho<1\ \mathrm{for\ all}\ \eta<\bar\eta\}", formula="1/(sqrt(3)*singular_value)",
              evidence=("derivation/bilinear-optimistic-threshold", "worst-case/bilinear-optimistic-boundary",
                        "exact-check/bilinear-optimistic-growth"), notes="singular_value is the largest one."),
)

EVIDENCE = (_gradient, _gradient_attained, _alternating, _proximal, _extragradient, _short, _long, _threshold, _boundary, _growth)
