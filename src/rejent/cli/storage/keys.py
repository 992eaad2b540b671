"""``rejent keys``: disclose a day key, back keys up, bring them back; each an act in the ledger."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import (
    ACTOR,
    Directory,
    acting,
    civil_day,
    instant,
    open_installation,
    program_clock,
)
from rejent.cli.output import require_new_file
from rejent.cli.passphrases import FromStdin, new_passphrase, passphrase
from rejent.kernel.clock import OFFICE_ZONE, local_midnight
from rejent.kernel.errors import InputRefusedError
from rejent.office.installation import Installation
from rejent.vault.age.recipients import Identity, Opener, Passphrase, Recipient, Sealer

LARGEST_IDENTITY = 4096
"""Largest file in bytes that is read as an age identity."""

app = typer.Typer(help="Keys: disclose one, back them up, bring them back.")

QUESTION = "Passphrase of the backup: "


@app.command("disclose")
def disclose(
    directory: Directory,
    source: Annotated[str, typer.Option("--source")],
    date: Annotated[str, typer.Option("--date", help="Civil date of the key.")],
    purpose: Annotated[str, typer.Option("--purpose", help="Why; it stands in the ledger.")],
) -> None:
    """Print the age identity that opens one source's civil date."""
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.retention import services

    identity = services.disclose_key(
        settings.VAULT.keys,
        source_id=queries.source_by_name(source).id,
        day=civil_day(date, "--date"),
        purpose=purpose,
        **acting(),
    )
    typer.echo(identity)


@app.command("backup")
def backup(
    directory: Directory,
    to: Annotated[Path, typer.Option("--to", help="A new file, on a carrier of its own.")],
    until: Annotated[
        str,
        typer.Option(
            "--until",
            help="By when the carrier will have been destroyed: a date, the midnight that begins it; or an instant.",
        ),
    ],
    recipient: Annotated[
        list[str] | None,
        typer.Option("--recipient", help="age1… of an identity kept elsewhere; no passphrase then."),
    ] = None,
    passphrase_stdin: FromStdin = False,
) -> None:
    """Write the keys that live until then into one sealed file; a key that may be destroyed sooner stays out."""
    installation = open_installation(directory)
    dies_at = _end(until)
    _require_elsewhere(to, installation)
    sealers: list[Sealer] = [Recipient.parse(text) for text in recipient or []]
    from django.conf import settings

    from rejent.cases.copies.queries import key_ends
    from rejent.retention.keys.backups import back_up_keys

    made = back_up_keys(
        settings.KEEPING(),
        to=to,
        dies_at=dies_at,
        recipients=sealers or [Passphrase(new_passphrase(QUESTION, from_stdin=passphrase_stdin))],
        actor=ACTOR,
        besides=key_ends(),
    )
    typer.echo(f"{len(made.taken)} keys written, {len(made.left_out)} left out.")
    typer.echo(f"Destroy {to} and every copy of it by {dies_at.astimezone(OFFICE_ZONE).isoformat()}.")


@app.command("restore")
def restore(
    directory: Directory,
    file: Annotated[Path, typer.Option("--from", help="The backup.")],
    identity: Annotated[
        Path | None,
        typer.Option("--identity", help="File of the age identity it was sealed to; no passphrase then."),
    ] = None,
    passphrase_stdin: FromStdin = False,
) -> None:
    """Bring back from a backup the keys that may still live; makes a key store where its disk was lost."""
    installation = open_installation(directory)
    opener: Opener = (
        _identity(identity) if identity else Passphrase(passphrase(QUESTION, from_stdin=passphrase_stdin))
    )
    from django.conf import settings

    from rejent.cases.copies.queries import key_ends
    from rejent.retention.keys.backups import restore_keys

    with _nothing_running(installation):
        settings.VAULT.keys_or_create()
        done = restore_keys(settings.KEEPING(), path=file, openers=[opener], actor=ACTOR, besides=key_ends())
    typer.echo(f"{len(done.restored)} keys brought back, {len(done.known) + len(done.expired)} refused.")
    if done.known:
        typer.echo(f"{len(done.known)} are in this key store already, or were destroyed in it.")
    if done.expired:
        typer.echo(f"{len(done.expired)} are past their end, or their destruction is entered.")
    typer.echo("Check with: rejent fsck")


@app.command("paper")
def paper(directory: Directory) -> None:
    """Print the paper copy of the key store's passphrase, after it opened the key store; for a printer, as: rejent keys paper DIR | lp."""
    installation = open_installation(directory)
    if sys.stdout.isatty():
        raise InputRefusedError(
            "A passphrase does not belong on a screen.",
            advice="Send it to a printer: rejent keys paper DIR | lp",
        )
    from django.conf import settings
    from django.utils import translation

    from rejent.office import services

    secret = settings.VAULT.prove_passphrase()
    services.enter_printing(**acting())
    with translation.override(settings.LANGUAGE_CODE):
        for line in _paper_lines(installation, secret):
            typer.echo(line)


def _paper_lines(installation: Installation, secret: str) -> Iterator[str]:
    """Yield the lines of the paper: what it is, the passphrase with the count of its signs, and where to say that it is kept."""
    from django.utils.translation import gettext

    facts = {
        "name": installation.name or "–",
        "id": installation.id,
        "at": f"{program_clock().now().astimezone(OFFICE_ZONE):%d.%m.%Y %H:%M}",
        "signs": len(secret),
        "blanks": secret.count(" "),
    }
    yield gettext("PASSPHRASE OF THE KEY STORE")
    yield gettext("Office: %(name)s. Installation: %(id)s. Printed: %(at)s.") % facts
    yield from ("", f"    {secret}", "")
    yield (
        gettext(
            "Signs: %(signs)s, of these blanks: %(blanks)s. It opened the key store before it was printed."
        )
        % facts
    )
    yield gettext(
        "Without it nobody opens a recording after a start of the machine. In a closed envelope, apart from the server and its backups."
    )
    yield from (
        "",
        gettext(
            "Envelope no. ____________   Kept at ____________________   Date, signature ____________________"
        ),
        "",
    )
    yield gettext("Then enter the envelope on the page “Paper copies” of the program.")


@contextmanager
def _nothing_running(installation: Installation) -> Iterator[None]:
    """Keep the program from starting meanwhile, and refuse while it runs."""
    from rejent.vault.store.lock import FolderLock

    installation.runtime.mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as held:
        for part in ("web", "recorder", "keeper"):
            held.enter_context(FolderLock(installation.runtime / f"{part}.lock"))
        yield


def _end(until: str) -> datetime:
    """Return an instant, or for a date alone the midnight that begins it: the carrier is gone before that day."""
    return instant(until, "--until") if "T" in until else local_midnight(civil_day(until, "--until"))


def _require_elsewhere(to: Path, installation: Installation) -> None:
    if to.absolute().resolve().is_relative_to(installation.directory.resolve()):
        raise InputRefusedError(
            "A backup of keys does not belong beside what they open.",
            advice="Choose a place outside the installation's folder.",
        )
    require_new_file(to)


def _identity(file: Path) -> Identity:
    try:
        with file.open(encoding="utf-8") as given:
            lines = given.read(LARGEST_IDENTITY).splitlines()
    except (OSError, UnicodeDecodeError):
        raise InputRefusedError("{file} cannot be read as an identity.", file=file) from None
    secret = [line for line in lines if line.strip() and not line.startswith("#")]
    return Identity.parse(secret[0] if secret else "")
