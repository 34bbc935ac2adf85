"""What is written for the prover: a fixed template with data, for every kind of claim, and one sentence where nothing can be written."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

import pytest

from epsdelta.certificates.certificate import Certificate
from epsdelta.certificates.claims import Statement, StrongMonotonicity
from epsdelta.certificates.kernel import GAME_KINDS, check_text
from epsdelta.certificates.rocq.axioms import forbidden
from epsdelta.certificates.rocq.emit import ARITHMETICS, Emission, emit
from epsdelta.certificates.rocq.folder import files_of, modules_of
from epsdelta.certificates.rocq.library import needs
from epsdelta.errors import FormatError, ProverError
from epsdelta.problems.game import Game
from tests.certificates.rocq.subjects import whole
from tests.certificates.test_mutations import corpus

_WORDS = re.compile(r"\b(?:Admitted|Axiom|Parameter|Conjecture|Unset|native_compute|Ltac|Notation|Canonical|Hint|Obligation)\b")
MARK = "Qed. Axiom x : False. \u201ein\u00adk\u00f6rn\u201c \u2200\U0001f600 *)"


@lru_cache(maxsize=1)
def certificates() -> dict[str, str]:
    """Every kind of claim on a game, and penalties."""
    return {**corpus(), **{name: text for name, text in whole().items() if name != "linear-quadratic"}}


@lru_cache(maxsize=1)
def emissions() -> dict[str, Emission]:
    return {name: emit(text) for name, text in certificates().items()}


def test_every_kind_has_a_theorem() -> None:
    kinds = {s["claim"]["kind"] for name in emissions() for s in json.loads(certificates()[name])["statements"]}
    assert kinds == {*GAME_KINDS, "penalty"}


def test_no_gaps_and_fixed_names() -> None:
    for name, emission in emissions().items():
        files = files_of(emission)
        assert list(files) == ["Instance", "Final", "Audit"]
        for text in files.values():
            assert forbidden(text) is None, name
            assert text.isascii(), name
            assert not _WORDS.search(text), name
        count = len(json.loads(certificates()[name])["statements"])
        assert len(emission.sentences) == count
        assert re.findall(r"^Theorem (statement_\d+) :", files["Instance"], re.MULTILINE) == [f"statement_{k}" for k in range(count)]
        for k in range(count):
            assert re.search(rf"^(?:Theorem|Definition|Lemma) final_{k}\b", files["Final"], re.MULTILINE), name
        assert files["Audit"].count("Print Assumptions") == 1
        assert emission.arithmetic == "standard"
        assert set(emission.modules) <= set(needs(modules_of(emission)))


def test_proofs_are_closed() -> None:
    """Each proof of an instance ends with Qed, and computes."""
    for emission in emissions().values():
        assert len(re.findall(r"\bProof\b", emission.instance)) == len(re.findall(r"\bQed\.", emission.instance))
        assert "vm_cast_no_check (eq_refl true)" in emission.instance


def _renamed(document: dict[str, Any]) -> dict[str, Any]:
    problem = document["problem"]
    problem["name"] = MARK
    for player in problem.get("players", []):
        player["name"] = f"{MARK} {player['name']}"
        player["variables"] = [f"{name}_Qed_Axiom_x" for name in player["variables"]]
    return document


@pytest.mark.parametrize("name", sorted(corpus()))
def test_no_text_of_the_user_is_written(name: str) -> None:
    text = json.dumps(_renamed(json.loads(corpus()[name])))
    assert check_text(text).is_proved
    renamed, plain = emit(text), emissions()[name]
    assert (renamed.instance, renamed.plain) == (plain.instance, plain.plain), "names leave no trace"
    assert not any("Axiom" in sentence for sentence in renamed.sentences)


def test_no_text_of_a_bilevel_problem_is_written() -> None:
    document = json.loads(whole()["penalty-tight"])
    document["problem"]["name"] = MARK
    for key, value in document["problem"].items():
        if isinstance(value, list) and value and all(isinstance(v, str) and v.isidentifier() for v in value):
            document["problem"][key] = [f"{v}_Qed_Axiom_x" for v in value]
    text = json.dumps(document)
    assert check_text(text).is_proved
    other = emit(text)
    assert (other.instance, other.plain) == (emissions()["penalty-tight"].instance, emissions()["penalty-tight"].plain)


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
def test_arithmetics(arithmetic: str) -> None:
    emission = emit(certificates()["exp and sin"], arithmetic=arithmetic)
    wanted = "standard" if arithmetic == "auto" else arithmetic
    assert emission.arithmetic == wanted and f"Definition ar : arithmetic := {wanted} 60." in emission.instance


def test_many_coordinates_are_computed_in_machine_words() -> None:
    emission = emit(whole()["linear-quadratic"])
    assert emission.arithmetic == "machine" and "rational big" in emission.instance
    assert emit(whole()["linear-quadratic"], arithmetic="standard").arithmetic == "standard"


def _monotone(gradients: list[str], margin: Fraction) -> str:
    names = [f"x{k}" for k in range(len(gradients))]
    game = Game.from_gradients(gradients, variables=[[name] for name in names], region={name: ["-1/8", "1/8"] for name in names})
    unit = [[Fraction(int(i == j)) for j in names] for i in names]
    statement = Statement(StrongMonotonicity(margin=margin, metric=unit), {"split": [None]})
    return Certificate(problem=game.to_dict(), statements=(statement,)).to_json()


def one_sentence(text: str, said: str) -> None:
    with pytest.raises(ProverError, match=said) as caught:
        emit(text)
    message = str(caught.value)
    assert "\n" not in message and 20 < len(message) < 300 and not re.search(r"Traceback|Error\(", message)


class TestNothingCanBeWritten:
    def test_a_kind_without_theorem(self) -> None:
        document = json.loads(corpus()["toy: small_gain"])
        document["statements"][0]["claim"]["kind"] = "other"
        one_sentence(json.dumps(document), r"^statements\[0\]: the claim 'other' has no theorem yet: the kernel's check stands$")

    def test_an_expression_that_is_huge_as_a_tree(self) -> None:
        document = json.loads(_monotone(["x0"], Fraction(1, 2)))
        nodes: list[list[Any]] = [["variable", 0]]
        for k in range(20):
            nodes.append(["mul", k, k])
        document["problem"]["field"].update(nodes=nodes, outputs=[20])
        one_sentence(json.dumps(document), "an expression has more than 50000 nodes when it is written out as a tree: too large for the prover")

    def test_a_false_claim(self) -> None:
        one_sentence(_monotone(["x0 + exp(x0)"], Fraction(3)), r"^statements\[0\] \(strong_monotonicity\): no witness found")

    def test_a_tight_claim(self) -> None:
        """The margin is the least slope: the prover's intervals of exp are a little wider."""
        text = _monotone(["exp(x0) + x0"], Fraction("1.88249690258459540"))
        assert check_text(text).is_proved, "e^(-1/8) = 0.882496902584595402..."
        one_sentence(text, "no witness found")

    @pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": "epsdelta-certificate"}', "\x00"])
    def test_no_certificate(self, text: str) -> None:
        with pytest.raises(FormatError):
            emit(text)


def test_a_long_sum() -> None:
    """A chain of 1200 terms is deep as a tree: it is written, or refused in one sentence."""
    terms = " + ".join(["x0/1000"] + [f"x0^2/{k}000" for k in range(2, 1200)])
    text = _monotone([f"x0 + {terms}"], Fraction(1, 8))
    assert check_text(text).is_proved
    try:
        assert forbidden(emit(text).instance) is None
    except ProverError as error:
        assert "too" in str(error)
