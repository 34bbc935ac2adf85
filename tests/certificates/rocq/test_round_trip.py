"""What is emitted is what the certificate says: Instance.v read back and compared, number by number, with the certificate's JSON.

The prover checks that what is emitted is true, not that it is about the user's game: coordinates in another order, a step spread over
another player's block or a transposed matrix could all compile. Both sides are read here without the package: the text by
``emitted.py`` and the JSON below.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import Any

import mpmath
import pytest

from epsdelta.certificates.kernel import GAME_KINDS, check_text
from epsdelta.certificates.kernel.problem import Problem
from epsdelta.certificates.rocq import claims, covers, instability, penalty
from epsdelta.certificates.rocq import text as writing
from epsdelta.certificates.rocq.emit import emit
from tests.certificates.rocq.emitted import DIGITS, Emitted, Term, read, value, vector, written
from tests.certificates.rocq.uneven import Certificates, corpus

F = Fraction


@lru_cache(maxsize=128)
def _emitted(name: str) -> str:
    return emit(corpus()[name]).instance


# ---- the certificate, read from its JSON -------------------------------------------------------------------------------------

_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp, "log": mpmath.log, "sqrt": mpmath.sqrt, "sin": mpmath.sin, "cos": mpmath.cos, "tanh": mpmath.tanh,
    "logistic": lambda x: mpmath.exp(x) / (1 + mpmath.exp(x)), "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
}
SAMPLE = 5
"""Points at which expressions are compared."""


def _number(q: Any) -> Any:
    return mpmath.mpf(q.numerator) / q.denominator if isinstance(q, Fraction) else q


def _tape(nodes: Sequence[Sequence[Any]], place: Sequence[Fraction]) -> list[Any]:
    """The value of each instruction of a certificate."""
    known: list[Any] = []
    for op, *args in nodes:
        if op == "variable":
            known.append(place[args[0]])
        elif op == "constant":
            known.append(Fraction(args[0]))
        elif op == "power":
            known.append(known[args[0]] ** args[1])
        elif op in _FUNCTIONS:
            known.append(_FUNCTIONS[op](_number(known[args[0]])))
        else:
            a, b = (known[k] for k in args)
            if not (isinstance(a, Fraction) and isinstance(b, Fraction)):
                a, b = _number(a), _number(b)
            known.append(a + b if op == "add" else a * b if op == "mul" else {"div": lambda a, b: a / b}[op](a, b))
    return known


def _places(region: Sequence[Any] | None, size: int) -> list[list[Fraction]]:
    """Points inside the region."""
    rng, sides = random.Random(20), region or [None] * size
    ends = [side or (F(-2), F(3)) for side in sides]
    return [[low + (high - low) * F(rng.randrange(1, 97), 97) for low, high in ends] for _ in range(SAMPLE)]


def _exact(given: Any) -> Any:
    """Numbers written as strings become fractions, wherever they stand."""
    if isinstance(given, list):
        return [_exact(item) for item in given]
    return Fraction(given) if isinstance(given, str) else given


def _problem(given: dict[str, Any]) -> dict[str, Any]:
    region = _exact(given["region"])
    if given["kind"] == "bilevel":
        outputs = given["outputs"]
        field, wanted = given, [outputs["upper_cost"], outputs["lower_cost"], *outputs["upper_constraints"]]
        players = [(len(given[level]), level, None) for level in ("upper", "lower")]
        assert not outputs["lower_constraints"]
    else:
        field = given["field"]
        wanted = field.get("outputs")
        players = [(len(p["variables"]), p["constraint"]["kind"], _exact(p["constraint"].get("total"))) for p in given["players"]]
    found = {"players": players, "region": region, "form": field.get("form", "bilevel")}
    if wanted is None:
        return {**found, "matrix": _exact(field["jacobian"]), "offset": _exact(field["offset"])}
    with mpmath.workdps(DIGITS):
        values = [_tape(field["nodes"], place) for place in _places(region, sum(p[0] for p in players))]
    return {**found, "values": [[each[k] for k in wanted] for each in values]}


def _claim(given: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    """The claim's own words; steps of metric claims once for each coordinate."""
    found = {name: item if name in ("kind", "structure", "updates") else _exact(item) for name, item in given.items()}
    kind = found["kind"]
    if "step_sizes" in found and kind != "schur_step":
        sizes = [size for size, _, _ in problem["players"]]
        found["step_sizes"] = [h for h, size in zip(found["step_sizes"], sizes, strict=True) for h in [h] * size]
    if kind == "convergence":
        found["from"] = "a ball" if found["center"] is not None else "all points" if problem["region"] is None else "all profiles"
    return found


# ---- the comparison ----------------------------------------------------------------------------------------------------------


def _agree(first: Any, second: Any) -> bool:
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_agree(first[key], second[key]) for key in first)
    if isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        return len(first) == len(second) and all(map(_agree, first, second))
    if isinstance(first, mpmath.mpf) or isinstance(second, mpmath.mpf):
        with mpmath.workdps(DIGITS):
            return abs(_number(first) - _number(second)) <= mpmath.mpf(10) ** -40 * (1 + abs(_number(first)))
    return first == second


def compare(certificate: str, instance: str) -> None:
    """Fails where the emitted text says something else than the certificate."""
    document, text = json.loads(certificate), Emitted(instance)
    wanted = _problem(document["problem"])
    found = text.bilevel() if wanted["form"] == "bilevel" else text.problem()
    if "trees" in found:
        places = _places(wanted["region"], sum(p[0] for p in wanted["players"]))
        found["values"] = [[value(tree, place) for tree in found["trees"]] for place in places]
        del found["trees"]
    assert _agree(found, wanted), "the problem"
    assert len(text.theorems) == len(document["statements"])
    for k, statement in enumerate(document["statements"]):
        stated, said = text.claim(k), _claim(statement["claim"], wanted)
        if said["kind"] == "penalty":  # larger L and rho are as good: the conclusion does not have them
            for name in ("lipschitz", "rho"):
                assert stated.pop(name) >= said.pop(name)
        assert _agree(stated, said), f"statement {k}: {stated} for {said}"


def differs(certificate: str, instance: str) -> bool:
    """Whether the comparison fails, be it that the text cannot be read."""
    try:
        compare(certificate, instance)
    except AssertionError:
        return True
    return False


def test_the_corpus_has_every_kind_and_form() -> None:
    """And unequal blocks, every constraint, bilevel problems, and steps that differ."""
    documents = {name: json.loads(text) for name, text in corpus().items()}
    kinds = {s["claim"]["kind"] for d in documents.values() for s in d["statements"]}
    assert kinds == {*GAME_KINDS, "penalty"}
    games = [d["problem"] for name, d in documents.items() if d["problem"]["kind"] == "game" and not name.startswith("kernel")]
    assert {g["field"]["form"] for g in games} == {"linear", "costs", "gradients"}
    assert {p["constraint"]["kind"] for g in games for p in g["players"]} == {"free", "box", "simplex"}
    assert all(len({len(p["variables"]) for p in g["players"]}) > 1 for g in games)
    uneven = {s["claim"]["kind"] for d in documents.values() for s in d["statements"] if len(set(s["claim"].get("step_sizes", ()))) > 1}
    assert uneven == {"schur_step", "step_contraction", "convergence", "unstable_step", "unstable_equilibrium"}


GROUPS = ("search", "hand", "bilevel", "kernel")


def _group(group: str) -> Certificates:
    return {name: text for name, text in corpus().items() if name.startswith(f"{group}: ")}


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_emitted_is_what_the_certificate_says(group: str) -> None:
    for name, text in _group(group).items():
        assert check_text(text).is_proved, name
        compare(text, _emitted(name))


@pytest.mark.parametrize("group", ["search", "hand", "bilevel"])
def test_so_it_is_with_machine_words(group: str) -> None:
    for text in _group(group).values():
        compare(text, emit(text, arithmetic="machine").instance)


# ---- texts that say something else -------------------------------------------------------------------------------------------

_WITNESSES = r"cover_\d+|ar|s\d+_(witnesses|tree|form|direction|near|inverse|back|growth|dual)"
_PLACES: dict[str, range] = {"Band": range(4), "PenaltyClaim": range(2, 6)}
"""Arguments that the certificate's claim determines, where it does not determine all."""
CHANGES = 40
"""Changes to each text in the default run; a slow run makes them all."""


def _numbers(term: Term | int) -> list[int]:
    return [term] if isinstance(term, int) else [n for a in term.args for n in _numbers(a)]


def _changed(term: Term | int) -> Iterator[Term | int]:
    """Other meanings next to this one: entries, rows, sides and arguments in another order, a matrix transposed, a number by one larger."""
    if isinstance(term, int):
        yield term + 1
        return
    places = _PLACES.get(term.head, range(len(term.args)))
    for k in places:
        other = [n for j, a in enumerate(term.args) if j != k for n in _numbers(a)]
        if isinstance(term.args[k], int) and other and not any(other):
            continue  # zeros over another denominator
        for new in _changed(term.args[k]):
            yield Term(term.head, (*term.args[:k], new, *term.args[k + 1:]))
    if term.head in ("Add", "Mul", "<", "/\\"):
        return
    for k in places[1:]:
        first, second = term.args[k - 1:k + 1]
        if first != second and k - 1 in places and _alike(term.head, first, second):
            yield Term(term.head, (*term.args[:k - 1], second, first, *term.args[k + 1:]))
    if term.head == "[]" and term.args:
        yield Term("[]", term.args[:-1])
        rows = [row.args for row in term.args if isinstance(row, Term) and row.head == "[]"]
        if rows and [*map(tuple, zip(*rows, strict=True))] != rows:
            yield Term("[]", tuple(Term("[]", column) for column in zip(*rows, strict=True)))


def _alike(head: str, first: Term | int, second: Term | int) -> bool:
    """Whether the prover may take the one for the other."""
    if isinstance(first, int) or isinstance(second, int):
        return type(first) is type(second)
    return head in ("[]", ",", "Div", "Sub", "Bilevel") or first.head == second.head or not (first.args or second.args)


def _texts(instance: str) -> Iterator[str]:
    """The file with one change in what it says: data, or a theorem's arguments. Witnesses stay."""
    for found in re.finditer(r"^(Definition (\w+)[^=]*:=) (.*)\.$|^(Theorem statement_\d+ :) (.*)\.$", instance, re.MULTILINE):
        if found[2] and re.fullmatch(_WITNESSES, found[2]):
            continue
        head, body = (found[1], found[3]) if found[2] else (found[4], found[5])
        for new in _changed(read(body)):
            yield f"{instance[:found.start()]}{head} {written(new)}.{instance[found.end():]}"


@pytest.mark.parametrize("most", [CHANGES, pytest.param(None, marks=pytest.mark.slow)], ids=["sample", "all"])
@pytest.mark.parametrize("group", GROUPS)
def test_every_change_is_seen(group: str, most: int | None) -> None:
    for seed, (name, text) in enumerate(_group(group).items()):
        instance = _emitted(name)
        changed = list(_texts(instance))
        assert len(changed) >= 10, name
        for other in changed if most is None or len(changed) <= most else random.Random(seed).sample(changed, most):
            assert differs(text, other), f"{name}: {_difference(instance, other)}"


def _difference(first: str, second: str) -> str:
    return next(f"{b} for {a}" for a, b in zip(first.splitlines(), second.splitlines(), strict=True) if a != b)


def test_what_is_written_again_is_the_same() -> None:
    """Otherwise a change might be seen for the way it is written."""
    for name, text in corpus().items():
        instance = _emitted(name)
        same = re.sub(r"^(Definition [^=]*:=|Theorem statement_\d+ :) (.*)\.$", lambda found: f"{found[1]} {written(read(found[2]))}.",
                      instance, flags=re.MULTILINE)
        compare(text, same)


# ---- an emitter that says something else -------------------------------------------------------------------------------------


def _transposed(rows: Sequence[Sequence[Fraction]]) -> str:
    return writing.matrix([list(column) for column in zip(*rows, strict=True)])


def _other_blocks(problem: Problem, steps: Sequence[Fraction]) -> list[Fraction]:
    return [steps[k % len(steps)] for k in range(problem.dimension)]


BUGS: dict[str, tuple[Any, str, Any, str]] = {
    "the matrix of a game transposed": (covers, "matrix", _transposed, "hand: everywhere"),
    "the offset in another order": (covers, "vector", lambda q: writing.vector(q[::-1]), "hand: step_contraction"),
    "steps of other players": (Problem, "per_coordinate", _other_blocks, "hand: step_contraction"),
    "steps of other players, for an unstable step": (Problem, "per_coordinate", _other_blocks, "hand: unstable_step"),
    "steps in another order": (claims, "vector", lambda q: writing.vector(q[::-1]), "hand: profiles"),
    "costs in another order": (covers, "expressions", lambda program: writing.expressions(program)[::-1], "search: three"),
    "the region in another order": (covers, "box", lambda sides, common=None: writing.box(sides[::-1], common), "hand: split"),
    "a simplex of another total": (covers, "fraction", lambda _: "1 1", "hand: profiles"),
    "couplings transposed": (claims, "matrix", _transposed, "hand: schur_step any"),
    "weights in another order": (claims, "vector", lambda q: writing.vector(q[::-1]), "hand: small_gain"),
    "radii and rates turned over": (claims, "ratio", lambda q: f"({q.denominator}%Z, {max(q.numerator, 1)}%positive)", "hand: in a ball"),
    "a center in another order": (instability, "vector", lambda q: writing.vector(q[::-1]), "hand: unstable_equilibrium"),
    "bilevel costs exchanged": (penalty, "expressions", lambda program: [(t := writing.expressions(program))[1], t[0], *t[2:]],
                                "bilevel: polynomial"),
    "free and bounded variables exchanged": (penalty, "_sides", lambda region, common: SIDES(region[::-1], common), "bilevel: polynomial"),
}
SIDES = penalty._sides  # pyright: ignore[reportPrivateUsage]


@pytest.mark.parametrize("bug", BUGS)
def test_a_wrong_emitter_is_seen(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, name, wrong, example = BUGS[bug]
    certificate = corpus()[example]
    compare(certificate, emit(certificate).instance)
    monkeypatch.setattr(place, name, wrong)
    with pytest.raises(AssertionError, match=r"^(the problem|statement 0: )"):
        compare(certificate, emit(certificate).instance)


# ---- witnesses of blocks -----------------------------------------------------------------------------------------------------


def _rest(factor: Any, rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """A multiple of the symmetric part, less the weighted squares: ``certified`` of Definite.v wants it diagonally dominant."""
    multiple, terms = factor.args
    size = range(len(rows))
    rest = [[multiple * (rows[i][j] + rows[j][i]) / 2 for j in size] for i in size]
    for weight, column in (term.args for term in terms.args):
        entries = [*column.args, *[0] * len(rows)]
        rest = [[e - weight * entries[i] * entries[j] for j, e in enumerate(row)] for i, row in enumerate(rest)]
    return rest


@pytest.mark.parametrize("name", ["hand: small_gain", "hand: schur_step any", "search: linear"])
def test_curvatures_are_over_the_denominator_of_the_whole_matrix(name: str) -> None:
    """The theory cuts a block out of a matrix of integers: a factor for the block's own least denominator is of no use there."""
    instance = Emitted(_emitted(name))
    rows = instance.problem()["matrix"]
    whole, checked = lcm(*(e.denominator for row in rows for e in row)), 0
    for prefix in [name.removesuffix("curvature") for name in instance.definitions if name.endswith("_curvature")]:
        witnesses: Any = read(instance.definitions[f"{prefix}witnesses"])
        (witness,) = witnesses.args
        least, start = vector(read(instance.definitions[f"{prefix}curvature"])), 0
        for (size, _, _), mu, corners in zip(instance.problem()["players"], least, witness.args[0].args, strict=True):
            below = whole * lcm(*(e.denominator for e in least))
            block = [[below * (rows[i][j] - (mu if i == j else 0)) for j in range(start, start + size)] for i in range(start, start + size)]
            (factor,) = corners.args[0].args
            assert all(2 * row[i] >= sum(map(abs, row)) for i, row in enumerate(_rest(factor, block)))
            start, checked = start + size, checked + 1
    assert checked >= 2
