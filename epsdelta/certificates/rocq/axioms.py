"""What a proof rests on, as the prover prints it, and what it may rest on. A text with a way to prove without proof is refused before."""

from __future__ import annotations

import re
from collections.abc import Iterable

from epsdelta.errors import ProverError

__all__ = ["MACHINE", "STANDARD", "allowed", "forbidden", "read_assumptions", "read_summary", "unexpected"]

STANDARD = frozenset({
    "ClassicalDedekindReals.sig_forall_dec", "ClassicalDedekindReals.sig_not_dec",
    "FunctionalExtensionality.functional_extensionality_dep", "Classical_Prop.classic"})
"""Of the prover's own real numbers."""
_OPERATIONS = (
    "add", "addc", "addcarryc", "addmuldiv", "compare", "div", "diveucl", "diveucl_21", "eqb", "head0", "int", "land", "leb", "lor", "lsl",
    "lsr", "ltb", "lxor", "mod", "mul", "mulc", "sub", "subc", "subcarryc", "tail0")
_LAWS = (
    "add_spec", "addc_def_spec", "addcarryc_def_spec", "addmuldiv_def_spec", "compare_def_spec", "div_spec", "diveucl_21_spec",
    "diveucl_def_spec", "eqb_correct", "eqb_refl", "head0_spec", "land_spec", "leb_spec", "lor_spec", "lsl_spec", "lsr_spec", "ltb_spec",
    "lxor_spec", "mod_spec", "mul_spec", "mulc_spec", "of_to_Z", "sub_spec", "subc_def_spec", "subcarryc_def_spec", "tail0_spec")
MACHINE = frozenset([f"PrimInt63.{name}" for name in _OPERATIONS]
                    + [f"{module}.{name}" for module in ("Uint63", "Uint63Axioms") for name in _LAWS])
"""63-bit words of the processor and their laws; newer versions keep the laws in a module Uint63Axioms."""

_THEORY = ("Set is predicative", "Rewrite rules are not allowed")
_CLOSED, _HEAD = "Closed under the global context", "Axioms:"
_NAME = re.compile(r"([A-Za-z_][\w'.]*)(?:\s*:(?:\s.*)?)?")
_GUARDS = r"(?:Guard|Positivity|Universe)\s+Checking"
_FORBIDDEN = re.compile(
    r"\b(?:Admitted|admit|give_up|Abort|Axioms?|Parameters?|Conjectures?|Primitive|bypass_check|native_compute|Redirect|Extraction|Extract"
    r"|Load|Declare\s+ML\s+Module|Add\s+(?:Rec\s+)?(?:LoadPath|ML)|type[-_]in[-_]type|(?:Unset|Set)\s+(?:" + _GUARDS + r"))\b"
    r"|(?:(?<=\.\s)|\A|^)\s*(?:Cd|Drop)\b"  # as a command only: the other words are no good names either
    r"|\b(?:Section|Module|End|Hypothes[ie]s|Variables?|Context)\b", re.MULTILINE)
_OUTSIDE = re.compile(r"Hypothes|Variable|Context")


def forbidden(text: str) -> str | None:
    """A word of a source that could stand for a missing proof, switch off a check or reach outside; None where there is none.

    Comments count too. The words that declare a premise are allowed within a section, where they become part of each statement.

    >>> forbidden("Lemma a : False. Proof. Admitted."), forbidden("Section S. Variable n : nat. End S."), forbidden("Variable n : nat.")
    ('Admitted', None, 'Variable')
    """
    depth = 0
    for found in _FORBIDDEN.finditer(text):
        word = found[0]
        if word == "Section":
            depth += 1
        elif word == "End":
            depth = max(0, depth - 1)
        elif word == "Module":
            continue
        elif depth == 0 or not _OUTSIDE.match(word):
            return " ".join(word.split())
    return None


def read_assumptions(output: str, count: int) -> list[tuple[str, ...]]:
    """The axioms of each of ``count`` theorems from the output of as many ``Print Assumptions``.

    Anything but names with types is refused: the prover lists there also what it was told to believe without a check.

    Raises:
        ProverError: where the output is not of that form.
    """
    blocks: list[list[str]] = []
    is_open = False
    for line in output.splitlines():
        if not line.strip() or (is_open and line[0].isspace()):
            continue
        named = _NAME.fullmatch(line)
        if line in (_CLOSED, _HEAD):
            blocks.append([])
            is_open = line == _HEAD
        elif is_open and named is not None:
            blocks[-1].append(named[1])
        else:
            raise ProverError(f"the prover's list of axioms has a line that is no axiom, so the proof is not believed: {_short(line)}")
    if len(blocks) != count:
        raise ProverError(f"the prover listed the axioms of {len(blocks)} theorems, not of {count}, so the proof is not believed")
    return [tuple(block) for block in blocks]


def allowed(arithmetic: str) -> frozenset[str]:
    """The axioms that a proof may rest on, with integers of the standard library or of the machine."""
    return STANDARD | MACHINE if arithmetic == "machine" else STANDARD


def unexpected(axioms: Iterable[str], arithmetic: str) -> list[str]:
    """Those that it may not."""
    return sorted(set(axioms) - allowed(arithmetic))


def read_summary(output: str, prefixes: Iterable[str]) -> None:
    """Hold the summary of the independent checker against what it must say: no axiom of these libraries, no check switched off.

    Raises:
        ProverError: with the line that should not be there.
    """
    parts: dict[str, list[str]] = {}
    current = ""
    for line in (raw.strip() for raw in output.splitlines()):
        if line.startswith("*"):
            current, _, rest = line.lstrip("* ").partition(":")
            parts.setdefault(current, []).extend([rest.strip()] if rest.strip() else [])
        elif line and current:
            parts[current].append(line)
    if "Axioms" not in parts or not any("type-in-type" in part for part in parts):
        raise ProverError("the independent checker did not print its summary, so its verdict is not believed")
    wrong = [name for name in parts.pop("Axioms") if name.startswith(tuple(f"{prefix}." for prefix in prefixes))]
    wrong += [line for line in parts.pop("Theory", []) if not line.startswith(_THEORY)]
    wrong += [f"{part}: {' '.join(lines)}" for part, lines in parts.items() if lines != ["<none>"]]
    if wrong:
        raise ProverError(f"the independent checker reports what must not be there: {_short(wrong[0])}")


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:196]} ..."
