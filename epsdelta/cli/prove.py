"""``epsdelta prove CERT...``: certificates as theorems that the Rocq prover (formerly Coq) accepts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epsdelta.cli.check import check_file, status_of, summary_of
from epsdelta.errors import InputError, ProverError

if TYPE_CHECKING:
    from epsdelta.certificates.rocq.toolchain import Prover

__all__ = ["prove_command", "prove_files"]

KERNEL_LEVEL = "exact"
TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class _Options:
    recheck: bool
    timeout: float
    arithmetic: str


def prove_command(
    files: Annotated[list[Path], typer.Argument(metavar="CERT...", help="Certificate files (JSON).")],
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="DIR",
                                                help="Leave all sources here; several files get a folder each, named after the file.")] = None,
    recheck: Annotated[bool, typer.Option("--recheck", help="Repeat each proof in the independent checker coqchk.")] = False,
    timeout: Annotated[float, typer.Option("--timeout", metavar="S", help="Seconds for each run of the prover on a certificate.")] = TIMEOUT,
    arithmetic: Annotated[str, typer.Option("--arithmetic", metavar="A", help="auto, standard (no axiom but those of the reals) or machine "
                                            "(63-bit words: faster in high dimension).")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the proofs as one JSON object.")] = False,
) -> int:
    """Check every file with the kernel, prove it in the prover, and return the exit status: 3 where only the kernel proves it."""
    return prove_files(files, output=output, recheck=recheck, timeout=timeout, arithmetic=arithmetic, as_json=as_json)


def prove_files(files: list[Path], *, output: Path | None = None, recheck: bool = False, timeout: float = TIMEOUT, arithmetic: str = "auto",
                as_json: bool = False) -> int:
    """Prove every file and print what was proved, file by file."""
    from epsdelta.certificates.rocq.emit import ARITHMETICS
    from epsdelta.cli.output import print_error, print_json, print_proof, progress

    if arithmetic not in ARITHMETICS:
        raise InputError(f"--arithmetic={arithmetic!r} is unknown: give one of {', '.join(ARITHMETICS)}")
    if not 0 < timeout <= 1e6:
        raise InputError(f"--timeout={timeout:g} violates 0 < S <= 1000000: give the seconds that the prover may take")
    folders = _folders(files, output)
    options, results = _Options(recheck, timeout, arithmetic), list[dict[str, Any]]()
    prover: list[Prover] = []
    for path, folder in zip(files, folders, strict=True):
        with progress() as say:
            results.append(_proved(path, folder, options, prover, say))
        if "error" in results[-1]:
            print_error(f"{path}: {results[-1]['error']}", wants_json=False)
        elif not as_json:
            print_proof(results[-1])
    if as_json:
        print_json(summary_of(results))
    return status_of(results)


def _folders(files: list[Path], output: Path | None) -> list[Path | None]:
    """Where each file's sources go: the folder itself for one file, folders named after the files for several."""
    from epsdelta.certificates.rocq.folder import check_folder

    if output is None:
        return [None] * len(files)
    if len(files) == 1:
        check_folder(output)
        return [output]
    seen: dict[str, Path] = {}
    for path in files:
        if path.stem in seen:
            raise InputError(f"-o={str(output)!r}: {str(seen[path.stem])!r} and {str(path)!r} would both go to the folder {path.stem!r}: "
                             "rename one, or prove them one by one")
        seen[path.stem] = path
        check_folder(output / path.stem)
    return [output / path.stem for path in files]


def _proved(path: Path, folder: Path | None, options: _Options, prover: list[Prover], say: Callable[[str], None]) -> dict[str, Any]:
    """One file's result in its JSON form; where the kernel does not prove it, the prover is not asked."""
    from epsdelta.certificates.rocq.prove import prove_checked
    from epsdelta.certificates.rocq.toolchain import find_prover

    say(f"{path}: checking")
    result, data = check_file(path)
    if result["verdict"] != "proved":
        return result
    try:
        if not prover:
            prover.append(find_prover())
        proof = prove_checked(data, folder=folder, prover=prover[0], recheck=options.recheck, timeout=options.timeout,
                              arithmetic=options.arithmetic, say=lambda text: say(f"{path}: {text}"))
    except ProverError as error:
        return {**result, "level": KERNEL_LEVEL, "no_proof": str(error)}
    return {**result, "level": proof.level, "proof": proof.to_dict(), "folder": None if folder is None else str(folder)}
