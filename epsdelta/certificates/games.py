"""``certify_game``: the ladder from cheap to expensive certificates for gradient play.

Rungs, for the margin and for a step: ``euclidean`` (sym J >= a I), ``small_gain`` (block norms and weights), ``schur`` (steps
within
2/(mu_i + l_i)), ``linear`` (exact Lyapunov metric and the exact threshold of a linear game), ``metric`` (a metric by semidefinite
programming). Every statement passes the kernel before it is returned.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

import numpy as np

from epsdelta.certificates.answer import Attempt, GameAnswer
from epsdelta.certificates.certificate import Certificate
from epsdelta.certificates.claims import (
    Convergence,
    NoMetric,
    SchurStep,
    SmallGain,
    Statement,
    StepContraction,
    StrongMonotonicity,
    UnstableStep,
)
from epsdelta.certificates.convergence import convergence
from epsdelta.certificates.enclose import Split, hull_split, refine
from epsdelta.certificates.kernel import prove
from epsdelta.certificates.kernel.matrices import identity
from epsdelta.certificates.kernel.metric import is_monotone
from epsdelta.certificates.linear import Thresholds, flow_metric, safe_step, thresholds, unsafe_flow, unsafe_step
from epsdelta.certificates.metric import equilibrium, largest_contracting_step, monotone, step_contraction, unstable_equilibrium
from epsdelta.certificates.model import Model
from epsdelta.certificates.refutation import no_players_metric
from epsdelta.certificates.rounding import below, eigenvalues
from epsdelta.certificates.small_gain import BlockConstants, block_constants, schur_step, small_gain, why_no_small_gain
from epsdelta.errors import EnclosureError, InputError
from epsdelta.exact.rational import rational, round_nearest, sqrt_upper
from epsdelta.problems.game import Game

__all__ = ["certify_game"]

Rows = list[list[Fraction]]
Found = TypeVar("Found")


@dataclass(slots=True)
class _Search:
    """What has been found so far."""

    model: Model
    split: Split
    constants: BlockConstants
    statements: list[Statement] = field(default_factory=list[Statement])
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    margin: Fraction | None = None
    rung: str | None = None
    metric: Rows | None = None
    step_safe: Fraction | None = None
    step_unsafe: Fraction | None = None
    rate: Fraction | None = None

    def keep(self, statement: Statement | None) -> bool:
        """Add a statement if the kernel proves it."""
        if statement is None or not prove(self.model.problem, statement.to_dict()).is_proved:
            return False
        self.statements.append(statement)
        return True

    def note(self, rung: str, succeeded: bool, outcome: str) -> bool:
        self.attempts.append(Attempt(rung, succeeded, outcome))
        return succeeded

    @property
    def is_linear(self) -> bool:
        """Whether the two-sided answer applies: constant Jacobian, no constraints."""
        return self.model.problem.matrix is not None and self.model.problem.is_free


def certify_game(game: Game, *, step_size: Fraction | int | str | None = None, gap: Fraction | str = "1/100",
                 max_leaves: int = 128, progress: Callable[[str], None] | None = None) -> GameAnswer:
    """Certify gradient play x_i <- Proj(x_i - h grad_i f_i(x)) on a game, for one step h or for the largest.

    Args:
        game: the game, with its region where it is not linear.
        step_size: a step h > 0 for all players; None asks for the largest proven safe and smallest proven unsafe step.
        gap: relative excess of the Jacobian's enclosure at which splitting stops.
        max_leaves: most boxes the region is split into.
        progress: called with a short text before each rung.

    Returns:
        The answer with its certificate, every statement of which the kernel has proved.

    Raises:
        InputError: for a step that is not a positive rational.

    Source: small gain: V. Sharma (2025), arXiv 2512.06791; the other rungs are derived in docs/explanation/ladder.md.

    >>> from epsdelta.problems.game import Game
    >>> answer = certify_game(Game.from_jacobian([[1, 10], ["1/20", 1]], players=[1, 1]), step_size="117/100")
    >>> answer.verdict, answer.rung
    ('proved', 'linear')
    """
    step = None if step_size is None else rational(step_size, name="step_size")
    if step is not None and step <= 0:
        raise InputError(f"step_size={step} violates step_size > 0: give a positive rational such as '1/10'")
    model = Model.of(game)
    if model.problem.matrix is None and model.problem.region is None:
        raise InputError("the game is not linear and has no region: add a [region] table with a box for each variable")
    say = progress or (lambda text: None)
    say("enclosing the Jacobian")
    try:
        split = hull_split(model, gap=rational(gap, name="gap"), max_leaves=max_leaves)
    except OverflowError:
        raise _too_large() from None
    except EnclosureError as error:
        reason = (f"The field cannot be enclosed on the region: {error}. Shrink the region away from poles and branch cuts, "
                  "or raise max_leaves.")
        return GameAnswer(verdict="undecided", rung=None, margin=None, rate=None, step_safe=None, step_unsafe=None, step_size=step,
                          reason=reason, attempts=(), certificate=None)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # floats only suggest: what they miss is refused by the exact checks
        try:
            return _climb(_Search(model, split, block_constants(model.problem.blocks, split)), step, say)
        except OverflowError:
            raise _too_large() from None


def _too_large() -> InputError:
    return InputError("a number of the game exceeds the range of floats (about 1e308) that the search works in: rescale costs or variables")


def _climb(search: _Search, step: Fraction | None, say: Callable[[str], None]) -> GameAnswer:
    """Margin, then steps, then the equilibrium."""
    say("margin")
    _margin(search)
    say("steps")
    verdict, rung, reason = _one_step(search, step) if step is not None else _step_range(search)
    model, metric, margin = search.model, search.metric, search.margin
    if metric is not None and margin is not None and model.problem.dimension <= 64:
        say("equilibrium")
        cover = refine(model, lambda j: is_monotone(j, metric, margin) is True)
        if cover is not None:
            search.keep(_attempt(lambda: equilibrium(model, cover, metric, margin)))
    if search.step_safe is not None and model.problem.dimension <= 64:
        say("convergence")
        _converges(search, search.step_safe)
    certificate = Certificate(problem=model.data, statements=tuple(search.statements)) if search.statements else None
    return GameAnswer(verdict=verdict, rung=rung, margin=margin, rate=search.rate, step_safe=search.step_safe,
                      step_unsafe=search.step_unsafe, step_size=step, reason=reason, attempts=tuple(search.attempts),
                      certificate=certificate)


def _converges(search: _Search, step: Fraction) -> None:
    """A set that play with the safe step does not leave, with its limit. Where all of space is one, the contraction says it already."""
    problem = search.model.problem
    if problem.region is None:
        return
    steps = [step] * len(problem.blocks)
    statement = _attempt(lambda: convergence(search.model, search.split, steps, search.statements))
    if search.keep(statement) and statement is not None and isinstance(statement.claim, Convergence):
        radius = statement.claim.radius
        search.note("convergence", True, "play converges from every strategy profile to the only equilibrium" if radius is None else
                    f"play from a ball of P-radius {float(radius):.6g} stays there and converges to the only equilibrium in the region")
    elif not problem.contains_strategies:
        search.note("convergence", False, "no set found that play does not leave: iterates may leave the region")


def _attempt(search: Callable[[], Found]) -> Found | None:
    """A search in floats; None where they overflow or degenerate, since it only makes suggestions."""
    try:
        return search()
    except (OverflowError, ValueError, ZeroDivisionError, np.linalg.LinAlgError):
        return None


def _set_margin(search: _Search, rung: str, margin: Fraction, metric: Rows, what: str) -> bool:
    search.margin, search.rung, search.metric = margin, rung, metric
    return search.note(rung, True, f"margin {float(margin):.9g} {what}")


def _margin(search: _Search) -> None:
    """The first rung that proves strong monotonicity. Small gain is always tried, since its constants also serve the steps."""
    euclidean = _euclidean(search)
    statement = _attempt(lambda: small_gain(search.constants))
    if search.keep(statement) and statement is not None and isinstance(statement.claim, SmallGain):
        claim = statement.claim
        weights = [w for w, block in zip(claim.weights, search.model.problem.blocks, strict=True) for _ in block]
        shown = ", ".join(f"{float(w):.6g}" for w in claim.weights)
        if not euclidean or search.margin is None or claim.margin > search.margin:
            metric = [[w if i == j else Fraction(0) for j in range(len(weights))] for i, w in enumerate(weights)]
            _set_margin(search, "small_gain", claim.margin, metric, f"with weights ({shown})")
    else:
        search.note("small_gain", False, why_no_small_gain(search.constants))
    if search.margin is not None:
        return
    if search.is_linear:
        found, rung = _attempt(lambda: flow_metric(search.model)), "linear"
    else:
        found, rung = _attempt(lambda: monotone(search.model, search.split)), "metric"
    if found is not None and search.keep(found[0]):
        _set_margin(search, rung, found[2], found[1], "in a full metric")
        refuted = _attempt(lambda: no_players_metric(search.model))
        if refuted is not None and search.keep(refuted) and isinstance(refuted.claim, NoMetric):
            search.note("rosen", False, "no weights per player make the game strictly monotone (exact dual witness)")
    else:
        search.note(rung, False, "no metric found in which the field is strongly monotone on the region")


def _euclidean(search: _Search) -> bool:
    from epsdelta.certificates.metric import hull_vertices

    values = _attempt(lambda: [float(np.linalg.eigvalsh((j + j.T) / 2)[0]) for j in hull_vertices(search.model, search.split)])
    least = min(values or [-np.inf])
    unit = identity(search.model.problem.dimension)
    for slack in (1e-7, 1e-2, 0.3) if least > 0 else ():
        margin = below(least, least * slack)
        cover = refine(search.model, lambda j, a=margin: is_monotone(j, unit, a) is True)
        claim = StrongMonotonicity(metric=unit, margin=margin)
        if cover is not None and search.keep(Statement(claim, {"split": cover.preorder()})):
            return _set_margin(search, "euclidean", margin, unit, "in the Euclidean metric")
    return search.note("euclidean", False, f"least eigenvalue of the symmetric part is about {least:.6g}")


def _rate_of(statement: Statement) -> Fraction:
    claim = statement.claim
    if isinstance(claim, SchurStep):
        return claim.rate
    assert isinstance(claim, StepContraction)
    root = sqrt_upper(claim.rate_squared, 60)
    return root if root < 1 else Fraction(1)


def _small_gain_limit(search: _Search) -> Fraction | None:
    """Steps below this contract by the strong-monotonicity bound 2 alpha / beta^2."""
    claim = next((s.claim for s in search.statements if isinstance(s.claim, SmallGain)), None)
    return None if claim is None else 2 * claim.margin / claim.lipschitz**2


def _prove_step(search: _Search, step: Fraction) -> str | None:
    """The first rung that proves this equal step safe."""
    problem = search.model.problem
    steps = [step] * len(problem.blocks)
    statement = _attempt(lambda: schur_step(search.constants, steps, any_updates=problem.contains_strategies))
    if statement is not None and search.keep(statement):
        search.rate = _rate_of(statement)
        search.note("schur", True, f"contracts by {float(search.rate):.9g} per step")
        return "schur"
    search.note("schur", False, _why_no_schur(search.constants))
    limit = _small_gain_limit(search)
    if limit is not None and step < limit:
        claim = next(s.claim for s in search.statements if isinstance(s.claim, SmallGain))
        squared = 1 - 2 * claim.margin * step + claim.lipschitz**2 * step**2
        search.rate = round_nearest(sqrt_upper(squared, 60) + Fraction(1, 2**50), 50)
        search.note("small_gain", True, f"h < 2 alpha/beta^2 = {float(limit):.9g}")
        return "small_gain"
    rung = "linear" if search.is_linear else "metric"
    statement = _attempt(lambda: safe_step(search.model, steps) if search.is_linear
                         else step_contraction(search.model, search.split, steps))
    if statement is not None and search.keep(statement):
        search.rate = _rate_of(statement)
        search.note(rung, True, f"contracts by {float(search.rate):.9g} per step in a {'full ' if problem.is_free else ''}metric")
        return rung
    search.note(rung, False, "no metric found in which the step contracts")
    return None


def _why_no_schur(constants: BlockConstants) -> str:
    limits = constants.step_limits()
    if limits is None:
        return "mu_i + l_i is not positive"
    return f"needs h <= min 2/(mu_i + l_i) = {float(min(limits)):.9g}, symmetric own blocks and a contracting I - hK"


def _refute_step(search: _Search, step: Fraction) -> str | None:
    steps = [step] * len(search.model.problem.blocks)
    if search.is_linear:
        statement, rung = _attempt(lambda: unsafe_step(search.model, steps)), "linear"
        if statement is None:
            statement = _attempt(lambda: unsafe_flow(search.model))
    else:
        statement, rung = _attempt(lambda: unstable_equilibrium(search.model, steps)), "local_instability"
    if statement is not None and search.keep(statement):
        search.note(rung, True, f"step {float(step):.9g} is proven unsafe")
        return rung
    return None


def _one_step(search: _Search, step: Fraction) -> tuple[str, str | None, str]:
    rung = _prove_step(search, step)
    if rung is not None:
        search.step_safe = step
        return "proved", rung, f"step {step} is proven safe by the rung {rung}: {_scope(search)}."
    rung = _refute_step(search, step)
    if rung is not None:
        search.step_unsafe = step
        what = "I - hJ has spectral radius >= 1" if rung == "linear" else "the equilibrium is linearly unstable for it"
        return "refuted", rung, f"step {step} is proven unsafe: {what}. Ask without a step size for the largest proven safe step."
    return "not_certified", None, f"step {step} is neither proven safe nor unsafe. {_next_steps(search)}"


def _step_range(search: _Search) -> tuple[str, str | None, str]:
    if search.is_linear:
        return _linear_range(search)
    best = _largest_nonlinear(search)
    values = _instability_threshold(search)
    if values is not None:
        search.step_unsafe = values
    if best is None:
        return "not_certified", None, f"no step is proven safe. {_next_steps(search)}"
    return "proved", best, f"every reported step is proven safe by the rung {best}: {_scope(search)}."


def _linear_range(search: _Search) -> tuple[str, str | None, str]:
    found = _attempt(lambda: thresholds(search.model)) or Thresholds(safe=None, unsafe=None)
    if found.unsafe is not None and search.keep(found.unsafe):
        claim = found.unsafe.claim
        search.step_unsafe = claim.step_sizes[0] if isinstance(claim, UnstableStep) else Fraction(0)
        search.note("linear", True, f"steps from {float(search.step_unsafe):.9g} on are unsafe")
    if found.safe is not None and search.keep(found.safe) and isinstance(found.safe.claim, StepContraction):
        search.step_safe, search.rate = found.safe.claim.step_sizes[0], _rate_of(found.safe)
        search.note("linear", True, f"step {float(search.step_safe):.9g} contracts in a full metric")
        reason = f"steps up to {float(search.step_safe):.9g} are proven safe (the largest by an exact Lyapunov metric)"
        if search.step_unsafe:
            reason += f", steps from {float(search.step_unsafe):.9g} on are unsafe"
        return "proved", search.rung or "linear", reason + "."
    if search.step_unsafe == 0:
        return "refuted", "linear", "no step size common to all players is safe: the Jacobian has an eigenvalue with real part <= 0."
    return "not_certified", None, f"no step is proven safe. {_next_steps(search)}"


def _largest_nonlinear(search: _Search) -> str | None:
    """The cheap rungs' largest steps, then a search in metrics beyond them."""
    problem = search.model.problem
    limits, best = search.constants.step_limits(), None
    if limits is not None:
        step = min(limits)
        statement = _attempt(lambda: schur_step(search.constants, [step] * len(problem.blocks), any_updates=problem.contains_strategies))
        if statement is not None and search.keep(statement):
            best, search.step_safe, search.rate = "schur", step, _rate_of(statement)
            search.note("schur", True, f"every step up to {float(step):.9g}; contracts by {float(search.rate):.9g} at that step")
    if best is None:
        search.note("schur", False, _why_no_schur(search.constants))
        limit = _small_gain_limit(search)
        if limit is not None and search.margin is not None:
            search.step_safe, best = limit * Fraction(999, 1000), "small_gain"
            claim = next(s.claim for s in search.statements if isinstance(s.claim, SmallGain))
            squared = 1 - 2 * claim.margin * search.step_safe + claim.lipschitz**2 * search.step_safe**2
            search.rate = sqrt_upper(squared, 60)
    known = search.step_safe or Fraction(0)
    statement = _attempt(lambda: largest_contracting_step(search.model, search.split, known))
    if statement is not None and search.keep(statement) and isinstance(statement.claim, StepContraction):
        search.step_safe, search.rate = statement.claim.step_sizes[0], _rate_of(statement)
        search.note("metric", True, f"step {float(search.step_safe):.9g} contracts by {float(search.rate):.9g} in a metric")
        return "metric"
    search.note("metric", False, "no larger step contracts in one metric on the region")
    return best


def _instability_threshold(search: _Search) -> Fraction | None:
    """The smallest step proven unsafe by local instability at an interior equilibrium."""
    from epsdelta.certificates.metric import find_equilibrium

    found = _attempt(lambda: find_equilibrium(search.model))
    if found is None:
        return None
    values = eigenvalues(search.model.jacobian(found))
    if values.real.min() <= 0:
        return None
    threshold = Fraction(float((2 * values.real / np.abs(values) ** 2).min()))
    for relative in (Fraction(1, 10**6), Fraction(1, 10**4), Fraction(1, 100)):
        step = round_nearest(threshold * (1 + relative), 40)
        if _refute_step(search, step) is not None:
            return step
    return None


def _scope(search: _Search) -> str:
    problem = search.model.problem
    if problem.region is None:
        return "it converges from every start"
    if problem.contains_strategies:
        return "projected play cannot leave the region and converges from every start in it"
    return "it contracts for as long as the iterates stay in the region"


def _next_steps(search: _Search) -> str:
    margin = "none" if search.margin is None else f"{float(search.margin):.6g}"
    problem = search.model.problem
    advice = "Try a smaller step" + ("" if problem.region is None else ", a smaller region, or more leaves (--max-leaves)")
    return f"Best margin found: {margin}. {'; '.join(f'{a.rung}: {a.outcome}' for a in search.attempts if not a.succeeded)}. {advice}."
