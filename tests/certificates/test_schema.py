"""The published schema and the kernel agree on what a certificate file is."""

from __future__ import annotations

import copy
import dataclasses
import functools
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from epsdelta.certificates import claims
from epsdelta.certificates.certificate import Certificate
from epsdelta.certificates.games import certify_game
from epsdelta.certificates.kernel import GAME_KINDS, check_text
from epsdelta.certificates.kernel import convergence as kernel_convergence
from epsdelta.certificates.kernel import linear as kernel_linear
from epsdelta.certificates.kernel import metric as kernel_metric
from epsdelta.certificates.kernel import small_gain as kernel_small_gain
from epsdelta.errors import FormatError
from epsdelta.exact.expression import FUNCTIONS, MAX_POWER
from epsdelta.problems.files import load_game
from epsdelta.problems.game import Game

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs" / "reference" / "certificate.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
CLAIMS = {value.kind: value for value in vars(claims).values()
          if isinstance(value, type) and issubclass(value, claims.Claim) and value is not claims.Claim}


def _large_unstable() -> Game:
    """Seventeen variables: too many for the characteristic polynomial, so the witness is a form."""
    return Game.from_jacobian([[(i == j) * (-2 if i == 0 else 1) for j in range(17)] for i in range(17)])


def _simplex() -> Game:
    """Two players on simplices, by gradients."""
    return Game.from_gradients(["a - b/4", "b + a/4", "c"], variables=[["a", "b"], ["c"]], constraints=[("simplex", "1"), "box"],
                               region={"c": ["-1", "1"]})


@functools.cache
def _certificates() -> dict[str, Certificate]:
    """Certificates of every claim kind, straight from the producer."""
    examples = ("e6-constrained", "sgn-toy", "e4-full-metric", "dirac-gan-r1-only")
    games = {name: load_game(ROOT / "examples" / "games" / f"{name}.toml") for name in examples}
    games |= {"saddle": Game.from_jacobian([["1", "0"], ["0", "-1"]]), "large": _large_unstable(), "simplex": _simplex()}
    made = {name: certify_game(game).certificate for name, game in games.items()}
    return {name: certificate for name, certificate in made.items() if certificate is not None}


def _data(name: str) -> dict[str, Any]:
    return json.loads(_certificates()[name].to_json())


NAMES = ["e6-constrained", "sgn-toy", "e4-full-metric", "dirac-gan-r1-only", "saddle", "large", "simplex"]


def _is_valid(data: object) -> bool:
    return VALIDATOR.is_valid(data)


def _is_read(data: object) -> bool:
    """Whether the kernel reads the file, whatever it then says of it."""
    try:
        check_text(json.dumps(data))
    except FormatError:
        return False
    return True


def _objects(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all objects."""
    if isinstance(value, dict):
        yield path
        for key, item in value.items():
            yield from _objects(item, (*path, key))
    elif isinstance(value, list):
        for k, item in enumerate(value):
            yield from _objects(item, (*path, k))


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_claim_kind_is_tried() -> None:
    kinds = {s["claim"]["kind"] for name in NAMES for s in _data(name)["statements"]}
    assert kinds == set(GAME_KINDS) == set(CLAIMS)


def test_both_forms_of_convergence_are_tried() -> None:
    """Over all strategies, where three fields are null, and in a ball."""
    forms = {s["claim"]["center"] is None for name in NAMES for s in _data(name)["statements"] if s["claim"]["kind"] == "convergence"}
    assert forms == {False, True}


@pytest.mark.parametrize("name", NAMES)
def test_what_the_producer_writes_is_valid(name: str) -> None:
    VALIDATOR.validate(_data(name))
    assert _is_read(_data(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_field_is_refused_by_both(name: str) -> None:
    whole = _data(name)
    for path in _objects(whole):
        for key in _at(whole, path):
            data = copy.deepcopy(whole)
            del _at(data, path)[key]
            assert (_is_valid(data), _is_read(data)) == (False, False), (path, key)


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_field_is_refused_by_both(name: str) -> None:
    whole = _data(name)
    for path in _objects(whole):
        data = copy.deepcopy(whole)
        _at(data, path)["surprise"] = "1"
        assert (_is_valid(data), _is_read(data)) == (False, False), path


@pytest.mark.parametrize("kind", GAME_KINDS)
def test_claim_fields_are_those_of_the_dataclass(kind: str) -> None:
    expected = {"kind", *(field.name for field in dataclasses.fields(CLAIMS[kind]))}
    claim = SCHEMA["$defs"][kind]["properties"]["claim"]
    assert set(claim["properties"]) == set(claim["required"]) == expected


@pytest.mark.parametrize("kind", GAME_KINDS)
def test_claim_and_witness_fields_are_those_the_kernel_reads(kind: str) -> None:
    """The names in the kernel's own calls of ``reader.fields``."""
    home = next(m for m in (kernel_convergence, kernel_linear, kernel_metric, kernel_small_gain) if hasattr(m, f"check_{kind}"))
    source = inspect.getsource(getattr(home, f"check_{kind}"))
    if "_read_form(" in source:
        source += inspect.getsource(kernel_linear._read_form)
    calls = re.findall(r'reader\.fields\([^(]*?\.(?:claim|witness)",\s*\(([^)]*)\)', source)
    read = [set(re.findall(r'"(\w+)"', names)) for names in calls]
    parts = SCHEMA["$defs"][kind]["properties"]
    witness = parts["witness"].get("oneOf", [None, parts["witness"]])[1]
    assert read == [set(parts["claim"]["required"]), set(witness["required"])]


def test_words_are_those_of_the_expression_tree() -> None:
    heads = [node["prefixItems"] for node in SCHEMA["$defs"]["node"]["oneOf"]]
    assert next(tuple(h[0]["enum"]) for h in heads if "exp" in h[0].get("enum", ())) == FUNCTIONS
    assert next(h[2]["maximum"] for h in heads if h[0].get("const") == "power") == MAX_POWER


@pytest.mark.parametrize(("value", "accepted"), [
    ("1", True), ("-1/2", True), ("007/010", True), ("1/0", False), ("1/00", False), ("", False), ("+1", False), ("1.5", False),
    ("1e3", False), (" 1", False), ("1\n", False), ("1/2\n", False), ("1/-2", False), ("٣", False), ("9" * 4000, True),
    ("9" * 4001, False), ("1/" + "9" * 4001, False), (1, False), (1.5, False), (None, False), (True, False), (["1"], False),
])
def test_rationals_are_read_alike(value: object, accepted: bool) -> None:
    data = _data("sgn-toy")
    data["problem"]["field"] = {"form": "linear", "jacobian": [["1", "10"], ["1/20", "1"]], "offset": [value, "0"]}
    assert (_is_valid(data), _is_read(data)) == (accepted, accepted)


@pytest.mark.parametrize("node", [["variable"], ["variable", -1], ["variable", "0"], ["constant", 1], ["power", 0, 1], ["power", 0, 65],
                                  ["add", 0], ["exp", 0, 0], ["eval", 0], [], None, "x", ["sin", None]])
def test_bad_nodes_are_refused_by_both(node: object) -> None:
    data = _data("e6-constrained")
    data["problem"]["field"]["nodes"].append(node)
    assert (_is_valid(data), _is_read(data)) == (False, False)


@pytest.mark.parametrize(("path", "value"), [
    (("format",), "other"), (("version",), 2), (("version",), "1"), (("statements",), []), (("statements",), None),
    (("statements", 0, "claim", "kind"), "stability"), (("statements", 0, "claim"), []), (("statements", 0, "witness"), None),
    (("problem", "kind"), "bilevel"), (("problem", "name"), "x" * 201), (("problem", "players"), []),
    (("problem", "players", 0, "constraint"), {"kind": "ball"}), (("problem", "players", 0, "variables"), []),
    (("problem", "field", "form"), "python"), (("problem", "region"), [["0", "1"], ["0"]]),
])
def test_other_changes_are_refused_by_both(path: tuple[str | int, ...], value: object) -> None:
    data = _data("e6-constrained")
    _at(data, path[:-1])[path[-1]] = value
    assert (_is_valid(data), _is_read(data)) == (False, False)
