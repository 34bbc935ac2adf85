"""The kernel and the prover on the certificates that must have proofs, on mutants of every number, and on altered instances.

``epsdelta prove`` asks the kernel first, so that a proof needs both. Here the prover is asked alone. What the kernel proves, the prover
must accept. What the kernel refuses, the prover may accept only where its theorem does not speak of the number (``is_unused``), or with
elementary functions, where it cuts a box further than the certificate does, and the claim is true by an independent recomputation.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import pytest

from epsdelta.certificates.kernel import Outcome, check_text
from epsdelta.certificates.rocq.emit import Emission, emit
from epsdelta.certificates.rocq.folder import modules_of
from epsdelta.certificates.rocq.library import compiled
from epsdelta.certificates.rocq.prove import prove
from epsdelta.certificates.rocq.toolchain import Prover
from epsdelta.errors import FormatError, InputError, ProverError, VerdictError
from tests.certificates.rocq.batch import accepted, pair_of
from tests.certificates.rocq.subjects import LARGE, Mutant, mutants, subjects, whole
from tests.judges import states_only_true

UNUSED = {
    ("small_gain", "witness.left"): "the prover takes weights and right only",
    ("small_gain", "witness.right"): "the prover takes weights and right only, and does not compare them with left",
    ("unstable_step", "witness.form"): "the prover symmetrizes the form, which stands in no theorem",
    ("penalty", "claim.lipschitz"): "the theorem has gamma only: the prover finds constants of its own",
    ("penalty", "claim.rho"): "the theorem has gamma only: the prover finds constants of its own",
}
"""Numbers that the kernel insists on and the prover's theorem does not contain, with the reason. See also :func:`is_unused`."""
SMOOTH = ("exp and sin", "ten")
"""Games with elementary functions: the prover may cut further than the certificate's leaves, and prove what is true."""
HEAVY = (*LARGE, "ten")
"""For a false claim the search for a proof cuts the region into thousands of boxes before it gives up."""
FEW, MORE = 3, 24


def is_unused(mutant: Mutant) -> bool:
    """Whether the theorem is the same, or no weaker, without the changed number."""
    kind, (part, name, *rest) = mutant.subject.split(": ")[1], mutant.place
    if (kind, name) in (("small_gain", "coupling"), ("schur_step", "coupling")):
        return len(rest) == 2 and rest[0] == rest[1]  # a player's coupling with itself
    if (kind, name) == ("small_gain", "lipschitz"):
        return mutant.value.startswith("-") and -Fraction(mutant.value) == _number(mutant)  # the theorem has its square
    return (kind, f"{part}.{name}") in UNUSED


def is_true_and_smooth(mutant: Mutant) -> bool:
    """True by an independent recomputation, of a game with elementary functions."""
    return mutant.subject.split(":")[0] in SMOOTH and states_only_true(json.loads(mutant.text))


def _number(mutant: Mutant) -> Fraction:
    """What stood at the mutant's place."""
    at: Any = json.loads(subjects()[mutant.subject])["statements"][0]
    for key in mutant.place:
        at = at[key]
    return Fraction(at)


def kernel_proves(text: str) -> bool:
    try:
        return check_text(text).outcome is Outcome.PROVED
    except FormatError:
        return False


def emitted(text: str) -> Emission | str:
    """What the prover would be given; the reason where there is nothing."""
    try:
        return emit(text)
    except (ProverError, FormatError, InputError, VerdictError) as error:
        assert "\n" not in str(error)
        return str(error)


def verdicts(prover: Prover, chosen: Sequence[Mutant]) -> list[tuple[Mutant, bool, bool]]:
    """Each mutant with the kernel's verdict and the prover's."""
    files = [emitted(mutant.text) for mutant in chosen]
    known = [k for k, found in enumerate(files) if isinstance(found, Emission)]
    given = [found for found in files if isinstance(found, Emission)]
    compiled(prover, sorted({module for emission in given for module in modules_of(emission)}))
    with ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(lambda part: accepted(prover, part), (given[::2], given[1::2])))
    answers = dict(zip([*known[::2], *known[1::2]], [*halves[0], *halves[1]], strict=True))
    return [(mutant, kernel_proves(mutant.text), answers.get(k, False)) for k, mutant in enumerate(chosen)]


def held(results: Sequence[tuple[Mutant, bool, bool]]) -> Counter[tuple[bool, bool]]:
    """Count the pairs of verdicts; fail on those that do not agree for no good reason."""
    wrong: list[str] = []
    for mutant, kernel, prover in results:
        if kernel and not prover:
            wrong.append(f"the kernel proves it, the prover does not: {mutant}: {emitted(mutant.text)!s:.200}")
        elif prover and not kernel and not is_unused(mutant) and not is_true_and_smooth(mutant):
            wrong.append(f"the prover accepts it, the kernel does not: {mutant}")
    assert not wrong, "\n".join(wrong)
    return Counter((kernel, prover) for _, kernel, prover in results)


class TestProofs:
    def test_every_statement_is_accepted(self, prover: Prover) -> None:
        texts = {name: text for name, text in subjects().items() if name.split(":")[0] not in LARGE}
        files = {name: emitted(text) for name, text in texts.items()}
        missing = {name: found for name, found in files.items() if isinstance(found, str)}
        assert not missing, missing
        answers = accepted(prover, [found for found in files.values() if isinstance(found, Emission)])
        assert [name for name, good in zip(files, answers, strict=True) if not good] == []

    @pytest.mark.parametrize("name", ["E6 at 9/10", "penalty-tight"])
    def test_the_whole_way(self, name: str, prover: Prover) -> None:
        """Not in a batch: with the kernel first, three files and the axioms."""
        proof = prove(whole()[name], prover=prover)
        assert proof.level == "rocq" and len(proof.theorems) == len(proof.sentences)

    @pytest.mark.slow
    @pytest.mark.parametrize("name", [name for name in whole() if name not in ("E6 at 9/10", "penalty-tight")])
    def test_the_whole_way_for_all(self, name: str, prover: Prover) -> None:
        assert prove(whole()[name], prover=prover).level == "rocq"


class TestMutants:
    def test_a_few(self, prover: Prover) -> None:
        chosen = [one for name, text in subjects().items() if name.split(":")[0] not in HEAVY for one in mutants(name, text, count=FEW)]
        counts = held(verdicts(prover, chosen))
        print(f"{len(chosen)} mutants, (kernel, prover) to count: {dict(counts)}")
        assert counts[True, True] > 5 and counts[False, False] > 40

    @pytest.mark.slow
    @pytest.mark.parametrize("name", whole())
    def test_more(self, name: str, prover: Prover) -> None:
        count = 3 if name in HEAVY else MORE
        own = {subject: text for subject, text in subjects().items() if subject.startswith(f"{name}: ")}
        chosen = [one for subject, text in own.items() for one in mutants(subject, text, count=count, seed=1)]
        counts = held(verdicts(prover, chosen))
        print(f"{name}: {len(chosen)} mutants: {dict(counts)}")
        assert counts[False, False] > 0


# ---- the emitted texts -------------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"(?<![\w.])(?:0x[0-9a-f]+|\d+)(?![\w.])")
FALSE = {
    "E1: small_gain": [("Vector 1 [1; 200]", "Vector 1 [1; 20000000]"), ("real (0xb500%Z", "real (0xf500%Z"), ("(0xb500%Z", "(0xf500%Z")],
    "E1 at 1: schur_step": [("(Vector 1 [1; 1])", "(Vector 1 [3; 3])")],
    "E1 at 117/100: step_contraction": [("[117; 117]", "[118; 118]"), ("Vector 100 [117; 117]", "Vector 90 [117; 117]")],
    "E6 at 9/10: schur_step": [("[((-1), 1); ((-1), 1)]", "[((-9), 9); ((-9), 9)]"), ("Vector 10 [9; 9]", "Vector 10 [19; 19]")],
    "E6 at 9/10: convergence": [("[((-1), 1); ((-1), 1)]", "[((-9), 9); ((-9), 9)]"), ("Vector 10 [9; 9]", "Vector 10 [19; 19]")],
}
"""Changes of a claim's own numbers, everywhere in the instance: larger weights, margins, steps and boxes."""


def altered(text: str, count: int, seed: int) -> list[str]:
    """Statements with one number changed, all else left as it is."""
    found: list[str] = []
    for statement in re.finditer(r"^Theorem statement_\d+ : (.*)$", text, re.MULTILINE):
        for number in _NUMBER.finditer(text, statement.start(1), statement.end(1)):
            for other in (int(number[0], 0) + 1, 0, 2 * int(number[0], 0) + 1):
                changed = text[:number.start()] + str(other) + text[number.end():]
                if other != int(number[0], 0) and changed != text:
                    found.append(changed)
    return random.Random(seed).sample(found, min(count, len(found)))


class TestInstances:
    def test_false_data_shared_by_statement_and_proof(self, prover: Prover) -> None:
        emissions: list[Emission] = []
        pairs: list[tuple[str, str]] = []
        for name, changes in FALSE.items():
            emission = emit(subjects()[name])
            for old, new in changes:
                instance, final = pair_of(emission)
                assert old in instance, (name, old)
                emissions.append(emission)
                pairs.append((instance.replace(old, new), final.replace(old, new)))
        assert accepted(prover, emissions, pairs, restated=False) == [False] * len(pairs)

    @pytest.mark.slow
    def test_a_changed_statement_with_the_old_proof(self, prover: Prover) -> None:
        emissions: list[Emission] = []
        pairs: list[tuple[str, str]] = []
        for name, text in subjects().items():
            if name.split(":")[0] in ("E1", "E6 at 9/10", "exp and sin"):
                emission = emit(text)
                instance, final = pair_of(emission)
                for other in altered(instance, 4, seed=0):
                    emissions.append(emission)
                    pairs.append((other, final))
        assert len(pairs) > 20
        assert accepted(prover, emissions, pairs, restated=False) == [False] * len(pairs)

    def test_the_untouched_texts_are_accepted(self, prover: Prover) -> None:
        """So that the refusals above mean something."""
        chosen = [emit(subjects()[name]) for name in FALSE]
        assert accepted(prover, chosen, [pair_of(emission) for emission in chosen]) == [True] * len(chosen)
