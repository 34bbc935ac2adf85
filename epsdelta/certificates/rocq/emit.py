"""From a certificate to two files of the prover: an instance with one theorem per statement, and the theorems again in plain words.

The files are a fixed template with data: numbers, positions and names that are made here. Nothing that a user wrote as text (names of
games, players, variables) gets into them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import Any, cast

from epsdelta.certificates.kernel import reader
from epsdelta.certificates.kernel.check import MAX_STATEMENTS, VERSION
from epsdelta.certificates.kernel.problem import read_problem
from epsdelta.certificates.rocq.claims import WRITERS, Draft
from epsdelta.certificates.rocq.covers import Cover, Setting, setting
from epsdelta.certificates.rocq.instability import NEGATIVE
from epsdelta.certificates.rocq.mirror import is_rational
from epsdelta.certificates.rocq.penalty import penalty_files
from epsdelta.certificates.rocq.plain import Plain, field_theorem, restate
from epsdelta.certificates.rocq.text import items
from epsdelta.errors import ProverError

__all__ = ["ARITHMETICS", "Emission", "emit"]

ARITHMETICS = ("auto", "standard", "machine")
BITS = 60
MOST_STANDARD = 20
"""Largest dimension for which ``auto`` takes integers of the standard library, which need no axiom but are slow."""
_ALSO = {"BlockClaims": ("MetricClaims", "Blocks", "SmallGain", "Schur"), "EquilibriumClaims": ("MetricClaims",),
         "InstabilityClaims": ("MetricClaims",)}
"""Modules whose words a module's statements use."""
_WRITERS = {**WRITERS, **NEGATIVE}
_HEADER = """Require Import Reals List ZArith Bool.
From EpsDelta Require Import Field Expressions Projection Integers Definite Corners Enclosure EnclosureInstances Game MetricClaims GameShape
  {modules}.
Import ListNotations.
Open Scope Z_scope.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """What the prover is to check.

    Attributes:
        instance: text of Instance.v: data, and one theorem per statement.
        plain: text of Final.v: each theorem again in the plainest words, with the axioms it rests on.
        modules: the theory's modules that the files require.
        sentences: what each theorem says.
        arithmetic: "standard" or "machine".
    """

    instance: str
    plain: str
    modules: tuple[str, ...]
    sentences: tuple[str, ...]
    arithmetic: str


def emit(data: str | bytes, *, arithmetic: str = "auto") -> Emission:
    """The prover's files for a certificate.

    Args:
        data: the certificate, as text.
        arithmetic: "standard" (integers of the standard library), "machine" (63-bit words: faster, with the prover's axioms for them)
            or "auto" (machine words beyond 20 coordinates).

    Raises:
        FormatError: when the text is no certificate.
        ProverError: where a claim's kind has no theorem, or no witness was found; the message says for which statement.
    """
    try:
        return _emit(data, arithmetic)
    except RecursionError:
        raise ProverError("an expression is nested too deeply for the prover: the kernel's check stands") from None


def _emit(data: str | bytes, arithmetic: str) -> Emission:
    whole = reader.fields(reader.parse(data), "file", ("format", "version", "problem", "statements"))
    reader.integer(whole["version"], "file.version", VERSION, VERSION)
    given = cast("dict[str, Any]", reader.open_object(whole["problem"], "problem"))
    statements = cast("list[dict[str, Any]]", reader.items(whole["statements"], "statements", least=1, most=MAX_STATEMENTS))
    if given.get("kind") == "bilevel":
        found = penalty_files(given, statements, arithmetic, BITS)
        return Emission(instance=found.instance, plain=found.plain, modules=found.modules, sentences=found.sentences,
                        arithmetic=found.arithmetic)
    game = setting(read_problem(given))
    chosen = arithmetic if arithmetic != "auto" else ("standard" if game.problem.dimension <= MOST_STANDARD else "machine")
    drafts = [_draft(game, statement, k) for k, statement in enumerate(statements)]
    return _written(game, drafts, [statement["claim"] for statement in statements], chosen)


def _draft(game: Setting, statement: dict[str, Any], position: int) -> Draft:
    kind = str(statement["claim"]["kind"])
    if kind not in _WRITERS:
        raise ProverError(f"statements[{position}]: the claim {kind!r} has no theorem yet: the kernel's check stands")
    try:
        return _WRITERS[kind](game, statement["claim"], statement["witness"] or {})
    except ProverError as error:
        raise ProverError(f"statements[{position}] ({kind}): {error}") from None


def _common(game: Setting, covers: Sequence[Cover]) -> int:
    """A denominator for the region and all places where it is cut."""
    region = game.problem.region or ()
    return lcm(1, *(q.denominator for side in region for q in (side.lo, side.hi)), *(d for cover in covers for d in cover.denominators))


def _written(game: Setting, drafts: Sequence[Draft], claims: Sequence[dict[str, Any]], arithmetic: str) -> Emission:
    covers = [draft.cover for draft in drafts if draft.cover is not None]
    common = _common(game, covers)
    modules = [name for module in sorted({draft.module for draft in drafts}) for name in (*_ALSO.get(module, ()), module)]
    numbers = "plain" if arithmetic == "standard" else "big"
    chosen = f"rational {numbers}" if is_rational(game.trees) else f"{arithmetic} {BITS}"
    lines = [_HEADER.format(modules=" ".join(modules)), f"Definition ar : arithmetic := {chosen}.",
             f"Definition the_game : game := {game.text(common)}.",
             "Theorem the_game_well_formed : well_formed the_game.", "Proof. apply well_formed_sound. vm_cast_no_check (eq_refl true). Qed.", ""]
    names: dict[str, str] = {}
    for draft in drafts:
        if draft.cover is not None and (text := draft.cover.text(common)) not in names:
            name = names[text] = f"cover_{len(names)}"
            lines += [f"Definition {name} : cover := {text}.",
                      f"Lemma {name}_holds : cover_check ar the_game {name} = true.", "Proof. vm_cast_no_check (eq_refl true). Qed.",
                      f"Theorem {name}_well_posed : well_posed the_game.",
                      f"Proof. exact (proj1 (cover_sound ar the_game {name} {name}_holds)). Qed.", ""]
    for k, draft in enumerate(drafts):
        cover = None if draft.cover is None else names[draft.cover.text(common)]
        lines += _theorem(draft, f"s{k}_", cover, k)
    instance = "\n".join(lines) + "\n"
    plain = _plain(game, drafts, claims, [None if d.cover is None else names[d.cover.text(common)] for d in drafts], modules)
    return Emission(instance=instance, plain=plain, modules=("GameShape", *modules),
                    sentences=tuple(draft.sentence for draft in drafts), arithmetic=arithmetic)


def _theorem(draft: Draft, prefix: str, cover: str | None, position: int) -> list[str]:
    lines = [f"Definition {prefix}{name} : {kind} := {text}." for name, kind, text in draft.definitions]
    proof = draft.proof
    if cover is not None and draft.cover is not None:
        lines.append(f"Definition {prefix}witnesses := {items(draft.cover.witnesses)}.")
        late = draft.module != "MetricClaims"  # there the proof that the cover holds comes before the data, elsewhere after them
        proof = proof.replace("COVER", cover if late else f"{cover} {cover}_holds").replace("WITNESSES", f"{prefix}witnesses")
        proof = f"{proof} {cover}_holds" if late else proof
    return [*lines, f"Theorem statement_{position} : ({draft.statement.replace('NAME', prefix)})%R.",
            f"Proof. apply ({proof.replace('NAME', prefix)}). vm_cast_no_check (eq_refl true). Qed.", ""]


def _plain(game: Setting, drafts: Sequence[Draft], claims: Sequence[dict[str, Any]], covers: Sequence[str | None],
           modules: Sequence[str]) -> str:
    """Final.v: what is proved, in the reals' own words where the game is small, otherwise in the theory's."""
    words = [restate(game, claim, k, cover) for k, (claim, cover) in enumerate(zip(claims, covers, strict=True))]
    known = next((cover for cover in covers if cover is not None), None)
    field = None if known is None else field_theorem(game, known)
    more = sorted({found.module for found in (*words, field) if found is not None})
    lines = [_HEADER.format(modules=" ".join([*modules, *more])), "From Proof Require Import Instance.", ""]
    names = [*(f"final_{k}" for k in range(len(drafts))), "the_game_well_formed",
             *(f"{cover}_well_posed" for cover in sorted({cover for cover in covers if cover is not None}))]
    for k, (draft, found) in enumerate(zip(drafts, words, strict=True)):
        if found is None:
            lines.append(f"Definition final_{k} : ({draft.statement.replace('NAME', f's{k}_')})%R := statement_{k}.")
        else:
            lines += _theorem_in_words(f"final_{k}", found)
    if field is not None:
        names.append("the_field")
        lines += _theorem_in_words("the_field", field)
    proof = names[-1]
    for name in reversed(names[:-1]):
        proof = f"(conj {name} {proof})"
    lines += [f"Definition everything := {proof}.", "Print Assumptions everything."]
    return "\n".join(lines) + "\n"


def _theorem_in_words(name: str, found: Plain) -> list[str]:
    return [f"Theorem {name} :\n  ({found.statement})%R.", f"Proof. exact ({found.proof}). Qed.", ""]
