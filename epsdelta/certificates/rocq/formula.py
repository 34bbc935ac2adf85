"""Formulas over the reals as text of the prover's language, with the brackets they need and no others.

They follow the words of the theory's ``Plain.v`` rule by rule: factors 1 and terms 0 are left out, negative terms are subtracted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from epsdelta.certificates.rocq.mirror import Node

__all__ = ["Word", "atom", "below", "form", "made", "minus", "number", "plus_constant", "quadratic", "read", "scaled", "times", "total",
           "written"]

_FUNCTIONS: Mapping[str, str] = {"exp": "exp", "log": "ln", "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tanh": "tanh"}
_SUM, _PRODUCT, _SIGN, _POWER, _APPLIED = 50, 40, 35, 30, 10


@dataclass(frozen=True, slots=True)
class Word:
    """A formula, and the level of the prover's grammar it is at: 0 needs no brackets anywhere, 50 is a sum."""

    text: str
    level: int


def atom(text: str) -> Word:
    """A variable."""
    return Word(text, 0 if " " not in text else _APPLIED)


def read(text: str) -> Word:
    """A variable, an application, or a difference that was written here."""
    return Word(text, _SUM if " - " in text or " + " in text else _APPLIED if " " in text else 0)


def below(word: Word, level: int) -> str:
    """A formula where the grammar asks for at most a level.

    >>> below(Word("a + b", 50), 40)
    '(a + b)'
    """
    return word.text if word.level <= level else f"({word.text})"


def number(value: Fraction | int) -> Word:
    """A rational in lowest terms.

    >>> number(Fraction(-1, 2))
    Word(text='-1 / 2', level=40)
    """
    q = Fraction(value)
    if q.denominator != 1:
        return Word(f"{q.numerator} / {q.denominator}", _PRODUCT)
    return Word(str(q.numerator), 0 if q >= 0 else _SIGN)


def plus(a: Word, b: Word) -> Word:
    return Word(f"{below(a, _SUM)} + {below(b, _SUM - 1)}", _SUM)


def minus(a: Word, b: Word) -> Word:
    """a - b."""
    return Word(f"{below(a, _SUM)} - {below(b, _SUM - 1)}", _SUM)


def times(a: Word, b: Word) -> Word:
    """a * b."""
    return Word(f"{below(a, _PRODUCT)} * {below(b, _PRODUCT - 1)}", _PRODUCT)


def over(a: Word, b: Word) -> Word:
    return Word(f"{below(a, _PRODUCT)} / {below(b, _PRODUCT - 1)}", _PRODUCT)


def power(a: Word, k: int) -> Word:
    return Word(f"{below(a, _POWER - 1)} ^ {k}", _POWER)


def scaled(c: Fraction, word: Word) -> Word:
    """c times a formula: ``scaled`` of Plain.v."""
    return word if c == 1 else times(number(c), word)


def plus_constant(word: Word, c: Fraction) -> Word:
    """A formula plus a number: ``plus_constant`` of Plain.v.

    >>> plus_constant(atom("x"), Fraction(-1, 2)).text
    'x - 1 / 2'
    """
    if c == 0:
        return word
    return minus(word, number(-c)) if c < 0 else plus(word, number(c))


def total(terms: Sequence[tuple[Fraction, Word]]) -> Word:
    """A linear combination: ``total`` of Plain.v.

    >>> total([(Fraction(2), atom("a")), (Fraction(0), atom("b")), (Fraction(-1), atom("c"))]).text
    '2 * a - c'
    """
    kept = [(c, word) for c, word in terms if c]
    if not kept:
        return number(0)
    text = scaled(*kept[0])
    for c, word in kept[1:]:
        text = minus(text, scaled(-c, word)) if c < 0 else plus(text, scaled(c, word))
    return text


def quadratic(rows: Sequence[Sequence[Fraction | int]], u: Sequence[str]) -> Word:
    """sum_ij c_ij u_i u_j: ``norm_words`` of Plain.v.

    >>> quadratic([[1, 2], [2, 5]], ["a", "b"]).text
    'a ^ 2 + 4 * (a * b) + 5 * b ^ 2'
    """
    terms: list[tuple[Fraction, Word]] = []
    for i, a in enumerate(u):
        terms.append((Fraction(rows[i][i]), power(atom(a), 2)))
        terms += [(Fraction(rows[i][j]) + Fraction(rows[j][i]), times(atom(a), atom(u[j]))) for j in range(i + 1, len(u))]
    return total(terms)


def form(rows: Sequence[Sequence[Fraction | int]], u: Sequence[str], v: Sequence[str]) -> Word:
    """sum_ij c_ij u_i v_j: ``pairing_words`` of Plain.v."""
    return total([(Fraction(rows[i][j]), times(atom(a), atom(b))) for i, a in enumerate(u) for j, b in enumerate(v)])


# ---- expressions -------------------------------------------------------------------------------------------------------------


def made(tree: Node, point: Sequence[str]) -> Word:
    """An expression tree, as ``rval`` of Expressions.v computes it.

    Args:
        tree: the expression.
        point: names of the variables.
    """
    op, args = tree.op, [made(a, point) for a in tree.args]
    if op == "constant":
        return number(Fraction(tree.value or 0))
    if op == "variable":
        return atom(point[int(tree.value or 0)])
    if op in ("add", "sub", "mul", "div"):
        return {"add": plus, "sub": minus, "mul": times, "div": over}[op](args[0], args[1])
    if op == "opp":
        return Word(f"- {below(args[0], _APPLIED)}", _SIGN)
    if op == "power":
        return power(args[0], int(tree.value or 0))
    if op == "logistic":
        return Word(f"1 / (1 + exp (- {below(args[0], _APPLIED)}))", _PRODUCT)
    if op == "softplus":
        return Word(f"ln (1 + exp {below(args[0], 9)})", _APPLIED)
    return Word(f"{_FUNCTIONS[op]} {below(args[0], 9)}", _APPLIED)


def written(tree: Node, point: Sequence[str], longest: int) -> str | None:
    """An expression tree as text, or None where it has more nodes than a length, or an operation without a word."""
    seen: dict[int, int] = {}

    def size(node: Node) -> int:
        if id(node) not in seen:
            seen[id(node)] = 1 + sum(size(a) for a in node.args)
        return seen[id(node)]

    return made(tree, point).text if size(tree) <= longest else None
