"""Witnesses of positive semidefinite integer matrices: found exactly for those, and nothing else passes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from epsdelta.certificates.rocq.factor import Factor, find_factor, holds
from tests.oracles import is_semidefinite

Rows = list[list[int]]


def proves(matrix: Rows, factor: Factor) -> bool:
    """The check again, entry by entry in fractions: (A + A')/2 - sum_k (d_k/m) c_k c_k' is diagonally dominant, m > 0, d >= 0."""
    size = range(len(matrix))
    if factor.multiple <= 0 or any(weight < 0 or len(column) != len(matrix) for weight, column in factor.terms):
        return False
    for i in size:
        rest = [Fraction(matrix[i][j] + matrix[j][i], 2) - sum(Fraction(d * c[i] * c[j], factor.multiple) for d, c in factor.terms)
                for j in size]
        if sum(abs(rest[j]) for j in size if j != i) > rest[i]:
            return False
    return True


def is_psd(matrix: Rows) -> bool:
    """By the characteristic polynomial of A + A'."""
    size = range(len(matrix))
    return is_semidefinite([[Fraction(matrix[i][j] + matrix[j][i]) for j in size] for i in size])


def entries(most: int) -> st.SearchStrategy[int]:
    return st.integers(-most, most)


@st.composite
def any_matrices(draw: st.DrawFn) -> Rows:
    size = draw(st.integers(1, 6))
    most = draw(st.sampled_from([1, 3, 100, 10**12]))
    rows = [[draw(entries(most)) for _ in range(size)] for _ in range(size)]
    for i in range(size):
        rows[i][i] += draw(st.sampled_from([0, 0, most, size * most]))
    return rows


@st.composite
def grams(draw: st.DrawFn) -> tuple[Rows, int]:
    """sum_k d_k b_k b_k' plus a skew part, and its rank or more."""
    size = draw(st.integers(1, 7))
    rank = draw(st.integers(0, size))
    most = draw(st.sampled_from([2, 50, 10**9]))
    vectors = [[draw(entries(most)) for _ in range(size)] for _ in range(rank)]
    weights = [draw(st.integers(0, 9)) for _ in range(rank)]
    scales = [10 ** draw(st.sampled_from([0, 0, 3, 12])) for _ in range(size)]
    skew = [[draw(entries(most)) if j < i else 0 for j in range(size)] for i in range(size)]
    rows = [[scales[i] * scales[j] * sum(d * b[i] * b[j] for d, b in zip(weights, vectors, strict=True)) + (skew[i][j] if j < i else -skew[j][i])
             for j in range(size)] for i in range(size)]
    return rows, rank


@given(any_matrices())
@example([[0]])
@example([[-1]])
@example([[0, 1], [-1, 0]])
@example([[0, 1], [0, 0]])
@example([[1, 0], [4, 3]])
@example([[10**40, 0], [0, -1]])
@settings(max_examples=300)
def test_found_exactly_for_semidefinite_matrices(matrix: Rows) -> None:
    found = find_factor(matrix)
    assert (found is not None) == is_psd(matrix)
    assert found is None or proves(matrix, found)


@given(grams())
@settings(max_examples=200)
def test_singular_and_skew(case: tuple[Rows, int]) -> None:
    matrix, _ = case
    found = find_factor(matrix)
    assert found is not None, "a sum of squares and a skew part"
    assert holds(matrix, found) and proves(matrix, found)


@given(grams(), st.sampled_from([10**3, 10**9, 10**30, 10**200]))
@settings(max_examples=150)
def test_the_border_is_seen_sharply(case: tuple[Rows, int], scale: int) -> None:
    """A matrix on the border of the cone, and it plus and minus a very small multiple of the identity."""
    matrix, rank = case
    size = range(len(matrix))
    for change in (-1, 1):
        near = [[scale * matrix[i][j] + (change if i == j else 0) for j in size] for i in size]
        found = find_factor(near)
        assert (found is not None) == is_psd(near)
        assert found is None or proves(near, found)
        if rank < len(matrix):
            assert (found is not None) == (change > 0)


@given(st.one_of(grams().map(lambda case: case[0]), any_matrices()), st.data())
@settings(max_examples=200)
def test_changed_witnesses(matrix: Rows, data: st.DataObject) -> None:
    """The check and the check again agree on witnesses with one number changed, and what they let pass is a proof."""
    found = find_factor(matrix) or Factor(2, ((1, tuple(1 for _ in matrix)),))
    kind = data.draw(st.sampled_from(["multiple", "weight", "column", "length", "dropped", "twice"]))
    change = data.draw(st.sampled_from([-10**9, -2, -1, 1, 2, 10**9]))
    terms = list(found.terms)
    at = data.draw(st.integers(0, len(terms) - 1)) if terms else 0
    if kind == "multiple" or not terms:
        changed = replace(found, multiple=data.draw(st.sampled_from([0, -found.multiple, found.multiple + change, 3 * found.multiple])))
    elif kind == "dropped":
        changed = replace(found, terms=tuple(terms[:at] + terms[at + 1:]))
    else:
        weight, column = terms[at]
        place = data.draw(st.integers(0, len(column) - 1))
        other = {"weight": (weight + change, column), "column": (weight, (*column[:place], column[place] + change, *column[place + 1:])),
                 "length": (weight, (*column, change) if change > 0 else column[:-1]), "twice": (2 * weight, column)}[kind]
        changed = replace(found, terms=(*terms[:at], other, *terms[at + 1:]))
        assert kind != "length" or not holds(matrix, changed)
    assert holds(matrix, changed) == proves(matrix, changed)
    assert not holds(matrix, changed) or is_psd(matrix), "what passes proves it"


def test_a_tight_witness_has_no_room() -> None:
    """Of a matrix of rank 1: every number counts."""
    matrix = [[4, 6], [6, 9]]
    assert holds(matrix, Factor(1, ((1, (2, 3)),)))
    for wrong in (Factor(1, ((1, (2, 4)),)), Factor(1, ((1, (3, 3)),)), Factor(1, ((2, (2, 3)),)), Factor(1, ()), Factor(1, ((-1, (2, 3)),)),
                  Factor(0, ((1, (2, 3)),)), Factor(-1, ((1, (2, 3)),)), Factor(1, ((1, (2, 3, 0)),)), Factor(1, ((1, (2,)),))):
        assert not holds(matrix, wrong), wrong


@pytest.mark.parametrize("size", [40, 64])
def test_larger_matrices(size: int) -> None:
    """Strictly definite at any size; singular up to the size at which it is eliminated exactly."""
    chain = [[2 if i == j else -1 if abs(i - j) == 1 else 0 for j in range(size)] for i in range(size)]
    assert find_factor(chain) is not None
    full = [[size if i == j else -1 + (i < j) - (i > j) for j in range(size)] for i in range(size)]
    found = find_factor(full)
    assert found is not None and proves(full, found)
    hilbert = [[2 * 10**6 // (i + j + 1) + (500 if i == j else 0) for j in range(size)] for i in range(size)]
    found = find_factor(hilbert)
    assert found is not None and found.terms and proves(hilbert, found)
    assert find_factor([[e - (501 + 10**6 if i == j else 0) for j, e in enumerate(row)] for i, row in enumerate(hilbert)]) is None
