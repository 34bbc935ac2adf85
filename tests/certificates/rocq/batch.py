"""Many emissions in one process of the prover: its interactive loop goes on after a refused proof, so one start serves them all.

Each emission becomes a module with its two files as they are; it counts as accepted if every theorem of it and its restatement exist
afterwards, nothing being left open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from epsdelta.certificates.rocq.emit import Emission
from epsdelta.certificates.rocq.folder import FINAL, INSTANCE, PROOF, files_of, modules_of
from epsdelta.certificates.rocq.library import LIBRARY, compiled
from epsdelta.certificates.rocq.toolchain import Prover, run

__all__ = ["Pair", "accepted", "pair_of"]

Pair = tuple[str, str]
"""Instance and restatement."""
_LOAD = re.compile(r"^(?:From\s+\w+\s+)?Require\s[^.]*\.(?=\s)", re.MULTILINE)
_END = re.compile(r"\b(?:Qed|Defined)\.[ \t]*$", re.MULTILINE)
_ANSWER = re.compile(r"Constant Top\.(M\d+)\.(\w+\.\w+)")


def pair_of(emission: Emission) -> Pair:
    """The texts that are compiled."""
    files = files_of(emission)
    return files[INSTANCE], files[FINAL]


def _section(name: str, text: str) -> str:
    """A file as a module; a proof that was refused must not swallow what follows it."""
    return f"Module {name}.\n{_END.sub(lambda end: f'{end[0].rstrip()} Abort All.', text)}\nAbort All.\nEnd {name}."


def _body(k: int, pair: Pair, names: Sequence[str]) -> str:
    instance, final = pair
    own = final.replace(f"From {PROOF} Require Import {INSTANCE}.", f"Import {INSTANCE}.").replace(f"{PROOF}.{INSTANCE}.", f"{INSTANCE}.")
    loads = _LOAD.findall(instance)
    if _LOAD.findall(own) == loads:  # they are loaded already
        own = _LOAD.sub("", own)
    return "\n".join([f"Module M{k}.", _section(INSTANCE, _LOAD.sub("", instance)), _section(FINAL, own), f"End M{k}.",
                      *(f"Locate M{k}.{name}." for name in names)])


def accepted(prover: Prover, emissions: Sequence[Emission], pairs: Sequence[Pair] | None = None, *, restated: bool = True) -> list[bool]:
    """Which emissions the prover accepts, or which pairs of texts in their place; with ``restated`` both files are asked for."""
    if not emissions:
        return []
    library = compiled(prover, sorted({module for emission in emissions for module in modules_of(emission)}))
    texts = pairs or [pair_of(emission) for emission in emissions]
    names = ((INSTANCE, "statement"), (FINAL, "final")) if restated else ((INSTANCE, "statement"),)
    wanted = [[f"{file}.{name}_{j}" for file, name in names for j in range(len(emission.sentences))]
              for emission in emissions]
    found = [False] * len(texts)
    loads = [tuple(_LOAD.findall(instance)) for instance, _ in texts]
    for own in dict.fromkeys(loads):
        chosen = [k for k, other in enumerate(loads) if other == own]
        answers = _answers(prover, library, [*own, *(_body(k, texts[k], wanted[k]) for k in chosen)])
        for k in chosen:
            found[k] = all((f"M{k}", name) in answers for name in wanted[k])
    return found


def _answers(prover: Prover, library: Path, lines: Sequence[str]) -> set[tuple[str, str]]:
    """The constants that exist in the end: module, and name in it."""
    with TemporaryDirectory() as made:
        script = Path(made, "batch.v")
        script.write_text("\n".join(["Set Silent.", 'Set Warnings "-require-in-module".', *lines, "Quit.", ""]), encoding="utf-8")
        top = Path(prover.coqc).with_name("coqtop")
        ended = run(["sh", "-c", f"exec '{top}' -quiet -q -Q '{library}' {LIBRARY} < '{script}' 2> '{made}/errors'"], timeout=900)
        assert ended.status == 0, ended.output[-500:]
    return set(_ANSWER.findall(ended.output))
