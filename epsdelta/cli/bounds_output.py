"""What ``epsdelta bounds`` prints, for a person and as JSON fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from epsdelta.cli.output import console, decimal

if TYPE_CHECKING:
    from epsdelta.bounds.bound import Bound
    from epsdelta.bounds.compare import Comparison
    from epsdelta.bounds.evidence import Replay
    from epsdelta.bounds.invert import Solution
    from epsdelta.bounds.orders import Order

__all__ = ["comparison_fields", "exact_text", "order_fields", "print_bound", "print_comparison", "print_list", "print_orders", "print_replays",
           "print_solution", "print_value", "replay_fields", "solution_fields", "summary", "value_fields"]

LONGEST = 60
"""Longest exact number printed, in characters."""
GAP = 2
"""Blanks between the columns of a table."""
LEAST_COLUMN = 24
"""A column narrower than this, in characters, is left out of a list."""
CHUNK = 4000
"""Digits that are written at once: Python refuses to write an integer of more than 4300."""
UNBOUNDED = 100_000
"""Width of a table in a pipe: no row is longer."""
_COLORS = {"proved": "bold green", "stated": "cyan", "order": "yellow", "refuted": "bold red", "withdrawn": "bold red"}


def _short(value: Fraction | int) -> str:
    """An exact number, or how long it is."""
    bits = value.numerator.bit_length(), value.denominator.bit_length()
    if sum(bits) <= 4 * LONGEST and len(str(value)) <= LONGEST:
        return str(value)
    return f"({bits[0]}-bit/{bits[1]}-bit)" if value.denominator > 1 else f"({bits[0]}-bit)"


def exact_text(value: Fraction | int) -> str:
    """``p/q`` in full, beyond the length at which ``str`` refuses.

    >>> len(exact_text(10**9000)), exact_text(Fraction(-1, 2))
    (9001, '-1/2')
    """
    below = "" if value.denominator == 1 else f"/{_digits(value.denominator)}"
    return ("-" if value < 0 else "") + _digits(abs(value.numerator)) + below


def _digits(number: int) -> str:
    if number < 10**CHUNK:
        return str(number)
    head, tail = divmod(number, 10**CHUNK)
    return _digits(head) + str(tail).zfill(CHUNK)


def _table(*headings: str) -> Any:
    from rich.table import Table

    table = Table(box=None, padding=(0, GAP // 2), pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _print_table(table: Any) -> None:
    """A table that is fitted to a terminal; in a pipe each row is one line, as long as it needs to be."""
    out = console()
    if out.is_terminal:
        out.print(table)
        return
    out.width = UNBOUNDED
    with out.capture() as capture:
        out.print(table)
    print("\n".join(line.rstrip() for line in capture.get().splitlines()))


def _marked(bound: Bound) -> tuple[tuple[str, str]]:
    """The standing with its color, for ``Text.assemble``."""
    return ((bound.standing.word, _COLORS[bound.standing.word]),)


def summary(bound: Bound) -> dict[str, Any]:
    """One entry's row as JSON fields."""
    return {"id": bound.id, "title": bound.title, "standing": bound.standing.word, "method": bound.method, "setting": bound.setting,
            "metric": bound.metric, "direction": bound.direction.value, "guarantee": bound.guarantee.value, "formula": bound.formula,
            "assumptions": list(bound.assumptions), "conditions": list(bound.conditions), "source": bound.source.short}


def _fit(text: str, width: int | None) -> str:
    return text if width is None or len(text) <= width else f"{text[:width - 3]}..."


def _widths(bounds: Sequence[Bound], total: int) -> tuple[int, int]:
    """Characters for the metric and the value on a terminal; 0 leaves a column out."""
    spare = total - max(len(bound.id) for bound in bounds) - len("withdrawn") - len("<=") - 4 * GAP
    if spare < LEAST_COLUMN:
        return 0, 0
    if spare < 2 * LEAST_COLUMN:
        return 0, spare
    longest = max(len(bound.metric) for bound in bounds)
    metric = min(longest, spare * 2 // 5)
    return metric, spare - metric


def print_list(bounds: Sequence[Bound]) -> None:
    """Entries as a table, with how many there are of each standing; formulas are whole in a pipe and cut to fit a terminal."""
    from rich.text import Text

    out = console()
    if bounds:
        metric, value = _widths(bounds, out.width) if out.is_terminal else (None, None)
        # The longest column is the last: nothing is padded to its width.
        headings = ["id", "standing", *(["metric"] if metric != 0 else []), *(["", "value"] if value != 0 else [])]
        table = _table(*headings)
        for bound in bounds:
            cells: list[Any] = [bound.id, Text.assemble(*_marked(bound))]
            cells += [_fit(bound.metric, metric)] if metric != 0 else []
            cells += [bound.direction.value, _fit(_value(bound), value)] if value != 0 else []
            table.add_row(*cells)
        _print_table(table)
    counts: dict[str, int] = {}
    for bound in bounds:
        counts[bound.standing.word] = counts.get(bound.standing.word, 0) + 1
    noun = "bound" if len(bounds) == 1 else "bounds"
    out.print(f"{len(bounds)} {noun}" + (": " + ", ".join(f"{count} {word}" for word, count in sorted(counts.items())) if counts else ""))


def _value(bound: Bound) -> str:
    """The right-hand side, with O or Omega where it has no constants."""
    from epsdelta.bounds.render import right_side

    return right_side(bound)


def print_bound(bound: Bound) -> None:
    """Everything about an entry."""
    from rich.text import Text

    from epsdelta.bounds.assumptions import ASSUMPTIONS
    from epsdelta.bounds.catalogue import evidence
    from epsdelta.bounds.evidence import REPLAYED
    from epsdelta.bounds.render import inequality
    from epsdelta.bounds.theorems import theorems
    from epsdelta.verifiers.experiments import for_bound

    out = console()
    out.print(Text.assemble((bound.standing.word.upper(), _COLORS[bound.standing.word]), f"  {bound.id}: {bound.title}"))
    out.print(Text(f"  {inequality(bound)}", style="bold"))
    out.print(Text(f"  {bound.standing.value}" + (f"; see {bound.corrected_by}" if bound.corrected_by else "")))
    rows = [("method", bound.method), ("setting", bound.setting), ("guarantee", bound.guarantee.value),
            ("conditions", "; ".join(bound.conditions)), ("prescribed", "; ".join(f"{n} = {f}" for n, f in bound.choices)),
            ("source", bound.source.short), ("notes", bound.notes)]
    _print_rows("", [(name, text) for name, text in rows if text])
    _print_rows("assumptions", [(ASSUMPTIONS[a].name, ASSUMPTIONS[a].statement) for a in bound.assumptions])
    _print_rows("parameters", [(s.name, f"{s.meaning}; {s.domain.describe(s.name)}") for s in bound.parameters])
    replayed = [name for name in bound.evidence if name.partition("/")[0] in REPLAYED]
    says = {name: evidence(name).statement for name in replayed} | {one.id: one.statement for one in theorems(bound)}
    found = [(name, says.get(name, "")) for name in bound.evidence]
    _print_rows("evidence", found or [("none", bound.evidence_note)])
    if found and bound.evidence_note:
        out.print(Text(f"  {bound.evidence_note}"))
    if replayed:
        out.print(Text(f"replay the evidence: epsdelta bounds replay {bound.id}"))
    tested = for_bound(bound.id)
    _print_rows("experiments", [(experiment.id, experiment.statement) for experiment in tested])
    if tested:
        out.print(Text(f"run the experiments, which prove nothing: epsdelta verify {bound.id}"))


def _print_rows(heading: str, rows: Iterable[tuple[str, str]]) -> None:
    """Named sentences under a heading; nothing where there is none."""
    table = _table(heading, "")
    table.show_header = bool(heading)
    for row in rows:
        table.add_row(*row)
    if table.row_count:
        _print_table(table)


def value_fields(bound: Bound, value: Any) -> dict[str, Any]:
    """A value as JSON fields: the enclosure, the exact number where there is one, and a decimal rounded to the safe side."""
    up = bound.direction.value == "<="
    fields: dict[str, Any] = {"is_exact": value.is_exact, "lower": exact_text(value.lower), "upper": exact_text(value.upper),
                              "decimal": decimal(value.upper if up else value.lower, up=up)}
    if not value.is_exact and value.algebraic is not None:
        fields["algebraic"] = str(value.algebraic)
    return fields


def print_value(bound: Bound, value: Any, digits: int) -> None:
    """A value, rounded to the safe side, with its direction and the standing of the bound."""
    from rich.text import Text

    up = bound.direction.value == "<="
    shown = decimal(value.upper if up else value.lower, up=up, digits=10 if value.is_exact else digits)
    exact = _short(value.exact) if value.is_exact else "" if value.algebraic is None else str(value.algebraic)
    same = f" = {exact}" if exact != shown and 0 < len(exact) <= LONGEST else ""
    console().print(Text.assemble(*_marked(bound), f"  {bound.metric} {bound.direction.value} {shown}{same}"))


def solution_fields(bound: Bound, solution: Solution) -> dict[str, Any]:
    """A solution as JSON fields."""
    return {"parameter": solution.name, "value": exact_text(solution.value), "is_least": solution.is_least, "reason": solution.reason,
            "bound_at_value": value_fields(bound, solution.at),
            "beyond": None if solution.beyond is None else exact_text(solution.beyond),
            "bound_at_beyond": None if solution.before is None else value_fields(bound, solution.before)}


def print_solution(bound: Bound, solution: Solution, target: str) -> None:
    """A solution with the values on both sides."""
    from rich.text import Text

    out = console()
    out.print(Text.assemble(*_marked(bound), f"  {solution.name} = {_short(solution.value)}"))
    table = _table(solution.name, "value of the bound", "")
    if solution.beyond is not None:
        before = "not defined there" if solution.before is None else decimal(solution.before.lower, up=False)
        table.add_row(_short(solution.beyond), before, f"does not meet {target}")
    table.add_row(_short(solution.value), decimal(solution.at.upper, up=True), f"meets {target}")
    _print_table(table)
    out.print(Text(solution.reason))


def _text(expression: Any) -> str | None:
    return None if expression is None else str(expression)


def order_fields(order: Order) -> dict[str, Any]:
    """An order as JSON fields."""
    return {"parameter": order.name, "limit": order.limit, "exponent": _text(order.exponent), "log_exponent": _text(order.log_exponent),
            "rate": order.rate or None, "reason": order.reason,
            "regimes": [{"term": r.term, "exponent": _text(r.exponent), "log_exponent": _text(r.log_exponent), "when": r.when}
                        for r in order.regimes]}


def print_orders(bound: Bound, orders: Sequence[Order | tuple[str, str]]) -> None:
    """Orders as a table; the regimes of a single one below it.

    Args:
        bound: whose orders they are.
        orders: an order each, or a parameter and why it has none.
    """
    from rich.text import Text

    from epsdelta.bounds.render import inequality

    out = console()
    out.print(Text.assemble(*_marked(bound), f"  {bound.id}: {inequality(bound)}"))
    table = _table("limit", "exponent", "power of log", "")
    for order in orders:
        if isinstance(order, tuple):
            table.add_row(order[0], "none", "", order[1])
            continue
        logs = "hidden" if bound.hides_logs else "by case" if order.log_exponent is None else str(order.log_exponent)
        exponent = "by case" if order.exponent is None else str(order.exponent) + (f" ({order.rate})" if order.rate else "")
        table.add_row(order.limit, exponent, logs, order.reason)
    if table.row_count:
        _print_table(table)
    branched = [order for order in orders if not isinstance(order, tuple) and len(order.regimes) > 1]
    if branched and len(orders) > 1:
        out.print(Text(f"the regimes of one: epsdelta bounds order {bound.id} {branched[0].name}"))
    elif branched:
        regimes = _table("regime", "exponent", "power of log", "when")
        for regime in branched[0].regimes:
            regimes.add_row(regime.term, _text(regime.exponent) or "by case", _text(regime.log_exponent) or "", regime.when)
        _print_table(regimes)


def comparison_fields(comparison: Comparison) -> dict[str, Any]:
    """A comparison as JSON fields."""
    return {"over": comparison.over, "is_proved": comparison.is_proved, "reason": comparison.reason,
            "intervals": [{"low": exact_text(low), "high": exact_text(high), "smaller": who} for low, high, who in comparison.intervals],
            "crossovers": [{"low": exact_text(low), "high": exact_text(high)} for low, high in comparison.crossovers]}


def print_comparison(bounds: Sequence[Bound], comparison: Comparison) -> None:
    """The bounds, and which is smaller where."""
    from rich.text import Text

    out = console()
    for bound in bounds:
        out.print(Text.assemble(*_marked(bound), f"  {bound.id}: {bound.metric} {bound.direction.value} {_value(bound)}"))
    table = _table(f"{comparison.over} from", "to", "smaller")
    for low, high, who in comparison.intervals:
        table.add_row(decimal(low, up=True), decimal(high, up=False), who)
    _print_table(table)
    for low, high in comparison.crossovers:
        where = f"at {_short(low)}" if low == high else f"between {decimal(low, up=False)} and {decimal(high, up=True)}"
        out.print(Text(f"they cross {where}"))
    out.print(Text(("proved: " if comparison.is_proved else "observed, not proved: ") + comparison.reason))


def replay_fields(bound: Bound, results: Sequence[Replay]) -> dict[str, Any]:
    """Replays as JSON fields."""
    return {"id": bound.id, "standing": bound.standing.word, "holds": all(result.holds for result in results), "evidence": [
        {"id": result.evidence, "statement": result.statement, "holds": result.holds,
         "steps": [{"sentence": one.sentence, "holds": one.holds} for one in result.steps]} for result in results]}


def print_replays(done: Sequence[tuple[Bound, Sequence[Replay]]]) -> None:
    """Every step with + or -; of many bounds only a line each."""
    from rich.text import Text

    out, many = console(), len(done) > 3
    for bound, results in done:
        holds = all(result.holds for result in results)
        mark = ("no evidence to replay here", "dim") if not results else ("replayed", "green") if holds else ("FAILED", "bold red")
        out.print(Text.assemble((mark[0], mark[1]), f"  {bound.id} ({bound.standing.word})"))
        for result in results:
            if many and result.holds:
                continue
            out.print(Text(f"  {result.evidence}: {result.statement}"))
            for one in result.steps:
                out.print(Text(f"    {'+' if one.holds else '-'} {one.sentence}", style="" if one.holds else "bold red"))
