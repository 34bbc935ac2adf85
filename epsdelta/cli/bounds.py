"""``epsdelta bounds ...``: ask the catalogue what theory promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from epsdelta.errors import InputError

if TYPE_CHECKING:
    from epsdelta.bounds.bound import Bound
    from epsdelta.bounds.orders import Order

__all__ = ["bounds_app"]

FAILED = 1
_OPTIONS = frozenset({"any_metric", "as_stated", "bounds", "digits", "high", "low", "name", "over", "path", "self", "target"})
"""Names that are options or arguments of the functions called: never parameters of a bound."""
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Identifier = Annotated[str, typer.Argument(metavar="ID", help="Id of a bound, as epsdelta bounds list shows it.")]
Values = Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Parameters, such as L=1 sigma=1/10 horizon=1e6.")]
AsStated = Annotated[bool, typer.Option("--as-stated", help="Also use a refuted or withdrawn bound.")]
Digits = Annotated[int, typer.Option(metavar="N", help="Digits to which a number that is not rational is enclosed.")]
Method = Annotated[str | None, typer.Option(metavar="TEXT", help="Part of the method's name.")]
Setting = Annotated[str | None, typer.Option(metavar="TEXT", help="Part of the setting.")]
Metric = Annotated[str | None, typer.Option(metavar="TEXT", help="Part of the metric.")]
Kind = Annotated[str | None, typer.Option(metavar="WORD", help="worst case, expectation, probability or almost surely.")]
Standing = Annotated[str | None, typer.Option(metavar="WORD", help="proved, stated, order, refuted or withdrawn.")]
Side = Annotated[str | None, typer.Option(metavar="WORD", help="upper or lower.")]
Family = Annotated[str | None, typer.Option(metavar="WORD", help="First word of the id.")]
Under = Annotated[str | None, typer.Option(metavar="A,B", help="Bounds whose premises all follow from these assumptions.")]
Low = Annotated[str | None, typer.Option("--low", metavar="X", help="Least value of the parameter.")]
High = Annotated[str | None, typer.Option("--high", metavar="X", help="Greatest value of the parameter.")]


def bounds_app() -> typer.Typer:
    """The group ``bounds``."""
    app = typer.Typer(help="Query the catalogue of bounds: what is promised, under which assumptions, and is it proved?",
                      rich_markup_mode=None, no_args_is_help=True)
    for name, command in (("list", list_bounds), ("search", search_bounds), ("show", show), ("eval", evaluate), ("solve", solve),
                          ("order", order), ("compare", compare), ("cite", cite), ("plot", plot), ("replay", replay_evidence)):
        app.command(name, help=(command.__doc__ or "").split("\n")[0])(command)
    return app


def list_bounds(method: Method = None, setting: Setting = None, metric: Metric = None, guarantee: Kind = None, standing: Standing = None,
                direction: Side = None, family: Family = None, under: Under = None, as_json: Json = False) -> int:
    """List the bounds, or those that match every filter."""
    return _listed(None, as_json, method=method, setting=setting, metric=metric, guarantee=guarantee, standing=standing,
                   direction=direction, family=family, under=under)


def search_bounds(text: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Words that must all occur.")],
                  method: Method = None, setting: Setting = None, metric: Metric = None, guarantee: Kind = None, standing: Standing = None,
                  direction: Side = None, family: Family = None, under: Under = None, as_json: Json = False) -> int:
    """Search the bounds by words, and by the same filters as list."""
    return _listed(" ".join(text), as_json, method=method, setting=setting, metric=metric, guarantee=guarantee, standing=standing,
                   direction=direction, family=family, under=under)


def _listed(text: str | None, as_json: bool, *, under: str | None, **filters: str | None) -> int:
    from epsdelta.bounds.search import search
    from epsdelta.cli.bounds_output import print_list, summary
    from epsdelta.cli.output import print_json

    assumptions = None if under is None else [name.strip() for name in under.split(",") if name.strip()]
    found = search(text, under=assumptions, method=filters["method"], setting=filters["setting"], metric=filters["metric"],
                   guarantee=filters["guarantee"], standing=filters["standing"], direction=filters["direction"], family=filters["family"])
    if as_json:
        print_json({"bounds": [summary(bound) for bound in found]})
    else:
        print_list(found)
    return 0


def show(name: Identifier, as_json: Json = False) -> int:
    """Show one bound: formula, premises, parameters, source, standing, evidence and the experiments that speak of it."""
    import json

    from epsdelta.bounds.catalogue import get
    from epsdelta.bounds.render import inequality
    from epsdelta.bounds.theorems import theorems
    from epsdelta.cli.bounds_output import print_bound
    from epsdelta.cli.output import print_json
    from epsdelta.verifiers.experiments import for_bound

    bound = get(name)
    if as_json:
        print_json({"bound": json.loads(bound.to_json()), "inequality": inequality(bound), "latex": bound.latex(),
                    "theorems": [{"id": one.id, "name": one.name, "file": one.file, "statement": one.statement} for one in theorems(bound)],
                    "experiments": [experiment.id for experiment in for_bound(bound.id)]})
    else:
        print_bound(bound)
    return 0


def evaluate(name: Identifier, values: Values = None, as_stated: AsStated = False, digits: Digits = 30, as_json: Json = False) -> int:
    """Evaluate a bound: exactly, or as an enclosure of the stated relative width."""
    from epsdelta.bounds.catalogue import get
    from epsdelta.cli.bounds_output import print_value, value_fields
    from epsdelta.cli.output import print_json

    bound = get(name)
    with _shell_words():
        value = bound.evaluate(digits=digits, as_stated=as_stated, **_parsed(values))
    if as_json:
        print_json({"id": bound.id, "standing": bound.standing.word, "direction": bound.direction.value, "metric": bound.metric,
                    **value_fields(bound, value)})
    else:
        print_value(bound, value, digits)
    return 0


def solve(name: Identifier, parameter: Annotated[str, typer.Argument(metavar="PARAMETER", help="What to solve for, such as horizon.")],
          values: Values = None,
          target: Annotated[str | None, typer.Option("--target", metavar="X", help="What the value must not exceed.")] = None,
          as_stated: AsStated = False, digits: Digits = 12, as_json: Json = False) -> int:
    """Solve for the least horizon (or another parameter) at which the value meets a target."""
    from epsdelta.bounds.catalogue import get
    from epsdelta.cli.bounds_output import print_solution, solution_fields
    from epsdelta.cli.output import print_json

    if target is None:
        raise InputError("solve needs --target X: the value that the bound must not exceed")
    bound = get(name)
    with _shell_words():
        solution = bound.solve_for(parameter, target, digits=digits, as_stated=as_stated, **_parsed(values))
    if as_json:
        print_json({"id": bound.id, "standing": bound.standing.word, "target": target, **solution_fields(bound, solution)})
    else:
        print_solution(bound, solution, target)
    return 0


def order(name: Identifier, parameter: Annotated[str | None, typer.Argument(metavar="[PARAMETER]", help="All of them if left out.")] = None,
          values: Values = None, as_json: Json = False) -> int:
    """Order of a bound in a parameter: exponent, logarithms apart, with the regimes of sums, minima and maxima."""
    from epsdelta.bounds.catalogue import get
    from epsdelta.cli.bounds_output import order_fields, print_orders
    from epsdelta.cli.output import print_json

    bound = get(name)
    if parameter is not None and "=" in parameter:  # all parameters are asked for, and the first value stands in its place
        parameter, values = None, [parameter, *(values or ())]
    given = _parsed(values)
    if parameter is not None:
        orders: list[Any] = [bound.order(parameter, **given)]
    else:
        orders = [_order_or_reason(bound, symbol.name, given) for symbol in bound.parameters if symbol.name not in given]
    if as_json:
        print_json({"id": bound.id, "standing": bound.standing.word, "orders": [
            {"parameter": one[0], "error": one[1]} if isinstance(one, tuple) else order_fields(one) for one in orders]})
    else:
        print_orders(bound, orders)
    return 0


def _order_or_reason(bound: Bound, name: str, given: dict[str, Any]) -> Order | tuple[str, str]:
    """Where all orders are asked for, one that is not decided does not hide the others."""
    try:
        return bound.order(name, **given)
    except InputError as error:
        return name, str(error)


def compare(first: Identifier, second: Identifier,
            over: Annotated[str, typer.Argument(metavar="PARAMETER", help="The parameter that varies.")],
            values: Values = None, low: Low = None, high: High = None,
            any_metric: Annotated[bool, typer.Option("--any-metric", help="Compare bounds of different metrics.")] = False,
            as_stated: AsStated = False, as_json: Json = False) -> int:
    """Compare two bounds: which is smaller where, and where they cross."""
    from epsdelta.bounds.catalogue import get
    from epsdelta.bounds.compare import compare as compared
    from epsdelta.cli.bounds_output import comparison_fields, print_comparison
    from epsdelta.cli.output import print_json

    bounds = get(first), get(second)
    with _shell_words():
        result = compared(bounds[0], bounds[1], over, any_metric=any_metric, as_stated=as_stated, **_range(low, high), **_parsed(values))
    if as_json:
        print_json({"first": first, "second": second, "standings": [bound.standing.word for bound in bounds], **comparison_fields(result)})
    else:
        print_comparison(bounds, result)
    return 0


def cite(names: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of bounds.")], as_json: Json = False) -> int:
    """Cite the sources of bounds as BibTeX."""
    from epsdelta.bounds.catalogue import get
    from epsdelta.cli.output import print_json

    records = {source.key: source.bibtex() for source in (get(name).source for name in names)}
    if as_json:
        print_json({"bibtex": records})
    else:
        print("\n\n".join(records.values()))
    return 0


def plot(names: Annotated[list[str], typer.Argument(metavar="ID... [NAME=VALUE]...", help="Ids of bounds, then parameters.")],
         over: Annotated[str | None, typer.Option("--over", metavar="PARAMETER", help="The horizontal axis.")] = None,
         low: Low = None, high: High = None,
         output: Annotated[Path, typer.Option("--output", "-o", metavar="PNG", help="The picture (.png, .pdf or .svg).")] = Path("bounds.png"),
         as_json: Json = False) -> int:
    """Plot bounds against a parameter, on logarithmic axes."""
    from epsdelta.bounds.catalogue import get
    from epsdelta.bounds.plot import plot as drawn
    from epsdelta.cli.output import print_json

    if over is None:
        raise InputError("plot needs --over PARAMETER: the parameter of the horizontal axis")
    bounds = [get(name) for name in names if "=" not in name]
    span = _range(low, high)
    drawn(bounds, over, span["low"], span["high"], output, **_parsed([name for name in names if "=" in name]))
    if as_json:
        print_json({"picture": str(output), "bounds": [bound.id for bound in bounds]})
    else:
        print(f"picture: {output}")
    return 0


def replay_evidence(names: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="All bounds if left out.")] = None,
                    as_json: Json = False) -> int:
    """Replay the derivations, worst cases and counterexamples of bounds, step by step."""
    from epsdelta.bounds.catalogue import all_bounds, get
    from epsdelta.cli.bounds_output import print_replays, replay_fields
    from epsdelta.cli.output import print_json, progress

    bounds = [get(name) for name in names] if names else list(all_bounds())
    done = []
    with progress() as say:
        for bound in bounds:
            say(f"replaying {bound.id}")
            done.append((bound, bound.replay()))
    if as_json:
        print_json({"bounds": [replay_fields(bound, results) for bound, results in done]})
    else:
        print_replays(done)
    return 0 if all(result.holds for _, results in done for result in results) else FAILED


@contextmanager
def _shell_words() -> Iterator[None]:
    """The remedy of an error in the words of the command line."""
    try:
        yield
    except InputError as error:
        raise InputError(re.sub(r"\b(as_stated|any_metric)=True", lambda found: f"--{found[1].replace('_', '-')}", str(error))) from None


def _range(low: str | None, high: str | None) -> dict[str, str]:
    if low is None or high is None:
        raise InputError("give the range of the parameter with --low X and --high X")
    return {"low": low, "high": high}


def _parsed(values: list[str] | None) -> dict[str, Any]:
    """``NAME=VALUE`` arguments as exact values."""
    from epsdelta.exact.rational import rational

    parsed: dict[str, Any] = {}
    for argument in values or ():
        name, sign, value = argument.partition("=")
        if not sign or not name.isidentifier():
            raise InputError(f"{argument[:60]!r} is not of the form NAME=VALUE, such as L=1")
        if name in _OPTIONS:
            raise InputError(f"{name} is no parameter of a bound: epsdelta bounds --help shows the options, such as --target 1/100")
        if name in parsed:
            raise InputError(f"{name} is given twice: give it once")
        parsed[name] = rational(value, name=name)
    return parsed
