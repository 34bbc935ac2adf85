"""The convergence claim: sets that play cannot leave, each with numbers by hand, and each inequality broken alone."""

from __future__ import annotations

from typing import Any

import pytest

from epsdelta.certificates.kernel import Outcome
from epsdelta.errors import FormatError
from tests.statements import decide, free, linear, problem, trees, with_field

LEAF: list[Any] = [None]
BALL: dict[str, Any] = {"split": LEAF, "root": "1/2"}
WHOLE: dict[str, Any] = {"split": LEAF, "root": None}
UNIT = [["1", "0"], ["0", "1"]]
# F = (x - 1)/2, h = 1: T(x) = (x + 1)/2 maps [-1, 1] onto [0, 1] and has its only fixed point at the ball's end 1
HALVING = problem(linear([["1/2"]], ["-1/2"]), free(1), region=[["-1", "2"]])
HALVES: dict[str, Any] = {"kind": "convergence", "step_sizes": ["1"], "metric": [["1"]], "rate_squared": "1/4", "center": ["0"], "radius": "1"}
# F = (x/2, y/2), h = 1: T = 1/2 in every metric; the ball of P reaches r sqrt(2/3) in either variable
SHEAR = [["2", "1"], ["1", "2"]]
ROUND: dict[str, Any] = {"kind": "convergence", "step_sizes": ["1", "1"], "metric": SHEAR, "rate_squared": "1/4", "center": ["0", "0"],
                         "radius": "3"}
EVERYWHERE = {"center": None, "radius": None}


def rejected(game: dict[str, Any], claim: dict[str, Any], witness: dict[str, Any], reason: str) -> None:
    outcome, said = decide(game, claim, witness)
    assert outcome is Outcome.REJECTED, said
    assert said.startswith("statements[0]: not shown: ") and reason in said


def plane(*ends: str, kinds: list[str] | None = None) -> dict[str, Any]:
    """F = (x/2, y/2) with the given ends of the region for y, and [-3, 3] for x."""
    return problem(linear([["1/2", "0"], ["0", "1/2"]]), kinds or free(2), region=[["-3", "3"], list(ends)])


class TestBall:
    def test_the_bound_is_attained(self) -> None:
        """With r = 1 the limit lies on the sphere; every smaller ball around 0 is left, and not accepted."""
        outcome, sentence = decide(HALVING, HALVES, BALL)
        assert outcome is Outcome.PROVED
        assert sentence == ("Gradient play with steps (1) stays within P-distance 1 of (0) from each start there and converges to the only "
                            "zero of the field in the region; squared distances to it in P shrink by 1/4 per step.")
        rejected(HALVING, with_field(HALVES, radius="999/1000"), BALL, "|HF(center)|_P <= (1 - root) radius")

    @pytest.mark.parametrize(("claim", "proof", "reason"), [
        ({"radius": "11/10"}, {}, "the ball stays inside the region in variable 0"),
        ({"radius": "-1"}, {}, "radius >= 0"), ({"radius": "0"}, {}, "|HF(center)|_P <= (1 - root) radius"),
        ({"center": ["-1"]}, {}, "the center lies inside the region in variable 0"),
        ({"center": ["-2"], "radius": "0"}, {}, "the center lies inside the region in variable 0"),
        ({"center": ["-1/2"], "radius": "1/2"}, {}, "|HF(center)|_P <= (1 - root) radius"),
        ({}, {"root": "499/1000"}, "root^2 >= rate_squared"), ({}, {"root": "-1/2"}, "0 <= root"), ({}, {"root": "1"}, "root < 1"),
        ({}, {"root": "501/1000"}, "|HF(center)|_P <= (1 - root) radius"),
        ({"rate_squared": "249/1000"}, {}, "(I - HJ)'P(I - HJ) <= rate_squared P"), ({"rate_squared": "1"}, {}, "0 <= rate_squared < 1"),
        ({"step_sizes": ["0"]}, {}, "the steps are positive"), ({"metric": [["-1"]]}, {}, "the metric is positive definite")])
    def test_each_inequality_broken_alone(self, claim: dict[str, Any], proof: dict[str, Any], reason: str) -> None:
        rejected(HALVING, with_field(HALVES, **claim), with_field(BALL, **proof), reason)

    def test_radius_zero_at_the_zero(self) -> None:
        outcome, sentence = decide(HALVING, with_field(HALVES, center=["1"], radius="0"), BALL)
        assert outcome is Outcome.PROVED and "within P-distance 0 of (1)" in sentence

    def test_a_larger_root_is_a_root_too(self) -> None:
        """(1 - 3/4) r = 1/2 for r = 2, in a region that holds the ball."""
        wide = problem(linear([["1/2"]], ["-1/2"]), free(1), region=[["-2", "2"]])
        assert decide(wide, with_field(HALVES, radius="2"), with_field(BALL, root="3/4"))[0] is Outcome.PROVED
        rejected(wide, with_field(HALVES, radius="199/100"), with_field(BALL, root="3/4"), "|HF(center)|_P")

    @pytest.mark.parametrize(("end", "expected"), [("5/2", Outcome.PROVED), ("12/5", Outcome.REJECTED)])
    def test_the_ball_is_measured_in_the_metric(self, end: str, expected: Outcome) -> None:
        """r^2 (P^-1)_yy = 9 * 2/3 = 6 lies between (12/5)^2 and (5/2)^2."""
        assert decide(plane(f"-{end}", end), ROUND, BALL)[0] is expected
        assert decide(plane("-3", end), ROUND, BALL)[0] is expected

    def test_the_residual_is_measured_in_the_metric(self) -> None:
        """At c = (1/10, 1/10) the zero is at squared distance 6/100, between (24/100)^2 and (25/100)^2, and |HF(c)|_P is half of it."""
        game = plane("-5", "5")
        assert decide(game, with_field(ROUND, center=["1/10", "1/10"], radius="25/100"), BALL)[0] is Outcome.PROVED
        rejected(game, with_field(ROUND, center=["1/10", "1/10"], radius="24/100"), BALL, "|HF(center)|_P")

    def test_the_residual_is_that_of_a_step(self) -> None:
        """F = (x, 2 y) with steps (1/2, 1/4) halves: from c = (0, 1/10) the zero is at distance 1/10, and |HF(c)| = 1/20."""
        game = problem(linear([[1, 0], [0, 2]]), free(2), region=[["-1", "1"], ["-1", "1"]])
        claim = with_field(ROUND, metric=UNIT, step_sizes=["1/2", "1/4"], center=["0", "1/10"], radius="1/10")
        assert decide(game, claim, BALL)[0] is Outcome.PROVED
        rejected(game, with_field(claim, radius="99/1000"), BALL, "|HF(center)|_P")
        rejected(game, with_field(claim, step_sizes=["1/4", "1/2"]), BALL, "(I - HJ)'P(I - HJ)")

    def test_all_of_space(self) -> None:
        game = problem(linear([["1/2"]], ["-1/2"]), free(1))
        assert decide(game, with_field(HALVES, radius="100"), BALL)[0] is Outcome.PROVED

    @pytest.mark.parametrize(("radius", "expected"), [("21/100", Outcome.PROVED), ("209/1000", Outcome.REJECTED)])
    def test_a_jacobian_that_varies(self, radius: str, expected: Outcome) -> None:
        """F = x + x^2/2 on [-1/2, 1/2]: 1 - J = -x is at most 1/2, and F(1/10) = 21/200 = 21/100 / 2."""
        nodes = [["variable", 0], ["power", 0, 2], ["constant", "1/2"], ["mul", 2, 1], ["add", 0, 3]]
        game = problem(trees("gradients", nodes, [4]), free(1), region=[["-1/2", "1/2"]])
        assert decide(game, with_field(HALVES, center=["1/10"], radius=radius), BALL)[0] is expected

    @pytest.mark.parametrize(("radius", "expected"), [("1/330", Outcome.PROVED), ("3/1000", Outcome.REJECTED)])
    def test_enclosed_residual(self, radius: str, expected: Outcome) -> None:
        """F = exp(x) - 1 on [-1/2, 1/2]: |1 - J| <= exp(1/2) - 1 = 0.6487.. <= 2/3, and 3 F(1/1000) = 0.0030015.."""
        nodes = [["variable", 0], ["exp", 0], ["constant", "-1"], ["add", 1, 2]]
        game = problem(trees("gradients", nodes, [3]), free(1), region=[["-1/2", "1/2"]])
        claim = with_field(HALVES, rate_squared="43/100", center=["1/1000"], radius=radius)
        assert decide(game, claim, with_field(BALL, root="2/3"))[0] is expected

    @pytest.mark.parametrize("kinds", [["box", "free"], ["free", "box"], ["box", "box"]])
    def test_a_constrained_player(self, kinds: list[str]) -> None:
        rejected(plane("-3", "3", kinds=kinds), with_field(ROUND, metric=UNIT), BALL, "no player is constrained, where a ball is claimed")


class TestEverything:
    """Nobody can leave: no ball is needed, and none may stand there."""

    def test_all_of_space(self) -> None:
        game = problem(linear([["1/2"]], ["-1/2"]), free(1))
        outcome, sentence = decide(game, with_field(HALVES, **EVERYWHERE), WHOLE)
        assert outcome is Outcome.PROVED
        assert sentence == ("Gradient play with steps (1) converges from every start to the only zero of the field; squared distances to it "
                            "in P shrink by 1/4 per step.")

    def test_all_strategies(self) -> None:
        outcome, sentence = decide(plane("1", "2", kinds=["box", "box"]), with_field(ROUND, metric=UNIT, **EVERYWHERE), WHOLE)
        assert outcome is Outcome.PROVED
        assert "from every strategy profile to the only solution of Nash's variational inequality;" in sentence

    @pytest.mark.parametrize(("end", "expected"), [("1", Outcome.PROVED), ("99/100", Outcome.REJECTED)])
    def test_a_simplex_must_lie_in_the_region(self, end: str, expected: Outcome) -> None:
        kinds = [{"kind": "simplex", "total": "1"}]
        game = problem(linear([[1, 0], [0, 1]], ["-1", "0"]), kinds, sizes=[2], region=[["0", "1"], ["0", end]])
        claim = with_field(ROUND, metric=UNIT, step_sizes=["1/2"], **EVERYWHERE)
        assert decide(game, claim, WHOLE)[0] is expected

    @pytest.mark.parametrize("kinds", [["free", "free"], ["box", "free"], ["free", "box"]])
    def test_a_free_player_may_leave_a_region(self, kinds: list[str]) -> None:
        rejected(plane("-3", "3", kinds=kinds), with_field(ROUND, metric=UNIT, **EVERYWHERE), WHOLE, "the region contains all strategies")

    def test_the_metric_respects_the_constraints(self) -> None:
        rejected(plane("-3", "3", kinds=["box", "box"]), with_field(ROUND, **EVERYWHERE), WHOLE, "the metric respects the constraints")

    @pytest.mark.parametrize(("claim", "proof"), [({"radius": "1"}, {}), ({}, {"root": "1/2"}), ({}, {"root": "x"})])
    def test_nothing_of_a_ball_stands_there(self, claim: dict[str, Any], proof: dict[str, Any]) -> None:
        game = problem(linear([["1/2"]]), free(1))
        rejected(game, with_field(HALVES, **(EVERYWHERE | claim)), with_field(WHOLE, **proof), "no radius and no root without a center")


@pytest.mark.parametrize(("claim", "proof", "path"), [
    ({"radius": None}, {}, "claim.radius"), ({}, {"root": None}, "witness.root"), ({"center": ["0", "0"]}, {}, "claim.center"),
    ({"center": "0"}, {}, "claim.center"), ({"step_sizes": ["1", "1"]}, {}, "claim.step_sizes"), ({"metric": UNIT}, {}, "claim.metric"),
    ({"rate_squared": None}, {}, "claim.rate_squared"), ({}, {"split": None}, "witness.split")])
def test_wrong_shapes(claim: dict[str, Any], proof: dict[str, Any], path: str) -> None:
    with pytest.raises(FormatError) as caught:
        decide(HALVING, with_field(HALVES, **claim), with_field(BALL, **proof))
    assert caught.value.path == f"statements[0].{path}"
