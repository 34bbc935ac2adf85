"""Certificates against simulation: what is proved is consistent; a mutated, false claim is rejected by the kernel and violated by simulation."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from epsdelta.certificates.games import certify_game
from epsdelta.certificates.kernel.check import GAME_KINDS
from epsdelta.certificates.kernel.problem import read_problem
from epsdelta.errors import FormatError
from epsdelta.problems.files import load_game
from epsdelta.problems.game import Game
from epsdelta.verifiers import certified
from epsdelta.verifiers.certified import GRAVEST, Held, simulate_certificate
from epsdelta.verifiers.replay import pair_contracts, pair_is_monotone, step_stays
from epsdelta.verifiers.report import Outcome

GAMES = Path(__file__).parents[2] / "examples" / "games"
PAIRS = 2000
CASES = [("sgn-toy", None), ("sgn-toy", "1/10"), ("lq-game", "3"), ("power-control", "1/10"), ("e2-sign-structure", None),
         ("e3-three-actions", None), ("e4-full-metric", "1/10"), ("e4-one-sided-saddle", None), ("e6-constrained", None),
         ("e6-constrained", "3"), ("rock-paper-scissors", "1/10"), ("dirac-gan", None), ("dirac-gan-r1-only", None)]
FLOWS = "unstable_flow"


@cache
def _text(name: str, step_size: str | None) -> str:
    game = Game.from_jacobian([["-1", "2"], ["0", "-3"]]) if name == FLOWS else load_game(GAMES / f"{name}.toml")
    answer = certify_game(game, step_size=step_size)
    assert answer.certificate is not None
    return answer.certificate.to_json()


def _held(text: str) -> tuple[str, dict[str, Held]]:
    verdict, held = simulate_certificate(text, pairs=PAIRS)
    return verdict, {one.kind: one for one in held}


@pytest.mark.parametrize(("name", "step_size"), CASES)
def test_what_is_proved_is_consistent(name: str, step_size: str | None) -> None:
    """Every statement but those about all metrics of a structure, which simulation cannot reach."""
    verdict, held = _held(_text(name, step_size))
    assert verdict == "proved"
    for kind, one in held.items():
        assert one.finding.outcome is (Outcome.INCONCLUSIVE if kind == "no_metric" else Outcome.CONSISTENT), (kind, one.finding.reason)


def test_every_kind_of_statement_occurs() -> None:
    """Nothing that the kernel proves of games goes without a simulation here."""
    seen = {kind for name, step in [*CASES, (FLOWS, None)] for kind in _held(_text(name, step))[1]}
    assert seen == set(GAME_KINDS)


def test_unstable_flow_is_consistent() -> None:
    verdict, held = _held(_text(FLOWS, None))
    assert verdict == "proved"
    assert held[FLOWS].finding.outcome is Outcome.CONSISTENT


# ---- false claims -----------------------------------------------------------------------------------------------------------------------


def _mutated(name: str, step_size: str | None, kind: str, **changes: Any) -> str:
    data = json.loads(_text(name, step_size))
    for one in data["statements"]:
        if one["claim"]["kind"] == kind:
            one["claim"] |= changes
    return json.dumps(data)


@pytest.mark.parametrize(("name", "step_size", "kind", "changes"), [
    ("sgn-toy", "1/10", "small_gain", {"margin": "3"}),
    ("e4-full-metric", "1/10", "strong_monotonicity", {"margin": "5"}),
    ("rock-paper-scissors", "1/10", "strong_monotonicity", {"margin": "10"}),
    ("dirac-gan", None, "strong_monotonicity", {"margin": "100"}),
    ("e4-full-metric", "1/10", "step_contraction", {"rate_squared": "1/100"}),
    ("rock-paper-scissors", "1/10", "step_contraction", {"rate_squared": "1/1000"}),
    ("sgn-toy", "1/10", "schur_step", {"rate": "1/100"}),
    ("e6-constrained", "1/10", "schur_step", {"rate": "1/100"}),
    ("e4-full-metric", "1/10", "equilibrium", {"margin": "5"}),
    ("e6-constrained", "1/10", "convergence", {"rate_squared": "1/100"}),
    ("dirac-gan-r1-only", None, "convergence", {"rate_squared": "1/2"}),
    ("dirac-gan-r1-only", None, "convergence", {"center": ["1/20", "0"], "radius": "1/1000"}),
])
def test_false_claims_are_violated(name: str, step_size: str | None, kind: str, changes: dict[str, Any]) -> None:
    """A margin too large, a rate too small, a ball that play leaves: the kernel rejects, simulation finds an exact pair."""
    verdict, held = _held(_mutated(name, step_size, kind, **changes))
    assert verdict == "rejected"
    finding = held[kind].finding
    assert finding.outcome is Outcome.VIOLATED, finding.reason
    assert GRAVEST in finding.reason
    assert finding.numbers["worst"] > finding.numbers["certified"]


def test_a_slightly_false_margin_is_violated() -> None:
    """F(x, y) = (2x, 3y): every diagonal metric has the modulus 2; one per cent more is false."""
    answer = certify_game(Game.from_jacobian([["2", "0"], ["0", "3"]]), step_size="1/10")
    assert answer.certificate is not None
    data = json.loads(answer.certificate.to_json())
    for one in data["statements"]:
        if "margin" in one["claim"]:
            one["claim"]["margin"] = "202/100"
    verdict, held = _held(json.dumps(data))
    assert verdict == "rejected"
    assert Outcome.VIOLATED in [one.finding.outcome for one in held.values()]


def test_what_has_no_exact_replay_is_inconclusive() -> None:
    """Eigenvalues in floats contradict the claim; without a replay this is not called a violation."""
    players = len(json.loads(_text("lq-game", "3"))["problem"]["players"])
    verdict, held = _held(_mutated("lq-game", "3", "unstable_step", step_sizes=["1/100"] * players))
    assert verdict == "rejected"
    assert held["unstable_step"].finding.outcome is Outcome.INCONCLUSIVE
    assert "no exact replay" in held["unstable_step"].finding.reason


def test_a_center_far_from_the_zero_is_noticed() -> None:
    data = json.loads(_text("sgn-toy", "1/10"))
    claim = next(one["claim"] for one in data["statements"] if one["claim"]["kind"] == "equilibrium")
    text = _mutated("sgn-toy", "1/10", "equilibrium", center=["1"] * len(claim["center"]), radius="0")
    verdict, held = _held(text)
    assert verdict == "rejected"
    assert held["equilibrium"].finding.outcome is not Outcome.CONSISTENT


def test_play_from_a_ball_stays_there_and_converges() -> None:
    """Sentences of both forms: the ball is named, the strategies are not a ball."""
    _, held = _held(_text("dirac-gan-r1-only", None))
    assert "none of which leaves the ball, every other one to their limit" in held["convergence"].finding.reason
    _, held = _held(_text("e6-constrained", None))
    assert "leaves the ball" not in held["convergence"].finding.reason and "to their limit" in held["convergence"].finding.reason


def test_play_without_a_limit_is_noticed() -> None:
    """F = 1: all points move alike, so distances do not shrink and nothing is a limit."""
    claim = {"kind": "convergence", "step_sizes": ["1"], "metric": [["1"]], "rate_squared": "1/4", "center": None, "radius": None}
    data = json.loads(_text("sgn-toy", "1/10"))
    data["problem"] |= {"players": data["problem"]["players"][:1], "field": {"form": "linear", "jacobian": [["0"]], "offset": ["1"]}}
    data["statements"] = [{"claim": claim, "witness": {"split": [None], "root": None}}]
    verdict, held = _held(json.dumps(data))
    assert verdict == "rejected"
    finding = held["convergence"].finding
    assert finding.outcome is Outcome.VIOLATED and "the limit was not found in floats" in finding.reason


# ---- replay -----------------------------------------------------------------------------------------------------------------------------


def test_rounding_is_replayed() -> None:
    """The tight metric of the one-sided saddle: pairs whose floats exceed the rate by rounding alone obey it exactly."""
    verdict, held = simulate_certificate(_text("e4-one-sided-saddle", None), pairs=20_000)
    assert verdict == "proved"
    assert {one.finding.outcome for one in held} == {Outcome.CONSISTENT}


def test_replay_overrules_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no tolerance at all floats exceed some tight number; the exact replay still says that the pair obeys."""
    monkeypatch.setattr(certified, "TOLERANCE", -1e-3)
    _, held = simulate_certificate(_text("e4-full-metric", None), pairs=PAIRS)
    findings = [one.finding for one in held if one.kind in ("strong_monotonicity", "step_contraction")]
    assert {finding.outcome for finding in findings} == {Outcome.CONSISTENT}
    assert any("replayed exactly" in finding.reason for finding in findings)


def test_pairs_are_judged_exactly() -> None:
    """F(x) = 2 x: the margin is 2 and the step 1/4 halves distances; one part in 2^100 more is noticed."""
    answer = certify_game(Game.from_jacobian([["2"]]), step_size="1/4")
    assert answer.certificate is not None
    problem = read_problem(json.loads(answer.certificate.to_json())["problem"])
    tiny = Fraction(1, 2**100)
    pair = np.array([0.1]), np.array([-0.7])

    def monotone(margin: Fraction) -> bool:
        return pair_is_monotone(problem, {"kind": "strong_monotonicity", "metric": [["1"]], "margin": str(margin)}, *pair)

    def contracts(rate_squared: Fraction) -> bool:
        claim = {"kind": "step_contraction", "metric": [["1"]], "step_sizes": ["1/4"], "rate_squared": str(rate_squared)}
        return pair_contracts(problem, claim, *pair)

    assert monotone(Fraction(2))
    assert not monotone(2 + tiny)
    assert contracts(Fraction(1, 4))
    assert not contracts(Fraction(1, 4) - tiny)


def test_a_step_that_leaves_its_ball_is_judged_exactly() -> None:
    """F(x) = (x - 1)/2 with step 1 moves 0 to 1/2: a radius smaller by one part in 2^100 is left; of points outside nothing is claimed."""
    answer = certify_game(Game.from_jacobian([["1/2"]], ["-1/2"]), step_size="1")
    assert answer.certificate is not None
    problem = read_problem(json.loads(answer.certificate.to_json())["problem"])

    def stays(radius: Fraction, start: float) -> bool:
        claim = {"kind": "convergence", "step_sizes": ["1"], "metric": [["1"]], "rate_squared": "1/4", "center": ["0"], "radius": str(radius)}
        return step_stays(problem, claim, np.array([start]))

    assert stays(Fraction(1, 2), 0.0)
    assert not stays(Fraction(1, 2) - Fraction(1, 2**100), 0.0)
    assert stays(Fraction(1, 2), 0.75)


def test_same_seed_same_findings() -> None:
    assert simulate_certificate(_text("sgn-toy", "1/10"), pairs=200, seed=3) == simulate_certificate(_text("sgn-toy", "1/10"), pairs=200, seed=3)


def test_no_certificate() -> None:
    with pytest.raises(FormatError):
        simulate_certificate("{}")
