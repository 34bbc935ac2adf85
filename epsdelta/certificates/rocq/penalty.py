"""A penalty certificate of a bilevel problem as a theorem: the problem as data, and an enclosure of its derivatives with witnesses.

The theory (PenaltyStatement.v) asks for |grad_y f| <= L and g_yy >= (2/rho) I on the leaves of a split tree, and for the inequalities
between L, rho and gamma. Its conclusion has gamma only, so L and rho may be larger than the certificate's where gamma leaves room: its
plain intervals are wider than those of this package's kernel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from epsdelta.certificates.kernel.bilevel import BilevelProblem, Side, read_bilevel
from epsdelta.certificates.rocq.claims import shown
from epsdelta.certificates.rocq.enclosed import MAX_LEAVES, Derivatives, Leaf, Piece, Seeker, Wanted, derivatives, leaves, places
from epsdelta.certificates.rocq.plain_penalty import Words, plain_words
from epsdelta.certificates.rocq.text import expressions, hull, integer, items
from epsdelta.errors import ProverError
from epsdelta.exact.rational import round_down

__all__ = ["Files", "penalty_files"]

MODULE = "PenaltyStatement"
FEW_LEAVES = 256
"""Most leaves where gamma leaves no room: cutting seldom helps there."""
MOST_STANDARD = 20
_HEADER = """Require Import Reals List ZArith QArith Bool.
From EpsDelta Require Import Sums Field Integers Definite Expressions Enclosure EnclosureInstances Game PenaltyCertificate PenaltyProblem
  PenaltyStatement.
Import ListNotations.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Texts of Instance.v and Final.v, with what they require and say."""

    instance: str
    plain: str
    modules: tuple[str, ...]
    sentences: tuple[str, ...]
    arithmetic: str


@dataclass(frozen=True, slots=True)
class _Claim:
    """The numbers of a claim."""

    lipschitz: Fraction
    rho: Fraction
    eps: Fraction
    slack: Fraction
    gamma: Fraction
    delta: Fraction | None

    @property
    def room(self) -> Fraction:
        """The largest L^2 rho for which the theory accepts gamma."""
        most = 4 * self.gamma * (self.eps - self.slack)
        return most if self.delta is None else min(most, (self.gamma * self.delta - self.slack) ** 2 / self.delta)

    def wider(self) -> _Claim | None:
        """Larger L and rho that take all the room; None where there is none."""
        need = self.lipschitz**2 * self.rho
        if need == 0:
            return _Claim(self.lipschitz, 2 * self.rho, self.eps, self.slack, self.gamma, self.delta)
        ratio = self.room / need
        if ratio <= 1:
            return None
        factor = round_down(Fraction(min(float(ratio), 1e12) ** 0.25), 40)
        if factor <= 1 or factor**4 > ratio:
            factor -= Fraction(1, 2**40)
        if not 1 < factor**4 <= ratio:
            return None
        return _Claim(self.lipschitz * factor, self.rho * factor**2, self.eps, self.slack, self.gamma, self.delta)

    @property
    def text(self) -> str:
        """The ``penalty_claim``."""
        delta = "None" if self.delta is None else f"(Some {_q(self.delta)})"
        return "PenaltyClaim " + " ".join([*map(_q, (self.lipschitz, self.rho, self.eps, self.slack, self.gamma)), delta])


@dataclass(frozen=True, slots=True)
class _Statement:
    claim: _Claim
    tree: Piece


def _q(number: Fraction) -> str:
    return f"(Qmake {integer(number.numerator)} {integer(number.denominator)})"


def penalty_files(given: Mapping[str, Any], statements: Sequence[Mapping[str, Any]], arithmetic: str, bits: int) -> Files:
    """The prover's files for a certificate on a bilevel problem.

    Args:
        given: the certificate's problem.
        statements: its statements.
        arithmetic: "standard", "machine" or "auto".
        bits: precision of the intervals of elementary functions.

    Raises:
        FormatError: when the problem breaks the format.
        ProverError: for claims other than ``penalty``, and where no witness was found.
    """
    problem = read_bilevel(given)
    for k, statement in enumerate(statements):
        if (kind := str(statement["claim"]["kind"])) != "penalty":
            raise ProverError(f"statements[{k}]: the claim {kind!r} on a bilevel problem has no theorem yet: the kernel's check stands")
    trees = expressions(problem.domain)
    tool = derivatives(problem)
    proved = [_proved(problem, tool, statement, k) for k, statement in enumerate(statements)]
    chosen = arithmetic if arithmetic != "auto" else ("standard" if problem.dimension <= MOST_STANDARD else "machine")
    numbers = "plain" if chosen == "standard" else "big"
    common = _common(problem, [one.tree for one in proved])
    intervals = f"rational {numbers}" if tool.is_rational else f"{chosen} {bits}"
    lines = [_HEADER + "Open Scope Z_scope.", f"Definition ar : arithmetic := {intervals}.",
             f"Definition the_problem : bilevel := Bilevel {problem.upper} {problem.lower} {trees[0]} {trees[1]} {items(trees[2:])} "
             f"{integer(common)} {_sides(problem.region, common)}.", ""]
    for k, one in enumerate(proved):
        lines += _theorem(one, f"s{k}_", k, common)
    words = [Words(gamma=one.claim.gamma, slack=one.claim.slack, eps=one.claim.eps, delta=one.claim.delta) for one in proved]
    return Files(instance="\n".join(lines) + "\n", plain=plain_words(_HEADER, problem, words, common), modules=(MODULE,),
                 sentences=tuple(_sentence(problem, one.claim) for one in proved), arithmetic=chosen)


def _common(problem: BilevelProblem, trees: Sequence[Piece]) -> int:
    """A denominator for the region and all places where it is cut."""
    ends = [q.denominator for side in problem.region if side is not None for q in (side.lo, side.hi)]
    return lcm(1, *ends, *(place.denominator for tree in trees for place in places(tree)))


def _sides(region: Sequence[Side], common: int) -> str:
    return items(["None" if s is None else f"Some ({integer(int(s.lo * common))}, {integer(int(s.hi * common))})" for s in region])


def _theorem(one: _Statement, prefix: str, position: int, common: int) -> list[str]:
    return [f"Definition {prefix}claim : penalty_claim := {one.claim.text}.",
            f"Definition {prefix}tree : tree := {_tree(one.tree, common)}.",
            f"Definition {prefix}witnesses : list (list Z * factor) := {items([leaf.witness for leaf in leaves(one.tree)])}.",
            f"Theorem statement_{position} : penalty_claimed the_problem {prefix}claim.",
            f"Proof. apply (penalty_statement_sound ar the_problem {prefix}claim {prefix}tree {prefix}witnesses). "
            "vm_cast_no_check (eq_refl true). Qed.", ""]


def _tree(piece: Piece, common: int) -> str:
    if isinstance(piece, Leaf):
        return f"(Leaf {hull(piece.hull)})"
    return f"(Split {piece.index} {integer(int(piece.place * common))} {_tree(piece.left, common)} {_tree(piece.right, common)})"


def _proved(problem: BilevelProblem, tool: Derivatives, statement: Mapping[str, Any], position: int) -> _Statement:
    given = statement["claim"]
    lipschitz, rho, eps, slack, gamma = (Fraction(str(given[name])) for name in ("lipschitz", "rho", "eps", "solver_gap", "gamma"))
    claim = _Claim(lipschitz, rho, eps, slack, gamma, None if given["feasibility"] is None else Fraction(str(given["feasibility"])))
    try:
        if problem.lower_constraints:
            raise ProverError("the lower level has constraints other than its box")
        tool.require_visible()
        return _searched(problem, tool, claim, statement["witness"]["split"])
    except ProverError as error:
        raise ProverError(f"statements[{position}] (penalty): {error}") from None


def _searched(problem: BilevelProblem, tool: Derivatives, claim: _Claim, split: Sequence[object]) -> _Statement:
    """With the claim's own L and rho on its own leaves; else with larger ones and more leaves; else with its own and more leaves."""
    if min(claim.rho, claim.gamma, claim.eps - claim.slack) <= 0 or claim.slack < 0 or claim.lipschitz < 0:
        raise ProverError("a number of the claim has the wrong sign")
    if claim.delta is not None and (claim.delta <= 0 or claim.gamma * claim.delta < claim.slack):
        raise ProverError("a number of the claim has the wrong sign")
    if claim.lipschitz**2 * claim.rho > claim.room:
        raise ProverError(f"gamma = {shown(claim.gamma)} is too small for L = {shown(claim.lipschitz)} and rho = {shown(claim.rho)}")
    wider = claim.wider()
    attempts = [(claim, 0), (claim, FEW_LEAVES) if wider is None else (wider, MAX_LEAVES)]
    for numbers, most in attempts:
        tree = Seeker(tool, Wanted(numbers.lipschitz, 2 / numbers.rho), most).tree(problem.region, split)
        if tree is not None:
            return _Statement(numbers, tree)
    raise ProverError("no witness found that |grad_y f| <= L and g_yy >= (2/rho) I on the region, with the largest L and rho that gamma allows: "
                      "the prover's plain intervals are wider than the kernel's, so certify a larger gamma (--gamma)")


def _sentence(problem: BilevelProblem, claim: _Claim) -> str:
    up_to = f" up to {shown(claim.slack)}" if claim.slack else ""
    over = "the points of the region" if any(side is not None for side in problem.region) else "all points"
    admitted = " that satisfy the upper constraints" if problem.upper_constraints else ""
    also = "" if claim.delta is None else f" and g(x, y) <= min g(x, .) + {shown(claim.delta)}"
    return (f"every point (x, y) that minimizes f + gamma (g - min g){up_to} over {over}{admitted}, with gamma = {shown(claim.gamma)}, has "
            f"psi(x) <= v* + {shown(claim.eps)}{also}, where psi(x) = f(x, y*(x)) and y*(x) is the only minimizer of g(x, .)")
