"""The command line: ``epsdelta bounds ...``, ``epsdelta certify game FILE``, ``epsdelta check CERT...`` and ``epsdelta prove CERT...``.

Exit status: 0 proved (or answered), 1 not certified, refuted, rejected or not replayed, 2 bad input, 3 undecided (or proved by the kernel
and not, as was asked, by the prover), 130 interrupted. Bad input is one sentence on stderr, with ``--json`` also ``{"error": ...}`` on
stdout, and never a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["main"]

BAD_INPUT = 2
INTERRUPTED = 130
BROKEN_PIPE = 141
_TOO_LARGE = {
    MemoryError: "the input needs more memory than this machine gives: reduce the model or the certificate",
    RecursionError: "the input is nested too deeply: simplify its expressions",
    OverflowError: "a number exceeds the range of the floating-point search (about 1e308): rescale the variables",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    Args:
        arguments: what stands after ``epsdelta``; None takes it from the process.
    """
    from epsdelta.errors import EpsdeltaError

    given = list(sys.argv[1:] if arguments is None else arguments)
    wants_json = "--json" in given
    try:
        _lenient_streams()
        from epsdelta.cli.app import run

        status = run(given, lambda message: _refuse(message, wants_json))
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except EpsdeltaError as error:
        return _refuse(str(error), wants_json)
    except tuple(_TOO_LARGE) as error:
        return _refuse(next(text for kind, text in _TOO_LARGE.items() if isinstance(error, kind)), wants_json)
    except BrokenPipeError:  # the reader, such as head, is gone: nothing more can be said to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _lenient_streams() -> None:
    """A character that the terminal's encoding lacks is escaped, not a crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _refuse(message: str, wants_json: bool) -> int:
    from epsdelta.cli.output import print_error

    print_error(message, wants_json)
    return BAD_INPUT
