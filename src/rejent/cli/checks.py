"""``rejent fsck``, ``restored``: recompute everything and name every finding; vouch for what came back from a backup."""

import gc
from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Json, Use, acting, open_installation, program_clock
from rejent.cli.ledger import kept_checkpoint
from rejent.cli.output import print_json


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("fsck")(fsck)
    app.command("restored")(restored)


def fsck(
    directory: Directory,
    quick: Annotated[bool, typer.Option("--quick", help="Do not read the objects' bytes.")] = False,
    as_json: Json = False,
) -> int:
    """Check the ledger, rows against objects against keys, terms, holds, numbering: 0 only if clean."""
    open_installation(directory, Use.READING)
    from django.conf import settings

    from rejent.registers.guard.indexes import find_unchecked_indexes

    gc.freeze()  # what is loaded by now would be looked through again and again while rows are read
    findings = [
        {"subject": finding.subject, "code": finding.code, "finding": finding.sentence()}
        for finding in settings.CHECKS(deep=not quick)
    ]
    unchecked = find_unchecked_indexes()
    if as_json:
        beside = {"unchecked_indexes": unchecked} if unchecked else {}
        print_json({"clean": not findings, "findings": findings, **beside})
    else:
        for finding in findings:
            typer.echo(f"{finding['code']}: {finding['finding']}")
        if unchecked:
            typer.echo(
                f"Not held against their tables: the indexes {', '.join(unchecked)}. CREATE EXTENSION amcheck lets this check look at them, too."
            )
        typer.echo("Clean." if not findings else f"{len(findings)} findings.")
    return 1 if findings else 0


def restored(
    directory: Directory,
    reason: Annotated[
        str, typer.Option("--reason", help="Why an older copy was put back; it stands in the ledger.")
    ],
    witnessed: Annotated[
        Path | None,
        typer.Option(
            "--witnessed", help="The witness's file, taken away, where everything was put back together."
        ),
    ] = None,
) -> None:
    """Accept a restored storage folder or database, after checking it with fsck; an act in the ledger.

    Until then nothing is destroyed. Entries that an older database lacks are taken back from the published ledger, without their records.
    """
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import services
    from rejent.registers import services as registers
    from rejent.registers.signing.restoring import accept_lost, accept_rollback

    clock = program_clock()
    if witnessed is not None:
        seen = accept_rollback(settings.LEDGER, kept_checkpoint(witnessed), reason=reason, **acting())
        typer.echo(
            f"Accepted that the ledger does not continue the state of {seen} entries that the witness saw."
        )
    lost = accept_lost(reason=reason, **acting())
    differed = services.accept_restored(settings.VAULT.store, reason=reason, **acting())
    registers.checkpoint(settings.LEDGER, clock=clock)
    if not differed and not lost and witnessed is None:
        typer.echo("Nothing waited to be accepted: storage, database and ledger agree.")
        return
    typer.echo(f"Accepted. Entries taken back without their records: {lost}.")
