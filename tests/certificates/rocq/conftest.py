"""The real prover where it is installed, and scripts that pretend to be one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from epsdelta.certificates.rocq.toolchain import Prover, find_prover
from epsdelta.errors import ProverError

MakeFake = Callable[..., Path]
_SCRIPT = """#!/bin/sh
for last; do :; done
case "$*" in
  *--version*) {version} ; exit 0 ;;
  -where) echo '{folder}/lib' ; exit 0 ;;
esac
echo "$last" >> '{folder}/log'
{body}
"""
COMPILES = 'echo "$last compiled" > "${last%.v}.vo"'
"""What a script does that takes every file for proved."""


@pytest.fixture(scope="session")
def prover() -> Prover:
    """The prover of this machine: the test is skipped without one, and fails where EPSDELTA_REQUIRE_PROVER=1."""
    try:
        return find_prover()
    except ProverError as error:
        if os.environ.get("EPSDELTA_REQUIRE_PROVER") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeFake:
    """Put a script named coqc (and coqchk) first on the search path, and the cache into the test's folder; returns the scripts' folder."""

    def make(body: str = COMPILES, *, version: str = "The Coq Proof Assistant, version 8.16.1", says: str | None = None,
             with_interval: bool = True, coqchk: str | None = None) -> Path:
        folder = tmp_path / "bin"
        (folder / "lib" / "user-contrib" / ("Interval" if with_interval else "Flocq")).mkdir(parents=True)
        names = {"coqc": body} if coqchk is None else {"coqc": body, "coqchk": coqchk}
        for name, text in names.items():
            script = folder / name
            script.write_text(_SCRIPT.format(version=says or f"echo '{version}'", folder=folder, body=text), encoding="utf-8")
            script.chmod(0o755)
        basics = tmp_path / "basics"  # what the scripts themselves use, and no real prover
        basics.mkdir()
        for tool in ("sh", "echo", "sleep", "kill", "cat", "touch"):
            (basics / tool).symlink_to(str(shutil.which(tool)))
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{basics}")
        monkeypatch.setenv("EPSDELTA_CACHE", str(tmp_path / "cache"))
        monkeypatch.delenv("COQPATH", raising=False)
        return folder

    return make
