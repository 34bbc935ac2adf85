"""The exceptions of epsdelta, one tree.

.. code-block:: text

    EpsdeltaError
    ├── InputError (ValueError)        the user's data breaks a rule; the command line exits with 2
    │   ├── ParseError                 an expression or a file cannot be read
    │   ├── FloatRefusedError          a float where an exact number is needed
    │   └── FormatError                a certificate file breaks its format; carries the field's path
    ├── EnclosureError (ArithmeticError)   no finite rigorous range exists or was found; verdict UNDECIDED
    ├── VerdictError                   a verdict was used as if it were PROVED
    ├── ProverError                    the proof assistant is missing, too old, stopped, or refused; says which
    └── MissingExtraError (ImportError)    an optional dependency is not installed
"""

from __future__ import annotations

__all__ = [
    "EnclosureError",
    "EpsdeltaError",
    "FloatRefusedError",
    "FormatError",
    "InputError",
    "MissingExtraError",
    "ParseError",
    "ProverError",
    "VerdictError",
]


class EpsdeltaError(Exception):
    """Root of every exception that epsdelta raises on purpose."""


class InputError(EpsdeltaError, ValueError):
    """The user's data breaks a rule; the message names place, value, rule and remedy."""


class ParseError(InputError):
    """An expression or a file cannot be read."""


class FloatRefusedError(InputError):
    """A float where an exact number is needed."""


class FormatError(InputError):
    """A certificate file breaks its format. ``path`` is the place, such as ``statements[0].claim.margin``."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


class EnclosureError(EpsdeltaError, ArithmeticError):
    """No finite rigorous range exists, or none was found (a pole, a branch cut, an overflow)."""


class VerdictError(EpsdeltaError):
    """A verdict that is not PROVED was used as if it were."""


class ProverError(EpsdeltaError):
    """No machine-checked proof: the prover is missing, too old, killed, out of time, or it refused; the sentence says which."""


class MissingExtraError(EpsdeltaError, ImportError):
    """An optional dependency is missing; the message names the extra to install."""
