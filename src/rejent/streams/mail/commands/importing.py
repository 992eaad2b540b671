"""``rejent mail import`` and ``imports``: mailboxes into the history of a journal."""

import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from unicodedata import normalize

import typer

from rejent.cli.command_setup import ACTOR, Directory, Json, Use, open_installation
from rejent.cli.output import print_rows
from rejent.cli.passphrases import passphrase
from rejent.kernel.errors import InputRefusedError

if TYPE_CHECKING:
    from rejent.streams.mail.receiving.imported.mailbox import Mailbox

_LONGEST_PASSWORD = 1024
_MOST_NAMED = 20
_Journal = Annotated[str, typer.Option("--journal", help="Name of the journal by whose lists is decided.")]
_Mbox = Annotated[Path | None, typer.Option("--mbox", help="A file of messages.")]
_Maildir = Annotated[
    Path | None, typer.Option("--maildir", help="A folder that holds cur and new, with those within it.")
]
_Imap = Annotated[
    str,
    typer.Option(
        "--imap", help="A mailbox on a server, as imaps://user@host/Folder; every folder if left out."
    ),
]
_PasswordFile = Annotated[
    Path | None,
    typer.Option("--password-file", help="File of the password for IMAP; asked for if left out."),
]
_PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password for IMAP from stdin.")
]
_Owner = Annotated[
    str, typer.Option("--owner", help="Address whose mailbox it is: counts as a receiver of each message.")
]
_PrivateFolders = Annotated[
    list[str] | None,
    typer.Option(
        "--private-folder",
        help="Folder of which nothing is kept; Prywatne and Private if left out; may be repeated.",
    ),
]
_Again = Annotated[
    bool, typer.Option("--again", help="Import an mbox that was changed since once more, as a whole.")
]
_Ca = Annotated[
    Path | None, typer.Option("--ca", help="PEM file of who issued the IMAP server's certificate.")
]


def import_mailbox(
    directory: Directory,
    journal: _Journal,
    mbox: _Mbox = None,
    maildir: _Maildir = None,
    imap: _Imap = "",
    password_file: _PasswordFile = None,
    password_stdin: _PasswordStdin = False,
    ca: _Ca = None,
    owner: _Owner = "",
    private_folder: _PrivateFolders = None,
    again: _Again = False,
    as_json: Json = False,
) -> None:
    """Import the messages of a mailbox, under the terms of the days that they state; a repetition goes on where one ended."""
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.streams.mail.messages.addresses import read_address
    from rejent.streams.mail.receiving.imported.intake import Stated
    from rejent.streams.mail.receiving.imported.intake import import_mailbox as take

    if sum(map(bool, (mbox, maildir, imap))) != 1:
        raise InputRefusedError("Name one mailbox: --mbox, --maildir or --imap.")
    mailbox_of = read_address(owner) if owner else ""
    if mailbox_of is None:
        raise InputRefusedError("--owner is no address.", advice="Write it as anna@urzad.example")
    private = frozenset(normalize("NFC", each).casefold() for each in private_folder or ()) or None
    if any(re.search("[./]", each) for each in private or ()):
        raise InputRefusedError(
            "--private-folder is no path.", advice="Name one level: --private-folder Prywatne"
        )
    source = queries.source_by_name(journal)
    mailbox = _mailbox(mbox, maildir, imap, lambda: _password(password_file, from_stdin=password_stdin), ca)
    try:
        done = take(
            source, mailbox, Stated(mailbox_of, private, again), keeping=settings.KEEPING(), actor=ACTOR
        )
    finally:
        mailbox.close()
    if mailbox.doubtful:
        typer.echo(_doubts(mailbox.doubtful), err=True)
    print_rows([_row(done)], as_json=as_json, empty="")


def _doubts(lines: list[int]) -> str:
    """Return the sentence that names lines of an mbox; what stands in them is somebody's letter."""
    named = ", ".join(map(str, lines[:_MOST_NAMED])) + (", …" if len(lines) > _MOST_NAMED else "")
    return (
        f"Lines that begin with From and nearly part two messages, or stand within the length that one states: {named}. Nothing was parted "
        "there. See them in the file: where one begins a message, write it as the others (From SENDER DATE), and import it again."
    )


def imports(directory: Directory, journal: _Journal, as_json: Json = False) -> None:
    """List what was imported into the history of a journal, and what the messages came to."""
    open_installation(directory, Use.READING)
    from rejent.catalog import queries
    from rejent.streams.mail.records.imports import history_of
    from rejent.streams.mail.records.imports import imports as of_history

    history = history_of(queries.source_by_name(journal))
    rows = [_row(each) for each in of_history(history.id)] if history is not None else []
    print_rows(rows, as_json=as_json, empty="Nothing was imported.")


def _row(view: object) -> dict[str, object]:
    fields = asdict(view)  # type: ignore[call-overload]  # an ImportView, whose module needs the installation
    fields.pop("source_id")
    return {"import": fields.pop("id"), **{name.replace("_", "-"): value for name, value in fields.items()}}


def _mailbox(
    mbox: Path | None, maildir: Path | None, imap: str, password: Callable[[], str], authority: Path | None
) -> "Mailbox":
    from rejent.streams.mail.receiving.imported.imap import ImapAddress, ImapMailbox
    from rejent.streams.mail.receiving.imported.maildir import MaildirFolder
    from rejent.streams.mail.receiving.imported.mbox import MboxFile

    if mbox is not None:
        return MboxFile(mbox)
    if maildir is not None:
        return MaildirFolder(maildir)
    address = ImapAddress.parsed(imap)
    return ImapMailbox(address, password(), authority)


def _password(file: Path | None, *, from_stdin: bool) -> str:
    """Return the password for IMAP: the first line of its file, or as it is typed."""
    if file is None and not from_stdin and not sys.stdin.isatty():
        raise InputRefusedError("A password is missing.", advice="Name a file: --password-file FILE")
    if file is None:
        return passphrase("Password: ", from_stdin=from_stdin)
    try:
        with file.open(encoding="utf-8") as content:
            return content.readline(_LONGEST_PASSWORD).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputRefusedError("{file} cannot be read.", file=file) from error
