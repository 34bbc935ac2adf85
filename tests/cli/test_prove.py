"""``epsdelta prove`` and ``epsdelta check --prover``: what is printed, exit status, and what happens without a prover."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from epsdelta.certificates.games import certify_game
from epsdelta.certificates.rocq import prove as proving
from epsdelta.certificates.rocq.emit import Emission
from epsdelta.certificates.rocq.toolchain import find_prover
from epsdelta.cli import main
from epsdelta.errors import ProverError
from epsdelta.problems.game import Game

EMISSION = Emission(instance="From EpsDelta Require Import Sums.\n", plain="Definition final_0 := 0.\n", modules=("Sums",),
                    sentences=("play converges",), arithmetic="standard")
STANDARD = ("ClassicalDedekindReals.sig_forall_dec", "ClassicalDedekindReals.sig_not_dec", "Classical_Prop.classic",
            "FunctionalExtensionality.functional_extensionality_dep")
CHECKED = "* Theory: Set is predicative\\n* Axioms: <none>\\n* Constants relying on type-in-type: <none>"


@pytest.fixture(scope="module")
def certificate() -> dict[str, Any]:
    answer = certify_game(Game.from_jacobian([["1", "10"], ["1/20", "1"]]), step_size="117/100")
    assert answer.certificate is not None
    return json.loads(answer.certificate.to_json())


@pytest.fixture
def files(certificate: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """One file for each answer of the kernel; the current folder is theirs."""
    rejected = json.loads(json.dumps(certificate))
    rejected["statements"][0]["claim"]["margin"] = "1/2"
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name, data in (("proved", certificate), ("other", certificate), ("rejected", rejected), ("bad", {**certificate, "version": 2})):
        (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    return {name: f"{name}.json" for name in ("proved", "other", "rejected", "bad")}


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A prover that accepts everything but what ``instance`` says, with the axioms given; the folder has a log of its work."""

    def make(axioms: tuple[str, ...] = STANDARD, instance: str = ":", version: str = "8.16.1") -> Path:
        folder = tmp_path / "bin"
        (folder / "user-contrib" / "Interval").mkdir(parents=True)
        said = "Axioms:\\n" + "".join(f"{name} : Set\\n" for name in axioms)
        coqc = (f"#!/bin/sh\nfor last; do :; done\ncase \"$*\" in --version) echo 'The Coq Proof Assistant, version {version}'; exit;; "
                f"-where) echo '{folder}'; exit;; esac\necho \"$last\" >> '{folder}/log'\necho > \"${{last%.v}}.vo\"\n"
                f"case \"$last\" in *Instance.v) {instance} ;; *Audit.v) printf '{said}' ;; esac\n")
        for name, text in (("coqc", coqc), ("coqchk", f"#!/bin/sh\nprintf '{CHECKED}'\n")):
            (folder / name).write_text(text, encoding="utf-8")
            (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{Path(str(shutil.which('sh'))).parent}")
        monkeypatch.setenv("EPSDELTA_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(proving, "emit", lambda data, arithmetic: EMISSION)
        return folder

    return make


@pytest.mark.parametrize(("command", "level"), [(["prove"], "rocq"), (["prove", "--recheck"], "rocq+recheck"), (["check", "--prover"], "rocq")])
def test_what_is_printed(command: list[str], level: str, files: dict[str, str], script: Callable[..., Path],
                         capsys: pytest.CaptureFixture[str]) -> None:
    script()
    assert main([*command, files["proved"]]) == 0
    streams = capsys.readouterr()
    lines = streams.out.splitlines()
    assert lines[:3] == [f"PROVED ({level})  proved.json", "  play converges",
                         f"  axioms: the four standard axioms of the reals: {', '.join(STANDARD)}"]
    assert lines[3].startswith("  time: ") and lines[3].endswith(" s (The Coq Proof Assistant, version 8.16.1)")
    assert ("recheck" in lines[3]) == (level == "rocq+recheck")
    assert len(lines) == 4 and streams.err == ""


@pytest.mark.parametrize(("axioms", "said"), [
    ((), "axioms: none"), (STANDARD[2:3], "axioms: 1 of the four standard axioms of the reals: Classical_Prop.classic")])
def test_fewer_axioms(axioms: tuple[str, ...], said: str, files: dict[str, str], script: Callable[..., Path],
                      capsys: pytest.CaptureFixture[str]) -> None:
    script(axioms)
    assert main(["prove", files["proved"]]) == 0
    assert f"  {said}\n" in capsys.readouterr().out


def test_machine_words_are_named(files: dict[str, str], script: Callable[..., Path], capsys: pytest.CaptureFixture[str],
                                 monkeypatch: pytest.MonkeyPatch) -> None:
    script((*STANDARD, "PrimInt63.int", "Uint63.add_spec"))
    asked = list[str]()
    fields = {name: getattr(EMISSION, name) for name in ("instance", "plain", "modules", "sentences")}
    monkeypatch.setattr(proving, "emit", lambda data, arithmetic: asked.append(arithmetic) or Emission(**fields, arithmetic="machine"))
    assert main(["prove", files["proved"], "--arithmetic", "machine"]) == 0
    assert "; and 2 of the prover's 63-bit machine integers (PrimInt63, Uint63)\n" in capsys.readouterr().out
    assert asked == ["machine"]


def test_json(files: dict[str, str], script: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    script()
    assert main(["prove", files["proved"], "--json", "-o", "out"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["files"]
    assert (one["verdict"], one["level"], one["folder"]) == ("proved", "rocq", "out")
    assert one["proof"]["axioms"] == list(STANDARD) and one["proof"]["sentences"] == ["play converges"]
    assert one["statements"] and one["proof"]["recheck_seconds"] is None


NO_PROOF = {
    "refused": ({"instance": "echo Error: no. >&2; exit 1"}, "the prover refuses Instance.v: no."),
    "killed": ({"instance": "kill -9 $$"}, "coqc was killed by the signal SIGKILL"),
    "out of time": ({"instance": "sleep 60"}, "coqc did not finish within 2 s: give it more with --timeout"),
    "too old": ({"version": "8.9.1"}, "version 8.9, which is too old: install Coq (Rocq) 8.16 or later"),
    "an axiom": ({"axioms": ("Instance.gap",)}, "the proof rests on axioms that are not allowed: Instance.gap"),
}


@pytest.mark.parametrize("name", NO_PROOF)
def test_without_a_proof_the_level_is_that_of_the_kernel(name: str, files: dict[str, str], script: Callable[..., Path],
                                                         capsys: pytest.CaptureFixture[str]) -> None:
    settings, sentence = NO_PROOF[name]
    script(**settings)
    assert main(["prove", files["proved"], "--timeout", "2"]) == 3
    streams = capsys.readouterr()
    first, second = streams.out.splitlines()
    assert first == "PROVED (exact)  proved.json: every statement of the certificate is proved"
    assert second.startswith("  no machine-checked proof: ") and sentence in second
    assert streams.err == ""


def test_without_a_prover(files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["check", "--prover", "--json", files["proved"]]) == 3
    summary = json.loads(capsys.readouterr().out)
    (one,) = summary["files"]
    assert (summary["verdict"], one["verdict"], one["level"]) == ("proved", "proved", "exact")
    assert one["no_proof"].startswith("no prover is installed: install Coq (Rocq) 8.16 or later with coq-interval")
    assert main(["check", files["proved"]]) == 0


def test_a_claim_without_a_theorem(files: dict[str, str], script: Callable[..., Path], monkeypatch: pytest.MonkeyPatch,
                                   capsys: pytest.CaptureFixture[str]) -> None:
    log = script() / "log"

    def refuse(data: bytes, arithmetic: str) -> Emission:
        raise ProverError("statements[0]: the claim 'penalty' has no theorem yet: the kernel's check stands")

    monkeypatch.setattr(proving, "emit", refuse)
    assert main(["prove", files["proved"]]) == 3
    assert "PROVED (exact)" in (out := capsys.readouterr().out) and "the claim 'penalty' has no theorem yet" in out
    assert not log.exists()


@pytest.mark.parametrize(("names", "status"), [
    (["proved", "other"], 0), (["rejected"], 1), (["bad"], 2), (["proved", "rejected"], 1), (["rejected", "bad"], 2), (["bad", "proved"], 2)])
def test_exit_status_is_that_of_check(names: list[str], status: int, files: dict[str, str], script: Callable[..., Path],
                                      capsys: pytest.CaptureFixture[str]) -> None:
    script()
    assert main(["prove", *(files[name] for name in names)]) == status
    assert main(["check", *(files[name] for name in names)]) == status
    assert "Traceback" not in capsys.readouterr().err


def test_what_the_kernel_rejects_is_not_sent(files: dict[str, str], script: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    log = script() / "log"
    assert main(["prove", files["rejected"], "-o", "out"]) == 1
    out = capsys.readouterr().out
    assert out.startswith("REJECTED  rejected.json: statements[0]: not shown")
    assert out.endswith("  the prover was not asked, since the kernel does not prove it\n")
    assert not log.exists() and not Path("out").exists()


def test_folders(files: dict[str, str], script: Callable[..., Path], capsys: pytest.CaptureFixture[str]) -> None:
    """The folder itself for one file, one folder each for several."""
    script()
    assert main(["prove", files["proved"], "-o", "one"]) == 0
    assert "  sources: one (check them with: make -C one)\n" in capsys.readouterr().out
    assert main(["prove", files["proved"], files["other"], "-o", "my proofs"]) == 0
    assert "  sources: my proofs/other (check them with: make -C 'my proofs/other')\n" in capsys.readouterr().out
    assert sorted(path.parent.as_posix() for path in Path().rglob("README.txt")) == ["my proofs/other", "my proofs/proved", "one"]
    assert main(["prove", files["proved"], "-o", "one"]) == 0


@pytest.mark.parametrize(("arguments", "sentence"), [
    ([], "Missing argument"), (["proved.json", "-o", "."], "-o='.' holds other files: give a new folder, or that of an earlier proof"),
    (["proved.json", "-o", "bad.json"], "-o='bad.json' is a file: give the path of a folder"),
    (["proved.json", "./proved.json", "-o", "out"], "'proved.json' and 'proved.json' would both go to the folder 'proved'"),
    (["proved.json", "--timeout", "0"], "--timeout=0 violates 0 < S <= 1000000"),
    (["proved.json", "--timeout", "nan"], "--timeout=nan violates"),
    (["proved.json", "--arithmetic", "float"], "--arithmetic='float' is unknown: give one of auto, standard, machine"),
])
def test_bad_argument_is_one_sentence(arguments: list[str], sentence: str, files: dict[str, str], script: Callable[..., Path],
                                      capsys: pytest.CaptureFixture[str]) -> None:
    log = script() / "log"
    assert main(["prove", *arguments]) == 2
    streams = capsys.readouterr()
    assert sentence in streams.err
    assert streams.err.count("\n") == 1 and streams.out == ""
    assert not log.exists() and not Path("out").exists()


@pytest.mark.slow
def test_with_the_prover_of_this_machine(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The whole chain: exit status 0 and three statements."""
    try:
        prover = find_prover()
    except ProverError as error:
        if os.environ.get("EPSDELTA_REQUIRE_PROVER") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
    assert main(["prove", files["proved"], "--json", *(["--recheck"] if prover.coqchk else [])]) == 0
    (one,) = json.loads(capsys.readouterr().out)["files"]
    assert one["level"] == ("rocq+recheck" if prover.coqchk else "rocq")
    assert len(one["proof"]["sentences"]) == 3
