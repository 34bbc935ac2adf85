"""What the commands print: verdict, numbers, the ladder of attempts and the reason."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from epsdelta.certificates.answer import GameAnswer

__all__ = ["console", "decimal", "print_answer", "print_error", "print_json", "print_numbers", "print_proof", "print_verdict",
           "progress"]

SHORT = 24
"""Longest exact number shown as p/q, in characters."""
MAX_PRINTED = 400
"""Longest sentence printed about a statement, in characters."""
MAX_ERROR = 2000
"""Longest error message printed: it may list every parameter of a bound."""
_COLORS = {"proved": "bold green", "confirmed": "bold green", "refuted": "bold red", "rejected": "bold red", "not_certified": "bold yellow",
           "undecided": "bold yellow"}
_ROWS = (("margin", "margin of strong monotonicity", False), ("rate", "contraction per step", True),
         ("step_safe", "largest step proven safe", False), ("step_unsafe", "smallest step proven unsafe", True))
"""Field, meaning, and whether its decimals are rounded up."""


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout."""
    print(json.dumps(value, indent=2))


def print_error(message: str, wants_json: bool) -> None:
    """One sentence on stderr and, where JSON was asked for, ``{"error": ...}`` on stdout."""
    sentence = _clean(message, MAX_ERROR)
    if wants_json:
        print_json({"error": sentence})
    print(f"error: {sentence}", file=sys.stderr)


def _clean(text: str, most: int = MAX_PRINTED) -> str:
    """One printable line: what a file holds must not steer the terminal."""
    line = "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
    return line if len(line) <= most else f"{line[:most - 4]} ..."


def decimal(value: Fraction, *, up: bool, digits: int = 10) -> str:
    """About ``digits`` significant decimals, rounded up or down, so that what is printed is proven too.

    >>> decimal(Fraction(2, 3), up=False), decimal(Fraction(2, 3), up=True), decimal(Fraction(1, 8), up=True)
    ('0.6666666666', '0.6666666667', '0.125')
    """
    if value == 0:
        return "0"
    sign, size = ("-", -value) if value < 0 else ("", value)
    up = up != (value < 0)
    exponent = (size.numerator.bit_length() - size.denominator.bit_length()) * 30103 // 100000
    while size >= Fraction(10) ** (exponent + 1):
        exponent += 1
    while size < Fraction(10) ** exponent:
        exponent -= 1
    scaled = size * Fraction(10) ** (digits - 1 - exponent)
    whole = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    if whole == 10**digits:  # rounded up to the next power of ten
        whole, exponent = whole // 10, exponent + 1
    figures = str(whole)
    if -5 <= exponent < digits:
        padded = figures.rjust(digits - min(exponent, 0), "0")
        cut = len(padded) - (digits - 1 - exponent)
        return sign + f"{padded[:cut]}.{padded[cut:]}".rstrip("0").rstrip(".")
    return sign + f"{figures[0]}.{figures[1:]}".rstrip("0").rstrip(".") + f"e{exponent:+d}"


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that shows what is being done: a spinner on stderr where that is a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading") as status:
        yield lambda text: status.update(text)


def console() -> Console:
    """The console on stdout; its lines are wrapped on a terminal only."""
    from rich.console import Console

    # Lines are wrapped for a reader only: in a pipe each sentence stays on one line.
    is_terminal = sys.stdout.isatty()
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=not is_terminal, width=None if is_terminal else 140)


def print_answer(name: str, answer: GameAnswer, *, written: Path | None, asked: Path | None, plot: Path | None) -> None:
    """The answer of ``certify game`` for a person."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    title = answer.verdict.replace("_", " ").upper()
    step = "" if answer.step_size is None else f", step {_exact(answer.step_size)}"
    rung = "" if answer.rung is None else f" by the rung {answer.rung}"
    out.print(Text.assemble((title, _COLORS[answer.verdict]), f"  {_clean(name)}{step}{rung}"))
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    for heading in ("number", "decimal", "exact", "meaning"):
        table.add_column(heading, no_wrap=heading != "meaning")
    for field, meaning, up in _ROWS:
        value: Fraction | None = getattr(answer, field)
        if value is not None:
            meaning = meaning if answer.step_size is None else meaning.replace("largest ", "").replace("smallest ", "")
            shown = decimal(value, up=up)
            exact = _exact(value)
            table.add_row(field, shown, "same" if exact == shown else exact, meaning + (" (no step is safe)" if not value and up else ""))
    if table.row_count:
        out.print(table)
    for attempt in answer.attempts:
        mark = "+" if attempt.succeeded else "-"
        out.print(Text(f"  {mark} {attempt.rung}: {_clean(attempt.outcome)}", style="" if attempt.succeeded else "dim"))
    out.print(Text(_sentence(answer.reason)))
    if written is not None:
        count = len(answer.statements)
        noun = "statement" if count == 1 else "statements"
        out.print(Text(f"certificate: {written} ({count} {noun}; check it with: epsdelta check {written})"))
    elif asked is not None:
        out.print(Text("certificate: none written, since nothing was proved"))
    if plot is not None:
        out.print(Text(f"picture: {plot}"))


def print_numbers(verdict: str, name: str, reason: str, rows: Sequence[tuple[str, Fraction | None, str, bool]], *,
                  written: Path | None, asked: Path | None) -> None:
    """An answer for a person: verdict, a table of exact numbers (name, value, meaning, whether decimals are rounded up), reason and file."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    out.print(Text.assemble((verdict.replace("_", " ").upper(), _COLORS[verdict]), f"  {_clean(name)}"))
    table = Table(box=None, padding=(0, 2), pad_edge=False)
    for heading in ("number", "decimal", "exact", "meaning"):
        table.add_column(heading, no_wrap=heading != "meaning")
    for label, value, meaning, up in rows:
        if value is not None:
            shown, exact = decimal(value, up=up), _exact(value)
            table.add_row(_clean(label), shown, "same" if exact == shown else exact, meaning)
    if table.row_count:
        out.print(table)
    out.print(Text(_sentence(reason)))
    if written is not None:
        out.print(Text(f"certificate: {written} (check it with: epsdelta check {written})"))
    elif asked is not None:
        out.print(Text("certificate: none written, since nothing was proved"))


def _exact(value: Fraction) -> str:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > 4 * SHORT or len(str(value)) > SHORT:
        return f"({value.numerator.bit_length()}-bit/{value.denominator.bit_length()}-bit, in the file)"
    return str(value)


def _sentence(text: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
    return clean[:1].upper() + clean[1:]


def print_verdict(result: Mapping[str, Any]) -> None:
    """One file's verdict for a person."""
    from rich.text import Text

    out = console()
    verdict = str(result["verdict"])
    out.print(Text.assemble((verdict.upper(), _COLORS[verdict]), f"  {_clean(str(result['file']))}: {_clean(str(result['reason']))}"))
    for sentence in result["statements"]:
        out.print(Text(f"  {_clean(sentence)}"))


def print_proof(result: Mapping[str, Any]) -> None:
    """One file's machine-checked proof for a person, or why there is none."""
    from rich.text import Text

    if "level" not in result:
        print_verdict(result)
        if result["verdict"] != "proved":
            console().print(Text("  the prover was not asked, since the kernel does not prove it"))
        return
    out = console()
    verdict, proof = str(result["verdict"]), result.get("proof")
    title = Text.assemble((verdict.upper(), _COLORS[verdict]), f" ({result['level']})  {_clean(str(result['file']))}")
    if proof is None:
        out.print(Text.assemble(title, f": {_clean(str(result['reason']))}"))
        out.print(Text(f"  no machine-checked proof: {_clean(str(result['no_proof']), MAX_ERROR)}"))
        return
    out.print(title)
    for sentence in proof["sentences"]:
        out.print(Text(f"  {_clean(sentence)}"))
    out.print(Text(f"  axioms: {_axioms(proof['axioms'])}"))
    recheck = "" if proof["recheck_seconds"] is None else f", recheck {proof['recheck_seconds']:.1f} s"
    out.print(Text(f"  time: {proof['seconds']:.1f} s{recheck} ({_clean(proof['prover'])})"))
    if result["folder"] is not None:
        out.print(Text(f"  sources: {result['folder']} (check them with: make -C {shlex.quote(result['folder'])})"))


def _axioms(names: Sequence[str]) -> str:
    """The axioms of a proof in one line."""
    from epsdelta.certificates.rocq.axioms import STANDARD

    real = [name for name in names if name in STANDARD]
    others = [name for name in names if name not in STANDARD]
    count = "the four" if len(real) == len(STANDARD) else f"{len(real)} of the four"
    parts = [f"{count} standard axioms of the reals: {', '.join(real)}"] if real else []
    if others:
        parts.append(f"{len(others)} of the prover's 63-bit machine integers ({', '.join(sorted({name.split('.')[0] for name in others}))})")
    return "; and ".join(parts) or "none"
