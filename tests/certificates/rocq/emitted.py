"""A reader of emitted files: what an Instance.v says, in fractions and trees, read from its text by the theory's definitions alone.

Nothing of the package is used. A number's place in a constructor is that of Field.v (``Matrix den rows``, ``Vector den entries``,
``Box den sides``), Projection.v (``Player size kind``), Game.v (``Game players rule limits``), SmallGain.v (``Band``), PenaltyProblem.v
(``Bilevel``) and PenaltyCertificate.v (``PenaltyClaim``); what a statement's arguments are is said by the definition of its predicate.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath

__all__ = ["DIGITS", "Emitted", "Term", "read", "value", "vector", "written"]

DIGITS = 50
_TOKEN = re.compile(r"0x[0-9a-f]+|[0-9]+|[A-Za-z_]\w*|/\\|\S")
_OTHERS = ("Require ", "From ", "Import ", "Open Scope Z_scope", "Lemma cover_", "Theorem cover_", "Theorem the_game_", "Proof", "apply ",
           "exact ", "vm_cast_no_check (eq_refl true)", "Qed")
_ENDS = (")", "]", ";", ",", "/\\", "<", "%", "")


@dataclass(frozen=True, slots=True)
class Term:
    """A word with its arguments; ``[]`` is a list, ``,`` a pair, ``<`` and ``/\\`` stand between two terms."""

    head: str
    args: tuple[Term | int, ...] = ()


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = [*_TOKEN.findall(text), ""]
        self.at = 0

    @property
    def next(self) -> str:
        return self.tokens[self.at]

    def take(self, *expected: str) -> str:
        token = self.next
        assert not expected or token in expected, (token, expected)
        self.at += 1
        return token

    def between(self, level: int = 0) -> Term | int:
        """``/\\`` binds weaker than ``<``, and that weaker than application."""
        if level == 2:
            return self.application()
        mark = ("/\\", "<")[level]
        first = self.between(level + 1)
        if self.next != mark:
            return first
        self.take(mark)
        return Term(mark, (first, self.between(level)))

    def application(self) -> Term | int:
        items = [self.atom()]
        while self.next not in _ENDS:
            items.append(self.atom())
        if len(items) == 1:
            return items[0]
        head = items[0]
        assert isinstance(head, Term) and head.head[0].isalpha() and not head.args, head
        return Term(head.head, tuple(items[1:]))

    def atom(self) -> Term | int:
        token = self.take()
        if token == "(":
            found = self.between()
            if self.next == ",":
                self.take()
                found = Term(",", (found, self.between()))
            self.take(")")
        elif token == "[":
            found = Term("[]", self.items())
        elif token == "-":
            found = -int(self.take(), 0)
        elif token[0].isdigit():
            found = int(token, 0)
        else:
            assert token[0].isalpha(), token
            found = Term(token)
        if self.next == "%":
            self.take()
            self.take("Z", "positive", "R")
        return found

    def items(self) -> tuple[Term | int, ...]:
        found: list[Term | int] = []
        while self.next != "]":
            if found:
                self.take(";")
            found.append(self.between())
        self.take("]")
        return tuple(found)


def read(text: str) -> Term | int:
    """A term of the prover's language, as far as emitted files use it."""
    reader = _Reader(text)
    found = reader.between()
    reader.take("")
    return found


def written(term: Term | int) -> str:
    """The text of a term; ``read`` gives it back."""
    if isinstance(term, int):
        return str(term) if term >= 0 else f"({term})"
    inner = [written(a) for a in term.args]
    if term.head == "[]":
        return f"[{'; '.join(inner)}]"
    if term.head in (",", "<", "/\\"):
        return f"({f' {term.head} '.join(inner)})"
    return f"({' '.join([term.head, *inner])})" if inner else term.head


def _args(term: Term | int, head: str, count: int | None = None) -> Sequence[Any]:
    assert isinstance(term, Term) and term.head == head and count in (None, len(term.args)), (term, head)
    return term.args


def _over(numerator: Any, denominator: Any) -> Fraction:
    assert type(numerator) is int and type(denominator) is int and denominator > 0
    return Fraction(numerator, denominator)


def ratio(term: Term | int) -> Fraction:
    """``(p, q)``, a ratio of MetricClaims.v."""
    return _over(*_args(term, ",", 2))


def _real(term: Term | int) -> Fraction:
    return ratio(_args(term, "real", 1)[0])


def _quotient(term: Term | int) -> Fraction:
    return _over(*_args(term, "Qmake", 2))


def vector(term: Term | int) -> list[Fraction]:
    den, entries = _args(term, "Vector", 2)
    return [_over(e, den) for e in _args(entries, "[]")]


def matrix(term: Term | int) -> list[list[Fraction]]:
    den, rows = _args(term, "Matrix", 2)
    return [[_over(e, den) for e in _args(row, "[]")] for row in _args(rows, "[]")]


def _option(term: Term | int) -> Term | int | None:
    if term == Term("None"):
        return None
    return _args(term, "Some", 1)[0]


def _side(term: Term | int, den: int) -> list[Fraction]:
    return [_over(e, den) for e in _args(term, ",", 2)]


def _player(term: Term | int) -> tuple[int, str, Fraction | None]:
    size, kind = _args(term, "Player", 2)
    assert type(size) is int and size > 0 and isinstance(kind, Term)
    if kind.head == "Simplex":
        return size, "simplex", _over(*kind.args)
    return size, {Term("Free"): "free", Term("InBox"): "box"}[kind], None


_MEANING: dict[str, Any] = {
    "Add": lambda a, b: a + b, "Sub": lambda a, b: a - b, "Mul": lambda a, b: a * b, "Div": lambda a, b: a / b, "Opp": lambda a: -a,
    "Exp": mpmath.exp, "Log": mpmath.log, "Sqrt": mpmath.sqrt, "Sin": mpmath.sin, "Cos": mpmath.cos, "Tanh": mpmath.tanh,
    "Logistic": lambda a: 1 / (1 + mpmath.exp(-a)), "Softplus": lambda a: mpmath.log(1 + mpmath.exp(a)),
}


def value(tree: Term | int, place: Sequence[Fraction]) -> Any:
    """``rval`` of Expressions.v: a Fraction where only rational operations occur, else a number of fifty digits."""
    with mpmath.workdps(DIGITS):
        return _value(tree, place)


def _value(tree: Term | int, place: Sequence[Fraction]) -> Any:
    assert isinstance(tree, Term)
    if tree.head == "Var":
        (index,) = tree.args
        assert type(index) is int and 0 <= index < len(place)
        return place[index]
    if tree.head == "Cst":
        return _over(*tree.args)
    if tree.head == "Pow":
        base, exponent = tree.args
        assert type(exponent) is int and exponent >= 0
        return _value(base, place) ** exponent
    args = [_value(a, place) for a in tree.args]
    if not all(isinstance(a, Fraction) for a in args) or tree.head not in ("Add", "Sub", "Mul", "Div", "Opp"):
        args = [mpmath.mpf(a.numerator) / a.denominator if isinstance(a, Fraction) else a for a in args]
    return _MEANING[tree.head](*args)


class Emitted:
    """An Instance.v: its definitions by name, its theorems and their proofs."""

    def __init__(self, text: str) -> None:
        self.definitions: dict[str, str] = {}
        self.theorems: list[tuple[str, str]] = []
        sentences = [" ".join(part.split()) for part in re.split(r"\.(?=\s)", text)]
        for k, sentence in enumerate(sentences):
            if found := re.fullmatch(r"Definition (\w+)(?: : [^:=]+)? := (.*)", sentence):
                assert found[1] not in self.definitions, found[1]
                self.definitions[found[1]] = found[2]
            elif found := re.fullmatch(r"Theorem statement_(\d+) : (.*)", sentence):
                assert int(found[1]) == len(self.theorems) and sentences[k + 1] == "Proof"
                self.theorems.append((found[2], sentences[k + 2].removeprefix("apply ")))
            else:
                assert sentence.startswith(_OTHERS) or not sentence, sentence

    def named(self, term: Term | int) -> Term | int:
        """What a name stands for."""
        assert isinstance(term, Term) and not term.args
        return read(self.definitions[term.head])

    def problem(self) -> dict[str, Any]:
        """Of a game: players, rule (a matrix with an offset, or trees) and region."""
        players, rule, limits = _args(read(self.definitions["the_game"]), "Game", 3)
        box = _option(limits)
        region = None
        if box is not None:
            den, sides = _args(box, "Box", 2)
            region = [_side(side, den) for side in _args(sides, "[]")]
        found: dict[str, Any] = {"players": [_player(p) for p in _args(players, "[]")], "region": region, "form": rule.head.lower()}
        if rule.head == "Linear":
            return {**found, "matrix": matrix(rule.args[0]), "offset": vector(rule.args[1])}
        assert rule.head in ("Costs", "Gradients")
        return {**found, "trees": list(_args(rule.args[0], "[]"))}

    def bilevel(self) -> dict[str, Any]:
        """Sizes, trees (f, g, then the upper constraints) and region of a bilevel problem."""
        upper, lower, above, below, constraints, den, sides = _args(read(self.definitions["the_problem"]), "Bilevel", 7)
        ends = [_option(side) for side in _args(sides, "[]")]
        return {"players": [(upper, "upper", None), (lower, "lower", None)], "form": "bilevel",
                "region": [None if side is None else _side(side, den) for side in ends],
                "trees": [above, below, *_args(constraints, "[]")]}

    def claim(self, position: int) -> dict[str, Any]:
        """What a theorem says, in the words of a certificate; step sizes are as the theory has them."""
        statement, proof = self.theorems[position]
        term, arguments = read(statement), read(proof)
        assert isinstance(term, Term) and isinstance(arguments, Term)
        if term.head == "/\\" and isinstance(term.args[0], Term) and term.args[0].head == "<":
            return self._small_gain(term, arguments)
        if term.head == "/\\":
            first, second = term.args
            assert isinstance(first, Term) and second == Term("schur_any", first.args[:4])
            return {**self._schur(first, arguments), "updates": "any"}
        if term.head == "schur_simultaneous":
            return {**self._schur(term, arguments), "updates": "simultaneous"}
        if term.head == "penalty_claimed":
            return self._penalty(term)
        assert term.args[0] == Term("the_game")
        shapes: dict[str, tuple[dict[str, Any], str]] = {
            "strongly_monotone_game": ({"kind": "strong_monotonicity"}, "P margin"),
            "step_contracts_game": ({"kind": "step_contraction"}, "P h rate_squared"),
            "converges_everywhere": ({"kind": "convergence", "from": "all points", "center": None, "radius": None}, "P h rate_squared"),
            "converges_to_nash": ({"kind": "convergence", "from": "all profiles", "center": None, "radius": None}, "P h rate_squared"),
            "converges_in_ball": ({"kind": "convergence", "from": "a ball"}, "P h rate_squared c radius"),
            "one_equilibrium": ({"kind": "equilibrium"}, "P c radius"),
            "unstable_step_game": ({"kind": "unstable_step"}, "h"), "unstable_flow_game": ({"kind": "unstable_flow"}, ""),
            "unstable_zero_game": ({"kind": "unstable_equilibrium"}, "h c radius"),
            "no_player_weights_game": ({"kind": "no_metric", "structure": "players"}, ""),
            "no_block_metric_game": ({"kind": "no_metric", "structure": "blocks"}, "")}
        found, words = shapes[term.head]
        found = dict(found)
        for word, argument in zip(words.split(), term.args[1:], strict=True):
            if word == "P":
                found["metric"] = matrix(self.named(argument))
            elif word in ("h", "c"):
                found[{"h": "step_sizes", "c": "center"}[word]] = vector(self.named(argument))
            else:
                found[word] = _real(argument)
        if found["kind"] == "equilibrium":  # the theorem's conclusion has no margin: its proof takes it
            found["margin"] = ratio(arguments.args[5])
        return found

    def _constants(self, proof: Term) -> dict[str, Any]:
        """What the soundness theorems of block claims take after arithmetic, game and cover."""
        assert proof.args[:2] == (Term("ar"), Term("the_game"))
        curvature, own, coupling = (self.named(a) for a in proof.args[3:6])
        return {"curvature": vector(curvature), "own_lipschitz": vector(own), "coupling": matrix(coupling)}

    def _small_gain(self, term: Term, proof: Term) -> dict[str, Any]:
        positive, rest = term.args
        game, weights, margin, lipschitz, words = _args(rest, "small_gain_game", 5)
        assert game == Term("the_game") and positive == Term("<", (0, margin))
        mapped, bands = _args(words, "map", 2)
        assert mapped == Term("band_words")
        found = [_args(band, "Band", 8) for band in _args(self.named(bands), "[]")]
        return {"kind": "small_gain", "margin": _real(margin), "weights": vector(self.named(weights)), "lipschitz": _real(lipschitz),
                "bands": [[band[0], band[1], ratio(band[2]), ratio(band[3])] for band in found], **self._constants(proof)}

    def _schur(self, term: Term, proof: Term) -> dict[str, Any]:
        game, steps, scales, rate, weights = _args(term, "schur_simultaneous", 5)
        given = _option(self.named(weights))
        assert game == Term("the_game")
        return {"kind": "schur_step", "step_sizes": vector(self.named(steps)), "scales": vector(self.named(scales)), "rate": _real(rate),
                "weights": None if given is None else vector(given), **self._constants(proof)}

    def _penalty(self, term: Term) -> dict[str, Any]:
        problem, claim = term.args
        assert problem == Term("the_problem")
        *numbers, delta = _args(self.named(claim), "PenaltyClaim", 6)
        names = ("lipschitz", "rho", "eps", "solver_gap", "gamma")
        most = _option(delta)
        return {"kind": "penalty", **dict(zip(names, map(_quotient, numbers), strict=True)),
                "feasibility": None if most is None else _quotient(most)}
