"""The worked games of the theory, end to end: what is certified, at which rung, with which numbers, and what must fail."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from epsdelta.certificates.answer import GameAnswer
from epsdelta.certificates.certificate import Certificate
from epsdelta.certificates.claims import (
    Claim,
    Convergence,
    NoMetric,
    SchurStep,
    SmallGain,
    Statement,
    StepContraction,
    StrongMonotonicity,
    UnstableStep,
)
from epsdelta.certificates.games import certify_game
from epsdelta.certificates.kernel import Outcome, check_text
from epsdelta.problems.game import Constraint, Game

TOY = Game.from_jacobian([[1, 10], ["1/20", 1]], name="toy")
SIGNS = Game.from_jacobian([[1, 10], ["-1/5", 1]], name="signs")
ACTIONS = Game.from_jacobian([[1, 0, 8], [0, 1, "1/20"], ["1/20", 8, 1]], players=[2, 1], name="actions")
FULL = Game.from_jacobian([[4, 0, -3], [0, 2, 3], [-6, -4, 1]], players=[2, 1], name="full")
SADDLE = Game.from_jacobian([[2, 1], [-1, 0]], name="saddle")
HALF = {"x": ["-1/2", "1/2"], "y": ["-1/2", "1/2"]}
GRADIENTS = Game.from_gradients(["x + x^3/5 + 10*y - y^3", "y + y^3/5 + x/20"], variables=[["x"], ["y"]], region=HALF,
                                constraints=["box", "box"], name="cubic")
COSTS = Game.from_costs(["x^2/2 + x^4/20 + 10*x*y - x*y^3", "y^2/2 + y^4/20 + x*y/20"], variables=[["x"], ["y"]], region=HALF,
                        constraints=["box", "box"], name="cubic by costs")


def claim_of(answer: GameAnswer, kind: type[Claim]) -> Any:
    return next(s.claim for s in answer.statements if isinstance(s.claim, kind))


def rows(matrix: list[list[int | str]], scale: Fraction = Fraction(1)) -> list[list[Fraction]]:
    return [[scale * Fraction(e) for e in row] for row in matrix]


def outcome(game: Game, claim: Claim, witness: dict[str, Any] | None) -> Outcome:
    return Certificate(problem=game.to_dict(), statements=(Statement(claim, witness),)).check().outcome


@pytest.fixture(scope="module")
def toy() -> GameAnswer:
    return certify_game(TOY)


class TestToy:
    """E1: the small-gain toy, threshold 4 - 2 sqrt 2."""

    def test_margin_and_weights(self, toy: GameAnswer) -> None:
        assert toy.verdict == "proved" and toy.margin is not None
        claim = claim_of(toy, SmallGain)
        assert toy.margin == claim.margin
        assert claim.margin >= Fraction(41, 140)
        assert claim.margin <= 1 - Fraction(7071067811865475, 10**16)  # 1 - sqrt(1/2), the optimum
        assert abs(claim.weights[1] / claim.weights[0] - 200) < Fraction(1, 10**6)

    def test_band_within_1e_9_of_the_closed_form(self, toy: GameAnswer) -> None:
        (band,) = claim_of(toy, SmallGain).bands
        assert tuple(band[:2]) == (1, 0)
        with mpmath.workdps(60):
            first, second, m = mpmath.mpf(10), mpmath.mpf(1) / 20, mpmath.mpf(1)
            for end, sign in zip(band[2:], (-1, 1), strict=True):
                exact = ((mpmath.sqrt(m) + sign * mpmath.sqrt(m - first * second)) / second) ** 2
                given = mpmath.mpf(end.numerator) / end.denominator
                assert abs(given - exact) < mpmath.mpf(10) ** -9
                assert sign * (exact - given) >= 0, "the band is rounded inwards"

    def test_largest_safe_and_smallest_unsafe_step(self, toy: GameAnswer) -> None:
        assert toy.step_safe is not None and toy.step_unsafe is not None

        def below_threshold(h: Fraction) -> bool:  # h < 4 - 2 sqrt 2  iff  4 - h > 2 sqrt 2
            return h < 4 and (4 - h) ** 2 > 8

        assert below_threshold(toy.step_safe)
        assert not below_threshold(toy.step_safe * (1 + Fraction(1, 10**6)))
        assert not below_threshold(toy.step_unsafe)
        assert below_threshold(toy.step_unsafe * (1 - Fraction(1, 10**6)))

    def test_117_is_proved_and_118_refuted(self) -> None:
        safe, unsafe = certify_game(TOY, step_size="117/100"), certify_game(TOY, step_size="118/100")
        assert (safe.verdict, safe.step_safe, safe.rung) == ("proved", Fraction(117, 100), "linear")
        assert (unsafe.verdict, unsafe.step_safe, unsafe.step_unsafe) == ("refuted", None, Fraction(118, 100))
        for answer in (safe, unsafe):
            assert answer.certificate is not None and answer.certificate.check().is_proved

    def test_the_sheets_vectors_prove_41_140(self) -> None:
        v, u = [Fraction(99, 7), Fraction(1)], [Fraction(1), Fraction(99, 7)]
        claim = SmallGain(margin=Fraction(41, 140), weights=[a / b for a, b in zip(u, v, strict=True)], lipschitz=Fraction(1708, 1000),
                          curvature=[Fraction(1)] * 2, own_lipschitz=[Fraction(1)] * 2, coupling=rows([[0, 10], ["1/20", 0]]))
        assert outcome(TOY, claim, {"split": [None], "left": u, "right": v, "bands": []}) is Outcome.PROVED

    @pytest.mark.parametrize(("margin", "expected"), [("29/100", Outcome.PROVED), ("293/1000", Outcome.REJECTED)])
    def test_margin_in_the_metric_1_200(self, margin: str, expected: Outcome) -> None:
        claim = StrongMonotonicity(metric=rows([[1, 0], [0, 200]]), margin=Fraction(margin))
        assert outcome(TOY, claim, {"split": [None]}) is expected

    @pytest.mark.parametrize(("step", "expected"), [("117/100", Outcome.PROVED), ("59/50", Outcome.REJECTED)])
    def test_step_in_the_metric_1_200(self, step: str, expected: Outcome) -> None:
        claim = StepContraction(step_sizes=[Fraction(step)] * 2, metric=rows([[1, 0], [0, 200]]), rate_squared=Fraction(9999, 10000))
        assert outcome(TOY, claim, {"split": [None]}) is expected

    def test_a_safe_step_is_not_proved_unsafe(self) -> None:
        assert outcome(TOY, UnstableStep(step_sizes=[Fraction(117, 100)] * 2), None) is Outcome.REJECTED
        assert outcome(TOY, UnstableStep(step_sizes=[Fraction(118, 100)] * 2), None) is Outcome.PROVED

    def test_numbers_of_the_answer_are_those_of_the_certificate(self, toy: GameAnswer) -> None:
        assert toy.certificate is not None
        assert check_text(toy.certificate.to_json()).is_proved
        shown = toy.to_dict()
        assert all(shown[name] is None or Fraction(shown[name]) == getattr(toy, name) for name in ("margin", "rate", "step_safe"))
        json.dumps(shown)


def test_signs_are_refused_by_small_gain_with_the_reason_and_certified_by_the_linear_rung() -> None:
    answer = certify_game(SIGNS)
    attempt = next(a for a in answer.attempts if a.rung == "small_gain")
    assert not attempt.succeeded
    assert attempt.outcome == "L12*L21 = 2 >= mu1*mu2 = 1"
    assert (answer.verdict, answer.rung) == ("proved", "linear")
    assert not any(isinstance(s.claim, SmallGain) for s in answer.statements)
    assert answer.margin is not None and Fraction(99, 100) <= answer.margin <= 1
    assert answer.step_safe is not None and Fraction(2, 3) * (1 - Fraction(1, 10**6)) <= answer.step_safe < Fraction(2, 3)
    assert answer.step_unsafe is not None and Fraction(2, 3) <= answer.step_unsafe <= Fraction(2, 3) * (1 + Fraction(1, 10**6))


def test_signs_in_rosens_metric() -> None:
    claim = StrongMonotonicity(metric=rows([[1, 0], [0, 50]]), margin=Fraction(99, 100))
    assert outcome(SIGNS, claim, {"split": [None]}) is Outcome.PROVED


@pytest.mark.parametrize("vector", [("1", "1"), ("10", "1"), ("1", "100"), ("99/7", "1")])
def test_no_vectors_prove_small_gain_for_signs(vector: tuple[str, str]) -> None:
    left, right = [Fraction(1), Fraction(1)], [Fraction(e) for e in vector]
    claim = SmallGain(margin=Fraction(1, 10**6), weights=[u / v for u, v in zip(left, right, strict=True)], lipschitz=Fraction(10**6),
                      curvature=[Fraction(1)] * 2, own_lipschitz=[Fraction(1)] * 2, coupling=rows([[0, 10], ["1/5", 0]]))
    assert outcome(SIGNS, claim, {"split": [None], "left": left, "right": right, "bands": []}) is Outcome.REJECTED


def test_three_actions_need_a_metric_per_player() -> None:
    answer = certify_game(ACTIONS)
    assert (answer.verdict, answer.rung) == ("proved", "linear")
    assert answer.margin is not None and Fraction(1, 10) <= answer.margin <= Fraction(105573, 10**6)
    assert claim_of(answer, NoMetric).structure == "players"
    claim = StrongMonotonicity(metric=rows([[1, 0, 0], [0, 25600, 0], [0, 0, 160]]), margin=Fraction(1, 10))
    assert outcome(ACTIONS, claim, {"split": [None]}) is Outcome.PROVED


def test_three_actions_rosen_refuted_by_the_sheets_vector() -> None:
    z = [Fraction(1), Fraction(1), Fraction(-7, 5)]
    dual = [[a * b for b in z] for a in z]
    assert outcome(ACTIONS, NoMetric(structure="players"), {"dual": dual}) is Outcome.PROVED
    assert outcome(ACTIONS, NoMetric(structure="blocks"), {"dual": dual}) is Outcome.REJECTED, "a metric per player exists"


@pytest.mark.parametrize("weights", [(1, 1), (1, 10), (1, 160), (100, 1)])
def test_three_actions_no_players_metric(weights: tuple[int, int]) -> None:
    a, b = weights
    claim = StrongMonotonicity(metric=rows([[a, 0, 0], [0, a, 0], [0, 0, b]]), margin=Fraction(1, 10**9))
    assert outcome(ACTIONS, claim, {"split": [None]}) is Outcome.REJECTED


def test_full_metric_is_found() -> None:
    answer = certify_game(FULL)
    assert (answer.verdict, answer.rung) == ("proved", "linear")
    assert answer.margin is not None and Fraction(38, 100) <= answer.margin <= Fraction(38448, 10**5)
    metric = claim_of(answer, StrongMonotonicity).metric
    assert any(metric[i][2] != 0 for i in (0, 1)), "blocks per player do not suffice, so the metric couples the players"


def test_full_metric_of_the_sheet() -> None:
    claim = StrongMonotonicity(metric=rows([[4, 4, 2], [4, 5, 2], [2, 2, 2]], Fraction(1, 10)), margin=Fraction(1, 4))
    assert outcome(FULL, claim, {"split": [None]}) is Outcome.PROVED


@pytest.mark.parametrize("structure", ["blocks", "players"])
def test_full_metric_blocks_are_refuted_by_the_sheets_dual(structure: str) -> None:
    dual = rows([[1661, -2094, 2220], [-2094, 2942, -1969], [2220, -1969, 5412]], Fraction(1, 10**4))
    assert outcome(FULL, NoMetric(structure=structure), {"dual": dual}) is Outcome.PROVED


def test_no_dual_refutes_where_a_metric_exists() -> None:
    dual = rows([[1661, -2094, 2220], [-2094, 2942, -1969], [2220, -1969, 5412]], Fraction(1, 10**4))
    game = Game.from_jacobian([[4, 0, -3], [0, 2, 3], [3, -3, 1]], players=[2, 1])
    for structure in ("players", "blocks"):
        assert outcome(game, NoMetric(structure=structure), {"dual": dual}) is Outcome.REJECTED


def test_one_sided_saddle() -> None:
    answer = certify_game(SADDLE)
    assert (answer.verdict, answer.rung) == ("proved", "linear")
    assert answer.margin is not None and Fraction(3, 5) <= answer.margin < 1
    assert answer.step_safe is not None and 2 - Fraction(2, 10**6) <= answer.step_safe < 2
    assert answer.step_unsafe is not None and 2 <= answer.step_unsafe <= 2 + Fraction(2, 10**6)
    claim = StrongMonotonicity(metric=rows([[11, 10], [10, 11]]), margin=Fraction(3, 5))
    assert outcome(SADDLE, claim, {"split": [None]}) is Outcome.PROVED
    for weights in ((1, 1), (1, 7), (9, 2)):
        diagonal = StrongMonotonicity(metric=rows([[weights[0], 0], [0, weights[1]]]), margin=Fraction(1, 10**9))
        assert outcome(SADDLE, diagonal, {"split": [None]}) is Outcome.REJECTED


class TestCubic:
    """E6: nonlinear and constrained to a box."""

    @pytest.mark.parametrize("game", [GRADIENTS, COSTS], ids=["gradients", "costs"])
    @pytest.mark.parametrize("hundredths", [10, 20, 30, 40, 50, 60, 70, 80, 90, 93])
    def test_steps_up_to_93_100_are_certified_by_the_schur_test(self, game: Game, hundredths: int) -> None:
        step = Fraction(hundredths, 100)
        answer = certify_game(game, step_size=step)
        assert (answer.verdict, answer.rung, answer.step_safe) == ("proved", "schur", step)
        claim = claim_of(answer, SchurStep)
        assert claim.updates == "any"
        assert claim.rate <= 1 - step * (1 - Fraction(70711, 10**5)) + Fraction(1, 10**5)
        assert answer.certificate is not None and answer.certificate.check().is_proved

    @pytest.mark.parametrize("game", [GRADIENTS, COSTS], ids=["gradients", "costs"])
    def test_115_100_is_never_proved(self, game: Game) -> None:
        answer = certify_game(game, step_size="115/100")
        assert answer.verdict != "proved"
        assert answer.step_safe is None
        assert "neither proven safe nor unsafe" in answer.reason or answer.verdict == "refuted"

    def test_largest_step(self) -> None:
        answer = certify_game(GRADIENTS)
        assert answer.verdict == "proved" and answer.step_safe is not None
        assert 2 / Fraction(43, 20) <= answer.step_safe < Fraction(107694, 10**5)
        assert answer.step_unsafe is not None and answer.step_unsafe >= Fraction(117157, 10**5)

    @pytest.mark.parametrize(("step", "rate", "expected"), [
        ("9/10", "9/16", Outcome.PROVED), ("1", "81/100", Outcome.PROVED), ("107/100", "9999/10000", Outcome.PROVED),
        ("115/100", "9999/10000", Outcome.REJECTED), ("9/10", "1/2", Outcome.REJECTED)])
    def test_steps_in_the_metric_1_200(self, step: str, rate: str, expected: Outcome) -> None:
        claim = StepContraction(step_sizes=[Fraction(step)] * 2, metric=rows([[1, 0], [0, 200]]), rate_squared=Fraction(rate))
        assert outcome(GRADIENTS, claim, {"split": [None]}) is expected

    def test_a_metric_that_couples_boxed_players_is_rejected(self) -> None:
        metric = rows([[1, "1/100"], ["1/100", 200]])
        claim = StepContraction(step_sizes=[Fraction(1, 2)] * 2, metric=metric, rate_squared=Fraction(99, 100))
        assert outcome(GRADIENTS, claim, {"split": [None]}) is Outcome.REJECTED

    def test_a_step_beyond_the_schur_limit_is_rejected(self) -> None:
        def claimed(step: str, rate: str) -> Outcome:
            claim = SchurStep(step_sizes=[Fraction(step)] * 2, updates="any", rate=Fraction(rate), scales=[Fraction(99, 7), Fraction(1)],
                              weights=None, curvature=[Fraction(1)] * 2, own_lipschitz=[Fraction(23, 20)] * 2,
                              coupling=rows([[0, 10], ["1/20", 0]]))
            return outcome(GRADIENTS, claim, {"split": [None]})

        assert claimed("93/100", "9/10") is Outcome.PROVED
        assert claimed("94/100", "999/1000") is Outcome.REJECTED
        assert claimed("115/100", "999/1000") is Outcome.REJECTED


def test_unstable_fields_are_refuted_for_every_step() -> None:
    for jacobian in ([[0, 1], [-1, 0]], [[0]], [[-1]], [[1, 0], [0, -1]]):
        answer = certify_game(Game.from_jacobian(jacobian))
        assert (answer.verdict, answer.step_unsafe, answer.step_safe) == ("refuted", Fraction(0), None)
        assert answer.certificate is not None and answer.certificate.check().is_proved
        one = certify_game(Game.from_jacobian(jacobian), step_size="1/1000")
        assert one.verdict == "refuted"


def test_a_field_with_a_pole_is_undecided() -> None:
    game = Game.from_gradients(["x + 1/x"], variables=[["x"]], region={"x": ["-1/2", "1/2"]}, constraints=["box"])
    answer = certify_game(game, max_leaves=16)
    assert (answer.verdict, answer.certificate) == ("undecided", None)
    assert "denominator" in answer.reason


class TestConvergence:
    """A set that play with the safe step does not leave: all strategies, or a ball inside the region."""

    @staticmethod
    def said(answer: GameAnswer) -> tuple[bool, str] | None:
        """What the rung reports."""
        return next(((a.succeeded, a.outcome) for a in answer.attempts if a.rung == "convergence"), None)

    @pytest.mark.parametrize("step", ["9/10", None])
    def test_boxes_cannot_be_left(self, step: str | None) -> None:
        answer = certify_game(GRADIENTS, step_size=step)
        claim = claim_of(answer, Convergence)
        assert claim.center is None and claim.radius is None and set(claim.step_sizes) == {answer.step_safe}
        assert self.said(answer) == (True, "play converges from every strategy profile to the only equilibrium")
        assert answer.certificate is not None and answer.certificate.check().is_proved

    def test_a_ball_for_free_players(self) -> None:
        """The same costs without projection, in the metric (1, 200) of the Schur step 1/2: the ball reaches y = 1/2 at no radius below
        sqrt 200 / 2 and x = 1/2 at 1/2, which is the largest up to 2^-20."""
        free = Game.from_gradients(["x + x^3/5 + 10*y - y^3", "y + y^3/5 + x/20"], variables=[["x"], ["y"]], region=HALF)
        answer = certify_game(free, step_size="1/2")
        claim = claim_of(answer, Convergence)
        weights = claim_of(answer, SchurStep).weights
        assert claim.center == [0, 0] and [row[k] for k, row in enumerate(claim.metric)] == list(weights)
        largest = min(Fraction(1, 4) * w for w in weights)  # squared
        assert largest * (1 - Fraction(1, 2**18)) < claim.radius**2 <= largest
        assert self.said(answer) is not None and "stays there and converges to the only equilibrium in the region" in str(self.said(answer))
        assert answer.certificate is not None and answer.certificate.check().is_proved
        wider = dataclasses.replace(claim, radius=claim.radius * (1 + Fraction(1, 2**18)))
        assert outcome(free, wider, {"split": [None], "root": Fraction(7, 8)}) is Outcome.REJECTED

    @pytest.mark.parametrize("constraints", [["free", "free"], ["box", "free"]])
    def test_a_free_player_may_leave(self, constraints: list[Constraint]) -> None:
        """F = (x - 2, y - 2) contracts on [0, 1]^2, where it has no zero: play leaves."""
        game = Game.from_gradients(["x - 2", "y - 2"], variables=[["x"], ["y"]], region=[[0, 1], [0, 1]], constraints=constraints)
        answer = certify_game(game, step_size="1/2")
        assert answer.verdict == "proved"
        assert self.said(answer) == (False, "no set found that play does not leave: iterates may leave the region")
        assert not any(isinstance(s.claim, Convergence) for s in answer.statements)

    def test_all_of_space_needs_no_set(self, toy: GameAnswer) -> None:
        assert self.said(toy) is None
