"""A certificate as a theorem that the prover's kernel accepts.

The kernel of this package checks the certificate first. Then the instance and its restatement in plain words are written, compiled
against the theory, and the axioms that the prover lists for each theorem are held against a list of names. With ``recheck`` the prover's
independent checker, which has no virtual machine, repeats both files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from epsdelta.certificates.kernel import check_text
from epsdelta.certificates.rocq.axioms import forbidden, read_assumptions, read_summary, unexpected
from epsdelta.certificates.rocq.emit import ARITHMETICS, Emission, emit
from epsdelta.certificates.rocq.folder import FINAL, INSTANCE, PROOF, files_of, modules_of, theorems_of, write_folder
from epsdelta.certificates.rocq.library import LIBRARY, compiled, silent
from epsdelta.certificates.rocq.toolchain import INSTALL, Finished, Prover, find_prover, run
from epsdelta.errors import InputError, ProverError

__all__ = ["LEVELS", "TIMEOUT", "Proof", "prove", "prove_checked"]

LEVELS = ("exact", "rocq", "rocq+recheck")
"""What the kernel of this package gives, what the prover adds, and what its independent checker adds."""
TIMEOUT = 600.0
"""Seconds for each run of the prover on a file of the certificate."""
_STEPS = ("proving the instance", "restating it in plain words", "reading the axioms")
_DECLARED = re.compile(r"^\s*(?:Theorem|Lemma|Definition)\s+([A-Za-z_][\w']*)")
_ERROR = re.compile(r"^Error:\s*(.*)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the prover accepted.

    Attributes:
        sentences: what each theorem says.
        theorems: their names in Final.v.
        axioms: what they rest on; only names of the list are possible.
        seconds: time of compiling the files of the certificate; the theory, compiled once, is not in it.
        recheck_seconds: time of the independent checker, None where it was not asked.
        arithmetic: "standard" or "machine".
        prover: its version.
    """

    sentences: tuple[str, ...]
    theorems: tuple[str, ...]
    axioms: tuple[str, ...]
    seconds: float
    recheck_seconds: float | None
    arithmetic: str
    prover: str

    @property
    def level(self) -> str:
        """The level of evidence."""
        return LEVELS[1] if self.recheck_seconds is None else LEVELS[2]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        recheck = None if self.recheck_seconds is None else round(self.recheck_seconds, 3)
        return {"level": self.level, "sentences": list(self.sentences), "theorems": list(self.theorems), "axioms": list(self.axioms),
                "seconds": round(self.seconds, 3), "recheck_seconds": recheck, "arithmetic": self.arithmetic, "prover": self.prover}


def prove(data: str | bytes, *, folder: Path | None = None, prover: Prover | None = None, recheck: bool = False, timeout: float = TIMEOUT,
          arithmetic: str = "auto", say: Callable[[str], None] | None = None) -> Proof:
    """Check a certificate, then prove it in the proof assistant.

    Args:
        data: the certificate, as text.
        folder: where all sources and a page for sceptics are left; by default nowhere.
        prover: the prover; by default the one on the search path.
        recheck: whether the independent checker repeats the two files.
        timeout: seconds for each run of the prover on a file of the certificate.
        arithmetic: "standard", "machine" (faster, trusts the prover's 63-bit words) or "auto".
        say: is told what is being done.

    Raises:
        FormatError: when the text is no certificate.
        VerdictError: where this package's kernel does not prove it: the prover is not asked then.
        ProverError: where there is no machine-checked proof; the verdict of the kernel stands.
    """
    check_text(data).raise_if_not_proved()
    return prove_checked(data, folder=folder, prover=prover, recheck=recheck, timeout=timeout, arithmetic=arithmetic, say=say)


def prove_checked(data: str | bytes, *, folder: Path | None = None, prover: Prover | None = None, recheck: bool = False,
                  timeout: float = TIMEOUT, arithmetic: str = "auto", say: Callable[[str], None] | None = None) -> Proof:
    """The same for a certificate that the kernel has proved already.

    Raises:
        InputError: for an arithmetic or a time that is none.
        ProverError: where there is no machine-checked proof.
    """
    if arithmetic not in ARITHMETICS:
        raise InputError(f"arithmetic={arithmetic!r} is unknown: give one of {', '.join(ARITHMETICS)}")
    if not 0 < timeout <= 1e6:
        raise InputError(f"timeout={timeout:g} violates 0 < timeout <= 1000000: give the seconds that the prover may take")
    tell = say or silent
    found = prover or find_prover()
    if recheck and found.coqchk is None:
        raise ProverError(f"the independent checker coqchk is not installed beside {found.coqc}: {INSTALL}")
    tell("writing the instance")
    emission = emit(data, arithmetic=arithmetic)
    _refuse_gaps(files_of(emission))
    if folder is not None:
        write_folder(folder, emission)
    library = compiled(found, modules_of(emission), tell)
    try:
        with TemporaryDirectory(prefix="epsdelta-") as made:
            return _accepted(emission, Path(made), library, found, recheck, timeout, tell)
    except OSError as error:
        raise ProverError(f"the proof cannot be written to a temporary folder ({error.strerror}): set TMPDIR") from None


def _refuse_gaps(texts: Mapping[str, str]) -> None:
    """The texts are a fixed template with data; this looks again that nothing in them could stand for a proof."""
    for name, text in texts.items():
        word = forbidden(text)
        if word is not None:
            raise ProverError(f"{name}.v contains the word {word!r}, with which something could pass unproved: report this as an error")


def _accepted(emission: Emission, work: Path, library: Path, prover: Prover, recheck: bool, timeout: float,
              say: Callable[[str], None]) -> Proof:
    """Compile the files in ``work``, read the axioms, and repeat the proof where asked."""
    paths = ["-Q", str(library), LIBRARY, "-Q", str(work), PROOF]
    ended: list[Finished] = []
    for (name, text), doing in zip(files_of(emission).items(), _STEPS, strict=True):
        say(doing)
        (work / f"{name}.v").write_text(text, encoding="utf-8")
        ended.append(run([prover.coqc, "-q", *paths, str(work / f"{name}.v")], timeout=timeout, folder=work))
        if ended[-1].status != 0:
            raise ProverError(f"the prover refuses {_reason(name, text, ended[-1])}")
    (axioms,) = read_assumptions(ended[-1].output, 1)
    strange = unexpected(axioms, emission.arithmetic)
    if strange:
        raise ProverError(f"the proof rests on axioms that are not allowed: {', '.join(strange[:5])}")
    repeated = _repeated(prover, work, paths, timeout, say) if recheck else None
    return Proof(sentences=emission.sentences, theorems=theorems_of(emission), axioms=tuple(sorted(axioms)),
                 seconds=sum(one.seconds for one in ended), recheck_seconds=repeated, arithmetic=emission.arithmetic,
                 prover=prover.banner.splitlines()[0])


def _repeated(prover: Prover, work: Path, paths: list[str], timeout: float, say: Callable[[str], None]) -> float:
    """Seconds that the independent checker took to accept both files."""
    say("repeating the proof in the independent checker")
    files = [word for name in (INSTANCE, FINAL) for word in ("-norec", f"{PROOF}.{name}")]
    ended = run([str(prover.coqchk), "-silent", "-o", *paths, *files], timeout=timeout, folder=work)
    if ended.status != 0:
        raise ProverError(f"the independent checker refuses the proof: {_line(ended.errors or ended.output)}")
    read_summary(ended.output + ended.errors, (LIBRARY, PROOF))
    return ended.seconds


def _reason(name: str, text: str, ended: Finished) -> str:
    """Where a file is refused, in which theorem, and the first line of what the prover says."""
    message = ended.errors or ended.output
    place = re.search(r", line (\d+), characters", message)
    error = _ERROR.search(message)
    said = _line(error[1] if error else message)
    if place is None:
        return f"{name}.v: {said}"
    declared = [found[1] for line in text.splitlines()[:int(place[1])] if (found := _DECLARED.match(line))]
    return f"{name}.v, line {place[1]}{f', in {declared[-1]}' if declared else ''}: {said}"


def _line(message: str) -> str:
    """The first line that says something, shortened."""
    line = next((line.strip() for line in message.splitlines() if line.strip()), "it gives no reason")
    return line if len(line) <= 200 else f"{line[:196]} ..."
