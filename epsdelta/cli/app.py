"""The commands as one typer application."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, cast

import typer

from epsdelta.cli.bounds import bounds_app
from epsdelta.cli.certify import certify_app
from epsdelta.cli.check import check_files
from epsdelta.cli.prove import prove_command
from epsdelta.cli.verify import verify_command

__all__ = ["make_app", "run"]

BAD_USAGE = 2
INTERRUPTED = 130
_UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])
"""click's class of that name, wherever this version of typer keeps it."""


def make_app() -> typer.Typer:
    """``epsdelta`` with its verbs."""
    app = typer.Typer(name="epsdelta", add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
                      help="What theory promises, and exact certificates for games, checked without a solver.")
    app.callback(invoke_without_command=True)(_top)
    app.add_typer(bounds_app(), name="bounds")
    app.add_typer(certify_app(), name="certify")
    app.command("check", help="Check certificate files: the kernel recomputes everything from the problem in the file.")(check_files)
    app.command("prove", help="Prove certificate files in the Rocq prover (formerly Coq), soundness theorems included.")(prove_command)
    app.command("verify", help="Hold claims of the catalogue, or a certificate, against simulation.")(verify_command)
    return app


def _top(context: typer.Context,
         version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> int | None:
    if version:
        import epsdelta

        print(f"epsdelta {epsdelta.__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(BAD_USAGE)
    return None


def run(arguments: Sequence[str], refuse: Callable[[str], int]) -> int:
    """Run the commands; wrong usage goes to ``refuse`` as one sentence."""
    try:
        status = typer.main.get_command(make_app()).main(list(arguments), prog_name="epsdelta", standalone_mode=False)
    except typer.Abort:
        return INTERRUPTED
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # typer ends with 1 there, which would say "not certified"
            raise error.__context__ from None
        raise
    except _UsageError as error:
        message: Callable[[], str] = getattr(error, "format_message", error.__str__)
        return refuse(f"{message().rstrip('.')}: see epsdelta --help")
    return status if isinstance(status, int) else 0
