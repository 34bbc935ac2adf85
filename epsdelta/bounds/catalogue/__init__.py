"""The entries, one file per family: each module has ``ENTRIES`` and, where something is replayed, ``EVIDENCE``.

A new file in this folder is found by itself; nothing else lists the entries. An entry with a machine-checked theorem gets it as its last
evidence when it is loaded (``epsdelta.bounds.theorems``).

>>> get("sgd/nonconvex/any-step").standing.word
'proved'
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import ModuleType

from epsdelta.bounds.bound import Bound
from epsdelta.bounds.evidence import Evidence, index
from epsdelta.bounds.theorems import linked
from epsdelta.errors import InputError

__all__ = ["all_bounds", "evidence", "get", "home"]


@cache
def _modules() -> tuple[ModuleType, ...]:
    found = sorted(info.name for info in pkgutil.iter_modules(__path__))
    return tuple(import_module(f"{__name__}.{name}") for name in found)


@cache
def _by_id() -> Mapping[str, tuple[Bound, ModuleType]]:
    table: dict[str, tuple[Bound, ModuleType]] = {}
    for module in _modules():
        for bound in module.ENTRIES:
            if bound.id in table:
                raise ValueError(f"the id {bound.id!r} stands twice in the catalogue")
            table[bound.id] = (linked(bound), module)
    return dict(sorted(table.items()))


def all_bounds() -> tuple[Bound, ...]:
    """Every entry, by id."""
    return tuple(bound for bound, _ in _by_id().values())


def get(name: str) -> Bound:
    """The entry with an id.

    Raises:
        InputError: there is none; the message names the nearest ids.
    """
    return _found(name)[0]


def home(name: str) -> str:
    """The module that holds an entry, such as ``epsdelta.bounds.catalogue.sgd_nonconvex``."""
    return _found(name)[1].__name__


def _found(name: str) -> tuple[Bound, ModuleType]:
    table = _by_id()
    if name not in table:
        from difflib import get_close_matches

        close = get_close_matches(name[:80], table, n=3, cutoff=0.5) or [one for one in table if name and name.lower() in one][:3]
        remedy = f"did you mean {' or '.join(repr(one) for one in close)}?" if close else "epsdelta bounds list shows all"
        raise InputError(f"no bound has the id {name[:80]!r}: {remedy}")
    return table[name]


@cache
def _evidence() -> Mapping[str, Evidence]:
    return index(_modules())


def evidence(name: str) -> Evidence:
    """The evidence with an id ``kind/name`` of a kind that is replayed.

    Raises:
        InputError: there is none.
    """
    if name not in _evidence():
        raise InputError(f"no evidence has the id {name[:80]!r}")
    return _evidence()[name]
