"""``epsdelta check CERT...``: the kernel's verdict on certificate files, and with ``--prover`` the proof assistant's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from epsdelta.errors import FormatError

__all__ = ["check_file", "check_files", "status_of", "summary_of"]

EXIT = {"PROVED": 0, "REJECTED": 1, "UNDECIDED": 3}
BAD_INPUT, NO_PROOF = 2, 3


def check_files(
    files: Annotated[list[Path], typer.Argument(metavar="CERT...", help="Certificate files (JSON).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as one JSON object.")] = False,
    with_prover: Annotated[bool, typer.Option("--prover", help="Prove them in the Rocq prover too, as epsdelta prove does.")] = False,
) -> int:
    """Check every file, print the verdicts and return the exit status: 2 if one is bad input, else the greatest of all files."""
    from epsdelta.cli.output import print_error, print_json, print_verdict

    if with_prover:
        from epsdelta.cli.prove import prove_files

        return prove_files(files, as_json=as_json)
    results = [check_file(path)[0] for path in files]
    if as_json:
        print_json(summary_of(results))
    for result in results:
        if "error" in result:
            print_error(f"{result['file']}: {result['error']}", wants_json=False)
        elif not as_json:
            print_verdict(result)
    return status_of(results)


def check_file(path: Path) -> tuple[dict[str, Any], bytes]:
    """One file's result in its JSON form, and the bytes that were checked; bad input has a field ``error``."""
    from epsdelta.certificates.kernel import check_text
    from epsdelta.certificates.kernel.reader import MAX_BYTES

    name, data = str(path), b""
    try:
        with open(path, "rb") as stream:  # never more than the limit: the file may be endless
            data = stream.read(MAX_BYTES + 1)
        verdict = check_text(data)
    except FormatError as error:
        return {"file": name, "verdict": "bad_input", "error": str(error)}, data
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return {"file": name, "verdict": "bad_input", "error": f"cannot be read ({reason}): give the path of a certificate file"}, data
    return {"file": name, "verdict": verdict.outcome.name.lower(), "reason": verdict.reason, "statements": list(verdict.statements)}, data


def status_of(results: list[dict[str, Any]]) -> int:
    """2 if a file is bad input, else the greatest of all; a file that the kernel proves and the prover does not counts as 3."""
    if any("error" in result for result in results):
        return BAD_INPUT
    return max(NO_PROOF if result.get("no_proof") else EXIT[result["verdict"].upper()] for result in results)


def summary_of(results: list[dict[str, Any]]) -> dict[str, Any]:
    """One verdict for all files, and each file's own; ``error`` is that of the first bad file."""
    kernel = [{key: value for key, value in result.items() if key != "no_proof"} for result in results]
    overall = {0: "proved", 1: "rejected", 2: "bad_input", 3: "undecided"}[status_of(kernel)]
    first = next((f"{result['file']}: {result['error']}" for result in results if "error" in result), None)
    return {"verdict": overall, **({} if first is None else {"error": first}), "files": results}
