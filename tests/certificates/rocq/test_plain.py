"""Restatements in plain words: what small games' statements say, and which statements keep the theory's words."""

from __future__ import annotations

import re
from fractions import Fraction

from epsdelta.certificates.kernel.problem import read_problem
from epsdelta.certificates.rocq.covers import setting
from epsdelta.certificates.rocq.plain import field_theorem, restate

_LIBRARY = re.compile(r"the_game|real |rat |s\d_|matrix|vector")


def _game(kind: str = "free", size: int = 2) -> dict[str, object]:
    names = [f"v{k}" for k in range(size)]
    variables: list[object] = [["variable", k] for k in range(size)]
    nodes = [*variables, ["power", 0, 2], ["exp", 0], ["add", size, size + 1]]
    players = [{"name": n, "variables": [n], "constraint": {"kind": kind}} for n in names]
    return {"kind": "game", "name": "g", "players": players, "region": [["-1/2", "1/2"]] * size,
            "field": {"form": "costs", "nodes": nodes, "outputs": [size + 2] * size}}


STEP = {"kind": "step_contraction", "metric": [["1", "0"], ["0", "2"]], "rate_squared": "1/2", "step_sizes": ["1/4", "1/3"]}


def test_step_in_plain_words() -> None:
    found = restate(setting(read_problem(_game("box"))), STEP, 0, "cover_0")
    assert found is not None and found.module == "PlainMetric" and not _LIBRARY.search(found.statement)
    assert "let T2 (x1 x2 : R) := Rmax (-1 / 2) (Rmin (1 / 2) (x2 - 1 / 3 * F2 x1 x2)) in" in found.statement
    assert "square (T1 x1 x2 - T1 y1 y2) (T2 x1 x2 - T2 y1 y2) <= 1 / 2 * square (x1 - y1) (x2 - y2)" in found.statement


def test_costs_and_their_derivatives() -> None:
    found = field_theorem(setting(read_problem(_game())), "cover_0")
    assert found is not None and "let C1 (x1 x2 : R) := x1 ^ 2 + exp x1 in" in found.statement
    assert "let F1 (x1 x2 : R) := 2 * x1 + exp x1 in" in found.statement
    assert "derivable_pt_lim (fun s : R => C2 x1 s) x2 (F2 x1 x2)" in found.statement


def test_others_keep_the_theorys_words() -> None:
    identity = [["1" if i == j else "0" for j in range(4)] for i in range(4)]
    four = {**STEP, "metric": identity, "step_sizes": [str(Fraction(1, 4))] * 4}
    assert restate(setting(read_problem(_game(size=4))), four, 0, "cover_0") is None
    assert restate(setting(read_problem(_game())), {**STEP, "kind": "unstable_step"}, 0, None) is None
