"""``check_text``: from the bytes of a certificate file to a verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from epsdelta.certificates.kernel import convergence, linear, metric, optimum, penalty, reader, small_gain
from epsdelta.certificates.kernel.bilevel import BilevelProblem, read_bilevel
from epsdelta.certificates.kernel.judge import NotShownError, OpenError
from epsdelta.certificates.kernel.problem import Problem, read_problem
from epsdelta.certificates.kernel.verdict import Outcome, Verdict
from epsdelta.errors import EnclosureError, FormatError, InputError

__all__ = ["BILEVEL_KINDS", "CLAIM_KINDS", "FORMAT", "GAME_KINDS", "VERSION", "check_text", "prove"]

FORMAT = "epsdelta-certificate"
VERSION = 1
MAX_STATEMENTS = 64
_CHECKS: dict[str, Callable[[Problem, object, object, str], str]] = {
    "small_gain": small_gain.check_small_gain,
    "schur_step": small_gain.check_schur_step,
    "strong_monotonicity": metric.check_strong_monotonicity,
    "step_contraction": metric.check_step_contraction,
    "convergence": convergence.check_convergence,
    "equilibrium": metric.check_equilibrium,
    "unstable_equilibrium": metric.check_unstable_equilibrium,
    "no_metric": metric.check_no_metric,
    "unstable_step": linear.check_unstable_step,
    "unstable_flow": linear.check_unstable_flow,
}
_BILEVEL_CHECKS: dict[str, Callable[[BilevelProblem, object, object, str], str]] = {
    "penalty": penalty.check_penalty,
    "lower_bound": optimum.check_lower_bound,
    "upper_bound": optimum.check_upper_bound,
    "not_optimal": optimum.check_not_optimal,
}
GAME_KINDS = tuple(_CHECKS)
BILEVEL_KINDS = tuple(_BILEVEL_CHECKS)
CLAIM_KINDS = GAME_KINDS + BILEVEL_KINDS


def check_text(data: str | bytes) -> Verdict:
    """Check a certificate given as text: everything is recomputed from the problem in the file.

    Returns:
        PROVED when every statement is proved, REJECTED when one is not, UNDECIDED when a test has no answer.

    Raises:
        FormatError: when the text is no certificate; the message carries the path of the field.
    """
    whole = reader.fields(reader.parse(data), "file", ("format", "version", "problem", "statements"))
    reader.choice(whole["format"], "file.format", (FORMAT,))
    reader.integer(whole["version"], "file.version", VERSION, VERSION)
    problem = _read_any(whole["problem"])
    proved: list[str] = []
    for k, item in enumerate(reader.items(whole["statements"], "statements", least=1, most=MAX_STATEMENTS)):
        verdict = prove(problem, item, f"statements[{k}]")
        proved.extend(verdict.statements)
        if not verdict.is_proved:
            return Verdict(outcome=verdict.outcome, reason=verdict.reason, statements=tuple(proved))
    return Verdict(outcome=Outcome.PROVED, reason=Outcome.PROVED.value, statements=tuple(proved))


def _read_any(value: object) -> Problem | BilevelProblem:
    """A bilevel problem where it says so, otherwise a game."""
    kind = cast("dict[str, object]", value).get("kind") if isinstance(value, dict) else None
    whole = cast("object", value)
    return read_bilevel(whole) if kind == "bilevel" else read_problem(whole)


def prove(problem: Problem | BilevelProblem, statement: object, path: str = "statement") -> Verdict:
    """Check one statement, in its JSON form, about a problem that has been read already."""
    try:
        sentence = _check_statement(problem, statement, path)
    except NotShownError as error:
        return Verdict(outcome=Outcome.REJECTED, reason=f"{path}: {error}")
    except (OpenError, EnclosureError) as error:
        return Verdict(outcome=Outcome.UNDECIDED, reason=f"{path}: {error}")
    except FormatError:
        raise
    except (InputError, MemoryError, RecursionError) as error:
        return Verdict(outcome=Outcome.UNDECIDED, reason=f"{path}: numbers grew past the kernel's limits ({type(error).__name__})")
    return Verdict(outcome=Outcome.PROVED, reason=Outcome.PROVED.value, statements=(sentence,))


def _check_statement(problem: Problem | BilevelProblem, item: object, path: str) -> str:
    statement = reader.fields(item, path, ("claim", "witness"))
    claim = statement["claim"]
    given, place = reader.field_of(claim, f"{path}.claim", "kind"), f"{path}.claim.kind"
    if isinstance(problem, BilevelProblem):
        return _BILEVEL_CHECKS[reader.choice(given, place, BILEVEL_KINDS)](problem, claim, statement["witness"], path)
    return _CHECKS[reader.choice(given, place, GAME_KINDS)](problem, claim, statement["witness"], path)
