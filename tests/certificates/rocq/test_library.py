"""The compiled theory in its cache, with a script for a prover; the sources of the theory; and the theory itself, slowly."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from epsdelta.certificates.rocq import library
from epsdelta.certificates.rocq.axioms import MACHINE, STANDARD, forbidden
from epsdelta.certificates.rocq.library import LIBRARY, cache_folder, compiled, needs, sources
from epsdelta.certificates.rocq.links import without_comments
from epsdelta.certificates.rocq.toolchain import Prover, find_prover
from epsdelta.errors import ProverError

MakeFake = Callable[..., Path]
TINY = {"A": "Lemma a : True. ", "B": f"From {LIBRARY} Require Import A. ", "C": f"From {LIBRARY} Require Import A B. ", "D": "(* alone *) "}
MOST_LINES, MOST_COLUMNS = 400, 160
GENERATED = {"Formulas"}


def use(theory: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "sources", lambda: theory)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    use(TINY, monkeypatch)


def made(folder: Path) -> list[str]:
    """What the script compiled, in its order; forgotten then."""
    log = folder / "log"
    names = [Path(line).stem for line in log.read_text().splitlines()] if log.exists() else []
    log.unlink(missing_ok=True)
    return names


@pytest.mark.usefixtures("tiny")
def test_needs_come_first() -> None:
    assert needs(["C"]) == ["A", "B", "C"]
    assert needs(["D", "B"]) == ["D", "A", "B"]
    with pytest.raises(ProverError, match="no module None"):
        needs(["None"])


def test_a_circle_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    use({"A": f"From {LIBRARY} Require Import B. ", "B": f"From {LIBRARY} Require A. "}, monkeypatch)
    with pytest.raises(ProverError, match="in a circle: A > B > A"):
        needs(["A"])


@pytest.mark.usefixtures("tiny")
def test_each_module_is_compiled_once(fake: MakeFake) -> None:
    log, said = fake(), list[str]()
    folder = compiled(find_prover(), ["C"], said.append)
    assert made(log) == ["A", "B", "C"]
    assert said[0] == "compiling the theory, once: 0 of 3 modules (A)"
    assert folder == cache_folder(find_prover()) and (folder / "C.vo").is_file()
    assert compiled(find_prover(), ["C", "B"]) == folder and made(log) == []
    compiled(find_prover(), ["D", "A"])
    assert made(log) == ["D"]


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(("damage", "again"), [
    (lambda f: (f / "B.vo").write_text("damaged"), ["B", "C"]), (lambda f: (f / "A.vo").unlink(), ["A", "B", "C"]),
    (lambda f: (f / "C.stamp").unlink(), ["C"]), (lambda f: (f / "B.stamp").write_text("wrong"), ["B", "C"]),
    (lambda f: (f / "C.vo").write_bytes(b""), ["C"]),
])
def test_a_damaged_cache_is_rebuilt(damage: Callable[[Path], None], again: list[str], fake: MakeFake) -> None:
    log = fake()
    folder = compiled(find_prover(), ["C"])
    made(log)
    damage(folder)
    compiled(find_prover(), ["C"])
    assert made(log) == again


@pytest.mark.usefixtures("tiny")
def test_what_stands_on_a_rebuilt_module_is_rebuilt_later(fake: MakeFake) -> None:
    """The prover refuses a file that was compiled against another version of what it requires."""
    log = fake('touch "$last.made"; cat "$last.made" > "${last%.v}.vo"; echo "$$" >> "${last%.v}.vo"')  # never the same twice
    folder = compiled(find_prover(), ["C"])
    (folder / "A.vo").write_text("damaged")
    compiled(find_prover(), ["A"])
    made(log)
    compiled(find_prover(), ["C"])
    assert made(log) == ["B", "C"]


def test_another_source_or_prover_has_another_folder(fake: MakeFake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake()
    use(TINY, monkeypatch)
    one = find_prover()
    first = cache_folder(one)
    assert cache_folder(Prover(one.coqc, None, one.version, "version 8.17")) != first
    use({**TINY, "D": "(* changed *) "}, monkeypatch)
    assert cache_folder(one) != first


@pytest.mark.usefixtures("tiny")
def test_where_the_cache_lies(fake: MakeFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake()
    one = find_prover()
    assert cache_folder(one).parent == tmp_path / "cache" / "epsdelta"
    monkeypatch.delenv("EPSDELTA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder(one).parent == Path.cwd() / "relative" / "epsdelta"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder(one).parent == tmp_path / "home" / ".cache" / "epsdelta"


@pytest.mark.usefixtures("tiny")
def test_a_cache_that_cannot_be_written(fake: MakeFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EPSDELTA_CACHE", str(tmp_path / "file"))
    with pytest.raises(ProverError, match=r"the compiled theory cannot be kept in .* \(Not a directory\): set EPSDELTA_CACHE"):
        compiled(find_prover(), ["A"])


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("body", ["echo 'Error: no.' >&2; exit 1", "echo 'Error: no.'"])
def test_a_refused_module(body: str, fake: MakeFake) -> None:
    """By its status, or since it leaves nothing; it is tried again."""
    log = fake(f'case "$last" in *B.v) {body} ;; *) echo > "${{last%.v}}.vo" ;; esac')
    for expected in (["A", "B"], ["B"]):
        with pytest.raises(ProverError, match=r"refuses the theory's module B, which it should not \(tested with 8.16.1\): Error: no"):
            compiled(find_prover(), ["C"])
        assert made(log) == expected


@pytest.mark.usefixtures("tiny")
def test_out_of_time_says_which_module(fake: MakeFake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake("sleep 60")
    monkeypatch.setattr(library, "TIMEOUT", 0.2)
    with pytest.raises(ProverError, match="did not finish within 0.2 s: the theory's module A takes seconds, so the machine is overloaded"):
        compiled(find_prover(), ["A"])


@pytest.mark.usefixtures("tiny")
def test_the_first_error_ends_the_others(fake: MakeFake) -> None:
    fake('case "$last" in *D.v) sleep 60 ;; *) sleep 0.2; exit 1 ;; esac')
    start = time.perf_counter()
    with pytest.raises(ProverError, match="module A"):
        compiled(find_prover(), ["A", "D"], workers=2)
    assert time.perf_counter() - start < 30


@pytest.mark.usefixtures("tiny")
def test_two_processes_share_the_work(fake: MakeFake) -> None:
    """The second waits for the first and finds everything done."""
    log, said = fake('sleep 0.3; echo > "${last%.v}.vo"'), list[str]()
    one = find_prover()
    first = threading.Thread(target=compiled, args=(one, ["C"]))
    first.start()
    while not (cache_folder(one) / "A.v").exists():
        time.sleep(0.01)
    compiled(one, ["C"], said.append)
    first.join()
    assert made(log) == ["A", "B", "C"]
    assert said == ["waiting for another process that compiles the theory"]


@pytest.mark.usefixtures("tiny")
def test_folders_that_nobody_uses_are_removed(fake: MakeFake) -> None:
    fake()
    folder = compiled(find_prover(), ["D"])
    for name, age in (("rocq-old", 61), ("rocq-new", 1)):
        (folder.parent / name).mkdir()
        (folder.parent / name / ".lock").touch()
        os.utime(folder.parent / name / ".lock", (time.time() - age * 86400,) * 2)
    compiled(find_prover(), ["D"])
    assert sorted(path.name for path in folder.parent.iterdir()) == sorted(["rocq-new", folder.name])


@pytest.mark.parametrize("name", sources())
def test_source_is_short_and_proves_all(name: str) -> None:
    """No gap, no switched-off check, no axiom; premises in sections only."""
    text = sources()[name]
    assert text.startswith("(**")
    assert forbidden(without_comments(text)) is None
    assert len(text.splitlines()) < MOST_LINES or name in GENERATED


def test_lines_are_short() -> None:
    long = [f"{name}.v:{k + 1}" for name, text in sources().items() for k, line in enumerate(text.splitlines()) if len(line) > MOST_COLUMNS]
    assert long == []


def test_modules_require_what_exists() -> None:
    assert sorted(needs(sources())) == sorted(sources())


def test_no_module_bears_the_name_of_one_whose_axioms_are_allowed() -> None:
    assert {name.split(".")[0] for name in STANDARD | MACHINE} & set(sources()) == set()


def test_compiled_files_are_not_sources() -> None:
    """Nothing that is compiled can be shipped or committed."""
    ignored = (Path(__file__).parents[3] / ".gitignore").read_text(encoding="utf-8").split()
    assert {"*.vo", "*.vos", "*.vok", "*.glob", ".*.aux"} <= set(ignored)


def test_the_prover_compiles_the_first_module(prover: Prover) -> None:
    """In the cache that all tests share."""
    folder = compiled(prover, ["Sums"])
    assert (folder / "Sums.vo").stat().st_size > 0


@pytest.mark.slow
def test_the_theory_compiles_from_clean(prover: Prover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[..., None],
                                        capsys: pytest.CaptureFixture[str]) -> None:
    """The whole theory in a fresh cache; it says how long it takes."""
    monkeypatch.setenv("EPSDELTA_CACHE", str(tmp_path))
    start = time.perf_counter()
    folder = compiled(prover, sources())
    seconds = time.perf_counter() - start
    record_property("seconds", round(seconds, 1))
    with capsys.disabled():
        print(f"\nthe theory ({len(sources())} modules) compiles from clean in {seconds:.0f} s on {os.cpu_count()} processors")
    assert {path.stem for path in folder.glob("*.vo")} == set(sources())
