"""Which entries of the catalogue have a theorem, found in the sources of the theory.

``python -m epsdelta.certificates.rocq.links`` writes ``epsdelta/bounds/machine_checked.py``: an entry is linked to the theorem whose name
is that of the entry's formula with ``_holds`` or ``_refuted`` behind it. The text of the theory is read, the prover is not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import epsdelta.bounds
from epsdelta.bounds.catalogue import all_bounds
from epsdelta.bounds.theorems import KIND
from epsdelta.certificates.rocq.formulas import formula_name
from epsdelta.certificates.rocq.library import LIBRARY, sources

__all__ = ["FINITE_NOISE", "SUFFIXES", "TABLE", "Stated", "definitions_used", "finite_noise", "found", "main", "mentions", "stated", "table",
           "unmatched", "uses_formulas", "without_comments"]

TABLE = Path(epsdelta.bounds.__file__).parent / "machine_checked.py"
SUFFIXES = ("_holds", "_refuted")
"""Of the names of theorems that speak of an entry."""
FINITE_NOISE = "for noise with finitely many values at each step"
"""Stands in the opening comment of a module whose theorems hold for such noise only (``chance`` of ``Expectation.v``)."""
_MARK = re.compile(r"\(\*|\*\)")
_THEOREM = re.compile(r"\b(?:Theorem|Lemma|Corollary|Proposition|Fact|Remark)\s+([A-Za-z_][\w']*)(.*?)\.(?=\s)", re.DOTALL)

_USES = re.compile(rf"From\s+{LIBRARY}\s+Require\s+Import\s+[^.]*\bFormulas\b")

_DEFINITION = re.compile(r"\bDefinition\s+([A-Za-z_][\w']*)(.*?)\.(?=\s)", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_][\w']*")


@dataclass(frozen=True, slots=True)
class Stated:
    """A theorem as its file states it.

    Args:
        file: name of the module.
        name: of the theorem.
        statement: binders and conclusion.
    """

    file: str
    name: str
    statement: str


def without_comments(text: str) -> str:
    """A source without its comments, which may be nested.

    >>> without_comments("Lemma a (* (* b *) c *): True.")
    'Lemma a : True.'
    """
    kept: list[str] = []
    depth = start = 0
    for mark in _MARK.finditer(text):
        if mark[0] == "(*":
            kept += [text[start:mark.start()]] if depth == 0 else []
            depth += 1
        elif depth:
            depth -= 1
            start = mark.end()
    return "".join([*kept, text[start:] if depth == 0 else ""])


def stated() -> Iterator[Stated]:
    """Every theorem and lemma of the theory."""
    for file, text in sources().items():
        for one in _THEOREM.finditer(without_comments(text)):
            yield Stated(file, one[1], one[2])


def definitions_used(one: Stated) -> Mapping[str, str]:
    """The definitions of its own file that a theorem's statement uses, directly or through others: name to text."""
    here = dict(_DEFINITION.findall(without_comments(sources()[one.file])))
    used: dict[str, str] = {}
    waiting = [one.statement]
    while waiting:
        for word in _WORD.findall(waiting.pop()):
            if word in here and word not in used:
                used[word] = here[word]
                waiting.append(here[word])
    return used


def mentions(one: Stated, name: str) -> bool:
    """Whether a theorem's statement, or a definition of its file that it uses, holds a name."""
    return any(name in _WORD.findall(text) for text in (one.statement, *definitions_used(one).values()))


def found() -> Mapping[str, Stated]:
    """Entry id to the theorem that is named after its formula."""
    names = {formula_name(bound.id) + suffix: bound.id for bound in all_bounds() for suffix in SUFFIXES}
    return dict(sorted(((names[one.name], one) for one in stated() if one.name in names), key=lambda pair: pair[0]))


def unmatched() -> list[Stated]:
    """Theorems of modules that use the catalogue's formulas, with the suffix but not the name of any entry: a slip of the pen."""
    known = {one.name for one in found().values()}
    return [one for one in stated() if one.name.endswith(SUFFIXES) and one.name not in known and uses_formulas(one.file)]


def uses_formulas(file: str) -> bool:
    """Whether a module of the theory imports the definitions rendered from the catalogue."""
    return _USES.search(without_comments(sources()[file])) is not None


def finite_noise(file: str) -> bool:
    """Whether the opening comment of a module restricts its theorems to noise with finitely many values at each step."""
    return FINITE_NOISE in " ".join(sources()[file].partition("*)")[0].split())


def table() -> str:
    """The text of ``machine_checked.py``."""
    rows = "".join(f'    "{entry}": "{KIND}/{one.file}.{one.name}",\n' for entry, one in found().items())
    finite = "".join(f'    "{KIND}/{one.file}.{one.name}",\n' for one in found().values() if finite_noise(one.file))
    return (f'"""Entries of the catalogue with a machine-checked theorem: entry id to evidence id ``{KIND}/FILE.THEOREM``.\n\n'
            "Written by ``python -m epsdelta.certificates.rocq.links`` from the theory's sources; do not edit.\n"
            '"""\n\nfrom __future__ import annotations\n\nfrom collections.abc import Mapping\n\n'
            '__all__ = ["FINITE_NOISE", "MACHINE_CHECKED"]\n\n'
            f"MACHINE_CHECKED: Mapping[str, str] = {{\n{rows}}}\n\n"
            f'FINITE_NOISE: frozenset[str] = frozenset({{\n{finite}}})\n'
            '"""Those of them that hold for noise with finitely many values at each step, not for every distribution."""\n')


def main() -> None:
    """Write ``machine_checked.py``."""
    TABLE.write_text(table(), encoding="utf-8")
    print(f"{len(found())} entries have a theorem")
    for one in unmatched():
        print(f"{one.file}.{one.name} is named after no entry of the catalogue")


if __name__ == "__main__":
    main()
