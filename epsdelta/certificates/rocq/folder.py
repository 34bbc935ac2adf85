"""The folder that a proof is left in: all sources, the commands that check them, and a page for the reader who believes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from epsdelta.certificates.rocq.emit import Emission
from epsdelta.certificates.rocq.library import LIBRARY, named_in, needs, sources
from epsdelta.errors import InputError, ProverError
from epsdelta.files import write_atomically

__all__ = ["AUDIT", "FINAL", "INSTANCE", "PROOF", "check_folder", "files_of", "modules_of", "theorems_of", "write_folder"]

PROOF = "Proof"
"""Logical name of the files of a certificate."""
INSTANCE, FINAL, AUDIT = "Instance", "Final", "Audit"
_PRINTS = re.compile(r"^(?:Print Assumptions [\w.]+\.\s*)+$", re.MULTILINE)
_TITLE = "A proof for the Rocq prover (formerly Coq)"


def modules_of(emission: Emission) -> list[str]:
    """The theory's modules that the two files need, each after what it requires."""
    return needs([*emission.modules, *named_in(emission.instance), *named_in(emission.plain)])


def theorems_of(emission: Emission) -> tuple[str, ...]:
    """Names of the theorems in Final.v."""
    return tuple(f"final_{k}" for k in range(len(emission.sentences)))


def files_of(emission: Emission) -> dict[str, str]:
    """Module name to text of the instance, its restatement, and the question what the theorems rest on, in this order.

    The question is a file of its own that imports nothing, since the prover prints the shortest name that is not ambiguous: where names
    are imported, an axiom of the instance could bear the name of one of the prover's own. It is asked once for all theorems, which is faster.
    """
    names = [f"{PROOF}.{FINAL}.{name}" for name in theorems_of(emission)]
    together = f"Definition everything := ({', '.join(names)})."
    audit = f"From {PROOF} Require {FINAL}.\n\n{together}\nPrint Assumptions everything.\n"
    return {INSTANCE: emission.instance, FINAL: _PRINTS.sub("", emission.plain), AUDIT: audit}


def check_folder(folder: Path, name: str = "-o") -> None:
    """Refuse a folder that holds something else, before any work.

    Raises:
        InputError: with the option, the path and the remedy.
    """
    if "\0" in str(folder):
        raise InputError(f"{name}: the path contains a null character: give the path of a folder")
    try:
        if not folder.exists():
            return
        if not folder.is_dir():
            raise InputError(f"{name}={str(folder)!r} is a file: give the path of a folder")
        page = folder / "README.txt"
        is_ours = page.is_file() and page.read_text(encoding="utf-8", errors="replace").startswith(_TITLE)
        if any(folder.iterdir()) and not is_ours:
            raise InputError(f"{name}={str(folder)!r} holds other files: give a new folder, or that of an earlier proof")
    except OSError as error:
        raise InputError(f"{name}={str(folder)!r} cannot be used ({error.strerror}): choose another folder") from None


def write_folder(folder: Path, emission: Emission) -> None:
    """Write everything that is needed to check the proof without this package.

    Raises:
        ProverError: where the folder cannot be written.
    """
    modules = modules_of(emission)
    texts = {"README.txt": _page(emission), "Makefile": _makefile(modules, emission),
             **{f"proof/{name}.v": text for name, text in files_of(emission).items()},
             **{f"theory/{name}.v": sources()[name] for name in modules}}
    try:
        for part in ("proof", "theory"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            write_atomically(folder / name, text.encode())
    except (OSError, InputError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ProverError(f"the proof cannot be written to {str(folder)!r} ({reason}): choose another folder with -o") from None


def _makefile(modules: Sequence[str], emission: Emission) -> str:
    after = [f"theory/{name}.vo:{''.join(f' theory/{other}.vo' for other in named_in(sources()[name]))}" for name in modules]
    direct = dict.fromkeys([*emission.modules, *named_in(emission.instance), *named_in(emission.plain)])
    return "\n".join([
        "# make          compile the theory, the instance and its restatement, and print the axioms of the theorems",
        "# make check    repeat the instance in the prover's independent checker",
        "COQC ?= coqc", "COQCHK ?= coqchk", f"FLAGS = -Q theory {LIBRARY} -Q proof {PROOF}", "", ".PHONY: all check clean",
        f"all: proof/{AUDIT}.vo", "check: all",
        f"\t$(COQCHK) -silent -o $(FLAGS) -norec {PROOF}.{INSTANCE} -norec {PROOF}.{FINAL}", "clean:",
        "\trm -f theory/*.vo* theory/*.glob theory/.*.aux proof/*.vo* proof/*.glob proof/.*.aux", "%.vo: %.v",
        "\t$(COQC) -q $(FLAGS) $<", *after, f"proof/{INSTANCE}.vo:{''.join(f' theory/{name}.vo' for name in direct)}",
        f"proof/{FINAL}.vo: proof/{INSTANCE}.vo", f"proof/{AUDIT}.vo: proof/{FINAL}.vo", ""])


def _page(emission: Emission) -> str:
    said = "\n".join(f"  final_{k}: {sentence}" for k, sentence in enumerate(emission.sentences))
    words = ("They also list the 63-bit machine integers of the prover (PrimInt63.*, Uint63.*), since this instance computes with them."
             if emission.arithmetic == "machine" else "Nothing else is listed.")
    return f"""{_TITLE}

{said}

Check it with nothing but the prover, Coq 8.16 or later with coq-interval (Debian, Ubuntu: apt-get install coq libcoq-interval make):

  make -j2       compiles theory/, proof/{INSTANCE}.v and proof/{FINAL}.v; proof/{AUDIT}.v prints the axioms of the theorems
  make check     repeats {INSTANCE}.v and {FINAL}.v in the prover's independent checker, without its virtual machine;
                 its list of axioms is of all that the loaded libraries declare, used or not

What to read, in this order:

  1. proof/{FINAL}.v: what is stated. Compare the data with your problem.
  2. The axioms that make prints. Only the four of the prover's real numbers should be there:
     ClassicalDedekindReals.sig_forall_dec, ClassicalDedekindReals.sig_not_dec,
     FunctionalExtensionality.functional_extensionality_dep, Classical_Prop.classic.
     {words}
  3. The definitions in theory/ that the statement uses. Their proofs need not be read: the prover checked them.

No source contains a switched-off check:
  grep -nwE 'Admitted|admit|Axiom|Parameter|Conjecture|bypass_check|native_compute' theory/*.v proof/*.v
prints nothing that is not in a comment.
"""
