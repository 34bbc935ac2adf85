"""Each claim of a game's certificate as a theorem of the theory: its statement, its proof by computation, and what it says in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from epsdelta.certificates.rocq.covers import Cover, Setting, find_cover
from epsdelta.certificates.rocq.factor import find_factor
from epsdelta.certificates.rocq.families import Metric, curvature_witness, metric_of, monotone_witness, norm_witness, step_witness
from epsdelta.certificates.rocq.text import box, factor, integer, items, matrix, over_common, vector
from epsdelta.errors import ProverError
from epsdelta.exact.interval import Interval

__all__ = ["WRITERS", "Draft", "ratio", "rationals", "shown", "table"]

Claim = Mapping[str, Any]
Rows = list[list[Fraction]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A theorem before it is written.

    Attributes:
        module: the theory's module that has the statement and its soundness.
        cover: the enclosure that it rests on, None where the theorem asks for none.
        definitions: names to texts, ``NAME`` standing for the prefix of the statement.
        statement: the proposition.
        proof: the soundness theorem with its arguments, ``COVER`` standing for the cover and the proof that it holds.
        sentence: what the theorem says.
    """

    module: str
    cover: Cover | None
    definitions: Sequence[tuple[str, str, str]]
    statement: str
    proof: str
    sentence: str


def rationals(values: Sequence[Any]) -> list[Fraction]:
    """A vector of a certificate."""
    return [Fraction(str(v)) for v in values]


def table(values: Sequence[Sequence[Any]]) -> Rows:
    """A matrix of a certificate."""
    return [rationals(row) for row in values]


def ratio(value: Fraction) -> str:
    """A rational as the pair that checks take."""
    return f"({integer(value.numerator)}%Z, {integer(value.denominator)}%positive)"


def shown(value: Fraction, *, up: bool = False) -> str:
    """A rational in a sentence; a long one in digits, rounded down or up so that what is said is proved, with its size.

    >>> shown(Fraction(2, 3)), shown(Fraction(2, 3) - Fraction(1, 10**30)), shown(Fraction(1, 3) - Fraction(1, 10**40), up=True)
    ('2/3', '0.66666666666 (rounded down)', '0.33333333334 (rounded up)')
    """
    bits = value.numerator.bit_length() + value.denominator.bit_length()
    if bits <= 80:
        return str(value)
    size, digits = abs(value), 10
    exponent = ((size.numerator.bit_length() - size.denominator.bit_length()) * 30103) // 100000  # within one of the decimal exponent
    scaled = size * Fraction(10) ** (digits - exponent)
    away = up == (value > 0)
    whole = -(-scaled.numerator // scaled.denominator) if away else scaled.numerator // scaled.denominator
    sign, text = "-" if value < 0 else "", str(whole)
    point = len(text) - (digits - exponent)
    short = text[:point] + "." + text[point:] if 0 < point <= len(text) else f"0.{'0' * -point}{text}" if -4 <= point <= 0 else (
        f"{text[0]}.{text[1:]}e{point - 1:+d}")
    return f"{sign}{short} (rounded {'up' if up else 'down'})"


def _metric(claim: Claim) -> tuple[Rows, Metric]:
    rows = table(claim["metric"])
    found = metric_of(rows)
    if found is None:
        raise ProverError("no witness found that the metric is positive definite: it is too close to singular for the prover's checks")
    return rows, found


def _steps(game: Setting, claim: Claim) -> list[Fraction]:
    return game.problem.per_coordinate(rationals(claim["step_sizes"]))


def _play(claim: Claim) -> str:
    return f"gradient play with steps ({', '.join(shown(h) for h in rationals(claim['step_sizes']))})"


def _where(game: Setting) -> str:
    return "everywhere" if game.problem.region is None else "on the region"


def strong_monotonicity(game: Setting, claim: Claim, witness: Claim) -> Draft:
    """<F x - F y, x - y>_P >= a |x - y|_P^2."""
    _, metric = _metric(claim)
    margin = Fraction(claim["margin"])
    cover = find_cover(game, witness["split"], lambda hull: monotone_witness(metric.rows, margin, hull), "sym(P J) >= margin P on the region")
    return Draft(module="MetricClaims", cover=cover, definitions=[("metric", "matrix", metric.text)],
                 statement=f"strongly_monotone_game the_game NAMEmetric (real {ratio(margin)})",
                 proof=f"strong_monotonicity_sound ar the_game COVER NAMEmetric {metric.witness} {ratio(margin)} WITNESSES",
                 sentence=f"{_where(game)} the field is strongly monotone with margin {shown(margin)} in the metric P: "
                          "it has at most one zero there")


def _contraction(game: Setting, claim: Claim, split: Sequence[object]) -> tuple[Cover, Metric, str, str]:
    """Cover, metric, and the arguments that every step claim shares (metric, witness, steps, rate; then the rate)."""
    _, metric = _metric(claim)
    steps, rate = _steps(game, claim), Fraction(claim["rate_squared"])
    cover = find_cover(game, split, lambda hull: step_witness(metric.rows, steps, rate, hull), "the step contracts on the region")
    return cover, metric, f"NAMEmetric {metric.witness} NAMEsteps {ratio(rate)} WITNESSES", f"(real {ratio(rate)})"


def _step_definitions(game: Setting, claim: Claim, metric: Metric) -> list[tuple[str, str, str]]:
    return [("metric", "matrix", metric.text), ("steps", "vector", vector(_steps(game, claim)))]


def step_contraction(game: Setting, claim: Claim, witness: Claim) -> Draft:
    """One step shrinks squared P-distances."""
    cover, metric, arguments, rate = _contraction(game, claim, witness["split"])
    return Draft(module="MetricClaims", cover=cover, definitions=_step_definitions(game, claim, metric),
                 statement=f"step_contracts_game the_game NAMEmetric NAMEsteps {rate}",
                 proof=f"contraction_sound ar the_game COVER {arguments}",
                 sentence=f"{_where(game)} one step of {_play(claim)}{'' if game.problem.is_free else ', projected on the constraints,'} "
                          f"shrinks squared distances in the metric P by the factor {shown(Fraction(claim['rate_squared']), up=True)}, "
                          "for all pairs of points")


def _ball(game: Setting, metric: Metric, rows: Rows, claim: Claim) -> tuple[str, str, str, str]:
    """Center, reach, radius and the factors that the ball lies inside the region."""
    center, radius, region = rationals(claim["center"]), Fraction(claim["radius"]), game.problem.region
    if region is None:
        return vector(center), vector([Fraction(0)] * len(center)), ratio(radius), "[]"
    reach = [min(c - side.lo, side.hi - c) for c, side in zip(center, region, strict=True)]
    if radius == 0:
        return vector(center), vector(reach), ratio(radius), "[]"
    whole, below = over_common(reach)
    factors: list[str] = []
    for k in range(len(center)):
        inside = [[whole[k] ** 2 * radius.denominator**2 * e for e in row] for row in metric.rows]
        inside[k][k] -= radius.numerator**2 * below**2 * metric.common
        found = find_factor(inside)
        if found is None:
            raise ProverError(f"no witness found that the ball stays inside the region in variable {k}")
        factors.append(factor(found))
    return vector(center), vector(reach), ratio(radius), items(factors)


def _values(game: Setting, claim: Claim) -> list[Interval]:
    return game.values(rationals(claim["center"]))


def convergence(game: Setting, claim: Claim, witness: Claim) -> Draft:
    """Play stays in a set and converges to the only equilibrium there."""
    cover, metric, arguments, rate = _contraction(game, claim, witness["split"])
    definitions, shrink = _step_definitions(game, claim, metric), shown(Fraction(claim["rate_squared"]), up=True)
    if claim["center"] is not None:
        center, reach, radius, factors = _ball(game, metric, table(claim["metric"]), claim)
        root = ratio(Fraction(witness["root"]))
        return Draft(module="EquilibriumClaims", cover=cover, definitions=[*definitions, ("center", "vector", center)],
                     statement=f"converges_in_ball the_game NAMEmetric NAMEsteps {rate} NAMEcenter (real {radius})",
                     proof=f"in_ball_sound ar the_game COVER {arguments} NAMEcenter {reach} {radius} {factors} "
                           f"{box(_values(game, claim))} {root}",
                     sentence=f"{_play(claim)} stays in the ball of radius {shown(Fraction(claim['radius']))} in the metric P around "
                              "the center "
                              "from each start there, and converges to the only zero of the field in the region; squared distances to it shrink "
                              f"by the factor {shrink} per step")
    free = game.problem.region is None
    name, theorem = ("converges_everywhere", "everywhere_sound") if free else ("converges_to_nash", "nash_sound")
    goal = "every start to the only zero of the field" if free else (
        "every strategy profile to the only solution of Nash's variational inequality")
    return Draft(module="MetricClaims", cover=cover, definitions=definitions, statement=f"{name} the_game NAMEmetric NAMEsteps {rate}",
                 proof=f"{theorem} ar the_game COVER {arguments}",
                 sentence=f"{_play(claim)}{'' if free else ', projected,'} converges from {goal}; squared distances to it in the metric P "
                          f"shrink by the factor {shrink} per step")


def equilibrium(game: Setting, claim: Claim, witness: Claim) -> Draft:
    """Exactly one zero in the region, in a ball."""
    rows, metric = _metric(claim)
    margin = Fraction(claim["margin"])
    cover = find_cover(game, witness["split"], lambda hull: monotone_witness(metric.rows, margin, hull), "sym(P J) >= margin P on the region")
    center, reach, radius, factors = _ball(game, metric, rows, claim)
    return Draft(module="EquilibriumClaims", cover=cover, definitions=[("metric", "matrix", metric.text), ("center", "vector", center)],
                 statement=f"one_equilibrium the_game NAMEmetric NAMEcenter (real {radius})",
                 proof=f"equilibrium_sound ar the_game COVER NAMEmetric {metric.witness} {ratio(margin)} WITNESSES NAMEcenter {reach} {radius} "
                       f"{factors} {box(_values(game, claim))}",
                 sentence=f"the field has exactly one zero{'' if game.problem.region is None else ' in the region'}, within "
                          f"{shown(Fraction(claim['radius']), up=True)} of the center in the metric P")


# ---- block constants ---------------------------------------------------------------------------------------------------------


def _block_test(game: Setting, claim: Claim) -> Callable[[list[list[Interval]]], str | None]:
    curvature, mu, coupling, below = _whole(claim)
    own, dl = over_common(rationals(claim["own_lipschitz"]))
    blocks = game.problem.blocks

    def test(hull: list[list[Interval]]) -> str | None:
        bends = [curvature_witness(hull, block, least, mu) for block, least in zip(blocks, curvature, strict=True)]
        norms = [[norm_witness(hull, rows, columns, *((own[i], dl) if i == j else (coupling[i][j], below))) for j, columns in enumerate(blocks)]
                 for i, rows in enumerate(blocks)]
        known, pairs = [b for b in bends if b is not None], [[w for w in row if w is not None] for row in norms]
        if len(known) < len(blocks) or any(len(row) < len(blocks) for row in pairs):
            return None
        return f"(BlockWitness {items(known)} {items([items(row) for row in pairs])})"

    return test


def _constants(claim: Claim) -> list[tuple[str, str, str]]:
    return [("curvature", "vector", vector(rationals(claim["curvature"]))), ("own", "vector", vector(rationals(claim["own_lipschitz"]))),
            ("coupling", "matrix", matrix(table(claim["coupling"])))]


def _whole(claim: Claim) -> tuple[list[int], int, list[list[int]], int]:
    """curvature over its denominator, coupling over its own."""
    mu, under = over_common(rationals(claim["curvature"]))
    rows = table(claim["coupling"])
    flat, below = over_common([q for row in rows for q in row])
    return mu, under, [flat[k:k + len(mu)] for k in range(0, len(flat), len(mu))], below


def _gain(claim: Claim) -> list[list[int]]:
    """K = diag(mu) - L over the product of the denominators, as in the theory's ``zgain``."""
    mu, under, coupling, below = _whole(claim)
    return [[mu[i] * below if i == j else -e * under for j, e in enumerate(row)] for i, row in enumerate(coupling)]


def _needed(rows: list[list[int]], what: str) -> str:
    found = find_factor(rows)
    if found is None:
        raise ProverError(f"no witness found that {what}: the inequality is too tight for the prover's checks")
    return factor(found)


def _lipschitz_factor(claim: Claim) -> str:
    own, dl = over_common(rationals(claim["own_lipschitz"]))
    _, _, coupling, below = _whole(claim)
    weights, _ = over_common(rationals(claim["weights"]))
    beta, size = Fraction(claim["lipschitz"]), range(len(own))
    square, top = beta.denominator**2, (beta.numerator * dl * below) ** 2
    bound = [[own[k] * below if k == i else coupling[k][i] * dl for i in size] for k in size]
    rows = [[(top * weights[i] if i == j else 0) - square * sum(weights[k] * bound[k][i] * bound[k][j] for k in size) for j in size]
            for i in size]
    return _needed(rows, "the Lipschitz constant holds")


def _band(claim: Claim, band: Sequence[Any], ends: Sequence[Sequence[Any]]) -> str:
    first, second, low, high = int(band[0]), int(band[1]), Fraction(band[2]), Fraction(band[3])
    gain, parts = _gain(claim), list[str]()
    for end in ends:
        weights, _ = over_common(rationals(end))
        size = range(len(weights))
        rows = [[weights[i] * gain[i][j] + weights[j] * gain[j][i] for j in size] for i in size]
        parts.append(f"{vector(rationals(end))} {_needed(rows, 'a band ends where it says')}")
    return f"Band {first} {second} {ratio(low)} {ratio(high)} {' '.join(parts)}"


def small_gain(game: Setting, claim: Claim, witness: Claim) -> Draft:
    """Small-Gain Nash: margin, Lipschitz constant, Euler steps, bands."""
    cover = find_cover(game, witness["split"], _block_test(game, claim), "the block constants hold on the region")
    margin, beta = Fraction(claim["margin"]), Fraction(claim["lipschitz"])
    bands = items([_band(claim, band, ends) for band, ends in zip(claim["bands"], witness["bands"], strict=True)])
    weights = ", ".join(shown(w) for w in rationals(claim["weights"]))
    return Draft(module="BlockClaims", cover=cover,
                 definitions=[*_constants(claim), ("weights", "vector", vector(rationals(claim["weights"]))), ("bands", "list band", bands)],
                 statement=f"0 < real {ratio(margin)} /\\ small_gain_game the_game NAMEweights (real {ratio(margin)}) (real {ratio(beta)}) "
                           "(map band_words NAMEbands)",
                 proof="small_gain_sound ar the_game COVER NAMEcurvature NAMEown NAMEcoupling NAMEweights "
                       f"{vector(rationals(witness['right']))} {ratio(margin)} {ratio(beta)} {_lipschitz_factor(claim)} NAMEbands WITNESSES",
                 sentence=f"{_where(game)} the field is strongly monotone with margin {shown(margin)} and {shown(beta, up=True)}-Lipschitz "
                          "in the norm "
                          f"with weights ({weights}); Euler steps below 2 margin/Lipschitz^2 = {shown(2 * margin / beta**2)} contract in it"
                          + (f"; {len(claim['bands'])} band(s) of weight ratios hold" if claim["bands"] else ""))


def schur_step(game: Setting, claim: Claim, witness: Claim) -> Draft:
    """The Schur-test step: block max norm, weighted norm, and sequential and asynchronous updates."""
    cover = find_cover(game, witness["split"], _block_test(game, claim), "the block constants hold on the region")
    rate, every = Fraction(claim["rate"]), claim["updates"] == "any"
    weights = "None" if claim["weights"] is None else f"(Some {vector(rationals(claim['weights']))})"
    arguments = "NAMEcurvature NAMEown NAMEcoupling NAMEsteps NAMEscales"
    statement = f"schur_simultaneous the_game NAMEsteps NAMEscales (real {ratio(rate)}) NAMEweights"
    also = " and in the weighted norm" if claim["weights"] is not None else ""
    return Draft(module="BlockClaims", cover=cover,
                 definitions=[*_constants(claim), ("steps", "vector", vector(rationals(claim["step_sizes"]))),
                              ("scales", "vector", vector(rationals(claim["scales"]))), ("weights", "option vector", weights)],
                 statement=f"{statement} /\\ schur_any the_game NAMEsteps NAMEscales (real {ratio(rate)})" if every else statement,
                 proof=f"{'schur_any_sound' if every else 'schur_sound'} ar the_game COVER {arguments} {ratio(rate)} NAMEweights WITNESSES",
                 sentence=f"{_where(game)} {_play(claim)}{'' if game.problem.is_free else ', projected on the constraints,'} contracts by "
                          f"{shown(rate, up=True)} per step in max_i |x_i - y_i|/v_i{also}"
                          + ("; among strategies so do sequential sweeps, and rounds of asynchronous play contract the distance to a fixed point"
                             if every else ""))


WRITERS: Mapping[str, Callable[[Setting, Claim, Claim], Draft]] = {
    "small_gain": small_gain, "schur_step": schur_step, "strong_monotonicity": strong_monotonicity, "step_contraction": step_contraction,
    "convergence": convergence, "equilibrium": equilibrium,
}
