"""``rejent regulation``: check an office's regulation before it is loaded."""

from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import (
    ACTOR,
    Directory,
    Json,
    civil_day,
    open_installation,
    program_clock,
    set_up_alone,
)
from rejent.cli.output import print_rows
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.office.regulation.loading import EXAMPLES, check, example

app = typer.Typer(help="The office's rules as data.")


def regulation_text(name_or_file: str) -> str:
    """Return an example by name, or a file's text. Raises NotFoundError: it is neither; InputRefusedError: it is no text."""
    if name_or_file in EXAMPLES:
        return example(name_or_file)
    try:
        return Path(name_or_file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputRefusedError(
            "{file} is not UTF-8 text.", file=name_or_file, advice="Save it as UTF-8."
        ) from None
    except OSError:
        raise NotFoundError(
            "There is no regulation {name}.",
            name=name_or_file,
            advice="Name a file, or one of: {known}.",
            known=" ".join(EXAMPLES),
        ) from None


@app.command("check")
def check_command(file: Annotated[str, typer.Argument(metavar="FILE")], as_json: Json = False) -> int:
    """Check a regulation: 0, or every finding with its line, key and the rule it breaks."""
    set_up_alone()
    findings = check(regulation_text(file))
    rows = [
        {
            "line": finding.line,
            "severity": finding.severity,
            "key": finding.key,
            "finding": finding.sentence,
            "rule": finding.rule,
        }
        for finding in findings
    ]
    print_rows(rows, as_json=as_json, empty="No findings.")
    return 1 if any(finding.severity == "error" for finding in findings) else 0


@app.command("list")
def list_command() -> None:
    """The regulations that come with the program."""
    for name in EXAMPLES:
        typer.echo(name)


@app.command("show")
def show_command(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Print a regulation that comes with the program, to start one's own from."""
    typer.echo(regulation_text(name))


@app.command("activate")
def activate(
    directory: Directory,
    regulation: Annotated[str, typer.Option("--regulation", help="A file, or the name of an example.")],
    since: Annotated[str, typer.Option("--from", help="First day in force; today if left out.")] = "",
) -> None:
    """Load a new version of the regulation, in force from a day; prints its number."""
    open_installation(directory)
    from rejent.office import services

    by = program_clock()
    day = civil_day(since, "--from") if since else civil_date(by.now())
    typer.echo(
        services.activate_regulation(regulation_text(regulation), in_force_from=day, clock=by, actor=ACTOR)
    )
