"""A bound as LaTeX, as a page of the documentation, and as a card in a notebook."""

from __future__ import annotations

import html as _html
import re
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from epsdelta.bounds.assumptions import ASSUMPTIONS, IMPLICATIONS
from epsdelta.bounds.bound import Bound, Direction, Guarantee, Standing
from epsdelta.bounds.catalogue import all_bounds, evidence, home
from epsdelta.bounds.evidence import REPLAYED
from epsdelta.bounds.lazy import sympy
from epsdelta.bounds.sources import Source
from epsdelta.bounds.theorems import theorems

__all__ = ["card", "inequality", "latex", "page", "page_name", "right_side", "write_pages"]

_GUARANTEE = {Guarantee.WORST_CASE: "for every instance", Guarantee.EXPECTATION: "in expectation",
              Guarantee.PROBABILITY: "with probability at least 1 - delta", Guarantee.ALMOST_SURELY: "almost surely"}


def _names(bound: Bound) -> dict[Any, str]:
    return {bound.symbol(symbol.name): symbol.latex for symbol in bound.parameters}


def latex(bound: Bound) -> str:
    r"""The inequality as LaTeX: metric, relation, value; O or Omega where only the order is known.

    >>> from epsdelta.bounds.catalogue import get
    >>> latex(get("sgd/nonconvex/any-step")).partition(r"\leq")[2]
    ' L \\sigma^{2} \\eta + \\frac{2 \\Delta}{T \\eta}'
    """
    value = sympy.latex(bound.value, symbol_names=_names(bound))
    if bound.standing is Standing.ORDER and bound.value != 0:  # a limit of 0 is 0, not O(0)
        letter = "O" if bound.direction is Direction.UPPER else r"\Omega"
        value = (rf"\tilde{{{letter}}}" if bound.hides_logs else letter) + rf"\left({value}\right)"
    metric = bound.metric_latex or _words(bound.metric)
    relation = r"\leq" if bound.direction is Direction.UPPER else r"\geq"
    return f"{metric} {relation} {value}"


def _words(text: str) -> str:
    r"""A text as upright LaTeX; what LaTeX reads as a command is left out, ``^`` and ``_`` are too."""
    return r"\mathrm{" + re.sub(r"\s+", "~", re.sub(r"[\\{}$#%&~^_]+", " ", text).strip()) + "}"


def inequality(bound: Bound) -> str:
    """The inequality in plain text, as the entry writes it.

    >>> from epsdelta.bounds.catalogue import get
    >>> inequality(get("sgd/nonconvex/any-step"))
    'average expected squared gradient norm <= 2*delta_f/(step_size*horizon) + L*step_size*sigma**2'
    """
    return f"{bound.metric} {bound.direction.value} {right_side(bound)}"


def right_side(bound: Bound) -> str:
    """The formula as the entry writes it, in O(...) or Omega(...) where only the order is known; sympy is not loaded."""
    if bound.standing is not Standing.ORDER or bound.formula == "0":
        return bound.formula
    letter = "O" if bound.direction is Direction.UPPER else "Omega"
    return f"{letter}~({bound.formula})" if bound.hides_logs else f"{letter}({bound.formula})"


def page_name(bound: Bound) -> str:
    """File name of the entry's page, without suffix."""
    return bound.id.replace("/", "--")


def _rows(bound: Bound) -> list[tuple[str, str]]:
    rows = [("standing", bound.standing.value), ("method", bound.method), ("setting", bound.setting),
            ("guarantee", _GUARANTEE[bound.guarantee]), ("source", bound.source.short)]
    if bound.corrected_by:
        rows.insert(1, ("corrected by", bound.corrected_by))
    return rows


# ---- pages of the documentation ----------------------------------------------------------------------------------------------


def _prose(text: str, ids: Collection[str]) -> str:
    """Plain text as Markdown: nothing in it is markup but `code`, and ids of entries become links to their pages."""
    parts = re.split(r"(`+[^`]+`+)", text)
    return "".join(part if k % 2 else _linked(part, ids) for k, part in enumerate(parts))


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>$|#~{}])", r"\\\1", text)


def _linked(text: str, ids: Collection[str]) -> str:
    """Words that are ids of entries as links, the rest escaped."""
    parts = re.split(r"([a-z0-9]+(?:[-/][a-z0-9]+)*/[a-z0-9]+(?:[-/][a-z0-9]+)*)", text)
    return "".join(f"[{part}]({part.replace('/', '--')}.md)" if k % 2 and part in ids else _escaped(part) for k, part in enumerate(parts))


def _cell(text: str) -> str:
    """A code span or plain text in a table: its bars do not end the cell."""
    return text.replace("|", r"\|")


@cache
def _known() -> frozenset[str]:
    return frozenset(bound.id for bound in all_bounds())


def _cited(source: Source) -> str:
    words = _escaped(source.short)
    if source.arxiv is None:
        return words
    return words.replace(f"arXiv:{source.arxiv}", f"[arXiv:{source.arxiv}](https://arxiv.org/abs/{source.arxiv})")


def _evidence_lines(bound: Bound, ids: Collection[str]) -> list[str]:
    lines = []
    checked = {one.id: f": {_prose(one.statement, ids)}" for one in theorems(bound)}
    for name in bound.evidence:
        is_here = name.partition("/")[0] in REPLAYED
        lines.append(f"- `{name}`: {_prose(evidence(name).statement, ids)}" if is_here else f"- `{name}`{checked.get(name, '')}")
    if bound.evidence_note:
        lines.append(f"- {_prose(bound.evidence_note, ids)}")
    if any(name.partition("/")[0] in REPLAYED for name in bound.evidence):
        lines += ["", f"Replay it: `epsdelta bounds replay {bound.id}`. The steps are in `{home(bound.id).replace('.', '/')}.py`."]
    return lines


def page(bound: Bound, ids: Collection[str] | None = None) -> str:
    """The entry's page in Markdown: the inequality, its premises, its parameters, its source and its evidence.

    Args:
        bound: an entry.
        ids: of the entries that have a page to link to; the whole catalogue where None.
    """
    known = _known() if ids is None else ids
    lines = [f"# {_escaped(bound.title)}", "", f"`{bound.id}`", "", "$$", latex(bound), "$$", "", "```text", inequality(bound), "```", ""]
    lines += [f"- **{name}**: {_cited(bound.source) if name == 'source' else _prose(text, known)}" for name, text in _rows(bound)]
    if bound.notes:
        lines += ["", _prose(bound.notes, known)]
    lines += ["", "## Assumptions", ""]
    lines += [f"- **{_escaped(ASSUMPTIONS[name].name)}** (`{name}`): `{ASSUMPTIONS[name].statement}`" for name in bound.assumptions] or ["None."]
    if bound.conditions:
        lines += ["", "## Conditions", "", *(f"- `{condition}`" for condition in bound.conditions)]
    if bound.choices:
        lines += ["", "## Prescribed", "", *(f"- `{name} = {formula}`" for name, formula in bound.choices)]
    if bound.parameters:
        lines += ["", "## Parameters", "", "| name | symbol | meaning | domain | unit |", "|---|---|---|---|---|"]
        lines += [f"| `{s.name}` | ${_cell(s.latex)}$ | {_escaped(s.meaning)} | `{s.domain.describe(s.name)}` | `{s.unit}` |"
                  for s in bound.parameters]
    lines += ["", "## Evidence", "", *_evidence_lines(bound, known)]
    lines += ["", "## Reference", "", "```bibtex", bound.source.bibtex(), "```", ""]
    return "\n".join(lines)


def write_pages(folder: Path, bounds: Iterable[Bound] | None = None) -> list[Path]:
    """Write one page per entry, one of the assumptions and an index into a folder; pages of entries that are gone are removed.

    Args:
        folder: made where it does not exist.
        bounds: the whole catalogue where None.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = tuple(all_bounds() if bounds is None else bounds)
    ids = {bound.id for bound in chosen}
    pages = {folder / f"{page_name(bound)}.md": page(bound, ids) for bound in chosen}
    pages |= {folder / "index.md": _index(chosen), folder / "assumptions.md": _assumptions()}
    for old in set(folder.glob("*--*.md")) - pages.keys():
        old.unlink()
    for path, text in pages.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:  # an unchanged page is not built again
            path.write_text(text, encoding="utf-8")
    return sorted(pages)


def _index(bounds: tuple[Bound, ...]) -> str:
    counts = {standing: sum(bound.standing is standing for bound in bounds) for standing in Standing}
    summary = ", ".join(f"{count} {standing.word}" for standing, count in counts.items() if count)
    lines = ["# Catalogue of bounds", "", f"{len(bounds)} entries: {summary}.", ""]
    lines += [f"- {standing.value}" for standing in Standing]
    lines += ["", "The premises that they name, and which imply which: [assumptions](assumptions.md)."]
    for family in sorted({bound.family for bound in bounds}):
        lines += ["", f"## {family}", "", "| entry | statement | standing |", "|---|---|---|"]
        lines += [f"| [{b.id}]({page_name(b)}.md) | {_escaped(b.title)} | {b.standing.word} |" for b in bounds if b.family == family]
    lines += ["", "```{toctree}", ":hidden:", "", "assumptions", *(page_name(bound) for bound in bounds), "```", ""]
    return "\n".join(lines)


def _assumptions() -> str:
    """The table of premises and the table of implications."""
    lines = ["# Assumptions", "", "`epsdelta bounds list --under a,b` finds the bounds whose premises all follow from `a` and `b`.", "",
             "| id | name | statement |", "|---|---|---|"]
    lines += [f"| `{one.id}` | {_escaped(one.name)} | `{_cell(one.statement)}` |" for one in ASSUMPTIONS.values()]
    lines += ["", "## Which imply which", "", "| premises | conclusion | because |", "|---|---|---|"]
    lines += [f"| {', '.join(f'`{premise}`' for premise in sorted(rule.premises))} | `{rule.conclusion}` | {_escaped(rule.because)} |"
              for rule in IMPLICATIONS]
    return "\n".join([*lines, ""])


# ---- notebooks ---------------------------------------------------------------------------------------------------------------


def card(bound: Bound) -> str:
    """The entry as HTML for a notebook; formulas are typeset by the notebook."""
    rows = "".join(f"<tr><th>{_html.escape(name)}</th><td>{_html.escape(text)}</td></tr>" for name, text in [
        *_rows(bound), ("assumptions", ", ".join(ASSUMPTIONS[name].name for name in bound.assumptions) or "none"),
        ("conditions", ", ".join(bound.conditions) or "none"), ("evidence", ", ".join(bound.evidence) or bound.evidence_note)])
    formula = _html.escape(latex(bound), quote=False)
    return f"<div><b>{_html.escape(bound.title)}</b> <code>{bound.id}</code><div>$${formula}$$</div><table>{rows}</table></div>"
