"""Claims in a metric: each with a certificate in closed form, and each inequality broken alone."""

from __future__ import annotations

from typing import Any

import pytest

from epsdelta.certificates.kernel import Outcome, metric, prove
from epsdelta.certificates.kernel.problem import read_problem
from epsdelta.errors import FormatError
from tests.statements import decide, free, linear, problem, trees, with_field

TOY = problem(linear([[1, 10], ["1/20", 1]]), free(2))
SPLIT: dict[str, Any] = {"split": [None]}
UNIT = [["1", "0"], ["0", "1"]]
WEIGHTED = [["1", "0"], ["0", "200"]]
MONOTONE: dict[str, Any] = {"kind": "strong_monotonicity", "metric": WEIGHTED, "margin": "29/100"}
HALF_SQUARE = problem(trees("gradients", [["variable", 0], ["power", 0, 2], ["constant", "1/2"], ["mul", 2, 1], ["add", 0, 3]], [4]),
                      free(1), region=[["0", "1"]])
STEP: dict[str, Any] = {"kind": "step_contraction", "step_sizes": ["1", "1"], "metric": WEIGHTED, "rate_squared": "1/2"}


def rejected(game: dict[str, Any], claim: dict[str, Any], witness: dict[str, Any], reason: str) -> None:
    outcome, said = decide(game, claim, witness)
    assert outcome is Outcome.REJECTED, said
    assert said.startswith("statements[0]: not shown: ") and reason in said


class TestMonotonicity:
    """sym(PJ) = [[1, 10], [10, 200]]: the largest margin is 1 - sqrt(1/2)."""

    def test_closed_form(self) -> None:
        outcome, sentence = decide(TOY, MONOTONE, SPLIT)
        assert outcome is Outcome.PROVED and "margin 29/100" in sentence

    @pytest.mark.parametrize(("claim", "reason"), [
        ({"margin": "0"}, "the margin is positive"), ({"margin": "293/1000"}, "sym(P J) >= 293/1000 P"),
        ({"metric": [["1", "1"], ["0", "200"]]}, "the metric is symmetric"), ({"metric": [["1", "20"], ["20", "200"]]}, "positive definite"),
        ({"metric": [["0", "0"], ["0", "200"]]}, "positive definite"), ({"metric": UNIT}, "sym(P J) >= 29/100 P")])
    def test_each_inequality_broken_alone(self, claim: dict[str, Any], reason: str) -> None:
        rejected(TOY, with_field(MONOTONE, **claim), SPLIT, reason)

    def test_the_flow_it_speaks_of(self) -> None:
        region = [["-1", "1"], ["-1", "1"]]
        field = linear([[1, 10], ["1/20", 1]])
        assert "projected on the constraints" in decide(problem(field, ["box", "box"], region=region), MONOTONE, SPLIT)[1]
        coupled = with_field(MONOTONE, metric=[["1", "1/100"], ["1/100", "200"]], margin="1/4")
        assert "without projection" in decide(problem(field, ["box", "free"], region=region), coupled, SPLIT)[1]

    def test_wrong_shape(self) -> None:
        with pytest.raises(FormatError) as caught:
            decide(TOY, with_field(MONOTONE, metric=[["1", "0"]]), SPLIT)
        assert caught.value.path == "statements[0].claim.metric"


class TestStep:
    """(I - J)'P(I - J) = diag(1/2, 100) = P/2."""

    def test_closed_form(self) -> None:
        outcome, sentence = decide(TOY, STEP, SPLIT)
        assert outcome is Outcome.PROVED and sentence.endswith("for all starts.")
        assert decide(TOY, with_field(STEP, step_sizes=["117/100", "117/100"], rate_squared="999/1000"), SPLIT)[0] is Outcome.PROVED

    @pytest.mark.parametrize(("claim", "reason"), [
        ({"rate_squared": "499/1000"}, "(I - HJ)'P(I - HJ) <= rate_squared P"), ({"rate_squared": "1"}, "0 <= rate_squared < 1"),
        ({"rate_squared": "-1"}, "0 <= rate_squared < 1"), ({"step_sizes": ["1", "0"]}, "the steps are positive"),
        ({"step_sizes": ["59/50", "59/50"], "rate_squared": "9999/10000"}, "(I - HJ)'P(I - HJ)"),
        ({"metric": [["1", "1"], ["0", "200"]]}, "the metric is symmetric"), ({"metric": [["-1", "0"], ["0", "200"]]}, "positive definite"),
        ({"metric": UNIT}, "(I - HJ)'P(I - HJ)")])
    def test_each_inequality_broken_alone(self, claim: dict[str, Any], reason: str) -> None:
        rejected(TOY, with_field(STEP, **claim), SPLIT, reason)

    def test_one_step_size_per_player(self) -> None:
        game = problem(linear([[1, 0, 0], [0, 1, 0], [0, 0, 2]]), free(2), sizes=[2, 1])
        claim = with_field(STEP, step_sizes=["1", "1/2"], metric=[["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]], rate_squared="0")
        assert decide(game, claim, SPLIT)[0] is Outcome.PROVED
        rejected(game, with_field(claim, step_sizes=["1/2", "1"]), SPLIT, "rate_squared P")

    @pytest.mark.parametrize(("rate", "expected"), [("1/4", Outcome.PROVED), ("249/1000", Outcome.REJECTED)])
    def test_one_entry_varies(self, rate: str, expected: Outcome) -> None:
        """F = x + x^2/2 on [0, 1], h = 1/2: the step's derivative (1 - x)/2 is at most 1/2."""
        claim = with_field(STEP, step_sizes=["1/2"], metric=[["1"]], rate_squared=rate)
        assert decide(HALF_SQUARE, claim, SPLIT)[0] is expected

    @pytest.mark.parametrize(("kinds", "entries", "expected"), [
        (["box", "box"], [["1", "0"], ["0", "2"]], Outcome.PROVED), (["box", "free"], [["1", "1/9"], ["1/9", "2"]], Outcome.REJECTED),
        (["free", "box"], [["1", "1/9"], ["1/9", "2"]], Outcome.REJECTED), (["free", "free"], [["1", "1/9"], ["1/9", "2"]], Outcome.PROVED)])
    def test_the_metric_respects_boxes(self, kinds: list[str], entries: list[list[str]], expected: Outcome) -> None:
        game = problem(linear([[1, 0], [0, 1]]), kinds, region=[["0", "1"], ["0", "1"]])
        outcome, said = decide(game, with_field(STEP, metric=entries), SPLIT)
        assert outcome is expected
        assert ("respects the constraints" in said) is (expected is Outcome.REJECTED)
        if expected is Outcome.PROVED:
            assert ("cannot leave the region" in said) is (kinds == ["box", "box"])

    @pytest.mark.parametrize(("entries", "expected"), [(["2", "2"], Outcome.PROVED), (["1", "2"], Outcome.REJECTED)])
    def test_the_metric_respects_a_simplex(self, entries: list[str], expected: Outcome) -> None:
        """With P = diag(1, 2) separate projection is not the projection in P."""
        game = problem(linear([[1, 0], [0, 1]]), [{"kind": "simplex", "total": "1"}], sizes=[2], region=[["0", "1"], ["0", "1"]])
        diagonal = [[entries[0], "0"], ["0", entries[1]]]
        assert decide(game, with_field(STEP, step_sizes=["1"], metric=diagonal), SPLIT)[0] is expected


# nine entries vary, so corners give way to interval products: F_i = 2 x_i + sum_j x_j^2 / 40 on [-1, 1]^3
NODES = [["variable", 0], ["variable", 1], ["variable", 2], ["constant", "1/40"], ["constant", "2"],
         ["power", 0, 2], ["power", 1, 2], ["power", 2, 2], ["add", 5, 6], ["add", 8, 7], ["mul", 3, 9],
         ["mul", 4, 0], ["mul", 4, 1], ["mul", 4, 2], ["add", 11, 10], ["add", 12, 10], ["add", 13, 10]]
CUBE = [["-1", "1"]] * 3
UNIT3 = [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]]
VARYING = problem(trees("gradients", NODES, [14, 15, 16]), free(3), region=CUBE)


class TestManyVaryingEntries:
    """J = 2 I + E with |E_ij| <= 1/20: eigenvalues of the symmetric part within 2 -+ 3/20."""

    @pytest.mark.parametrize(("margin", "expected"), [("37/20", Outcome.PROVED), ("186/100", Outcome.REJECTED)])
    def test_monotonicity(self, margin: str, expected: Outcome) -> None:
        claim = {"kind": "strong_monotonicity", "metric": UNIT3, "margin": margin}
        assert decide(VARYING, claim, SPLIT)[0] is expected

    @pytest.mark.parametrize(("rate", "expected"), [("9/400", Outcome.PROVED), ("8/1600", Outcome.REJECTED)])
    def test_step(self, rate: str, expected: Outcome) -> None:
        """With h = 1/2, A = -E/2 has norm <= 3/40 = sqrt(9/1600); scales by powers of two cost up to a factor of 4."""
        claim = with_field(STEP, step_sizes=["1/2"] * 3, metric=UNIT3, rate_squared=rate)
        assert decide(VARYING, claim, SPLIT)[0] is expected

    def test_equilibrium(self) -> None:
        claim = {"kind": "equilibrium", "metric": UNIT3, "margin": "37/20", "center": ["0", "0", "0"], "radius": "1/10"}
        assert decide(VARYING, claim, SPLIT)[0] is Outcome.PROVED


def test_undecided_corners_make_the_whole_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([True, None, True, None, False])

    def answer(*_: object) -> bool | None:
        return next(answers)

    monkeypatch.setattr(metric, "is_monotone_at", answer)
    outcome, said = decide(TOY, MONOTONE, SPLIT)
    assert outcome is Outcome.PROVED, said
    outcome, said = decide(TOY, MONOTONE, SPLIT)
    assert outcome is Outcome.UNDECIDED and "undecided: sym(P J)" in said
    nodes = [["variable", 0], ["power", 0, 2], ["add", 0, 1]]
    game = problem(trees("gradients", nodes, [2]), free(1), region=[["0", "1"]])
    claim = {"kind": "strong_monotonicity", "metric": [["1"]], "margin": "1"}
    assert decide(game, claim, SPLIT)[0] is Outcome.UNDECIDED
    assert decide(game, with_field(claim, margin="2"), SPLIT)[0] is Outcome.REJECTED


SHIFTED = problem(linear([[1, 10], ["1/20", 1]], [1, 1]), free(2), region=[["-20", "20"], ["-3", "3"]])
# J x = -b: x = (18, -19/10); F(c) = 0 at that center
EQUILIBRIUM: dict[str, Any] = {"kind": "equilibrium", "metric": WEIGHTED, "margin": "29/100", "center": ["18", "-19/10"], "radius": "1"}


class TestEquilibrium:
    def test_closed_form(self) -> None:
        for radius in ("0", "1", "2"):
            outcome, sentence = decide(SHIFTED, with_field(EQUILIBRIUM, radius=radius), SPLIT)
            assert outcome is Outcome.PROVED and "exactly one zero" in sentence

    @pytest.mark.parametrize(("claim", "reason"), [
        ({"margin": "0"}, "the margin is positive"), ({"radius": "-1"}, "the radius is not negative"),
        ({"margin": "293/1000"}, "sym(P J)"), ({"radius": "201/100"}, "the ball stays inside the region in variable 0"),
        ({"center": ["18", "-5/2"], "radius": "8"}, "the ball stays inside the region in variable 0"),
        ({"center": ["20", "-19/10"]}, "the center lies inside the region in variable 0"),
        ({"center": ["21", "-19/10"], "radius": "0"}, "the center lies inside the region in variable 0"),
        ({"center": ["18", "-189/100"], "radius": "1/10"}, "|F(center)|_P <= margin * radius"),
        ({"center": ["18", "-189/100"], "radius": "0"}, "|F(center)|_P <= margin * radius"),
        ({"metric": [["1", "1"], ["0", "200"]]}, "the metric is symmetric")])
    def test_each_inequality_broken_alone(self, claim: dict[str, Any], reason: str) -> None:
        rejected(SHIFTED, with_field(EQUILIBRIUM, **claim), SPLIT, reason)

    def test_the_ball_is_measured_in_the_metric(self) -> None:
        """P = diag(1, 200): radius 15 reaches 15/sqrt 200 = 1.06.. < 11/10 in the second variable, radius 16 reaches 1.13..."""
        game = problem(linear([[1, 10], ["1/20", 1]], [1, 1]), free(2), region=[["-20", "60"], ["-3", "3"]])
        assert decide(game, with_field(EQUILIBRIUM, radius="15"), SPLIT)[0] is Outcome.PROVED
        rejected(game, with_field(EQUILIBRIUM, radius="16"), SPLIT, "the ball stays inside the region in variable 1")

    def test_all_of_space(self) -> None:
        game = problem(linear([[1, 10], ["1/20", 1]], [1, 1]), free(2))
        assert decide(game, with_field(EQUILIBRIUM, center=["0", "0"], radius="100"), SPLIT)[0] is Outcome.PROVED

    def test_enclosed_residual(self) -> None:
        """F = x + exp(x) - 1: the enclosure of exp(1/1000) is an interval."""
        nodes = [["variable", 0], ["exp", 0], ["constant", "-1"], ["add", 0, 1], ["add", 3, 2]]
        game = problem(trees("gradients", nodes, [4]), free(1), region=[["-1", "1"]])
        claim: dict[str, Any] = {"kind": "equilibrium", "metric": [["1"]], "margin": "1", "center": ["1/1000"], "radius": "1/400"}
        assert decide(game, claim, SPLIT)[0] is Outcome.PROVED
        rejected(game, with_field(claim, radius="1/500"), SPLIT, "|F(center)|_P")

    def test_constraints(self) -> None:
        field, region = linear([[1, 10], ["1/20", 1]], [1, 1]), [["-20", "20"], ["-3", "3"]]
        boxes, mixed = (problem(field, kinds, region=region) for kinds in (["box", "box"], ["box", "free"]))
        assert decide(boxes, EQUILIBRIUM, SPLIT)[1].endswith("; it is the only solution of Nash's variational inequality.")
        coupled = with_field(EQUILIBRIUM, metric=[["1", "1/100"], ["1/100", "200"]], margin="1/4")
        assert decide(boxes, coupled, SPLIT)[1].endswith("; further solutions on the boundary are not excluded.")
        assert decide(mixed, EQUILIBRIUM, SPLIT)[1].endswith("; it is the only solution of Nash's variational inequality in the region.")
        assert decide(mixed, coupled, SPLIT)[1].endswith("; further solutions on the boundary or outside the region are not excluded.")
        simplex = problem(linear([[1, 0], [0, 1]], ["-1/2", "-1/2"]), [{"kind": "simplex", "total": "1"}], sizes=[2], region=[["0", "1"]] * 2)
        rejected(simplex, with_field(EQUILIBRIUM, metric=UNIT, margin="1", center=["1/2", "1/2"], radius="0"), SPLIT, "simplex")

    def test_a_free_player_has_solutions_outside_the_region(self) -> None:
        """x in [-1, 1], y free, F = (x, y (y - 2)^2): (0, 2) solves the game too, and on y in [-1/2, 1/2] 0 is the only zero."""
        nodes = [["variable", 0], ["variable", 1], ["constant", "-2"], ["add", 1, 2], ["power", 3, 2], ["mul", 1, 4]]
        game = problem(trees("gradients", nodes, [0, 5]), ["box", "free"], region=[["-1", "1"], ["-1/2", "1/2"]])
        claim: dict[str, Any] = {"kind": "equilibrium", "metric": UNIT, "margin": "1/2", "center": ["0", "0"], "radius": "0"}
        outcome, sentence = decide(game, claim, SPLIT)
        assert outcome is Outcome.PROVED and sentence.endswith("in the region.")


class TestRepeats:
    """What one statement has shown is not shown again for the next, and serves nothing else."""

    @pytest.fixture
    def tests(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The names of the tests that were run."""
        done: list[str] = []

        def spy(name: str) -> None:
            run = getattr(metric, name)

            def counted(*args: Any, **kwargs: Any) -> bool | None:
                done.append(name)
                return run(*args, **kwargs)

            monkeypatch.setattr(metric, name, counted)

        for name in ("definite", "is_monotone_at"):
            spy(name)
        return done

    def test_a_metric_and_its_margin_serve_the_next_statement(self, tests: list[str]) -> None:
        game = read_problem(problem(linear([[1, 10], ["1/20", 1]], [1, 1]), free(2)))
        claim = with_field(EQUILIBRIUM, center=["0", "0"], radius="100")
        for item in (MONOTONE, claim, with_field(claim, margin="1/4")):
            assert prove(game, {"claim": item, "witness": SPLIT}).is_proved
        assert tests == ["definite", "is_monotone_at"]

    def test_other_metrics_and_larger_margins_are_tested(self, tests: list[str]) -> None:
        game = read_problem(TOY)
        changes: list[dict[str, Any]] = [{}, {"margin": "293/1000"}, {"metric": UNIT}, {"metric": [["1", "0"], ["0", "-200"]]}, {"metric": 1}]
        outcomes = [prove(game, {"claim": with_field(MONOTONE, **change), "witness": SPLIT}).outcome for change in changes[:4]]
        assert outcomes == [Outcome.PROVED, *[Outcome.REJECTED] * 3]
        assert tests == ["definite", "is_monotone_at", "is_monotone_at", "definite", "is_monotone_at", "definite"]
        with pytest.raises(FormatError, match=r"claim.metric: is a int, must be a list"):
            prove(game, {"claim": with_field(MONOTONE, **changes[4]), "witness": SPLIT})

    def test_a_metric_changed_in_place_is_another_one(self) -> None:
        game, written = read_problem(TOY), [["1", "0"], ["0", "200"]]
        statement = {"claim": with_field(MONOTONE, metric=written), "witness": SPLIT}
        assert prove(game, statement).is_proved
        written[1][1] = "1"
        assert prove(game, statement).outcome is Outcome.REJECTED

    def test_another_split_is_tested(self, tests: list[str]) -> None:
        """F = x + x^2/2 on [0, 1], J = 1 + x: the margin is 1, by one box or by two."""
        game = read_problem(HALF_SQUARE)
        claim = {"kind": "strong_monotonicity", "metric": [["1"]], "margin": "1"}
        for split in ([None], [[0, "1/2"], None, None], [None]):
            assert prove(game, {"claim": claim, "witness": {"split": split}}).is_proved
        assert tests == ["definite", *["is_monotone_at"] * 6]


# F = (x + x^3, 3 y) has its zero at 0 with J(0) = diag(1, 3); h = 1 gives A = diag(0, -2)
LOCAL_NODES = [["variable", 0], ["variable", 1], ["power", 0, 3], ["add", 0, 2], ["constant", "3"], ["mul", 4, 1]]
LOCAL = problem(trees("gradients", LOCAL_NODES, [3, 5]), free(2), region=[["-1", "1"], ["-1", "1"]])
UNSTABLE: dict[str, Any] = {"kind": "unstable_equilibrium", "step_sizes": ["1", "1"], "center": ["0", "0"], "radius": "1/10"}
ESCAPE: dict[str, Any] = {"inverse": [["1", "0"], ["0", "1/3"]], "form": [["-1", "0"], ["0", "1"]], "vector": ["0", "1"]}


class TestUnstableEquilibrium:
    def test_closed_form(self) -> None:
        outcome, sentence = decide(LOCAL, UNSTABLE, ESCAPE)
        assert outcome is Outcome.PROVED and "linearly unstable" in sentence
        boxed = problem(trees("gradients", LOCAL_NODES, [3, 5]), ["box", "box"], region=[["-1", "1"], ["-1", "1"]])
        assert decide(boxed, UNSTABLE, ESCAPE)[0] is Outcome.PROVED
        everywhere = problem(linear([[1, 0], [0, 3]]), free(2))
        assert decide(everywhere, UNSTABLE, ESCAPE)[0] is Outcome.PROVED

    @pytest.mark.parametrize(("claim", "proof", "reason"), [
        ({"step_sizes": ["1", "0"]}, {}, "the steps and the radius are positive"),
        ({"radius": "0"}, {}, "the steps and the radius are positive"),
        ({"radius": "1"}, {}, "the box is inside the region"), ({"center": ["19/20", "0"]}, {}, "the box is inside the region"),
        ({"center": ["1/5", "0"]}, {}, "interval Newton stays inside the box, row 0"),
        ({}, {"inverse": [["0", "0"], ["0", "1/3"]]}, "interval Newton stays inside the box, row 0"),
        ({}, {"inverse": [["1", "0"], ["0", "1"]]}, "interval Newton stays inside the box, row 1"),
        ({}, {"form": [["-1", "1"], ["0", "1"]]}, "the form is symmetric"),
        ({}, {"form": [["1", "0"], ["0", "1"]]}, "A'QA - Q > 0 on the box"),
        ({"step_sizes": ["1", "1/3"]}, {}, "A'QA - Q > 0 on the box"),
        ({}, {"vector": ["0", "0"]}, "the vector is not zero"), ({}, {"vector": ["2", "1"]}, "z'Qz >= 0")])
    def test_each_inequality_broken_alone(self, claim: dict[str, Any], proof: dict[str, Any], reason: str) -> None:
        rejected(LOCAL, with_field(UNSTABLE, **claim), with_field(ESCAPE, **proof), reason)

    def test_a_stable_step_has_no_witness(self) -> None:
        for form in ([["-1", "0"], ["0", "1"]], [["-1", "0"], ["0", "-1"]], [["1", "2"], ["2", "-1"]]):
            outcome, _ = decide(LOCAL, with_field(UNSTABLE, step_sizes=["1/2", "1/2"]), with_field(ESCAPE, form=form))
            assert outcome is Outcome.REJECTED

    def test_no_simplex(self) -> None:
        game = problem(linear([[1, 0], [0, 3]]), [{"kind": "simplex", "total": "1"}], sizes=[2], region=[["-1", "1"]] * 2)
        rejected(game, with_field(UNSTABLE, step_sizes=["1"]), ESCAPE, "simplex")


ACTIONS = problem(linear([[1, 0, 8], [0, 1, "1/20"], ["1/20", 8, 1]]), free(2), sizes=[2, 1])
# z = (1, 1, -7/5): z_1'(Jz)_1 = -927/100, z_2(Jz)_2 = -931/100
DUAL: dict[str, Any] = {"dual": [["1", "1", "-7/5"], ["1", "1", "-7/5"], ["-7/5", "-7/5", "49/25"]]}
PLAYERS: dict[str, Any] = {"kind": "no_metric", "structure": "players"}


class TestNoMetric:
    def test_players_in_closed_form(self) -> None:
        outcome, sentence = decide(ACTIONS, PLAYERS, DUAL)
        assert outcome is Outcome.PROVED and "Rosen" in sentence
        boxed = problem(linear([[1, 0, 8], [0, 1, "1/20"], ["1/20", 8, 1]]), ["box", "box"], sizes=[2, 1], region=[["-1", "1"]] * 3)
        assert decide(boxed, PLAYERS, DUAL)[0] is Outcome.PROVED

    def test_blocks_in_closed_form(self) -> None:
        """J = [[1, 2], [2, 1]] with scalar players, Z = [[1, -1], [-1, 1]]: JZ = [[-1, 1], [1, -1]]."""
        game = problem(linear([[1, 2], [2, 1]]), free(2))
        dual = {"dual": [["1", "-1"], ["-1", "1"]]}
        for structure in ("blocks", "players"):
            assert decide(game, with_field(PLAYERS, structure=structure), dual)[0] is Outcome.PROVED
        rejected(game, with_field(PLAYERS, structure="blocks"), {"dual": UNIT}, "(JZ + ZJ')_ii <= 0 for player 0")

    @pytest.mark.parametrize(("structure", "dual", "reason"), [
        ("players", [["1", "1", "-7/5"], ["0", "1", "-7/5"], ["-7/5", "-7/5", "49/25"]], "the dual matrix is symmetric"),
        ("players", [["0"] * 3] * 3, "positive semidefinite and not zero"),
        ("players", [["1", "1", "-7/5"], ["1", "1", "-7/5"], ["-7/5", "-7/5", "1"]], "positive semidefinite and not zero"),
        ("players", [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]], "tr((JZ)_ii) <= 0 for player 0"),
        ("players", [["1", "0", "-1"], ["0", "0", "0"], ["-1", "0", "1"]], "tr((JZ)_ii) <= 0 for player 1"),
        ("blocks", DUAL["dual"], "(JZ + ZJ')_ii <= 0 for player 0")])
    def test_each_inequality_broken_alone(self, structure: str, dual: list[list[str]], reason: str) -> None:
        rejected(ACTIONS, with_field(PLAYERS, structure=structure), {"dual": dual}, reason)

    def test_only_for_constant_jacobians_without_simplex_on_regions_with_interior(self) -> None:
        rejected(LOCAL, PLAYERS, {"dual": UNIT}, "the Jacobian is constant")
        field = linear([[-1, 0], [0, -1]])
        flat = problem(field, free(2), region=[["0", "1"], ["1", "1"]])
        rejected(flat, PLAYERS, {"dual": UNIT}, "the region has an interior")
        simplex = problem(field, [{"kind": "simplex", "total": "1"}], sizes=[2], region=[["0", "1"]] * 2)
        rejected(simplex, PLAYERS, {"dual": UNIT}, "no player is confined to a simplex")

    def test_unknown_structure(self) -> None:
        with pytest.raises(FormatError, match=r"claim.structure: must be one of players, blocks"):
            decide(ACTIONS, with_field(PLAYERS, structure="full"), DUAL)
