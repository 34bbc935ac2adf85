"""The negative claims of a game's certificate as theorems: unstable steps and flows, unstable equilibria, no metric of a structure.

A claim whose witness is the characteristic polynomial needs a quadratic form Q here. The map Q -> S'QS - Q (for the flow Q -> -(QA + A'Q))
on symmetric matrices decides which: if it is singular then some Q != 0 is constant along play, and Q or -Q is positive somewhere; if not
then it takes some Q to the identity, and that Q is positive somewhere exactly if the linear map is not stable (Stein, Lyapunov).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from epsdelta.certificates.rocq.claims import Draft, ratio, rationals, shown, table
from epsdelta.certificates.rocq.covers import Cover, Setting, find_cover
from epsdelta.certificates.rocq.factor import Factor, find_factor
from epsdelta.certificates.rocq.families import growth_witness, integers
from epsdelta.certificates.rocq.text import box, factor, hull, integer, items, matrix, vector
from epsdelta.errors import EnclosureError, ProverError
from epsdelta.exact.definite import negative_vector
from epsdelta.exact.interval import Interval, point
from epsdelta.exact.matrix import integer_form, integer_product, solve
from epsdelta.exact.rational import round_nearest

__all__ = ["NEGATIVE"]

Claim = Mapping[str, Any]
Integers = list[list[int]]
Rows = list[list[Fraction]]
Change = Callable[[Integers], Integers]
BITS = (30, 60, 120, 240, 480)
PRIME = 2**61 - 1
MODULE = "InstabilityClaims"


def _constant(game: Setting) -> Rows:
    rows = game.problem.matrix
    if rows is None:
        raise ProverError("the Jacobian is not constant")
    return rows


def _transposed(rows: Integers) -> Integers:
    return [list(column) for column in zip(*rows, strict=True)]


def _integer_vector(numbers: Sequence[Fraction]) -> list[int]:
    """A positive multiple in integers."""
    return integers([list(numbers)])[0][0]


# ---- forms that grow along play ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Form:
    """Q, a vector z with z'Qz > 0, and the factor of the matrix that makes Q grow."""

    rows: Integers
    direction: list[int]
    proof: Factor

    @property
    def texts(self) -> list[tuple[str, str, str]]:
        exact = [[Fraction(e) for e in row] for row in self.rows]
        return [("form", "matrix", matrix(exact)), ("direction", "vector", vector([Fraction(e) for e in self.direction]))]


def _step_change(jacobian: Rows, steps: Sequence[Fraction]) -> tuple[Integers, Change]:
    """S = e(I - HA) and the map Q -> S'QS - e^2 Q, in integers."""
    whole, below = integers(jacobian)
    sized, under = integers([list(steps)])
    unit = below * under
    step = [[(unit if i == j else 0) - sized[0][i] * e for j, e in enumerate(row)] for i, row in enumerate(whole)]

    def change(form: Integers) -> Integers:
        grown = integer_product(_transposed(step), integer_product(form, step))
        return [[g - unit * unit * q for g, q in zip(left, right, strict=True)] for left, right in zip(grown, form, strict=True)]

    return step, change


def _flow_change(jacobian: Rows) -> tuple[Integers, Change]:
    """A and the map Q -> -(QA + A'Q), in integers."""
    whole, _ = integers(jacobian)

    def change(form: Integers) -> Integers:
        left, right = integer_product(form, whole), integer_product(_transposed(whole), form)
        return [[-a - b for a, b in zip(r, s, strict=True)] for r, s in zip(left, right, strict=True)]

    return whole, change


def _given(witness: Claim, change: Change, moved: Callable[[list[int], int], list[int]]) -> _Form:
    """The certificate's form; where z'Qz = 0, z is moved along play, which makes it positive."""
    form, direction = integers(table(witness["form"]))[0], _integer_vector(rationals(witness["vector"]))
    for attempt in range(400):
        place = direction if attempt == 0 else moved(direction, attempt)
        if integer_form(form, place) > 0:
            return _Form(form, place, _needed(change(form), "the form grows"))
    raise ProverError("no witness found that the form is positive somewhere")


def _found(change: Change, size: int) -> _Form:
    """A form for a certificate that has none."""
    pairs = [(i, j) for i in range(size) for j in range(i + 1)]
    columns: Integers = []
    for i, j in pairs:
        image = change([[int((r, c) in ((i, j), (j, i))) for c in range(size)] for r in range(size)])
        columns.append([image[a][b] for a, b in pairs])
    system = _transposed(columns)
    solved = solve(system, [[int(a == b)] for a, b in pairs])
    if solved is None:
        kept = _square(_null_vector(system), size)
        return _positive(kept, change) or _needed_form(_positive([[-e for e in row] for row in kept], change))
    exact = [row[0] for row in solved]
    for bits in BITS:
        found = _positive(_square(_rounded(exact, bits), size), change)
        if found is not None:
            return found
    return _needed_form(_positive(_square(_integer_vector(exact), size), change))


def _square(entries: Sequence[int], size: int) -> Integers:
    """The symmetric matrix with the lower triangle given by rows."""
    return [[entries[max(i, j) * (max(i, j) + 1) // 2 + min(i, j)] for j in range(size)] for i in range(size)]


def _rounded(numbers: Sequence[Fraction], bits: int) -> list[int]:
    """A positive multiple, rounded, the largest of about ``bits`` bits."""
    largest = max(abs(q) for q in numbers)
    places = bits - (largest.numerator.bit_length() - largest.denominator.bit_length())
    return [round(q * Fraction(2) ** places) for q in numbers]


def _positive(form: Integers, change: Change) -> _Form | None:
    """The form with its witnesses, if it grows and is positive somewhere."""
    direction = negative_vector([[-e for e in row] for row in form])
    if direction is None:
        return None
    proof = find_factor(change(form))
    return None if proof is None else _Form(form, _integer_vector(direction), proof)


def _needed_form(found: _Form | None) -> _Form:
    if found is None:
        raise ProverError("no quadratic form found that grows along play")
    return found


def _needed(rows: Integers, what: str) -> Factor:
    found = find_factor(rows)
    if found is None:
        raise ProverError(f"no witness found that {what}: the inequality is too tight for the prover's checks")
    return found


def _null_vector(system: Integers) -> list[int]:
    """A nonzero vector that a singular matrix maps to zero; its pivots are found modulo a prime."""
    rows = [[e % PRIME for e in row] for row in system]
    order, pivots, width = list(range(len(rows))), list[int](), len(system)
    for column in range(width):
        rank = len(pivots)
        at = next((k for k in range(rank, width) if rows[k][column]), None)
        if at is None:
            break
        rows[rank], rows[at], order[rank], order[at] = rows[at], rows[rank], order[at], order[rank]
        inverse = pow(rows[rank][column], -1, PRIME)
        for k in range(rank + 1, width):
            scale = rows[k][column] * inverse % PRIME
            if scale:
                rows[k] = [(a - scale * b) % PRIME for a, b in zip(rows[k], rows[rank], strict=True)]
        pivots.append(column)
    free = len(pivots)  # the first column that depends on those before it
    if free == width:
        raise ProverError("no quadratic form found that is constant along play")
    chosen = order[:free]
    solved = solve([system[r][:free] for r in chosen], [[-system[r][free]] for r in chosen]) if free else []
    found = _integer_vector([*(row[0] for row in solved or []), Fraction(1), *[Fraction(0)] * (width - free - 1)])
    if solved is None or any(sum(a * b for a, b in zip(row, found, strict=True)) for row in system):
        raise ProverError("no quadratic form found that is constant along play")
    return found


def unstable_step(game: Setting, claim: Claim, witness: Claim) -> Draft:
    """Play with these steps does not converge to one point from all starts."""
    jacobian, steps = _constant(game), game.problem.per_coordinate(rationals(claim["step_sizes"]))
    step, change = _step_change(jacobian, steps)

    def moved(place: list[int], _: int) -> list[int]:
        return [row[0] for row in integer_product(step, [[e] for e in place])]

    form = _given(witness, change, moved) if witness else _found(change, len(jacobian))
    sizes = ", ".join(shown(h) for h in rationals(claim["step_sizes"]))
    return Draft(module=MODULE, cover=_exact_cover(game, factor(form.proof)), definitions=[("steps", "vector", vector(steps)), *form.texts],
                 statement="unstable_step_game the_game NAMEsteps",
                 proof="unstable_step_game_sound ar the_game COVER NAMEsteps NAMEform NAMEdirection (1%Z, 1%positive) WITNESSES",
                 sentence=f"gradient play with steps ({sizes}) does not converge to one point from all starts")


def unstable_flow(game: Setting, claim: Claim, witness: Claim) -> Draft:
    """No step common to all players converges to one point from all starts."""
    del claim
    jacobian = _constant(game)
    whole, change = _flow_change(jacobian)

    def moved(place: list[int], attempt: int) -> list[int]:
        image = integer_product(whole, [[e] for e in place])
        return [(e << attempt) - row[0] for e, row in zip(place, image, strict=True)]

    form = _given(witness, change, moved) if witness else _found(change, len(jacobian))
    return Draft(module=MODULE, cover=_exact_cover(game, factor(form.proof)), definitions=form.texts,
                 statement="unstable_flow_game the_game",
                 proof="unstable_flow_game_sound ar the_game COVER NAMEform NAMEdirection (0%Z, 1%positive) WITNESSES",
                 sentence="no step size common to all players makes gradient play converge to one point from all starts")


def _exact_cover(game: Setting, witness: str) -> Cover:
    return find_cover(game, [], lambda _: witness, "the field is affine")


# ---- no metric -----------------------------------------------------------------------------------------------------------------


def _squares(rows: Integers, what: str) -> Factor:
    """A positive semidefinite matrix as a weighted sum of squares, nothing left over.

    A diagonally dominant rest R is sum_{i<j} |R_ij| (e_i +- e_j)(e_i +- e_j)' and what remains of its diagonal.
    """
    found, size = _needed(rows, what), range(len(rows))
    terms = [(weight, column) for weight, column in found.terms if weight]
    rest = [[found.multiple * rows[i][j] - sum(weight * c[i] * c[j] for weight, c in terms) for j in size] for i in size]
    for i in size:
        for j in range(i):
            if rest[i][j]:
                sign = 1 if rest[i][j] > 0 else -1
                terms.append((abs(rest[i][j]), tuple(int(k == j) + sign * int(k == i) for k in range(i + 1))))
        own = rest[i][i] - sum(abs(rest[i][j]) for j in size if j != i)
        if own:
            terms.append((own, tuple(int(k == i) for k in range(i + 1))))
    return Factor(found.multiple, tuple(terms))


def _terms(found: Factor) -> str:
    return items([f"({integer(weight)}, {items([integer(e) for e in column])})" for weight, column in found.terms])


def _own_blocks(game: Setting, dual: Factor) -> Integers:
    """-(AZ + ZA') within the players' blocks, A in integers and Z the sum of squares."""
    whole, size = integers(_constant(game))[0], game.problem.dimension
    columns = [[*column, *[0] * (size - len(column))] for _, column in dual.terms]
    weights = [weight for weight, _ in dual.terms]
    images = integer_product([[weight * e for e in column] for weight, column in zip(weights, columns, strict=True)], _transposed(whole))
    moved = integer_product(_transposed(images), columns)
    owner = [k for k, block in enumerate(game.problem.blocks) for _ in block]
    return [[-moved[a][b] - moved[b][a] if owner[a] == owner[b] else 0 for b in range(size)] for a in range(size)]


def no_metric(game: Setting, claim: Claim, witness: Claim) -> Draft:
    """No metric of a structure makes the field strictly monotone."""
    dual = _squares(integers(table(witness["dual"]))[0], "the dual matrix is positive semidefinite")
    definitions = [("dual", "list (Z * list Z)", _terms(dual))]
    cover = _exact_cover(game, "tt")
    where = "everywhere" if game.problem.region is None else "on the region"
    if claim["structure"] == "players":
        return Draft(module=MODULE, cover=cover, definitions=definitions, statement="no_player_weights_game the_game",
                     proof="no_player_weights_game_sound ar the_game COVER NAMEdual",
                     sentence=f"no metric with one weight per player (Rosen's condition) makes the field strictly monotone {where}")
    rest = factor(_squares(_own_blocks(game, dual), "the dual matrix refutes every block metric"))
    return Draft(module=MODULE, cover=cover, definitions=definitions, statement="no_block_metric_game the_game",
                 proof=f"no_block_metric_game_sound ar the_game COVER NAMEdual {rest}",
                 sentence=f"no metric with one block per player makes the field strictly monotone {where}")


# ---- an unstable equilibrium ---------------------------------------------------------------------------------------------------


def _near(game: Setting, cube: tuple[Interval, ...]) -> tuple[str, list[list[Interval]]]:
    """The enclosure of the Jacobian on the cube, as text and as intervals."""
    rows = game.problem.matrix
    if rows is not None:
        return f"(Exact {matrix(rows)})", [[point(e) for e in row] for row in rows]
    try:
        found = game.hull_on(cube)
    except EnclosureError:
        raise ProverError("the field is not shown to be defined on the cube by the prover's plain intervals") from None
    return f"(Tree (Leaf {hull(found)}))", found


def _middle(side: Interval) -> Fraction:
    return (side.lo + side.hi) / 2


def _reach(side: Interval) -> Fraction:
    return (side.hi - side.lo) / 2


def _newton_holds(inverse: Rows, found: list[list[Interval]], values: Sequence[Interval], radius: Fraction) -> bool:
    """|Y F(c)| + |I - Y J| r < r, row by row, as in the theory's ``newton_check``."""
    size = range(len(inverse))
    for i, row in enumerate(inverse):
        moved = abs(sum(row[k] * _middle(values[k]) for k in size)) + sum(abs(row[k]) * _reach(values[k]) for k in size)
        spread = sum(abs((i == j) - sum(row[k] * _middle(found[k][j]) for k in size)) + sum(abs(row[k]) * _reach(found[k][j]) for k in size)
                     for j in size)
        if moved + spread * radius >= radius:
            return False
    return True


def _inverse_of(rows: Rows) -> Rows:
    """About the inverse: the largest row sum of |I - Y'Y| is below 1."""
    size = range(len(rows))
    exact = solve(rows, [[int(i == j) for j in size] for i in size])
    if exact is None:
        raise ProverError("the inverse that Newton's step takes is singular")
    for bits in BITS:
        near = [[round_nearest(e, bits) for e in row] for row in exact]
        if all(sum(abs((i == j) - sum(near[i][k] * rows[k][j] for k in size)) for j in size) < Fraction(1, 2) for i in size):
            return near
    return exact


def _newton(game: Setting, claim: Claim, witness: Claim, found: list[list[Interval]], values: Sequence[Interval]) -> tuple[Rows, Rows]:
    """Y and about its inverse: the certificate's, or that of the middle of the prover's enclosure."""
    radius, given = Fraction(claim["radius"]), table(witness["inverse"])
    if _newton_holds(given, found, values, radius):
        return given, _inverse_of(given)
    other = _inverse_of([[round_nearest(_middle(e), 60) for e in row] for row in found])
    if _newton_holds(other, found, values, radius):
        return other, _inverse_of(other)
    raise ProverError("Newton's step leaves the cube: the prover's enclosures are wider than the kernel's")


def _growth(form: Rows, steps: Sequence[Fraction], found: list[list[Interval]]) -> tuple[Fraction, str]:
    """delta > 0 and the witness of S'QS - Q >= delta I on the enclosure."""
    rows, below = integers(form)
    middle = [[_middle(e) for e in row] for row in found]
    _, change = _step_change(middle, steps)
    unit = (integers(middle)[1] * integers([list(steps)])[1]) ** 2 * below
    diagonal = change(rows)
    scale = min(Fraction(diagonal[k][k], unit) for k in range(len(rows)))
    if scale > 0:
        top = scale.numerator.bit_length() - scale.denominator.bit_length()
        for less in (2, 5, 10, 20, 40, 80):
            delta = Fraction(2) ** (top - less)
            proof = growth_witness(rows, below, steps, delta, found)
            if proof is not None:
                return delta, proof
    raise ProverError("no witness found that the form grows on the cube: the prover's enclosures are wider than the kernel's")


def unstable_equilibrium(game: Setting, claim: Claim, witness: Claim) -> Draft:
    """Exactly one zero in a cube, and starts next to it whose play leaves the cube."""
    steps, center = game.problem.per_coordinate(rationals(claim["step_sizes"])), rationals(claim["center"])
    radius, projected = Fraction(claim["radius"]), "" if game.problem.is_free else ", projected,"
    text, found = _near(game, tuple(Interval(c - radius, c + radius) for c in center))
    values, form = game.values(center), table(witness["form"])
    inverse, back = _newton(game, claim, witness, found, values)
    delta, growth = _growth(form, steps, found)
    definitions = [("steps", "vector", vector(steps)), ("center", "vector", vector(center)), ("near", "cover", text),
                   ("inverse", "matrix", matrix(inverse)), ("back", "matrix", matrix(back)), ("form", "matrix", matrix(form)),
                   ("direction", "vector", vector(rationals(witness["vector"]))), ("growth", "Corners.witness", growth)]
    sizes = ", ".join(shown(h) for h in rationals(claim["step_sizes"]))
    return Draft(module=MODULE, cover=None, definitions=definitions,
                 statement=f"unstable_zero_game the_game NAMEsteps NAMEcenter (real {ratio(radius)})",
                 proof=f"unstable_zero_game_sound ar the_game NAMEsteps NAMEcenter {ratio(radius)} NAMEnear {box(values)} NAMEinverse "
                       f"NAMEback NAMEform {ratio(delta)} NAMEdirection NAMEgrowth",
                 sentence=f"the field has exactly one zero in the cube of radius {shown(radius, up=True)} around the center, and as near to it "
                          "as "
                          f"you like there are starts from which gradient play with steps ({sizes}){projected} leaves the cube")


NEGATIVE: Mapping[str, Callable[[Setting, Claim, Claim], Draft]] = {
    "unstable_step": unstable_step, "unstable_flow": unstable_flow, "no_metric": no_metric, "unstable_equilibrium": unstable_equilibrium,
}
