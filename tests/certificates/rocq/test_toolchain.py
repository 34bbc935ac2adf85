"""Finding the prover and running it: missing, too old, incomplete, killed, out of time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from epsdelta.certificates.rocq import toolchain
from epsdelta.certificates.rocq.toolchain import OLDEST, Group, Prover, find_prover, run
from epsdelta.errors import ProverError

MakeFake = Callable[..., Path]


def test_the_prover_of_this_machine(prover: Prover) -> None:
    assert prover.version >= OLDEST
    assert Path(prover.coqc).is_absolute()
    assert "version" in prover.banner


@pytest.mark.parametrize(("banner", "version"), [
    ("The Coq Proof Assistant, version 8.16.1", (8, 16)), ("The Rocq Prover, version 9.0.0", (9, 0)),
    ("The Coq Proof Assistant, version 8.20+rc1", (8, 20))])
def test_versions(banner: str, version: tuple[int, int], fake: MakeFake) -> None:
    folder = fake(version=banner)
    assert find_prover() == Prover(str(folder / "coqc"), None, version, banner)


def test_the_independent_checker_is_found(fake: MakeFake) -> None:
    folder = fake(coqchk=":")
    assert find_prover().coqchk == str(folder / "coqchk")


def test_no_prover(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProverError, match="no prover is installed: install Coq"):
        find_prover()


@pytest.mark.parametrize(("settings", "sentence"), [
    ({"version": "The Coq Proof Assistant, version 8.15.2"}, "has version 8.15, which is too old: install Coq"),
    ({"version": "The Coq Proof Assistant, version 7.99"}, "has version 7.99, which is too old"),
    ({"version": "hello"}, "does not say its version: install Coq"),
    ({"with_interval": False}, "coq-interval is not installed: install Coq"),
    ({"says": "kill -9 $$"}, "coqc was killed by the signal SIGKILL"),
])
def test_a_prover_that_will_not_do(settings: dict[str, str], sentence: str, fake: MakeFake) -> None:
    fake(**settings)
    with pytest.raises(ProverError, match=sentence):
        find_prover()


def test_a_prover_that_does_not_even_start(fake: MakeFake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(says="sleep 60")
    monkeypatch.setattr(toolchain, "START", 0.3)
    with pytest.raises(ProverError, match=r"did not finish within 0.3 s: it does not even say its version"):
        find_prover()


def test_interval_in_a_folder_of_its_own(fake: MakeFake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(with_interval=False)
    (tmp_path / "more" / "Interval").mkdir(parents=True)
    monkeypatch.setenv("COQPATH", str(tmp_path / "more"))
    assert find_prover().version == (8, 16)


def test_run_returns_what_was_said(tmp_path: Path) -> None:
    ended = run(["sh", "-c", "pwd; echo no >&2; exit 3"], timeout=30, folder=tmp_path)
    assert (ended.status, ended.output, ended.errors) == (3, f"{tmp_path}\n", "no\n")
    assert 0 < ended.seconds < 30
    assert run(["sh", "-c", r"printf '\377'"], timeout=30).output == "�"


def test_out_of_time_kills_the_children_too(tmp_path: Path) -> None:
    start, mark = time.perf_counter(), tmp_path / "mark"
    with pytest.raises(ProverError, match=r"^sh did not finish within 0.2 s: give it more with --timeout$"):
        run(["sh", "-c", f"(sleep 1; touch '{mark}') & wait"], timeout=0.2)
    assert time.perf_counter() - start < 20
    time.sleep(1.3)
    assert not mark.exists()


@pytest.mark.parametrize(("command", "name"), [
    ("kill -9 $$", "SIGKILL"), ("sh -c 'kill -11 $$'; exit 139", "SIGSEGV"), ("kill -40 $$", "number 40")])
def test_killed(command: str, name: str) -> None:
    with pytest.raises(ProverError, match=f"^sh was killed by the signal {name}: it may have run out of memory$"):
        run(["sh", "-c", command], timeout=30)


def test_a_large_exit_status_is_no_signal() -> None:
    assert run(["sh", "-c", "exit 255"], timeout=30).status == 255


def test_no_program(tmp_path: Path) -> None:
    with pytest.raises(ProverError, match="cannot be started"):
        run([str(tmp_path / "none")], timeout=30)


def test_a_group_ends_together() -> None:
    group, said = Group(), list[str]()

    def wait() -> None:
        try:
            run(["sh", "-c", "sleep 60"], timeout=90, group=group)
        except ProverError as error:
            said.append(str(error))

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    group.kill()
    for thread in threads:
        thread.join(20)
    wait()  # one that comes too late
    assert len(said) == 3 and all("SIGKILL" in one for one in said)
