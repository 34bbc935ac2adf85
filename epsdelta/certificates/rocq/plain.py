"""Each theorem of a small game once more, in plain words: real numbers only, the field, steps and squared distances written out.

The text here is made from the certificate; the prover's ``Plain.v``, ``PlainMetric.v`` and ``PlainBlocks.v`` compute the same formulas
from the theory's words and prove what they say. So the proof of a restatement is one application of a theorem, and a formula that were
printed wrongly would be refused.

Covered: games of at most three coordinates without simplex players, the claims of ``WORDS``. Everything else keeps the theory's words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from epsdelta.certificates.rocq import formula
from epsdelta.certificates.rocq.claims import ratio, rationals, table
from epsdelta.certificates.rocq.covers import Setting
from epsdelta.certificates.rocq.families import metric_of
from epsdelta.certificates.rocq.formula import Word, atom, below, minus, number, plus_constant, read, scaled, times, written
from epsdelta.certificates.rocq.mirror import Node, nodes

__all__ = ["Plain", "field_theorem", "restate"]

MOST_COORDINATES = 3
LONGEST = 20_000
"""Most characters of a field's formulas."""
AND = " /\\ "
Claim = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A theorem in plain words.

    Attributes:
        module: the theory's module that proves what the words say.
        statement: the proposition.
        proof: a term.
    """

    module: str
    statement: str
    proof: str


@dataclass(frozen=True, slots=True)
class _Game:
    """What statements of a game share: its size, and texts for points, regions, field and steps."""

    setting: Setting
    fields: tuple[str, ...]

    @property
    def size(self) -> int:
        return self.setting.problem.dimension

    def names(self, letter: str) -> list[str]:
        return [f"{letter}{k + 1}" for k in range(self.size)]

    def at(self, function: str, point: Sequence[str]) -> str:
        """``F1 x1 x2``."""
        return f"{function} {' '.join(below(p, 9) for p in map(read, point))}"

    def values(self, letter: str, point: Sequence[str]) -> list[str]:
        """F1, F2 or T1, T2 at a point."""
        return [self.at(f"{letter}{k + 1}", point) for k in range(self.size)]

    def bounds(self, point: Sequence[str]) -> list[str]:
        """The region's inequalities."""
        region = self.setting.problem.region or ()
        return [f"{number(side.lo).text} <= {p} <= {number(side.hi).text}" for p, side in zip(point, region, strict=False)]

    def zeros(self, point: Sequence[str]) -> list[str]:
        return [f"{value} = 0" for value in self.values("F", point)]

    def forall(self, letters: str, hypotheses: Sequence[str], conclusion: str) -> str:
        """``(forall x1 x2 y1 y2 : R, hypotheses -> conclusion)``."""
        variables = " ".join(v for letter in letters for v in self.names(letter))
        return f"(forall {variables} : R, {''.join(f'{h} -> ' for h in hypotheses)}{conclusion})"

    def pairs(self, conclusion: str, extra: Sequence[str] = ()) -> str:
        return self.forall("xy", [*self.bounds(self.names("x")), *self.bounds(self.names("y")), *extra], conclusion)

    def field(self) -> str:
        """Definitions of the field."""
        return "".join(f"let F{k + 1} ({' '.join(self.names('x'))} : R) := {text} in\n  " for k, text in enumerate(self.fields))

    def play(self, steps: Sequence[Fraction]) -> str:
        """Definitions of the field and of one step."""
        problem, point = self.setting.problem, self.names("x")
        owners = [i for i, block in enumerate(problem.blocks) for _ in block]
        text = self.field()
        for k, h in enumerate(steps):
            moved = minus(atom(point[k]), scaled(h, read(self.at(f"F{k + 1}", point))))
            if problem.constraints[owners[k]].kind == "box":
                assert problem.region is not None
                lo, hi = (number(q) for q in (problem.region[k].lo, problem.region[k].hi))
                moved = atom(f"Rmax {below(lo, 9)} (Rmin {below(hi, 9)} {below(moved, 9)})")
            text += f"let T{k + 1} ({' '.join(point)} : R) := {moved.text} in\n  "
        return text

    def differences(self, first: Sequence[str], second: Sequence[str]) -> list[str]:
        return [minus(read(a), read(b)).text for a, b in zip(first, second, strict=True)]


def _game(setting: Setting) -> _Game | None:
    """None where the game keeps the theory's words."""
    problem = setting.problem
    if problem.dimension > MOST_COORDINATES or any(c.kind not in ("free", "box") for c in problem.constraints):
        return None
    point = [f"x{k + 1}" for k in range(problem.dimension)]
    if problem.matrix is not None and not setting.trees:
        rows, offset = problem.matrix, problem.offset or []
        texts = [plus_constant(formula.total([(e, atom(p)) for e, p in zip(row, point, strict=True)]), b).text
                 for row, b in zip(rows, offset, strict=True)]
    else:
        texts = [text for tree in setting.trees if (text := written(tree, point, LONGEST)) is not None]
        if len(texts) < problem.dimension:
            return None
    return _Game(setting, tuple(texts)) if sum(map(len, texts)) <= LONGEST else None


# ---- claims in a metric ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Metric:
    """The integers of a claim's metric and their denominator."""

    rows: list[list[int]]
    common: int

    def square(self, game: _Game) -> str:
        d = game.names("d")
        return f"let square ({' '.join(d)} : R) := {formula.quadratic(self.rows, d).text} in\n  "

    def definite(self, game: _Game) -> str:
        d = game.names("d")
        return game.forall("d", [" \\/ ".join(f"{v} <> 0" for v in d)], f"0 < {game.at('square', d)}")


def _metric(claim: Claim) -> _Metric:
    found = metric_of(table(claim["metric"]))
    assert found is not None  # the theorem was written with it
    return _Metric([list(row) for row in found.rows], found.common)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a restatement stands: the prefix of its data, the theorem, and the enclosure's name."""

    prefix: str
    theorem: str
    cover: str

    @property
    def extensional(self) -> str:
        """That the field depends on the game's coordinates only."""
        return f"(proj1 (proj2 (cover_sound ar the_game {self.cover} {self.cover}_holds)))"


def _rate(claim: Claim) -> tuple[Word, str]:
    """The rate, and the inequalities 0 <= rate < 1."""
    rate = number(Fraction(claim["rate_squared"]))
    return rate, f"0 <= {rate.text} < 1"


def _squares(game: _Game, x: Sequence[str], y: Sequence[str]) -> str:
    return game.at("square", game.differences(x, y))


def _strong_monotonicity(game: _Game, claim: Claim, place: _Place) -> Plain:
    metric, margin = _metric(claim), number(Fraction(claim["margin"]))
    x, y, d, e = (game.names(letter) for letter in "xyde")
    pairing = f"let pairing ({' '.join(e + d)} : R) := {formula.form(metric.rows, e, d).text} in\n  "
    inner = game.at("pairing", [*game.differences(game.values("F", x), game.values("F", y)), *game.differences(x, y)])
    zeros = [*game.zeros(x), *game.zeros(y)]
    equal = AND.join(f"{a} = {b}" for a, b in zip(x, y, strict=True))
    parts = [metric.definite(game), f"0 < {margin.text}", game.pairs(f"{margin.text} * {_squares(game, x, y)} <= {inner}"),
             game.pairs(equal, zeros)]
    return Plain(module="PlainMetric", statement=game.field() + metric.square(game) + pairing + _joined(parts),
                 proof=f"plain_strong_monotonicity the_game {place.prefix}metric eq_refl {ratio(Fraction(claim['margin']))} "
                       f"{place.theorem}")


def _joined(parts: Sequence[str]) -> str:
    return " /\\\n  ".join(parts)


def _play(game: _Game, claim: Claim) -> str:
    return game.play(game.setting.problem.per_coordinate(rationals(claim["step_sizes"])))


def _step_contraction(game: _Game, claim: Claim, place: _Place) -> Plain:
    metric, (rate, between) = _metric(claim), _rate(claim)
    x, y = game.names("x"), game.names("y")
    after = game.at("square", game.differences(game.values("T", x), game.values("T", y)))
    parts = [metric.definite(game), between, game.pairs(f"{after} <= {rate.text} * {_squares(game, x, y)}")]
    return Plain(module="PlainMetric", statement=_play(game, claim) + metric.square(game) + _joined(parts),
                 proof=f"plain_contraction the_game {place.prefix}metric {place.prefix}steps {ratio(Fraction(claim['rate_squared']))} "
                       f"eq_refl {place.theorem}")


def _ball(claim: Claim, metric: _Metric, point: Sequence[str], game: _Game) -> list[str]:
    away = [plus_constant(read(p), -c).text for p, c in zip(point, rationals(claim["center"]), strict=True)]
    radius = Fraction(claim["radius"])
    return [f"{game.at('square', away)} <= {number(metric.common * radius * radius).text}"]


def _only(game: _Game, hypotheses: Callable[[Sequence[str]], list[str]]) -> str:
    """Whatever point has the property is z."""
    w = game.names("w")
    return game.forall("w", hypotheses(w), AND.join(f"{a} = {b}" for a, b in zip(w, game.names("z"), strict=True)))


def _settles(game: _Game, rate: Word, inside: Callable[[Sequence[str]], list[str]]) -> str:
    """Play that starts inside stays there and converges to z."""
    x, z = game.names("x"), game.names("z")
    first, now = [f"{v} 0%nat" for v in x], [f"{v} k" for v in x]
    moves = [f"(forall k : nat, {v} (S k) = {value})" for v, value in zip(x, game.values("T", now), strict=True)]
    shrink = f"{_squares(game, now, z)} <= {below(rate, 29)} ^ k * {_squares(game, first, z)}"
    limits = [f"Un_cv {v} {w}" for v, w in zip(x, z, strict=True)]
    hypotheses = "".join(f"{h} -> " for h in [*inside(first), *moves])
    return (f"(forall {' '.join(x)} : nat -> R, {hypotheses}\n    "
            f"(forall k : nat, {AND.join([*inside(now), shrink])}) /\\ {AND.join(limits)})")


def _convergence(game: _Game, claim: Claim, place: _Place) -> Plain:
    metric, (rate, between), problem = _metric(claim), _rate(claim), game.setting.problem
    z = game.names("z")
    opening = _play(game, claim) + metric.square(game)
    data = f"the_game {place.prefix}metric {place.prefix}steps {ratio(Fraction(claim['rate_squared']))}"
    exists = f"exists {' '.join(z)} : R, "
    if claim["center"] is not None:
        def ball(point: Sequence[str]) -> list[str]:
            return _ball(claim, metric, point, game)
        x = game.names("x")
        lies = [] if problem.region is None else [game.forall("x", ball(x), AND.join(game.bounds(x)))]
        body = [*game.zeros(z), *ball(z), _only(game, lambda w: [*game.bounds(w), *game.zeros(w)]), _settles(game, rate, ball)]
        proof = (f"plain_in_ball {data} eq_refl {place.extensional} eq_refl {place.prefix}center {ratio(Fraction(claim['radius']))} "
                 f"{place.theorem}")
        parts = [metric.definite(game), between, *lies, exists + _joined(body)]
        return Plain(module="PlainMetric", statement=opening + _joined(parts), proof=proof)
    if problem.region is None:
        body = [*game.zeros(z), _only(game, game.zeros), _settles(game, rate, lambda _: [])]
        proof = f"plain_everywhere {data} eq_refl {place.extensional} eq_refl eq_refl {place.theorem}"
    else:
        body = [*_solves(game, z), _only(game, lambda w: _solves(game, w)), _settles(game, rate, game.bounds)]
        proof = f"plain_nash {data} eq_refl {place.extensional} {place.theorem}"
    return Plain(module="PlainMetric", statement=opening + _joined([metric.definite(game), between, exists + _joined(body)]), proof=proof)


def _solves(game: _Game, point: Sequence[str]) -> list[str]:
    """Nash's variational inequality, coordinate by coordinate."""
    v = game.names("v")
    moves = [f"0 <= {value} * ({b} - {a})" for value, a, b in zip(game.values("F", point), point, v, strict=True)]
    return [*game.bounds(point), game.forall("v", game.bounds(v), AND.join(moves))]


def _equilibrium(game: _Game, claim: Claim, place: _Place) -> Plain:
    metric, z = _metric(claim), game.names("z")
    body = [*game.bounds(z), *game.zeros(z), *_ball(claim, metric, z, game), _only(game, lambda w: [*game.bounds(w), *game.zeros(w)])]
    parts = [metric.definite(game), f"exists {' '.join(z)} : R, {_joined(body)}"]
    return Plain(module="PlainMetric", statement=game.field() + metric.square(game) + _joined(parts),
                 proof=f"plain_equilibrium the_game {place.prefix}metric {place.prefix}center {ratio(Fraction(claim['radius']))} eq_refl "
                       f"{place.extensional} {place.theorem}")


# ---- block constants ---------------------------------------------------------------------------------------------------------


def _weighted(game: _Game, weights: Sequence[Fraction], name: str = "square") -> str:
    """The squared norm with a weight per player."""
    each = game.setting.problem.per_coordinate(list(weights))
    rows = [[w if i == j else Fraction(0) for j in range(game.size)] for i, w in enumerate(each)]
    d, e = game.names("d"), game.names("e")
    if name == "square":
        return f"let square ({' '.join(d)} : R) := {formula.quadratic(rows, d).text} in\n  "
    return f"let pairing ({' '.join(e + d)} : R) := {formula.form(rows, e, d).text} in\n  "


def _small_gain(game: _Game, claim: Claim, place: _Place) -> Plain:
    a, beta, weights = number(Fraction(claim["margin"])), number(Fraction(claim["lipschitz"])), rationals(claim["weights"])
    x, y = game.names("x"), game.names("y")
    fx, fy = game.values("F", x), game.values("F", y)
    slopes, apart = game.differences(fx, fy), game.differences(x, y)
    square = _squares(game, x, y)
    euler = [f"{p} - h * {value}" for p, value in zip(x, fx, strict=True)], [f"{p} - h * {value}" for p, value in zip(y, fy, strict=True)]
    factor = f"1 - 2 * {below(a, 39)} * h + {below(beta, 29)} ^ 2 * h ^ 2"
    parts = [f"0 < {a.text}", game.pairs(f"{a.text} * {square} <= {game.at('pairing', [*slopes, *apart])}"),
             game.pairs(f"{game.at('square', slopes)} <= {below(beta, 29)} ^ 2 * {square}"),
             *(_band(game, band) for band in claim["bands"]),
             game.pairs(f"forall h : R, 0 <= h -> {_squares(game, *euler)} <= ({factor}) * {square}")]
    p = place.prefix
    numbers = f"{ratio(Fraction(claim['margin']))} {ratio(Fraction(claim['lipschitz']))}"
    opening = game.field() + _weighted(game, weights) + _weighted(game, weights, "pairing")
    return Plain(module="PlainBlocks", statement=opening + _joined(parts),
                 proof=f"plain_small_gain the_game eq_refl {p}weights {numbers} {p}bands eq_refl {place.theorem}")


def _band(game: _Game, band: Sequence[Any]) -> str:
    """For every ratio of the band there are weights of that ratio in which the field is monotone."""
    first, second, problem = int(band[0]), int(band[1]), game.setting.problem
    u = [f"u{i + 1}" for i in range(len(problem.blocks))]
    owners = [i for i, block in enumerate(problem.blocks) for _ in block]
    x, y = game.names("x"), game.names("y")
    slopes, apart = game.differences(game.values("F", x), game.values("F", y)), game.differences(x, y)
    inner = " + ".join(f"{u[owners[k]]} * (({s}) * ({d}))" for k, (s, d) in enumerate(zip(slopes, apart, strict=True)))
    body = [*(f"0 < {w}" for w in u), f"{u[first]} = r * {u[second]}", game.pairs(f"0 <= {inner}")]
    low, high = number(Fraction(band[2])), number(Fraction(band[3]))
    return f"(forall r : R, {low.text} <= r <= {high.text} -> exists {' '.join(u)} : R, {AND.join(body)})"


def _schur_step(game: _Game, claim: Claim, place: _Place) -> Plain | None:
    if any(len(block) != 1 for block in game.setting.problem.blocks):
        return None
    rate, scales = number(Fraction(claim["rate"])), rationals(claim["scales"])
    x, y = game.names("x"), game.names("y")
    after, before = game.differences(game.values("T", x), game.values("T", y)), game.differences(x, y)
    given = [f"Rabs ({d}) <= {scaled(v, atom('E')).text}" for d, v in zip(before, scales, strict=True)]
    then = [f"Rabs ({d}) <= {scaled(v, times(rate, atom('E'))).text}" for d, v in zip(after, scales, strict=True)]
    opening, parts = _play(game, claim), [f"0 <= {rate.text} < 1"]
    if claim["weights"] is not None:
        opening += _weighted(game, rationals(claim["weights"]))
        parts.append(game.pairs(f"{game.at('square', after)} <= {below(rate, 29)} ^ 2 * {_squares(game, x, y)}"))
    parts.append(game.pairs(f"forall E : R, {''.join(f'{h} -> ' for h in given)}{AND.join(then)}"))
    p, every = place.prefix, claim["updates"] == "any"
    known = f"(proj1 {place.theorem})" if every else place.theorem
    proof = f"plain_schur the_game {p}steps {p}scales {ratio(Fraction(claim['rate']))} {p}weights eq_refl {known}"
    statement = opening + _joined(parts)
    if every:
        statement = f"({statement}) /\\\n  schur_any the_game {p}steps {p}scales (real {ratio(Fraction(claim['rate']))})"
        proof = f"conj ({proof}) (proj2 {place.theorem})"
    return Plain(module="PlainBlocks", statement=statement, proof=proof)


WORDS: Mapping[str, Callable[[_Game, Claim, _Place], Plain | None]] = {
    "strong_monotonicity": _strong_monotonicity, "step_contraction": _step_contraction, "convergence": _convergence,
    "equilibrium": _equilibrium, "small_gain": _small_gain, "schur_step": _schur_step,
}


def restate(setting: Setting, claim: Claim, position: int, cover: str | None) -> Plain | None:
    """A statement in plain words, or None where it keeps the theory's.

    Args:
        setting: the game.
        claim: the statement's claim.
        position: its number.
        cover: the name of its enclosure.
    """
    words, game = WORDS.get(str(claim["kind"])), _game(setting)
    if words is None or game is None or cover is None:
        return None
    return words(game, claim, _Place(prefix=f"s{position}_", theorem=f"statement_{position}", cover=cover))


# ---- the field ---------------------------------------------------------------------------------------------------------------


def field_theorem(setting: Setting, cover: str) -> Plain | None:
    """That the user's expressions are defined on the region, and that a field given by costs consists of their partial derivatives.

    None where there is nothing to say, or where the game keeps the theory's words.
    """
    game, problem = _game(setting), setting.problem
    if game is None or not setting.trees or problem.domain is None:
        return None
    point, given = game.names("x"), nodes(problem.domain)
    texts = [written(tree, point, LONGEST) for tree in given]
    if any(text is None for text in texts) or sum(len(text or "") for text in texts) > LONGEST:
        return None
    facts, opening = [fact for tree in given for fact in _defined(tree, point)], game.field()
    if problem.potentials:
        opening += "".join(f"let C{i + 1} ({' '.join(point)} : R) := {text} in\n  " for i, text in enumerate(texts))
        owners = [i for i, block in enumerate(problem.blocks) for _ in block]
        costs = [game.at(f"C{owners[k] + 1}", [*point[:k], "s", *point[k + 1:]]) for k in range(game.size)]
        slopes = zip(costs, point, game.values("F", point), strict=True)
        facts += [f"derivable_pt_lim (fun s : R => {cost}) {p} ({slope})" for cost, p, slope in slopes]
    if not facts:
        return None
    return Plain(module="Plain", statement=opening + game.forall("x", game.bounds(point), _joined(facts)),
                 proof=f"plain_field the_game eq_refl {cover}_well_posed")


def _defined(tree: Node, point: Sequence[str]) -> list[str]:
    """No divisor vanishes, and logarithms and roots are of positive numbers."""
    facts = [fact for argument in tree.args for fact in _defined(argument, point)]
    if tree.op == "div" and tree.args[1].op != "constant":
        facts.append(f"{formula.made(tree.args[1], point).text} <> 0")
    if tree.op in ("log", "sqrt"):
        facts.append(f"0 < {formula.made(tree.args[0], point).text}")
    return facts
