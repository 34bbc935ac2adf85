"""The proof assistant on this machine: where it is, how old it is, and how it is run."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from epsdelta.errors import ProverError

__all__ = ["OLDEST", "Finished", "Group", "Prover", "find_prover", "run"]

OLDEST = (8, 16)
INSTALL = ("install Coq (Rocq) 8.16 or later with coq-interval: 'apt-get install coq libcoq-interval' on Debian or Ubuntu, "
           "or 'opam install coq coq-interval'")
MAX_OUTPUT = 1_000_000
START = 60.0
"""Seconds in which the prover must say its version."""
SLOW = "it does not even say its version, so reinstall it"


@dataclass(frozen=True, slots=True)
class Prover:
    """The compiler ``coqc``, the independent checker ``coqchk`` (None where it is not installed) and the version."""

    coqc: str
    coqchk: str | None
    version: tuple[int, int]
    banner: str


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended."""

    status: int
    output: str
    errors: str
    seconds: float


def find_prover() -> Prover:
    """The prover on the search path.

    Raises:
        ProverError: where it is missing, too old or without coq-interval; the sentence says what to install.
    """
    coqc = _which("coqc")
    if coqc is None:
        raise ProverError(f"no prover is installed: {INSTALL}")
    banner = run([coqc, "--version"], timeout=START, remedy=SLOW).output.strip()
    found = re.search(r"version (\d+)\.(\d+)", banner)
    if found is None:
        raise ProverError(f"{coqc} does not say its version: {INSTALL}")
    version = (int(found[1]), int(found[2]))
    if version < OLDEST:
        raise ProverError(f"the prover {coqc} has version {version[0]}.{version[1]}, which is too old: {INSTALL}")
    if not _has_interval(coqc):
        raise ProverError(f"the prover's library coq-interval is not installed: {INSTALL}")
    return Prover(coqc, _which("coqchk"), version, banner)


def _which(name: str) -> str | None:
    found = shutil.which(name)
    return None if found is None else os.path.abspath(found)  # it is run from other folders


def _has_interval(coqc: str) -> bool:
    where = run([coqc, "-where"], timeout=START, remedy=SLOW).output.strip()
    folders = [Path(where) / "user-contrib", *(Path(p) for p in os.environ.get("COQPATH", "").split(os.pathsep) if p)]
    return any((folder / "Interval").is_dir() for folder in folders)


class Group:
    """Commands that run at the same time and end together."""

    def __init__(self) -> None:
        self._lock, self._live, self._is_over = threading.Lock(), set[subprocess.Popen[str]](), False

    def add(self, process: subprocess.Popen[str]) -> None:
        with self._lock:
            self._live.add(process)
            if self._is_over:
                _signal(process)

    def remove(self, process: subprocess.Popen[str]) -> None:
        with self._lock:
            self._live.discard(process)

    def kill(self) -> None:
        """End all of them, and those still to come."""
        with self._lock:
            self._is_over = True
            for process in self._live:
                _signal(process)


def run(command: Sequence[str], *, timeout: float, folder: Path | None = None, group: Group | None = None,
        remedy: str = "give it more with --timeout") -> Finished:
    """Run a command to its end; after ``timeout`` seconds it and its children are killed.

    Args:
        command: program and arguments.
        timeout: in seconds.
        folder: where it runs.
        group: commands to be killed together.
        remedy: the advice where the time is over.

    Raises:
        ProverError: where it cannot be started, is out of time or was killed.
    """
    name, start, together = Path(command[0]).name, time.perf_counter(), group or Group()
    try:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, encoding="utf-8", errors="replace", start_new_session=True)
    except OSError as error:
        raise ProverError(f"{command[0]} cannot be started ({error.strerror}): {INSTALL}") from None
    together.add(process)
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        _kill(process)
        raise ProverError(f"{name} did not finish within {timeout:g} s: {remedy}") from None
    except BaseException:
        _kill(process)
        raise
    finally:
        together.remove(process)
    killer = _killer(process.returncode)
    if killer:
        raise ProverError(f"{name} was killed by the signal {killer}: it may have run out of memory")
    return Finished(process.returncode, output[:MAX_OUTPUT], errors[:MAX_OUTPUT], time.perf_counter() - start)


def _killer(status: int) -> str:
    """The signal that ended a command, or a program that it started through a shell."""
    number = -status if status < 0 else status - 128 if status > 128 else 0
    try:
        return signal.Signals(number).name if number else ""
    except ValueError:
        return f"number {number}" if status < 0 else ""


def _kill(process: subprocess.Popen[str]) -> None:
    _signal(process)
    process.communicate()


def _signal(process: subprocess.Popen[str]) -> None:
    """Kill a command and its children."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
