"""The command ``rejent``: one group of commands a subject, one clear line for every error."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
import typer

from rejent.kernel.errors import RejentError

app = typer.Typer(
    name="rejent",
    help="Record what the office's regulation allows, keep it exactly as long, and prove it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def assemble(extra: Sequence[Callable[[typer.Typer], None]] = ()) -> typer.Typer:
    """The whole command; ``extra`` adds the commands of the layer above."""
    from rejent.cli import (
        checks,
        holds,
        keys,
        ledger,
        people,
        recordings,
        regulation,
        restoring,
        retention,
        sources,
    )

    for name, group in (
        ("regulation", regulation.app),
        ("source", sources.app),
        ("hold", holds.app),
        ("keys", keys.app),
        ("ledger", ledger.app),
    ):
        app.add_typer(group, name=name)
    for add in (
        *extra,
        recordings.register,
        retention.register,
        checks.register,
        people.register,
        restoring.register,
    ):
        add(app)
    return app


def run(command: typer.Typer, arguments: list[str] | None = None) -> None:
    """Run one command and leave with its status: 0, or non-zero after one line on standard error."""
    try:
        status: Any = command(args=arguments, standalone_mode=False)
    except RejentError as error:
        _refuse(str(error), 1)
    except click.exceptions.Abort:
        _refuse("Stopped.", 130)
    except click.ClickException as error:
        _refuse(error.format_message().replace("\n", " "), 2)
    except KeyboardInterrupt:
        _refuse("Stopped.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last door: whatever it is, the reader gets one line
        if os.environ.get("REJENT_TRACEBACK"):
            raise
        _refuse(f"Unexpected {type(error).__name__}. Run it again with REJENT_TRACEBACK=1 to see where.", 70)
    else:
        sys.exit(status if isinstance(status, int) else 0)


def _refuse(line: str, status: int) -> None:
    print(" ".join(line.split()), file=sys.stderr)
    sys.exit(status)
