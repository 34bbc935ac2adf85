"""Final.v of a penalty certificate: with one variable on each level and no constraints in words about real numbers, else the theory's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from epsdelta.certificates.kernel.bilevel import BilevelProblem, Side
from epsdelta.certificates.rocq.text import integer, numeral
from epsdelta.exact.expression import Tape

__all__ = ["Words", "plain_words"]

MOST_CHARACTERS = 20_000
"""Longest cost that is written out as a term of real numbers."""
_TWO = {"add": "+", "mul": "*", "div": "/"}
_ONE = {"exp": "exp {}", "log": "ln {}", "sqrt": "sqrt {}", "sin": "sin {}", "cos": "cos {}", "tanh": "tanh {}",
        "logistic": "1 / (1 + exp (- {}))", "softplus": "ln (1 + exp {})"}
_NAMES = ("x", "y")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The numbers of one theorem."""

    gamma: Fraction
    slack: Fraction
    eps: Fraction
    delta: Fraction | None

    @property
    def option(self) -> str:
        """delta, or that there is none."""
        return "None" if self.delta is None else f"(Some {numeral(self.delta)})"

    @property
    def texts(self) -> tuple[str, str, str]:
        """gamma, e2 and eps."""
        return numeral(self.gamma), numeral(self.slack), numeral(self.eps)


def plain_words(header: str, problem: BilevelProblem, words: Sequence[Words], common: int) -> str:
    """The text of Final.v; ``common`` is the denominator of the region in Instance.v."""
    lines = [header + "From Proof Require Import Instance.", "Require Import Lra.", "Open Scope R_scope.", ""]
    costs = _costs(problem)
    if costs is None:
        for k, one in enumerate(words):
            lines.append(f"Definition final_{k} : penalty_words the_problem {' '.join(one.texts)} {one.option} := statement_{k}.")
    else:
        lines += _plane(problem, costs, common)
        for k, one in enumerate(words):
            lines += _theorem(k, one)
    proof = f"final_{len(words) - 1}"
    for k in range(len(words) - 2, -1, -1):
        proof = f"(conj final_{k} {proof})"
    return "\n".join([*lines, f"Definition everything := {proof}.", "Print Assumptions everything."]) + "\n"


def _costs(problem: BilevelProblem) -> tuple[str, str] | None:
    """Both costs as terms of x and y; None where the problem has more variables or constraints, or long costs."""
    if (problem.upper, problem.lower, len(problem.constraints)) != (1, 1, 0):
        return None
    terms = _terms(problem.domain)
    return None if terms is None else (terms[0], terms[1])


def _terms(program: Tape) -> list[str] | None:
    texts: list[str] = []
    for op, args, value in program.nodes:
        a = [texts[k] for k in args]
        if op == "variable":
            made = _NAMES[int(value or 0)]
        elif op == "constant":
            made = _quotient(Fraction(value or 0).numerator, Fraction(value or 0).denominator)
        elif op == "power":
            made = f"({a[0]} ^ {int(value or 0)})"
        else:
            made = f"({a[0]} {_TWO[op]} {a[1]})" if op in _TWO else f"({_ONE[op].format(a[0])})"
        if len(made) > MOST_CHARACTERS:
            return None
        texts.append(made)
    return [texts[k] for k in program.outputs]


def _quotient(top: int, below: int) -> str:
    """As the theory's ``rat`` reads it."""
    return integer(top) if below == 1 else f"({integer(top)} / {integer(below)})"


def _plane(problem: BilevelProblem, costs: tuple[str, str], common: int) -> list[str]:
    upper, lower = problem.region
    texts = ["None" if s is None else f"(Some ({integer(int(s.lo * common))}, {integer(int(s.hi * common))})%Z)" for s in problem.region]
    inside = "0" if lower is None else numeral(lower.lo)
    return ["(** the upper cost, the lower cost, and where x and y may lie *)",
            f"Definition f (x y : R) : R := {costs[0]}.", f"Definition g (x y : R) : R := {costs[1]}.",
            f"Definition X (x : R) : Prop := {_side(upper, 'x')}.", f"Definition Y (y : R) : Prop := {_side(lower, 'y')}.",
            "(** v(x) is the greatest lower bound of g(x, .) *)",
            "Definition least (v : R -> R) : Prop := (forall x y, X x -> Y y -> v x <= g x y) /\\",
            "  (forall x l, X x -> (forall y, Y y -> l <= g x y) -> l <= v x).", "",
            *_side_lemma("X", upper, texts[0], common), *_side_lemma("Y", lower, texts[1], common),
            f"Lemma some_y : exists y, Y y. Proof. exists ({inside}). unfold Y. {'exact I' if lower is None else 'lra'}. Qed.",
            "Definition in_plane := plane_region the_problem _ _ X Y eq_refl side_X side_Y.", ""]


def _side(side: Side, name: str) -> str:
    return "True" if side is None else f"{numeral(side.lo)} <= {name} <= {numeral(side.hi)}"


def _side_lemma(name: str, side: Side, text: str, common: int) -> list[str]:
    start = f"Lemma side_{name} : forall r, side_holds {integer(common)} {text} r <-> {name} r."
    if side is None:
        return [start, "Proof. intros r. split; intros _; exact I. Qed."]
    low, high = (_quotient(int(q * common), common) for q in (side.lo, side.hi))
    return [start, f"Proof. intros r. change ({low} <= r <= {high} <-> {numeral(side.lo)} <= r <= {numeral(side.hi)}). lra. Qed."]


def _theorem(position: int, one: Words) -> list[str]:
    gamma, slack, eps = one.texts
    also = "" if one.delta is None else f" /\\ g x y <= v x + {numeral(one.delta)}"
    last = "D" if one.delta is None else "(conj D Z)"
    return [f"Definition on_plane_{position} := penalty_on_plane the_problem X Y f g {gamma} {slack} {eps} {one.option} eq_refl eq_refl eq_refl",
            f"  (fun z => eq_refl) (fun z => eq_refl) in_plane statement_{position} some_y.",
            "(** v exists; for every (x, y) that minimizes f + gamma (g - v) up to e2 there is exactly one s with g(x, s) = v(x), and no",
            "    (x', s') with g(x', s') = v(x') has an upper cost below f(x, s) - eps *)",
            f"Theorem final_{position} : (exists v, least v) /\\ forall v, least v -> forall x y, X x -> Y y ->",
            f"  (forall x' y', X x' -> Y y' -> f x y + {gamma} * (g x y - v x) <= f x' y' + {gamma} * (g x' y' - v x') + {slack}) ->",
            "  exists s, Y s /\\ g x s = v x /\\ (forall s', Y s' -> g x s' = v x -> s' = s) /\\",
            f"    (forall x' s', X x' -> Y s' -> g x' s' = v x' -> f x s <= f x' s' + {eps}){also}.",
            f"Proof. destruct on_plane_{position} as [E H]. split; [exact E|]. intros v Hv x y Hx Hy Hm.",
            f"  destruct (H v Hv x y Hx Hy Hm) as [s [A [B [C [D Z]]]]]. exact (ex_intro _ s (conj A (conj B (conj C {last})))). Qed.", ""]
