"""At least 10,000 mutations of valid certificates: whatever the kernel still accepts must be true by an independent recomputation.

Also: strict JSON, three-valued verdicts, and the kernel running alone.
"""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

import pytest

from epsdelta.certificates.certificate import Certificate
from epsdelta.certificates.claims import Claim, Convergence, NoMetric, SmallGain, Statement, StepContraction, UnstableFlow, UnstableStep
from epsdelta.certificates.games import certify_game
from epsdelta.certificates.kernel import CLAIM_KINDS, GAME_KINDS, Outcome, check_text
from epsdelta.errors import FormatError
from epsdelta.problems.game import Game
from tests.judges import states_only_true, without_names

Path = tuple[str | int, ...]
HALF = {"x": ["-1/2", "1/2"], "y": ["-1/2", "1/2"]}


def _rows(matrix: list[list[int | str]]) -> list[list[Fraction]]:
    return [[Fraction(e) for e in row] for row in matrix]


def _games() -> dict[str, tuple[Game, str | None]]:
    cubic = ["x + x^3/5 + 10*y - y^3", "y + y^3/5 + x/20"]
    costs = ["x^2/2 + x^4/20 + 10*x*y - x*y^3", "y^2/2 + y^4/20 + x*y/20"]
    xy = [["x"], ["y"]]
    return {
        "toy": (Game.from_jacobian([[1, 10], ["1/20", 1]], [1, "-1/2"]), None),
        "three": (Game.from_jacobian([[2, "1/2", "-1/3"], ["1/4", 2, "1/5"], ["-1/2", "1/3", 3]]), None),
        "block": (Game.from_jacobian([[2, "1/2", 1], ["1/2", 2, "-1/3"], ["1/4", "1/5", 2]], players=[2, 1]), "1/3"),
        "actions": (Game.from_jacobian([[1, 0, 8], [0, 1, "1/20"], ["1/20", 8, 1]], players=[2, 1]), None),
        "turn": (Game.from_jacobian([[0, 1], [-1, 0]]), None),
        "cubic": (Game.from_gradients(cubic, variables=xy, region=HALF, constraints=["box", "box"]), None),
        "cubic by costs": (Game.from_costs(costs, variables=xy, region=HALF, constraints=["box", "box"]), "1/2"),
        "free by costs": (Game.from_costs(costs, variables=xy, region=HALF), "1/2"),
        "linear by costs": (Game.from_costs(["x^2/2 + 10*x*y", "y^2/2 + x*y/20 + y"], variables=xy), None),
        "simplex": (Game.from_costs(["p^2 + q^2 + p*y/4", "y^2/2 + p*y/5"], variables=[["p", "q"], ["y"]],
                                    constraints=["simplex", "box"], region={"y": ["-1", "1"]}), "1/4"),
        "smooth": (Game.from_costs(["softplus(x) + x^2/2 + x*y/4", "y^2/2 + exp(y/2) - x*y/3"], variables=xy,
                                   region={"x": ["-1", "1"], "y": ["-1", "1/2"]}, constraints=["box", "box"]), "1/4"),
        "smooth and free": (Game.from_costs(["softplus(x) + x^2/2 + x*y/4", "y^2/2 + exp(y/2) - x*y/3"], variables=xy,
                                            region={"x": ["-1", "1"], "y": ["-1", "1/2"]}), "1/4"),
    }


def _by_hand() -> Iterator[tuple[str, Game, Claim, dict[str, Any] | None]]:
    dual = [[Fraction(e, 10**4) for e in row] for row in [[1661, -2094, 2220], [-2094, 2942, -1969], [2220, -1969, 5412]]]
    full = Game.from_jacobian([[4, 0, -3], [0, 2, 3], [-6, -4, 1]], players=[2, 1])
    yield "no_metric blocks", full, NoMetric(structure="blocks"), {"dual": dual}
    toy = Game.from_jacobian([[1, 10], ["1/20", 1]])
    yield "unstable_step", toy, UnstableStep(step_sizes=[Fraction(13, 10), Fraction(6, 5)]), None
    far = Game.from_jacobian([[1, 0], [0, 3]])
    form = {"form": _rows([[-1, 0], [0, 1]]), "vector": [Fraction(0), Fraction(1)]}
    yield "unstable_step form", far, UnstableStep(step_sizes=[Fraction(1)] * 2), form
    yield "unstable_flow form", Game.from_jacobian([[1, 0], [0, -1]]), UnstableFlow(), form
    uneven = StepContraction(step_sizes=[Fraction(1), Fraction(1, 2)], metric=_rows([[1, 0], [0, 200]]), rate_squared=Fraction(9, 10))
    yield "uneven steps", toy, uneven, {"split": [None]}
    everywhere = Convergence(step_sizes=[Fraction(1)] * 2, metric=_rows([[1, 0], [0, 200]]), rate_squared=Fraction(1, 2), center=None,
                             radius=None)
    yield "convergence everywhere", toy, everywhere, {"split": [None], "root": None}
    halving = Game.from_jacobian([["1/2", 0], [0, "1/2"]], ["-3/5", "-3/5"], region=[["-5/2", "5/2"], ["-3", "3"]])
    ball = Convergence(step_sizes=[Fraction(1)] * 2, metric=_rows([[2, 1], [1, 2]]), rate_squared=Fraction(1, 4), center=[Fraction(0)] * 2,
                       radius=Fraction(3))
    yield "convergence in a ball", halving, ball, {"split": [None], "root": Fraction(1, 2)}
    cubic = Game.from_gradients(["x + x^3/5 + 10*y - y^3", "y + y^3/5 + x/20"], variables=[["x"], ["y"]], region=HALF)
    split: list[Any] = [[0, Fraction(0)], None, [1, Fraction(1, 4)], None, None]
    claim = SmallGain(margin=Fraction(1, 4), weights=[Fraction(1), Fraction(200)], lipschitz=Fraction(2), curvature=[Fraction(1)] * 2,
                      own_lipschitz=[Fraction(23, 20)] * 2, coupling=_rows([[0, 10], ["1/20", 0]]),
                      bands=[(0, 1, Fraction(1, 1000), Fraction(1, 50))])
    v, u = [Fraction(14), Fraction(1)], [Fraction(14), Fraction(200)]
    bands = [[[Fraction(1), Fraction(1000)], [Fraction(1), Fraction(50)]]]
    yield "small_gain split", cubic, claim, {"split": split, "left": u, "right": v, "bands": bands}


@lru_cache(maxsize=1)
def corpus() -> dict[str, str]:
    """Valid certificates by name: one statement each, and one file with several."""
    found: dict[str, str] = {}
    for name, (game, step) in _games().items():
        certificate = certify_game(game, step_size=step, gap="1/5").certificate
        assert certificate is not None, name
        for statement in certificate.statements:
            one = Certificate(problem=certificate.problem, statements=(statement,))
            found[f"{name}: {statement.claim.kind}"] = one.to_json()
        if name == "actions":
            found[f"{name}: all"] = certificate.to_json()
    for name, game, claim, witness in _by_hand():
        found[name] = Certificate(problem=game.to_dict(), statements=(Statement(claim, witness),)).to_json()
    return found


def _nodes(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _nodes(item, (*path, key))


def _put(document: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def _drop(document: Any, path: Path) -> Any:
    changed = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return changed


def _is_rational(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip("-").replace("/", "", 1).isdigit()


_OTHER_TYPES: tuple[Any, ...] = (None, True, 0, 7, "", "x", "1", [], {}, [None], {"kind": "free"})
_WORDS = ("free", "box", "any", "simultaneous", "players", "blocks", "linear", "costs", "gradients", "add", "mul", "div", "exp", "log",
          "variable", "constant", *CLAIM_KINDS)


def _perturbed(text: str) -> Iterator[str]:
    value = Fraction(text)
    ulp = Fraction(1, value.denominator)
    for other in (-value, value + ulp, value - ulp, 2 * value, value / 2, Fraction(0), Fraction(1), Fraction(10) ** 40, Fraction(1, 10**40),
                  value * (1 + Fraction(1, 10**12)), value * (1 - Fraction(1, 10**12)), 1 / value if value else Fraction(3)):
        if other != value:
            yield str(other)
    yield f"{2 * value.numerator}/{2 * value.denominator}"
    yield f"{value.numerator}/0"
    yield f" {text}"
    yield f"{text}.0"


def mutants(text: str, seed: int) -> Iterator[Callable[[], str]]:
    """Structural and numerical mutations of one certificate: functions that make the text, so that a sample costs no more than itself."""
    document, rng = json.loads(text), random.Random(seed)
    nodes = list(_nodes(document))
    rationals = [value for _, value in nodes if _is_rational(value)]
    for path, value in nodes:
        for other in _others(value, rationals, rng):
            yield lambda path=path, other=other: json.dumps(_put(document, path, other))
        if path:
            yield lambda path=path: json.dumps(_drop(document, path))
        if isinstance(value, dict):
            for key, item in value.items():
                yield partial(_twice, document, path, key, item)
    every = max(1, len(text) // 60)
    for cut in range(0, len(text) - 1, every):
        yield lambda cut=cut: text[:cut]
        yield lambda cut=cut: text[:cut] + text[cut + 1:]


def _others(value: Any, rationals: list[str], rng: random.Random) -> Iterator[Any]:
    """What to put in the place of a value."""
    for other in _OTHER_TYPES:
        if type(other) is not type(value) or other != value:
            yield other
    if isinstance(value, dict):
        yield {**value, "extra": None}
    elif isinstance(value, list):
        yield from ([*value, None], value[::-1], [*value, *value], [*value, *value[-1:]], value[1:] + value[:1])
    elif _is_rational(value):
        yield from _perturbed(value)
        yield from rng.sample(rationals, min(3, len(rationals)))
        yield float(Fraction(value))
    elif isinstance(value, str):
        yield from rng.sample(_WORDS, 6)
    elif isinstance(value, int):
        yield from (value + 1, value - 1, -value, 10 * value + 2, 10**8)


def _twice(document: Any, path: Path, key: str, item: Any) -> str:
    """The text with ``key`` standing twice in the object at ``path``."""
    marker = "@@"
    marked = _put(document, (*path, key), marker)
    shown = f"{json.dumps(item)}, {json.dumps(key)}: {json.dumps(item)}"
    return json.dumps(marked).replace(json.dumps(marker), shown, 1)


def verdict_of(text: str) -> Outcome | None:
    """The kernel's outcome, None for bad input. Any other exception is a defect."""
    try:
        return check_text(text).outcome
    except FormatError as error:
        assert error.path and str(error).startswith(error.path)
        return None


NAMES = list(_games())
HAND = [name for name, *_ in _by_hand()]


def _entries(group: str) -> dict[str, str]:
    return {name: text for name, text in corpus().items() if name == group or name.startswith(f"{group}:")}


def test_the_corpus_is_valid_and_covers_every_kind_and_form() -> None:
    kinds = {s["claim"]["kind"] for text in corpus().values() for s in json.loads(text)["statements"]}
    assert kinds == set(GAME_KINDS)
    found = [s["claim"]["center"] is None for text in corpus().values() for s in json.loads(text)["statements"]
             if s["claim"]["kind"] == "convergence"]
    assert set(found) == {False, True}, "a ball and all strategies"
    assert {json.loads(text)["problem"]["field"]["form"] for text in corpus().values()} == {"linear", "costs", "gradients"}
    for name, text in corpus().items():
        assert check_text(text).is_proved, name
        assert states_only_true(json.loads(text)), f"{name}: the independent recomputation disagrees"


@pytest.mark.parametrize("change", [
    {"radius": "31/10"}, {"radius": "29/10"}, {"radius": "-3"}, {"center": ["5/2", "0"]}, {"center": ["-1/2", "0"], "radius": "2"},
    {"rate_squared": "6/25"}, {"rate_squared": "1"}, {"step_sizes": ["9/10", "1"]}, {"step_sizes": ["5", "5"]},
    {"metric": [["2", "1"], ["1", "0"]]}, {"center": None, "radius": None}])
def test_the_recomputation_refuses_false_convergence(change: dict[str, Any]) -> None:
    document = json.loads(corpus()["convergence in a ball"])
    document["statements"][0]["claim"] |= change
    assert not states_only_true(document)


SAMPLE = 320
"""Mutants per certificate in the default run; a slow run takes them all (about 100,000)."""


def _sampled(text: str, seed: int, most: int | None) -> list[Callable[[], str]]:
    every = list(mutants(text, seed))
    return every if most is None else random.Random(seed).sample(every, min(most, len(every)))


def test_there_are_at_least_10000_mutants() -> None:
    assert sum(len(_sampled(text, seed, SAMPLE)) for seed, text in enumerate(corpus().values())) >= 10_000


@pytest.mark.parametrize("most", [SAMPLE, pytest.param(None, marks=pytest.mark.slow)], ids=["sample", "all"])
@pytest.mark.parametrize("group", [*NAMES, *HAND])
def test_no_false_mutant_is_accepted(group: str, most: int | None) -> None:
    for seed, (name, text) in enumerate(sorted(_entries(group).items())):
        original = without_names(json.loads(text))
        count = same = true = 0
        for make in _sampled(text, seed, most):
            count += 1
            mutant = make()
            if verdict_of(mutant) is not Outcome.PROVED:
                continue
            document = json.loads(mutant)
            if without_names(document) == original:
                same += 1
                continue
            assert states_only_true(document), f"{name}: accepted, but not true: {mutant}"
            true += 1
        print(f"{name}: {count} mutants, accepted: {same} with other names only, {true} others that are true")
        assert same > 0, "renaming must not matter"


@pytest.mark.parametrize("field", ["name", "players"])
def test_names_do_not_matter(field: str) -> None:
    document = json.loads(corpus()["toy: small_gain"])
    if field == "name":
        document["problem"]["name"] = "another"
    else:
        document["problem"]["players"][0].update(name="other", variables=["zeta"])
    assert without_names(document) == without_names(json.loads(corpus()["toy: small_gain"]))
    assert check_text(json.dumps(document)).is_proved


STRICT = {
    "duplicate key": ('{"format":1,"format":2}', "format"),
    "float": ('{"format":1.5}', "file"),
    "exponent": ('{"format":1e5}', "file"),
    "NaN": ('{"format":NaN}', "file"),
    "Infinity": ('{"format":-Infinity}', "file"),
    "huge integer": ('{"version":' + "9" * 1000 + "}", "file"),
    "nesting": ("[" * 100_000 + "]" * 100_000, "file"),
    "nested objects": ('{"a":' * 100_000 + "1" + "}" * 100_000, "file"),
    "trailing text": ("{} {}", "file"),
    "empty": ("", "file"),
    "byte order mark": ("﻿{}", "file"),
    "a list": ("[]", "file"),
    "unknown field": ('{"format":"epsdelta-certificate","version":1,"problem":{},"statements":[],"extra":1}', "file.extra"),
    "missing field": ('{"format":"epsdelta-certificate","version":1,"problem":{}}', "file.statements"),
    "version": ('{"format":"epsdelta-certificate","version":2,"problem":{},"statements":[]}', "file.version"),
    "true as version": ('{"format":"epsdelta-certificate","version":true,"problem":{},"statements":[]}', "file.version"),
    "format": ('{"format":"other","version":1,"problem":{},"statements":[]}', "file.format"),
}


@pytest.mark.parametrize("name", STRICT)
def test_strict_json(name: str) -> None:
    text, path = STRICT[name]
    with pytest.raises(FormatError) as caught:
        check_text(text)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path}: ") and len(str(caught.value)) < 300


@pytest.mark.parametrize(("value", "path"), [
    ("1" * 4001, "statements[0].claim.margin"), ("1/" + "1" * 4001, "statements[0].claim.margin"), ("1e5", "statements[0].claim.margin"),
    ("0.5", "statements[0].claim.margin"), ("nan", "statements[0].claim.margin"), ("+1", "statements[0].claim.margin"),
    ("1_000", "statements[0].claim.margin"), ("١", "statements[0].claim.margin"), ("1\n", "statements[0].claim.margin"),
    ("1/0", "statements[0].claim.margin"), (1, "statements[0].claim.margin"), (True, "statements[0].claim.margin")])
def test_strict_rationals(value: object, path: str) -> None:
    document = json.loads(corpus()["toy: small_gain"])
    document["statements"][0]["claim"]["margin"] = value
    with pytest.raises(FormatError) as caught:
        check_text(json.dumps(document))
    assert caught.value.path == path


def test_oversize_and_undecodable_files_are_refused() -> None:
    for data in (" " * 16_000_001, b" " * 16_000_001, b"\xff\xfe{}"):
        with pytest.raises(FormatError, match="file: "):
            check_text(data)


def test_a_million_digits_are_refused_at_once() -> None:
    document = json.loads(corpus()["toy: small_gain"])
    document["problem"]["field"]["jacobian"][0][0] = "7" * 10**6
    with pytest.raises(FormatError, match=r"problem.field.jacobian\[0\]\[0\]"):
        check_text(json.dumps(document))


def test_verdicts_and_outcomes_have_no_truth_value() -> None:
    verdict = check_text(corpus()["toy: small_gain"])
    for value in (verdict, verdict.outcome):
        with pytest.raises(TypeError, match="three values"):
            bool(value)


_ALONE = """
import runpy, sys
sys.argv = ["kernel", *sys.argv[1:]]
try:
    runpy.run_module("epsdelta.certificates.kernel", run_name="__main__")
except SystemExit as end:
    assert end.code == 0, end.code
heavy = {"numpy", "sympy", "scipy", "cvxpy", "clarabel", "typer", "rich", "mpmath", "matplotlib"} & {m.split(".")[0] for m in sys.modules}
assert not heavy, heavy
inside = {m for m in sys.modules if m.startswith("epsdelta.")}
assert not any(m.startswith(("epsdelta.problems", "epsdelta.cli")) for m in inside), inside
print(sorted(inside))
"""


def test_the_kernel_runs_alone(tmp_path: Any) -> None:
    paths = []
    for k, text in enumerate(corpus().values()):
        paths.append(str(tmp_path / f"{k}.json"))
        with open(paths[-1], "w", encoding="utf-8") as stream:
            stream.write(text)
    alone = subprocess.run([sys.executable, "-c", _ALONE, *paths], capture_output=True, text=True, check=False)
    assert alone.returncode == 0, alone.stderr
    plain = subprocess.run([sys.executable, "-m", "epsdelta.certificates.kernel", *paths[:2]], capture_output=True, text=True, check=False)
    assert plain.returncode == 0 and plain.stdout.count(": PROVED: ") == 2
