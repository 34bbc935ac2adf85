"""From a certificate to a machine-checked proof: what is believed, what is refused, and what is left behind."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from epsdelta.certificates.games import certify_game
from epsdelta.certificates.rocq import prove as proving
from epsdelta.certificates.rocq.axioms import MACHINE, STANDARD, allowed, forbidden, read_assumptions, read_summary, unexpected
from epsdelta.certificates.rocq.emit import Emission, emit
from epsdelta.certificates.rocq.folder import check_folder
from epsdelta.certificates.rocq.library import compiled, sources
from epsdelta.certificates.rocq.prove import Proof, prove, prove_checked
from epsdelta.certificates.rocq.toolchain import Prover, find_prover, run
from epsdelta.errors import FormatError, InputError, ProverError, VerdictError
from epsdelta.problems.game import Game

MakeFake = Callable[..., Path]
EMISSION = Emission(
    instance="From EpsDelta Require Import Sums.\nTheorem statement_0 : 1 = 1.\nProof. reflexivity. Qed.\n",
    plain="From Proof Require Import Instance.\nDefinition final_0 : 1 = 1 := statement_0.\nPrint Assumptions final_0.\n",
    modules=("Sums",), sentences=("one is one",), arithmetic="standard")
CLOSED = "Closed under the global context\n"
SUMMARY = """
CONTEXT SUMMARY
===============

* Theory: Set is predicative

* Axioms:
    Coq.Logic.Classical_Prop.classic

* Constants/Inductives relying on type-in-type: <none>

* Constants/Inductives relying on unsafe (co)fixpoints: <none>

* Inductives whose positivity is assumed: <none>

"""


@pytest.fixture(scope="module")
def certificate() -> str:
    """Of a linear game at a step: three statements."""
    answer = certify_game(Game.from_jacobian([["1", "10"], ["1/20", "1"]]), step_size="117/100")
    assert answer.certificate is not None
    return answer.certificate.to_json()


@pytest.fixture
def emission(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replace what is emitted."""

    def replace(**fields: Any) -> None:
        made = dataclasses.replace(EMISSION, **fields)
        monkeypatch.setattr(proving, "emit", lambda data, arithmetic: made)

    return replace


def answers(text: str, *, others: str = "") -> str:
    """The body of a script that compiles everything and prints ``text`` about the last file."""
    return f'echo > "${{last%.v}}.vo"; case "$last" in *Audit.v) cat <<"EOF"\n{text}\nEOF\n;; {others} esac'


class TestAxioms:
    def test_closed_and_listed(self) -> None:
        output = ("Closed under the global context\nAxioms:\nClassicalDedekindReals.sig_forall_dec\n  : forall P : nat -> Prop,\n"
                  "    (forall n : nat, {P n} + {~ P n})\nPrimInt63.int : Set\nUint63.of_to_Z : forall x, of_Z x = x\n"
                  "Axioms:\nfoo\n  : False\n")
        assert read_assumptions(output, 3) == [(), ("ClassicalDedekindReals.sig_forall_dec", "PrimInt63.int", "Uint63.of_to_Z"), ("foo",)]

    @pytest.mark.parametrize("output", [
        "Axioms:\nf is assumed to be guarded.\n", "Axioms:\nI is assumed to be positive.\n",
        "Axioms:\nx relies on an unsafe universe hierarchy.\n",
        "Theory: Set is impredicative\n", "hello\nClosed under the global context\n", "Closed under the global context\nfoo : False\n",
        "Axioms: foo\n",
    ])
    def test_what_is_no_axiom_is_refused(self, output: str) -> None:
        with pytest.raises(ProverError, match="a line that is no axiom, so the proof is not believed"):
            read_assumptions(output, 1)

    @pytest.mark.parametrize("output", ["", CLOSED * 2])
    def test_every_theorem_is_asked_about(self, output: str) -> None:
        with pytest.raises(ProverError, match=r"listed the axioms of [02] theorems, not of 1"):
            read_assumptions(output, 1)

    def test_what_is_allowed(self) -> None:
        assert len(allowed("standard")) == 4
        assert unexpected(STANDARD, "standard") == []
        assert unexpected({"PrimInt63.add", *STANDARD}, "standard") == ["PrimInt63.add"]
        assert unexpected({"PrimInt63.add", *STANDARD}, "machine") == []
        strange = ["PrimInt63.bogus", "Proof.Instance.classic", "classic"]
        assert unexpected(strange, "machine") == strange

    def test_the_list_of_the_machine_is_what_the_prover_prints(self, prover: Prover, tmp_path: Path) -> None:
        """Of the theory's integers of machine words: no name too many."""
        folder = compiled(prover, ["Integers"])
        (tmp_path / "Ask.v").write_text("From EpsDelta Require Integers.\nPrint Assumptions EpsDelta.Integers.big.\n")
        ended = run([prover.coqc, "-q", "-Q", str(folder), "EpsDelta", "Ask.v"], timeout=300, folder=tmp_path)
        (printed,) = read_assumptions(ended.output, 1)
        assert set(printed) - STANDARD <= MACHINE
        assert {name.split(".")[1] for name in MACHINE} == {name.split(".")[1] for name in printed if name not in STANDARD}

    @pytest.mark.parametrize("word", [
        "Admitted", "admit", "Axiom", "Axioms", "Parameter", "Parameters", "Conjecture", "Hypothesis", "Hypotheses", "Variable", "Variables",
        "Context", "Unset Guard Checking", "Set  Positivity Checking", "Unset Universe\nChecking", "bypass_check", "native_compute", "Redirect",
        "Extraction", "Load", "Declare ML Module", "Cd", "Drop", "Add LoadPath", "Add Rec LoadPath", "Abort", "Primitive", "give_up",
    ])
    def test_forbidden_words(self, word: str) -> None:
        assert forbidden(f"Lemma a : True.\n{word} x. Qed.") == " ".join(word.split())
        assert forbidden(f"Lemma a : True.\nProof. x{word}x. Qed.".replace(" x", "x")) is None or " " in word

    def test_premises_within_a_section(self) -> None:
        assert forbidden("Section S. Variable n : nat. Section T. Hypothesis h : n = n. End T. End S. Lemma a : True.") is None
        assert forbidden("Section S. End S. Hypothesis h : False.") == "Hypothesis"
        assert forbidden("Section S. Axiom h : False. End S.") == "Axiom"


class TestSummary:
    def test_nothing_of_ours(self) -> None:
        read_summary(SUMMARY, ("EpsDelta", "Proof"))
        read_summary(SUMMARY.replace("predicative", "predicative\n\n* Theory: Rewrite rules are not allowed (consistency)"), ("Proof",))

    @pytest.mark.parametrize(("old", "new", "said"), [
        ("Coq.Logic.Classical_Prop.classic", "Proof.Instance.gap", "Proof.Instance.gap"),
        ("Coq.Logic.Classical_Prop.classic", "Coq.Logic.Classical_Prop.classic\n    EpsDelta.Sums.gap", "EpsDelta.Sums.gap"),
        ("Set is predicative", "Set is impredicative", "Set is impredicative"),
        ("type-in-type: <none>", "type-in-type:\n  foo", "type-in-type: foo"),
        ("positivity is assumed: <none>", "positivity is assumed: I", "positivity is assumed: I"),
    ])
    def test_what_must_not_be_there(self, old: str, new: str, said: str) -> None:
        with pytest.raises(ProverError, match=f"reports what must not be there: .*{re.escape(said)}"):
            read_summary(SUMMARY.replace(old, new), ("EpsDelta", "Proof"))

    def test_no_summary(self) -> None:
        with pytest.raises(ProverError, match="did not print its summary"):
            read_summary("", ("Proof",))


class TestWithAScript:
    """What is believed of a prover's answers."""

    def test_proved(self, certificate: str, fake: MakeFake, emission: Callable[..., None]) -> None:
        said = list[str]()
        emission()
        fake(answers("Axioms:\nClassical_Prop.classic : forall P : Prop, P \\/ ~ P"))
        proof = prove(certificate, say=said.append)
        assert proof == Proof(sentences=("one is one",), theorems=("final_0",), axioms=("Classical_Prop.classic",), seconds=proof.seconds,
                              recheck_seconds=None, arithmetic="standard", prover="The Coq Proof Assistant, version 8.16.1")
        assert proof.level == "rocq"
        assert said == ["writing the instance", "compiling the theory, once: 0 of 1 modules (Sums)",
                        "proving the instance", "restating it in plain words",
                        "reading the axioms"]
        assert json.loads(json.dumps(proof.to_dict()))["recheck_seconds"] is None

    def test_rechecked(self, certificate: str, fake: MakeFake, emission: Callable[..., None]) -> None:
        emission()
        fake(answers(CLOSED), coqchk=f'cat <<"EOF"\n{SUMMARY}\nEOF')
        proof = prove_checked(certificate, recheck=True)
        assert proof.level == "rocq+recheck" and proof.axioms == () and proof.recheck_seconds is not None
        assert json.loads(json.dumps(proof.to_dict()))["level"] == "rocq+recheck"

    @pytest.mark.parametrize(("coqchk", "said"), [
        (None, "the independent checker coqchk is not installed beside"), ("exit 0", "did not print its summary"),
        ("echo 'Fatal Error: type mismatch' >&2; exit 1", "the independent checker refuses the proof: Fatal Error: type mismatch"),
        ("kill -9 $$", "coqchk was killed by the signal SIGKILL"), ("sleep 60", "coqchk did not finish within 2 s: give it more with --timeout"),
    ])
    def test_recheck_fails(self, coqchk: str | None, said: str, certificate: str, fake: MakeFake, emission: Callable[..., None]) -> None:
        emission()
        fake(answers(CLOSED), coqchk=coqchk)
        with pytest.raises(ProverError, match=said):
            prove_checked(certificate, recheck=True, timeout=2)

    @pytest.mark.parametrize(("output", "said"), [
        ("Axioms:\nInstance.gap : False", r"axioms that are not allowed: Instance\.gap$"),
        ("Axioms:\nPrimInt63.int : Set", r"axioms that are not allowed: PrimInt63\.int$"),
        ("Axioms:\nstatement_0 is assumed to be guarded.", "no axiom, so the proof is not believed"), ("", "axioms of 0 theorems, not of 1"),
    ])
    def test_other_axioms(self, output: str, said: str, certificate: str, fake: MakeFake, emission: Callable[..., None]) -> None:
        emission()
        fake(answers(output))
        with pytest.raises(ProverError, match=said):
            prove_checked(certificate)

    @pytest.mark.parametrize(("instance", "said"), [
        ("echo 'File \"./Instance.v\", line 3, characters 0-5:'; echo 'Error: Unable to unify \"true\" with'; echo '\"false\".'; exit 1",
         r'^the prover refuses Instance\.v, line 3, in statement_0: Unable to unify "true" with$'),
        ("exit 2", r"^the prover refuses Instance\.v: it gives no reason$"), ("kill -9 $$", "coqc was killed by the signal SIGKILL"),
        ("echo 'Fatal error: exception Stack overflow' >&2; exit 2", "the prover refuses Instance.v: Fatal error: exception Stack overflow"),
        ("sleep 60", "coqc did not finish within 1.5 s: give it more with --timeout"),
    ])
    def test_refused(self, instance: str, said: str, certificate: str, fake: MakeFake, emission: Callable[..., None]) -> None:
        emission()
        fake(answers(CLOSED, others=f"*Instance.v) {instance} ;;"))
        with pytest.raises(ProverError, match=said):
            prove_checked(certificate, timeout=1.5)

    @pytest.mark.parametrize("fields", [
        {"instance": EMISSION.instance.replace("reflexivity. Qed", "Admitted")}, {"instance": "Axiom a : False."},
        {"plain": EMISSION.plain + "Unset Guard Checking.\n"}])
    def test_a_text_with_a_gap_does_not_reach_the_prover(self, fields: dict[str, str], certificate: str, fake: MakeFake,
                                                         emission: Callable[..., None]) -> None:
        emission(**fields)
        log = fake(answers(CLOSED)) / "log"
        with pytest.raises(ProverError, match="with which something could pass unproved"):
            prove_checked(certificate)
        assert not log.exists()

    def test_several_theorems_are_asked_about_together(self, certificate: str, fake: MakeFake, emission: Callable[..., None],
                                                       tmp_path: Path) -> None:
        emission(sentences=("a", "b"))
        fake(answers(CLOSED))
        assert prove_checked(certificate, folder=tmp_path / "out").theorems == ("final_0", "final_1")
        audit = (tmp_path / "out" / "proof" / "Audit.v").read_text()
        assert "Definition everything := (Proof.Final.final_0, Proof.Final.final_1).\nPrint Assumptions everything.\n" in audit
        assert "Import" not in audit
        assert "Print" not in (tmp_path / "out" / "proof" / "Final.v").read_text()

    def test_the_kernel_comes_first(self, certificate: str, fake: MakeFake) -> None:
        log = fake(answers(CLOSED)) / "log"
        false = json.loads(certificate)
        false["statements"][0]["claim"]["margin"] = "1/2"
        with pytest.raises(VerdictError, match="REJECTED: .*not shown: K v >= a v"):
            prove(json.dumps(false))
        with pytest.raises(FormatError):
            prove("{}")
        assert not log.exists()

    @pytest.mark.parametrize("settings", [{"arithmetic": "float"}, {"timeout": 0}, {"timeout": float("nan")}, {"timeout": 1e9}])
    def test_bad_settings(self, settings: dict[str, Any], certificate: str) -> None:
        with pytest.raises(InputError, match=f"^{next(iter(settings))}="):
            prove_checked(certificate, **settings)

    def test_no_room_for_the_proof(self, certificate: str, fake: MakeFake, emission: Callable[..., None], tmp_path: Path,
                                   monkeypatch: pytest.MonkeyPatch) -> None:
        emission()
        fake(answers(CLOSED))
        monkeypatch.setattr(proving, "TemporaryDirectory", lambda **_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(ProverError, match=r"temporary folder \(No space left on device\): set TMPDIR"):
            prove_checked(certificate)
        (tmp_path / "file").write_text("")
        with pytest.raises(ProverError, match=r"cannot be written to .* choose another folder with -o"):
            prove_checked(certificate, folder=tmp_path / "file" / "below")

    def test_nothing_is_left_but_the_folder(self, certificate: str, fake: MakeFake, emission: Callable[..., None], tmp_path: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
        emission()
        fake(answers(CLOSED))
        (tmp_path / "here").mkdir()
        (tmp_path / "tmp").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
        prove_checked(certificate, folder=Path("out"))
        names = sorted(path.relative_to("out").as_posix() for path in Path("out").rglob("*") if path.is_file())
        assert names == ["Makefile", "README.txt", "proof/Audit.v", "proof/Final.v", "proof/Instance.v", "theory/Sums.v"]
        assert Path("out/proof/Instance.v").read_text() == EMISSION.instance
        assert Path("out/theory/Sums.v").read_text() == sources()["Sums"]
        assert "final_0: one is one" in Path("out/README.txt").read_text()
        assert os.listdir() == ["out"] and os.listdir(tmp_path / "tmp") == []


class TestFolder:
    def test_new_empty_and_earlier_folders(self, certificate: str, fake: MakeFake, emission: Callable[..., None], tmp_path: Path) -> None:
        check_folder(tmp_path / "new" / "deep")
        (tmp_path / "empty").mkdir()
        check_folder(tmp_path / "empty")
        emission()
        fake(answers(CLOSED))
        for _ in range(2):
            prove_checked(certificate, folder=tmp_path / "empty")
            check_folder(tmp_path / "empty")

    def test_folders_of_others(self, tmp_path: Path) -> None:
        (tmp_path / "README.txt").write_text("My project")
        with pytest.raises(InputError, match=r"-o=.* holds other files: give a new folder, or that of an earlier proof"):
            check_folder(tmp_path)
        with pytest.raises(InputError, match=r"is a file: give the path of a folder"):
            check_folder(tmp_path / "README.txt")
        with pytest.raises(InputError, match=r"null character"):
            check_folder(Path("a\0b"))


class TestWithTheProver:
    """The whole chain on a real certificate."""

    @pytest.mark.parametrize("arithmetic", ["standard", "machine"])
    def test_emitted_text_has_no_gap(self, arithmetic: str, certificate: str) -> None:
        made = emit(certificate, arithmetic=arithmetic)
        assert forbidden(made.instance) is None and forbidden(made.plain) is None

    def test_a_false_lemma_is_refused(self, prover: Prover, emission: Callable[..., None], certificate: str) -> None:
        emission(instance="From EpsDelta Require Import Sums.\nTheorem statement_0 : 1 = 2.\nProof. reflexivity. Qed.\n")
        with pytest.raises(ProverError, match=r"^the prover refuses Instance\.v, line 3, in statement_0: "):
            prove_checked(certificate, prover=prover)

    def test_a_restatement_that_says_another_thing(self, prover: Prover, certificate: str, emission: Callable[..., None]) -> None:
        emission(plain="From Proof Require Import Instance.\nDefinition final_0 : 1 = 2 := statement_0.\n")
        with pytest.raises(ProverError, match=r"^the prover refuses Final\.v, line 2, in final_0: "):
            prove_checked(certificate, prover=prover)
        emission(plain="From Proof Require Import Instance.\n")
        with pytest.raises(ProverError, match=r"^the prover refuses Audit\.v, line 3, in everything: The reference Proof\.Final\.final_0"):
            prove_checked(certificate, prover=prover)

    def test_a_true_lemma_and_its_axioms(self, prover: Prover, emission: Callable[..., None], certificate: str) -> None:
        emission()
        assert prove_checked(certificate, prover=prover).axioms == ()
        emission(instance="Require Import Reals. Open Scope R_scope.\nTheorem statement_0 : 1 + 0 = 1.\nProof. ring. Qed.\n",
                 plain="Require Import Reals.\nFrom Proof Require Import Instance.\nDefinition final_0 : (1 + 0 = 1)%R := statement_0.\n"
                       "Print Assumptions final_0.\n")
        found = prove_checked(certificate, prover=prover, recheck=prover.coqchk is not None)
        assert set(found.axioms) <= STANDARD and found.axioms

    def test_an_axiom_of_ones_own_is_found(self, prover: Prover, emission: Callable[..., None], certificate: str,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
        """Also where the words are not looked at, and under the name of one that is allowed."""
        monkeypatch.setattr(proving, "forbidden", lambda text: None)
        for gap in ("Axiom gap : 1 = 1.\nDefinition statement_0 := gap.", "Theorem statement_0 : 1 = 1. Admitted.",
                    "Module Classical_Prop. Axiom classic : 1 = 1. End Classical_Prop. Definition statement_0 := Classical_Prop.classic."):
            emission(instance=f"{gap}\n")
            with pytest.raises(ProverError, match=r"axioms that are not allowed: Instance\.(gap|statement_0|Classical_Prop\.classic)$"):
                prove_checked(certificate, prover=prover)

    @pytest.mark.slow
    @pytest.mark.parametrize("arithmetic", ["standard", "machine"])
    def test_a_certificate(self, arithmetic: str, prover: Prover, certificate: str) -> None:
        proof = prove(certificate, prover=prover, recheck=True, arithmetic=arithmetic)
        assert proof.level == "rocq+recheck" and proof.arithmetic == arithmetic
        assert set(proof.axioms) - STANDARD <= (MACHINE if arithmetic == "machine" else frozenset())
        assert len(proof.sentences) == 3

    @pytest.mark.slow
    @pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
    def test_the_folder_checks_itself(self, prover: Prover, certificate: str, tmp_path: Path) -> None:
        """With nothing but the prover, make and the sources."""
        prove(certificate, prover=prover, folder=tmp_path / "my proof")
        done = subprocess.run(["make", "-s", "-j2", "-C", str(tmp_path / "my proof"), "check"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stdout.splitlines() if not line.startswith("make")]
        assert set(read_assumptions("\n".join(lines), 1)[0]) <= STANDARD
        read_summary(done.stderr, ("EpsDelta", "Proof"))  # where coqchk prints it


def test_find_prover_is_asked_once_the_text_is_right(fake: MakeFake, emission: Callable[..., None], certificate: str) -> None:
    """The default is the prover on the search path."""
    emission()
    fake(answers(CLOSED))
    assert prove_checked(certificate).prover == find_prover().banner
