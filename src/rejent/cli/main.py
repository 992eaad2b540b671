"""The command ``rejent``: one group of commands a subject, one clear line for every error."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Annotated, Any

import typer

from rejent.cli import checks, evidence, ledger, recordings, sources
from rejent.cli.office import (
    absences,
    authorisations,
    devices,
    identities,
    mail_server,
    maintenance,
    notices,
    people,
    regulation,
    setting_up,
)
from rejent.cli.storage import holds, keys, retention
from rejent.cli.stream_commands import StreamCommands
from rejent.kernel.errors import RejentError

REFUSED, MISUSED, FAILED, STOPPED = 1, 2, 70, 130
"""Exit statuses: the request was refused, was written wrongly, failed for another reason, was stopped."""
TRACEBACK = "REJENT_TRACEBACK"
"""Set, it lets an unexpected error through with all it carries."""

app = typer.Typer(
    name="rejent",
    help="Record what the office's regulation allows, keep it exactly as long, and prove it.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"rejent {metadata.version('rejent')}")
        raise typer.Exit


@app.callback()
def program(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Record what the office's regulation allows, keep it exactly as long, and prove it."""


def assemble(
    streams: Sequence[StreamCommands] = (), extra: Sequence[Callable[[typer.Typer], None]] = ()
) -> typer.Typer:
    """Return the whole command; ``streams`` and ``extra`` are the commands of the layers above."""
    identities.register(people.person)
    for name, group in (
        ("regulation", regulation.app),
        ("notices", notices.app),
        ("source", sources.assemble(streams)),
        ("gate", regulation.gate),
        *(group for kind in streams for group in kind.groups.items()),
        ("hold", holds.app),
        ("keys", keys.app),
        ("setup", setting_up.app),
        ("device", devices.app),
        ("mail-server", mail_server.app),
        ("identity", identities.app),
        ("ledger", ledger.app),
        ("evidence", evidence.app),
        ("fault", maintenance.fault),
        ("agreement", maintenance.agreement),
        ("absence", absences.absence),
        ("statement", absences.statement),
    ):
        app.add_typer(group, name=name)
    for add in (
        *extra,
        recordings.register,
        retention.register,
        checks.register,
        people.register,
        authorisations.register,
    ):
        add(app)
    return app


def run(command: typer.Typer, arguments: Sequence[str]) -> None:
    """Run one command and leave with its status: 0, or non-zero after one line on standard error."""
    try:
        status: Any = command(args=list(arguments) or ["--help"], prog_name="rejent", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        _refuse("Stopped.", STOPPED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        _refuse(*_describe_error(error))
    else:
        sys.exit(status if isinstance(status, int) else 0)


def _describe_error(error: Exception) -> tuple[str, int]:
    from django.db import DatabaseError, DataError, IntegrityError, ProgrammingError

    match error:
        case RejentError():
            return str(error), REFUSED
        case typer.TyperException():
            context = getattr(error, "ctx", None)
            path = context.command_path if context is not None else "rejent"
            return f"{error.format_message().rstrip('.')}. See: {path} --help", MISUSED
        case IntegrityError() | DataError() | ProgrammingError():
            pass
        case DatabaseError():
            advice = "See that it is there, can be written and answers."
            return f"The database cannot be used: {_first_line(error)}. {advice}", FAILED
        case OSError() if error.strerror:
            what = f"{error.strerror}: {error.filename}." if error.filename else f"{error.strerror}."
            missing = isinstance(error, FileNotFoundError | PermissionError)
            return what + (" See that it is there and that this user may use it." if missing else ""), FAILED
    kind = type(error).__name__
    return f"Unexpected {kind}. Run it again with {TRACEBACK}=1 to see where.", FAILED


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _refuse(line: str, status: int) -> None:
    print(" ".join(line.split()), file=sys.stderr)
    sys.exit(status)
