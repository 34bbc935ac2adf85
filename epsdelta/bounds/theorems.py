"""The machine-checked theorems behind entries of the catalogue, as data: nothing is read or run here.

Which entries have one stands in ``machine_checked``. The theorems are proved for every problem of the entry's class, in the language of
the Rocq prover (formerly Coq), and state the entry's formula through a definition that is rendered from it. Those in ``FINITE_NOISE`` hold for
noise with finitely many values at each step; the sentence about one says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from epsdelta.bounds.machine_checked import FINITE_NOISE, MACHINE_CHECKED

if TYPE_CHECKING:
    from epsdelta.bounds.bound import Bound

__all__ = ["FOLDER", "KIND", "Theorem", "linked", "theorem", "theorems"]

KIND = "rocq"
"""The kind of evidence whose ids are ``rocq/FILE.THEOREM``."""
FOLDER = "epsdelta/certificates/rocq/theory"
"""Where the proofs are, from the folder that holds the package."""


@dataclass(frozen=True, slots=True)
class Theorem:
    """A theorem of the prover that backs or refutes an entry.

    Args:
        id: of the evidence, ``rocq/FILE.THEOREM``.
        name: of the theorem.
        file: its path, from the folder that holds the package.
    """

    id: str
    name: str
    file: str

    @property
    def statement(self) -> str:
        """What it shows, in one sentence."""
        says = "refutes this inequality as stated" if self.name.endswith("_refuted") else "proves this inequality from the entry's assumptions"
        scope = ", for noise with finitely many values at each step" if self.id in FINITE_NOISE else ""
        return f"machine-checked: theorem {self.name} in {self.file} {says}{scope}"


def theorem(name: str) -> Theorem:
    """The theorem of an evidence id.

    >>> theorem("rocq/Descent.gd_nonconvex_gradient_holds").file
    'epsdelta/certificates/rocq/theory/Descent.v'
    """
    file, _, short = name.removeprefix(f"{KIND}/").partition(".")
    return Theorem(name, short, f"{FOLDER}/{file}.v")


def theorems(bound: Bound) -> tuple[Theorem, ...]:
    """The machine-checked theorems among an entry's evidence."""
    return tuple(theorem(name) for name in bound.evidence if name.startswith(f"{KIND}/"))


def linked(bound: Bound) -> Bound:
    """The entry with its machine-checked theorem as its last evidence, where there is one."""
    found = MACHINE_CHECKED.get(bound.id)
    return bound if found is None else replace(bound, evidence=(*bound.evidence, found))
