"""Entries and their machine-checked theorems: they exist, state the entry's formula, and no theorem is left without its entry."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from epsdelta.bounds.bound import Bound, Standing
from epsdelta.bounds.catalogue import all_bounds, get
from epsdelta.bounds.machine_checked import FINITE_NOISE, MACHINE_CHECKED
from epsdelta.bounds.render import page
from epsdelta.bounds.theorems import FOLDER, KIND, Theorem, theorem, theorems
from epsdelta.certificates.rocq.formulas import formula_name
from epsdelta.certificates.rocq.library import LIBRARY, THEORY, compiled, sources
from epsdelta.certificates.rocq.links import (
    TABLE,
    definitions_used,
    finite_noise,
    found,
    mentions,
    stated,
    table,
    unmatched,
    uses_formulas,
    without_comments,
)
from epsdelta.certificates.rocq.toolchain import Prover, find_prover, run
from epsdelta.cli import main
from epsdelta.errors import ProverError

ROOT = Path(__file__).parents[3]
LINKED = [(bound, one) for bound in all_bounds() for one in theorems(bound)]
STATED = {(one.file, one.name): one for one in stated()}
UNPROVED = re.compile(r"\b(?:Admitted|admit|give_up|Axioms?|Parameters?|Conjectures?|Unset|bypass_check|native_compute|Abort)\b")
_BINDS = r"\b(?:Definition|Fixpoint|Let|Notation|Variables?|Context|Hypothes[ie]s)\s+[\"(]?(?:\w+\s+)*"
STANDARD_AXIOMS = {"ClassicalDedekindReals.sig_forall_dec", "ClassicalDedekindReals.sig_not_dec",
                   "FunctionalExtensionality.functional_extensionality_dep", "Classical_Prop.classic"}
"""Of the prover's own real numbers."""


def _parts(one: Theorem) -> tuple[str, str]:
    return Path(one.file).stem, one.name


def test_the_table_is_what_the_theory_gives() -> None:
    """``python -m epsdelta.certificates.rocq.links`` writes it: every theorem that is named after an entry is linked, and no other."""
    assert TABLE.read_text(encoding="utf-8") == table()
    assert list(MACHINE_CHECKED) == list(found())
    assert {bound.id for bound, _ in LINKED} == set(MACHINE_CHECKED)


def test_no_theorem_is_named_after_nothing() -> None:
    """In modules that use the catalogue's formulas the suffixes belong to theorems about entries."""
    assert [f"{one.file}.{one.name}" for one in unmatched()] == []


def test_a_theorem_stands_once() -> None:
    names = [one.name for one in stated() if one.name.endswith(("_holds", "_refuted"))]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("bound", "one"), LINKED, ids=lambda value: value.id)
def test_a_theorem_states_the_formula_of_its_entry(bound: Bound, one: Theorem) -> None:
    """Its statement, or a definition that this uses, has the definition rendered from the entry, which the file does not define again."""
    file, name = _parts(one)
    assert (ROOT / one.file).is_file() and (ROOT / FOLDER) == THEORY
    assert name in (f"{formula_name(bound.id)}_holds", f"{formula_name(bound.id)}_refuted")
    assert mentions(STATED[file, name], formula_name(bound.id))
    text = without_comments(sources()[file])
    assert uses_formulas(file)
    assert not re.search(rf"{_BINDS}{formula_name(bound.id)}\b", text)
    assert not re.search(rf"\b(?:forall|exists|fun)\s+\(?(?:\w+\s+)*{formula_name(bound.id)}\b", STATED[file, name].statement)


@pytest.mark.parametrize(("bound", "one"), LINKED, ids=lambda value: value.id)
def test_standings_agree_with_theorems(bound: Bound, one: Theorem) -> None:
    """What a theorem proves is proved, what it refutes is refuted."""
    assert bound.standing is (Standing.REFUTED if one.name.endswith("_refuted") else Standing.PROVED)


def test_theorems_for_finite_noise_say_so() -> None:
    """Modules whose hypotheses are about trees of chance are marked, and so are the sentences about their theorems."""
    limited = {f"{KIND}/{one.file}.{one.name}" for one in found().values() if finite_noise(one.file)}
    assert limited == FINITE_NOISE and limited < set(MACHINE_CHECKED.values())
    assert {Path(theorem(name).file).stem for name in limited} == {"SgdConfidence", "AcceleratedGrowth"}
    for name in MACHINE_CHECKED.values():
        assert (name in limited) == theorem(name).statement.endswith("for noise with finitely many values at each step")


def test_other_theorems_on_trees_of_chance_claim_an_instance() -> None:
    """Where a linked theorem speaks of ``chance`` in a module that is not marked, it asserts that one exists."""
    assumed = re.compile(r"\bVariables?\s+\(?C : chance\)")
    for entry, one in found().items():
        text = without_comments(sources()[one.file])
        if not finite_noise(one.file) and assumed.search(text):
            assert re.search(r"exists\s+\(C : chance\)", one.statement), entry


def test_the_theory_takes_nothing_for_granted() -> None:
    """No file holds what would be believed without a proof."""
    for name, text in sources().items():
        assert UNPROVED.findall(without_comments(text)) == [], name


def test_comments_are_told_from_text() -> None:
    assert without_comments("a (* b (* c *) Admitted *) d *) e") == "a  d *) e"
    assert without_comments("a (* never closed") == "a "


def test_what_is_shown() -> None:
    """The theorem's name, its file and one sentence."""
    one = theorem(f"{KIND}/Descent.gd_nonconvex_gradient_holds")
    assert (one.name, one.file) == ("gd_nonconvex_gradient_holds", f"{FOLDER}/Descent.v")
    assert one.statement.startswith("machine-checked: ") and one.name in one.statement and one.file in one.statement
    assert "refutes" in theorem(f"{KIND}/Descent.toy_refuted").statement


@pytest.mark.skipif(not LINKED, reason="no entry has a theorem yet")
def test_show_names_the_theorem(capsys: pytest.CaptureFixture[str]) -> None:
    bound, one = LINKED[0]
    assert main(["bounds", "show", bound.id]) == 0
    shown = capsys.readouterr().out
    assert one.statement in shown
    assert main(["bounds", "show", bound.id, "--json"]) == 0
    assert f'"name": "{one.name}"' in capsys.readouterr().out
    assert one.id in page(bound) and "machine-checked" in page(bound)


def test_the_catalogue_reads_no_proof() -> None:
    """Listing bounds opens no source of the theory and loads nothing of the certificates."""
    code = ("import sys; opened = []; sys.addaudithook(lambda event, values: event == 'open' and opened.append(str(values[0]))); "
            "from epsdelta.bounds.catalogue import all_bounds; all_bounds(); "
            "print(sum(name.endswith('.v') for name in opened), sum(name.startswith('epsdelta.certificates') for name in sys.modules))")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["0", "0"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("coqc") is None or not LINKED, reason="needs the Rocq prover")
def test_the_prover_accepts_every_theorem(tmp_path: Path) -> None:
    """Each linked theorem is compiled, rests on the axioms of the prover's real numbers alone, and speaks of the generated definition."""
    try:
        prover = find_prover()
    except ProverError as error:
        pytest.skip(str(error))
    folder = compiled(prover, sorted({_parts(one)[0] for _, one in LINKED}))
    names = [f"{LIBRARY}.{'.'.join(_parts(one))}" for _, one in LINKED]
    together = f"Definition all_of_them := ({', '.join(f'@{name}' for name in names)}).\nPrint Assumptions all_of_them.\n"
    answer = _answer(prover, folder, tmp_path / "Assumptions.v", together)
    assert set(re.findall(r"^([A-Za-z_][\w.']*)\s*:", answer, re.MULTILINE)) - {"Axioms"} <= STANDARD_AXIOMS
    checks = _answer(prover, folder, tmp_path / "Statements.v", "".join(f"Check {name}.\n" for name in names))
    statements = re.split(r"^(?=\S+\n?\s+: )", checks, flags=re.MULTILINE)[1:]
    for (bound, one), statement in zip(LINKED, statements, strict=True):
        if not re.search(rf"\bFormulas\.{formula_name(bound.id)}\b", statement):
            used = definitions_used(STATED[_parts(one)])
            asks = "".join(f"Print {LIBRARY}.{_parts(one)[0]}.{name}.\n" for name in used)
            printed = _answer(prover, folder, tmp_path / f"{one.name}.v", asks)
            assert re.search(rf"\bFormulas\.{formula_name(bound.id)}\b", printed)


def _answer(prover: Prover, folder: Path, source: Path, asks: str) -> str:
    """What the prover says to commands about the linked files, none of which is imported: it prints qualified names."""
    files = " ".join(sorted({_parts(one)[0] for _, one in LINKED}))
    source.write_text(f"From {LIBRARY} Require {files}.\n{asks}")
    ended = run([prover.coqc, "-q", "-Q", str(folder), LIBRARY, str(source)], timeout=300)
    assert ended.status == 0, ended.errors
    return ended.output


def test_most_entries_have_none() -> None:
    """An entry that is not in the table has no theorem among its evidence."""
    plain = next(bound for bound in all_bounds() if bound.id not in MACHINE_CHECKED)
    assert theorems(plain) == () and theorems(get(plain.id)) == ()
