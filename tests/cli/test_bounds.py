"""``epsdelta bounds``: every verb for a person and as JSON, and bad input as one sentence."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from epsdelta.bounds.bound import Bound, Standing
from epsdelta.bounds.catalogue import all_bounds, get
from epsdelta.bounds.serialize import from_json
from epsdelta.cli import main
from epsdelta.cli.bounds_output import exact_text
from epsdelta.verifiers.experiments import for_bound

ROOT = Path(__file__).parents[2]
TUNED = "sgd/nonconvex/expectation"
ANY_STEP = "sgd/nonconvex/any-step"
ORDER = "sgd/confidence/order"
POINT = ["L=1", "delta_f=1", "sigma=1/10", "horizon=1000"]
REFUTED = next(bound for bound in all_bounds() if bound.standing is Standing.REFUTED)
WITHDRAWN = next(bound for bound in all_bounds() if bound.standing is Standing.WITHDRAWN)
each_bound = pytest.mark.parametrize("bound", all_bounds(), ids=lambda bound: bound.id)


class Terminal(io.StringIO):
    """A stdout that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def _text(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert main(["bounds", *arguments]) == status
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def _json(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> dict[str, Any]:
    return json.loads(_text(capsys, *arguments, "--json", status=status))


def _on_terminal(monkeypatch: pytest.MonkeyPatch, width: int, *arguments: str) -> list[str]:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    assert main(["bounds", *arguments]) == 0
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()]


# ---- list and search ----------------------------------------------------------------------------------------------------------


def test_list_has_one_line_per_entry(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe a row is never wrapped nor cut, however long its formula; nothing is padded on the right."""
    lines = _text(capsys, "list").splitlines()
    assert len(lines) == len(all_bounds()) + 2
    for bound, line in zip(all_bounds(), lines[1:], strict=False):
        assert line.startswith(f"{bound.id} ")
        assert bound.formula in line
        assert bound.standing.word in line.split()
    assert [line for line in lines if line != line.rstrip()] == []
    assert lines[-1].startswith(f"{len(all_bounds())} bounds: ")


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 240])
def test_list_fits_a_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formulas are cut, columns without room are left out, and an entry still takes one line where its id does."""
    lines = _on_terminal(monkeypatch, width, "list")
    assert max(map(len, lines)) <= width
    if width >= 80:
        assert len(lines) == len(all_bounds()) + 2
        assert any(line.endswith("...") for line in lines) is (width >= 120)


def test_list_as_json_has_whole_entries(capsys: pytest.CaptureFixture[str]) -> None:
    found = _json(capsys, "list")["bounds"]
    assert [(one["id"], one["formula"], one["standing"]) for one in found] == [(b.id, b.formula, b.standing.word) for b in all_bounds()]


@pytest.mark.parametrize(("arguments", "predicate"), [
    (["--standing", "order"], lambda bound: bound.standing is Standing.ORDER),
    (["--family", "sgd", "--direction", "lower"], lambda bound: bound.family == "sgd" and bound.direction.value == ">="),
    (["--method", "adam"], lambda bound: "adam" in bound.method.lower()),
    (["--guarantee", "probability", "--setting", "nonconvex"],
     lambda bound: "probability" in bound.guarantee.value and "nonconvex" in bound.setting),
    (["--metric", "no such metric"], lambda bound: False),
])
def test_list_filters(arguments: list[str], predicate: Any, capsys: pytest.CaptureFixture[str]) -> None:
    expected = [bound.id for bound in all_bounds() if predicate(bound)]
    assert [one["id"] for one in _json(capsys, "list", *arguments)["bounds"]] == expected


def test_list_under_assumptions(capsys: pytest.CaptureFixture[str]) -> None:
    """Sub-Gaussian noise has bounded variance: the bound in expectation is found."""
    found = [one["id"] for one in _json(capsys, "list", "--under", "smooth, bounded-below,unbiased,sub-gaussian,unconstrained")["bounds"]]
    assert {TUNED, ANY_STEP} <= set(found)
    assert TUNED not in [one["id"] for one in _json(capsys, "list", "--under", "smooth,unbiased")["bounds"]]


def test_empty_list_is_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert _text(capsys, "search", "nosuchwordanywhere") == "0 bounds\n"


def test_search_finds_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert ANY_STEP in [one["id"] for one in _json(capsys, "search", "constant", "step", "--family", "sgd")["bounds"]]
    assert ANY_STEP in _text(capsys, "search", "constant", "step", "--family", "sgd")


# ---- one bound ----------------------------------------------------------------------------------------------------------------


@each_bound
def test_show(bound: Bound, capsys: pytest.CaptureFixture[str]) -> None:
    """The standing comes first; premises, parameters, conditions, source and evidence follow."""
    text = _text(capsys, "show", bound.id)
    assert text.startswith(f"{bound.standing.word.upper()}  {bound.id}: ")
    parts = [bound.formula, bound.standing.value, bound.source.short, *bound.conditions, *bound.evidence, bound.evidence_note,
             *(symbol.meaning for symbol in bound.parameters), *(f"{name} = {formula}" for name, formula in bound.choices)]
    assert [part for part in parts if part not in text] == []
    if bound.corrected_by:
        assert f"; see {bound.corrected_by}" in text


@each_bound
def test_show_names_the_experiments(bound: Bound, capsys: pytest.CaptureFixture[str]) -> None:
    """Below the evidence, with how to run them; nothing where no experiment speaks of the entry."""
    ids = [experiment.id for experiment in for_bound(bound.id)]
    text = _text(capsys, "show", bound.id).partition("\nevidence\n")[2]
    assert [name for name in ids if f"\n{name} " not in text] == []
    assert bool(ids) == (f"epsdelta verify {bound.id}\n" in text) == ("\nexperiments\n" in text)
    assert _json(capsys, "show", bound.id)["experiments"] == ids


@each_bound
def test_show_as_json_is_the_entry(bound: Bound, capsys: pytest.CaptureFixture[str]) -> None:
    shown = _json(capsys, "show", bound.id)
    assert from_json(json.dumps(shown["bound"])) == bound
    assert shown["latex"] == bound.latex()


def test_eval_exact(capsys: pytest.CaptureFixture[str]) -> None:
    assert _text(capsys, "eval", ANY_STEP, *POINT, "step_size=1/4") == "proved  average expected squared gradient norm <= 0.0105 = 21/2000\n"
    value = _json(capsys, "eval", ANY_STEP, *POINT, "step_size=0.25")
    assert (value["is_exact"], value["lower"], value["upper"], value["decimal"]) == (True, "21/2000", "21/2000", "0.0105")
    assert (value["id"], value["standing"], value["direction"]) == (ANY_STEP, "proved", "<=")


def test_eval_encloses(capsys: pytest.CaptureFixture[str]) -> None:
    """1/500 + sqrt(5)/250, rounded to the safe side."""
    assert _text(capsys, "eval", TUNED, *POINT, "--digits", "12") == (
        "proved  average expected squared gradient norm <= 0.01094427191 = 1/500 + sqrt(5)/250\n")
    value = _json(capsys, "eval", TUNED, *POINT, "--digits", "50")
    low, high = Fraction(value["lower"]), Fraction(value["upper"])
    assert (250 * low - Fraction(1, 2)) ** 2 <= 5 <= (250 * high - Fraction(1, 2)) ** 2
    assert 0 < high - low <= low / 10**50
    assert value["algebraic"] == "1/500 + sqrt(5)/250"


def test_eval_writes_long_numbers_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    """Longer than Python writes integers."""
    value = _json(capsys, "eval", ANY_STEP, "L=1e-900", "delta_f=1e1000", "sigma=1e1000", "horizon=1", "step_size=1e900")
    assert value["lower"] == value["upper"] == exact_text(2 * 10**100 + 10**2000)
    assert "-bit)" in _text(capsys, "eval", ANY_STEP, "L=1e-900", "delta_f=1e1000", "sigma=1e1000", "horizon=1", "step_size=1e900")
    assert exact_text(Fraction(-(10**9000), 3)) == f"-1{'0' * 9000}/3"


@pytest.mark.parametrize("bound", [REFUTED, WITHDRAWN], ids=lambda bound: bound.id)
def test_false_statement_is_evaluated_on_request(bound: Bound, capsys: pytest.CaptureFixture[str]) -> None:
    """The standing is in the answer."""
    values = [f"{symbol.name}={'1/2' if symbol.domain.upper is not None else '2' if symbol.name in ('L', 'rho') else '1'}"
              for symbol in bound.parameters]
    assert _text(capsys, "eval", bound.id, *values, "--as-stated").startswith(f"{bound.standing.word}  ")
    assert _json(capsys, "eval", bound.id, *values, "--as-stated")["standing"] == bound.standing.word


def test_solve(capsys: pytest.CaptureFixture[str]) -> None:
    """The command of the documentation: both sides of the answer are shown."""
    arguments = ["solve", TUNED, "horizon", "--target", "1e-2", "L=1", "sigma=1", "delta_f=1"]
    answer = _json(capsys, *arguments)
    assert (answer["value"], answer["beyond"], answer["is_least"], answer["target"]) == ("80400", "80399", True, "1e-2")
    assert Fraction(answer["bound_at_value"]["upper"]) <= Fraction(1, 100) < Fraction(answer["bound_at_beyond"]["lower"])
    lines = _text(capsys, *arguments).splitlines()
    assert lines[0] == "proved  horizon = 80400"
    assert lines[2].split() == ["80399", "0.01000003132", "does", "not", "meet", "1e-2"]
    assert lines[3].split() == ["80400", "0.009999968983", "meets", "1e-2"]


def test_order_of_one_parameter(capsys: pytest.CaptureFixture[str]) -> None:
    (order,) = _json(capsys, "order", TUNED, "horizon")["orders"]
    assert (order["parameter"], order["limit"], order["exponent"], order["log_exponent"]) == ("horizon", "horizon -> oo", "-1/2", "0")
    assert {regime["exponent"] for regime in order["regimes"]} == {"-1", "-1/2"}
    text = _text(capsys, "order", TUNED, "horizon")
    assert "horizon -> oo  -1/2" in text
    assert "regime" in text


def test_order_of_all_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    """With values for some; an order that is not decided does not hide the others."""
    names = [one["parameter"] for one in _json(capsys, "order", ANY_STEP, "L=1", "sigma=1")["orders"]]
    assert names == ["delta_f", "horizon", "step_size"]
    assert f"the regimes of one: epsdelta bounds order {ANY_STEP} delta_f" in _text(capsys, "order", ANY_STEP, "L=1", "sigma=1")


def test_order_without_constants(capsys: pytest.CaptureFixture[str]) -> None:
    """What an order entry is for."""
    (order,) = _json(capsys, "order", ORDER, "delta")["orders"]
    assert (order["limit"], order["exponent"]) == ("delta -> 0", "-1")


def test_hidden_logarithms_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    bound = next(bound for bound in all_bounds() if bound.hides_logs and any(s.name == "horizon" for s in bound.parameters))
    assert "hidden" in _text(capsys, "order", bound.id, "horizon")


def test_compare(capsys: pytest.CaptureFixture[str]) -> None:
    """The tuned step wins in the long run, the fixed one between two horizons; 37/100 makes no horizon a tie."""
    arguments = ["compare", TUNED, ANY_STEP, "horizon", "--low", "1", "--high", "1e6", "L=1", "delta_f=1", "sigma=0.37", "step_size=1/4"]
    result = _json(capsys, *arguments)
    assert [one["smaller"] for one in result["intervals"]] == [TUNED, ANY_STEP, TUNED]
    assert (result["intervals"][0]["low"], result["intervals"][-1]["high"]) == ("1", "1000000")
    for crossing in result["crossovers"]:
        low, high = int(crossing["low"]), int(crossing["high"])
        signs = [_difference(horizon) for horizon in (low, high)]
        assert high == low + 1
        assert signs[0] * signs[1] < 0
    assert (result["first"], result["second"], result["standings"], result["is_proved"]) == (TUNED, ANY_STEP, ["proved", "proved"], True)
    text = _text(capsys, *arguments)
    assert text.startswith(f"proved  {TUNED}: average expected squared gradient norm <= ")
    assert text.count("they cross between ") == 2
    assert "\nproved: " in text


def _difference(horizon: int) -> float:
    values: dict[str, Any] = {"L": 1.0, "delta_f": 1.0, "sigma": 0.37, "horizon": horizon}
    return get(TUNED).evaluate(**values) - get(ANY_STEP).evaluate(**values, step_size=0.25)


def test_compare_of_different_metrics_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    other = "sgd/nonconvex/complexity"
    arguments = ["compare", TUNED, other, "sigma", "--low", "1", "--high", "10", "L=1", "delta_f=1", "horizon=10", "eps=1/2"]
    assert main(["bounds", *arguments]) == 2
    assert "--any-metric" in capsys.readouterr().err
    assert _json(capsys, *arguments, "--any-metric")["intervals"]


def test_cite(capsys: pytest.CaptureFixture[str]) -> None:
    """One record per publication, also where several of its bounds are named."""
    record = get(ANY_STEP).source.bibtex()
    assert _text(capsys, "cite", ANY_STEP, TUNED) == f"{record}\n"
    assert _json(capsys, "cite", ANY_STEP, TUNED) == {"bibtex": {get(ANY_STEP).source.key: record}}
    both = _text(capsys, "cite", ANY_STEP, "sgd/nonconvex/high-probability")
    assert both.count("@") == 2


def test_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "out.png"
    arguments = ["plot", TUNED, ANY_STEP, "L=1", "delta_f=1", "sigma=1/2", "step_size=1/4", "--over", "horizon", "--low", "1", "--high", "1e5"]
    assert _text(capsys, *arguments, "-o", str(path)) == f"picture: {path}\n"
    assert path.read_bytes().startswith(b"\x89PNG")
    assert _json(capsys, *arguments, "-o", str(path)) == {"picture": str(path), "bounds": [TUNED, ANY_STEP]}


def test_replay(capsys: pytest.CaptureFixture[str]) -> None:
    """Every step with its sentence."""
    text = _text(capsys, "replay", ANY_STEP)
    assert text.startswith(f"replayed  {ANY_STEP} (proved)\n  derivation/sgd-nonconvex-any-step: ")
    assert "    + divided by T this is the formula\n" in text
    (entry,) = _json(capsys, "replay", ANY_STEP)["bounds"]
    assert entry["holds"] is True
    assert [one["id"] for one in entry["evidence"]] == [id_ for id_ in get(ANY_STEP).evidence if not id_.startswith("rocq/")]
    assert all(step["holds"] for one in entry["evidence"] for step in one["steps"])


def test_replay_without_evidence_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    bound = next(bound for bound in all_bounds() if not bound.evidence)
    assert _text(capsys, "replay", bound.id) == f"no evidence to replay here  {bound.id} (order)\n"


def test_failed_replay_is_exit_status_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A formula that the derivation does not give."""
    import dataclasses

    from epsdelta.bounds import catalogue

    bound = get(ANY_STEP)
    wrong = dataclasses.replace(bound, formula=f"({bound.formula})*99/100")
    monkeypatch.setattr(catalogue, "get", lambda name: wrong)
    assert _text(capsys, "replay", ANY_STEP, status=1).startswith(f"FAILED  {ANY_STEP} (proved)\n")
    assert _json(capsys, "replay", ANY_STEP, status=1)["bounds"][0]["holds"] is False


# ---- bad input ----------------------------------------------------------------------------------------------------------------


BAD: dict[str, tuple[list[str], list[str]]] = {
    "unknown id": (["show", "sgd/nonconvex/any-stap"], ["no bound has the id 'sgd/nonconvex/any-stap'", f"did you mean '{ANY_STEP}'"]),
    "unknown id, eval": (["eval", "zzz"], ["no bound has the id 'zzz'", "epsdelta bounds list shows all"]),
    "missing": (["eval", TUNED, "L=1", "sigma=1", "delta_f=1"], ["misses horizon (number of steps, 1 <= horizon, an integer)"]),
    "all missing": (["eval", TUNED], ["misses L (", "; delta_f (", "; horizon (", "; sigma ("]),
    "extra": (["eval", TUNED, *POINT, "step_size=1"], ["step_size"]),
    "a letter": (["eval", TUNED, *POINT, "T=5"], ["T is called horizon here"]),
    "near": (["eval", TUNED, *POINT, "sigmaa=5"], ["did you mean sigma?"]),
    "domain": (["eval", TUNED, *POINT[:3], "horizon=0"], ["horizon=0 violates 1 <= horizon, an integer (number of steps)"]),
    "fraction of a step": (["eval", TUNED, *POINT[:3], "horizon=5/2"], ["horizon=5/2 violates 1 <= horizon, an integer"]),
    "condition": (["eval", ANY_STEP, *POINT, "step_size=4"], ["does not hold here: step_size <= 1/L is violated (4 <= 1 is false)"]),
    "order": (["eval", ORDER, "delta=1/2", "horizon=5"], [f"{ORDER} is known only as an order", "ask for its order instead"]),
    "order, solve": (["solve", ORDER, "horizon", "--target", "1"], ["known only as an order"]),
    "refuted": (["eval", REFUTED.id], [f"{REFUTED.id} is refuted: use {REFUTED.corrected_by}, or ask with --as-stated"]),
    "withdrawn": (["eval", WITHDRAWN.id], [f"{WITHDRAWN.id} is withdrawn: use {WITHDRAWN.corrected_by}, or ask with --as-stated"]),
    "no value": (["eval", TUNED, "L"], ["'L' is not of the form NAME=VALUE, such as L=1"]),
    "no number": (["eval", TUNED, "L=one"], ["L='one'"]),
    "twice": (["eval", TUNED, "L=1", "L=2"], ["L is given twice"]),
    "an option": (["eval", TUNED, *POINT, "as_stated=1"], ["as_stated is no parameter of a bound"]),
    "digits": (["eval", TUNED, *POINT, "--digits", "0"], ["digits=0 violates 1 <= digits"]),
    "no target": (["solve", TUNED, "horizon", *POINT[:3]], ["solve needs --target X"]),
    "target": (["solve", TUNED, "horizon", *POINT[:3], "--target", "small"], ["target='small'"]),
    "unreachable": (["solve", ANY_STEP, "horizon", *POINT[:3], "step_size=1/4", "--target", "1/1000000"], ["stays above the target"]),
    "solve for what": (["solve", TUNED, "horizont", *POINT[:3], "--target", "1"], ["no parameter 'horizont'", "did you mean horizon?"]),
    "order in what": (["order", TUNED, "eps"], ["eps"]),
    "standing": (["list", "--standing", "provd"], ["standing='provd' is unknown: use one of 'proved'"]),
    "family": (["list", "--family", "sdg"], ["no family is called 'sdg': did you mean 'sgd'"]),
    "assumption": (["list", "--under", "smoth"], ["no assumption is called 'smoth': did you mean 'smooth'"]),
    "compare without range": (["compare", TUNED, ANY_STEP, "horizon"], ["--low X and --high X"]),
    "plot over what": (["plot", TUNED], ["plot needs --over PARAMETER"]),
    "plot of nothing": (["plot", "L=1", "--over", "horizon", "--low", "1", "--high", "2"], ["no bound to draw"]),
    "format": (["plot", TUNED, "--over", "horizon", "--low", "1", "--high", "2", "-o", "out.gif"], ["end its name in"]),
    "cite": (["cite", ANY_STEP, "none/such"], ["no bound has the id 'none/such'"]),
    "replay": (["replay", "none/such"], ["no bound has the id 'none/such'"]),
    "no verb": (["evaluate", TUNED], ["evaluate"]),
    "no id": (["show"], ["ID"]),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("wants_json", [False, True])
def test_bad_input(case: str, wants_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence on stderr, exit status 2; with ``--json`` the same sentence as ``{"error": ...}``."""
    arguments, parts = BAD[case]
    assert main(["bounds", *arguments, *(["--json"] if wants_json else [])]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    assert [part for part in parts if part not in captured.err] == []
    if wants_json:
        assert json.loads(captured.out) == {"error": captured.err.removeprefix("error: ").rstrip("\n")}
    else:
        assert captured.out == ""


def test_every_violated_condition_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Not only the first one."""
    bound, values = _violated()
    assert main(["bounds", "eval", bound.id, *values]) == 2
    error = capsys.readouterr().err
    assert error.count("is violated (") == 2
    assert "; " in error


def _violated() -> tuple[Bound, list[str]]:
    """An entry and values within the domains at which two conditions fail."""
    from epsdelta.bounds.binding import bind
    from epsdelta.errors import InputError

    for bound in all_bounds():
        if len(bound.conditions) < 2 or bound.standing is not Standing.PROVED:
            continue
        for small in range(2 ** min(len(bound.parameters), 8)):
            values = {symbol.name: _extreme(symbol, bool(small >> k & 1)) for k, symbol in enumerate(bound.parameters)}
            try:
                bind(bound, values)
            except InputError as error:
                if str(error).count("is violated (") == 2:
                    return bound, [f"{name}={value}" for name, value in values.items()]
    raise AssertionError("no entry has two conditions that can fail together")


def _extreme(symbol: Any, is_small: bool) -> Fraction:
    low, high = symbol.domain.lower, symbol.domain.upper
    if low is None or high is None:
        return Fraction(low or 0) + (1 if symbol.domain.is_integer else Fraction(1, 100) if is_small else 100)
    return low + (high - low) * (Fraction(1, 100) if is_small else Fraction(99, 100))


@each_bound
def test_missing_parameters_are_all_named(bound: Bound, capsys: pytest.CaptureFixture[str]) -> None:
    """However many there are, none is cut off."""
    if bound.standing is Standing.ORDER or not bound.parameters:
        pytest.skip("evaluates nothing")
    assert main(["bounds", "eval", bound.id, "--as-stated"]) == 2
    error = capsys.readouterr().err
    assert [symbol.name for symbol in bound.parameters if f"{symbol.name} (" not in error] == []


# ---- speed of the start -------------------------------------------------------------------------------------------------------


def test_listing_loads_no_sympy() -> None:
    """Nor numpy, nor matplotlib: the catalogue is text until a formula is asked for."""
    code = ("import sys\nfrom epsdelta.cli import main\n"
            "assert main(['bounds', 'list']) == 0 and main(['bounds', 'search', 'adam', '--under', 'smooth']) == 0\n"
            "print([name for name in ('sympy', 'numpy', 'scipy', 'matplotlib', 'cvxpy', 'clarabel') if name in sys.modules])")
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
                            env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert result.stdout.splitlines()[-1] == "[]"


def test_closed_pipe_is_no_crash() -> None:
    """``epsdelta bounds list | head -1``."""
    process = subprocess.Popen([sys.executable, "-m", "epsdelta", "bounds", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               cwd=ROOT)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    assert "Traceback" not in error
