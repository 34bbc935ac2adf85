"""The hand-proved theory, compiled once for a version of its sources and of the prover.

Compiled files live in a cache whose name is a hash of all sources and of the prover's version, so a change of either starts a new
one. Only the modules that are asked for are compiled, each once; a compiled file that was changed since is compiled again.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from epsdelta.certificates.rocq.toolchain import Group, Prover, run
from epsdelta.errors import ProverError

__all__ = ["LIBRARY", "THEORY", "cache_folder", "compiled", "named_in", "needs", "silent", "sources"]

LIBRARY = "EpsDelta"
THEORY = Path(__file__).parent / "theory"
TIMEOUT = 600.0
PREFIX, LOCK = "rocq-", ".lock"
FORGET = 60 * 86400.0
"""Seconds after which compiled files that nobody used are removed."""
_REQUIRE = re.compile(rf"From\s+{LIBRARY}\s+Require\s+(?:Import\s+|Export\s+)?([^.]*)\.\s")


@lru_cache(maxsize=1)
def sources() -> Mapping[str, str]:
    """Module name to source text, of the whole theory."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(THEORY.glob("*.v"))}


def needs(modules: Iterable[str]) -> list[str]:
    """The modules and all that they require, each after what it requires."""
    order: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ProverError(f"the theory's modules require each other in a circle: {' > '.join((*path, name))}")
        if name not in order:
            for other in _requires(name):
                visit(other, (*path, name))
            order.append(name)

    for module in modules:
        visit(module, ())
    return order


def _requires(module: str) -> list[str]:
    """The theory's modules that one names."""
    text = sources().get(module)
    if text is None:
        raise ProverError(f"the theory has no module {module}: reinstall epsdelta")
    return named_in(text)


@lru_cache(maxsize=512)
def named_in(text: str) -> list[str]:
    """The theory's modules that a source requires, in its order.

    >>> named_in("From EpsDelta Require Import Sums Field. ")
    ['Sums', 'Field']
    """
    return [name for names in _REQUIRE.findall(text) for name in names.split()]


def cache_folder(prover: Prover) -> Path:
    """Where compiled files of these sources and this prover go: below EPSDELTA_CACHE, XDG_CACHE_HOME or ~/.cache.

    Raises:
        ProverError: where none of them is known.
    """
    digest = hashlib.sha256(f"{prover.coqc}\0{prover.banner}".encode())
    for name, text in sources().items():
        digest.update(f"\0{name}\0{text}".encode())
    try:
        base = os.environ.get("EPSDELTA_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    except RuntimeError:
        raise ProverError("no home folder is known to keep the compiled theory in: set EPSDELTA_CACHE to a folder") from None
    return Path(base).absolute() / "epsdelta" / f"{PREFIX}{digest.hexdigest()[:16]}"


def silent(text: str) -> None:
    """Where nobody wants to know what is being done."""


def compiled(prover: Prover, modules: Iterable[str], say: Callable[[str], None] | None = None, *, workers: int | None = None) -> Path:
    """The folder with the compiled modules and all that they require.

    Args:
        prover: the prover.
        modules: names of modules of the theory.
        say: is told how far the work is.
        workers: how many compilations run at a time; by default one per processor, at most four.

    Raises:
        ProverError: where a module is refused, or the folder cannot be written.
    """
    wanted, folder, tell = needs(modules), cache_folder(prover), say or silent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder, tell):
            _forget_old(folder)
            pending = _out_of_date(folder, wanted)
            if pending:
                _compile_all(prover, folder, pending, tell, workers or min(4, os.cpu_count() or 1))
    except OSError as error:
        raise ProverError(f"the compiled theory cannot be kept in {str(folder)!r} ({error.strerror}): "
                          "set EPSDELTA_CACHE to a folder that can be written") from None
    return folder


@contextmanager
def _alone(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """One process at a time; the lock ends with the process."""
    with open(folder / LOCK, "w") as lock:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("waiting for another process that compiles the theory")
                fcntl.flock(lock, fcntl.LOCK_EX)
        os.utime(folder / LOCK)
        yield


def _forget_old(folder: Path) -> None:
    """Remove folders of other sources or provers that were not used for a long time."""
    for other in folder.parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if other != folder and time.time() - (other / LOCK).stat().st_mtime > FORGET:
                shutil.rmtree(other)


def _out_of_date(folder: Path, wanted: list[str]) -> list[str]:
    """Modules without a compiled file, with one that was changed since it was compiled, or that require such a module."""
    stale: list[str] = []
    hashes = {name: _hash(folder / f"{name}.vo") for name in wanted}
    for name in wanted:
        stamp = folder / f"{name}.stamp"
        kept = bool(hashes[name]) and stamp.is_file() and stamp.read_text() == _stamp_of(name, hashes)
        if not kept or any(other in stale for other in _requires(name)):
            stale.append(name)
    return stale


def _stamp(folder: Path, name: str) -> None:
    """Write down what was compiled against what: a file is good only together with those that it requires."""
    hashes = {one: _hash(folder / f"{one}.vo") for one in [name, *_requires(name)]}
    (folder / f"{name}.stamp").write_text(_stamp_of(name, hashes))


def _stamp_of(name: str, hashes: Mapping[str, str]) -> str:
    return " ".join(hashes[one] for one in [name, *_requires(name)])


def _hash(path: Path) -> str:
    """Of a compiled file; empty where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _compile_all(prover: Prover, folder: Path, pending: list[str], say: Callable[[str], None], workers: int) -> None:
    waiting, running, done, group = list(pending), dict[Future[None], str](), 0, Group()
    with ThreadPoolExecutor(workers) as pool:
        try:
            while waiting or running:
                for name in [n for n in waiting if not set(_requires(n)) & {*waiting, *running.values()}][:workers - len(running)]:
                    waiting.remove(name)
                    running[pool.submit(_compile, prover, folder, name, group)] = name
                say(f"compiling the theory, once: {done} of {len(pending)} modules ({', '.join(running.values())})")
                for finished in wait(running, return_when=FIRST_COMPLETED).done:
                    finished.result()
                    _stamp(folder, running.pop(finished))
                    done += 1
        except BaseException:  # the first error, or Ctrl-C: the others need not end
            group.kill()
            raise


def _compile(prover: Prover, folder: Path, name: str, group: Group) -> None:
    source = folder / f"{name}.v"
    (folder / f"{name}.stamp").unlink(missing_ok=True)
    (folder / f"{name}.vo").unlink(missing_ok=True)
    source.write_text(sources()[name], encoding="utf-8")
    ended = run([prover.coqc, "-q", "-Q", str(folder), LIBRARY, str(source)], timeout=TIMEOUT, folder=folder, group=group,
                remedy=f"the theory's module {name} takes seconds, so the machine is overloaded")
    if ended.status != 0 or not (folder / f"{name}.vo").is_file():
        reason = " ".join((ended.errors or ended.output).split())[:400]
        raise ProverError(f"the prover refuses the theory's module {name}, which it should not (tested with 8.16.1): {reason}")
