"""``rejent evidence pack``: the evidence package of a copy, in a folder, a ZIP file, or encrypted to whoever is to open it."""

from pathlib import Path
from typing import Annotated

import typer

from rejent.cli import evidence
from rejent.cli.command_setup import ACTOR, Directory, open_installation, program_clock
from rejent.kernel.errors import InputRefusedError


def register(_program: typer.Typer) -> None:
    """Add this command to its group."""
    evidence.app.command("pack")(pack)


def pack(
    directory: Directory,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Number of the copy.")],
    person: Annotated[
        str, typer.Option("--person", help="User name of whoever may make copies of its source.")
    ],
    to: Annotated[
        Path, typer.Option("--to", help="A new folder, or a new file that ends in .zip or .zip.age.")
    ],
    *,
    recipient: Annotated[
        list[str] | None,
        typer.Option("--recipient", help="Encrypt it to this key (age1…); may be given twice."),
    ] = None,
    case: Annotated[
        str,
        typer.Option(
            "--for", help="Application for which it leaves; without one, for the office's own carrier."
        ),
    ] = "",
    lang: Annotated[str, typer.Option("--lang", help="pl or en: the language of its papers.")] = "pl",
) -> None:
    """Put the evidence package of a copy together; its list of contents is entered in the ledger."""
    encrypted, archived = to.name.endswith(".zip.age"), to.suffix == ".zip"
    if bool(recipient) != encrypted:
        raise InputRefusedError("A package for a recipient ends in .zip.age, any other does not.")
    if lang not in {"pl", "en"}:
        raise InputRefusedError("The papers are written in pl or en.", advice="Write --lang pl.")
    open_installation(directory)
    from django.conf import settings
    from django.utils import translation

    from rejent.cases.copies import queries
    from rejent.evidence.sealing import note_taken, seal_in_ledger
    from rejent.evidence.targets import ArchiveTarget, FolderTarget
    from rejent.evidence.writing import write_package
    from rejent.office.queries import person_by_username
    from rejent.vault.age import Recipient
    from rejent.web.cases.copies.handable import handable_cases
    from rejent.web.cases.copies.packing import package_contents

    clock, keys = program_clock(), [Recipient.parse(each) for each in recipient or ()]
    with translation.override(lang):
        copy = queries.copy(number)
        contents = package_contents(copy, person=person_by_username(person), clock=clock)
    target = ArchiveTarget(to, keys) if archived or encrypted else FolderTarget(to)
    seal = seal_in_ledger(settings.LEDGER, contents.number, contents.acts, clock=clock, actor=ACTOR)
    if case not in {"", *(each.number for each in handable_cases(copy))}:
        raise InputRefusedError(
            "The copy is not handed over under this application.", advice="Leave --for out."
        )
    note_taken(number, case, keys=[each.text for each in keys], clock=clock, actor=ACTOR)
    packed = write_package(contents, target, seal)
    typer.echo(f"Written: {to.name}, {packed.size} bytes; list of contents {packed.contents}.")
