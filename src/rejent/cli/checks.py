"""``rejent fsck``: recompute everything, name every finding."""

from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Json, Use, open_installation
from rejent.cli.output import print_json


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("fsck")(fsck)


def fsck(
    directory: Directory,
    quick: Annotated[bool, typer.Option("--quick", help="Do not read the objects' bytes.")] = False,
    as_json: Json = False,
) -> int:
    """Check the ledger, rows against objects against keys, terms, holds, numbering: 0 only if clean."""
    open_installation(directory, Use.READING)
    from django.conf import settings

    findings = [
        {"subject": finding.subject, "code": finding.code, "finding": finding.sentence()}
        for finding in settings.CHECKS(deep=not quick)
    ]
    if as_json:
        print_json({"clean": not findings, "findings": findings})
    else:
        for finding in findings:
            typer.echo(f"{finding['code']}: {finding['finding']}")
        typer.echo("Clean." if not findings else f"{len(findings)} findings.")
    return 1 if findings else 0
