"""``rejent mail``: the keys of the two roles, what each day's count says, and whether messages get through."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rejent.cli.command_setup import (
    Directory,
    Json,
    Use,
    acting,
    open_installation,
    program_clock,
    set_up_alone,
)
from rejent.cli.output import print_rows
from rejent.cli.passphrases import FromStdin, new_passphrase
from rejent.kernel.errors import InputRefusedError
from rejent.streams.mail.commands import importing
from rejent.streams.mail.messages.sealing import KeyRole

if TYPE_CHECKING:
    from rejent.streams.mail.receiving.server_log import Deliveries

DAYS = 31
_NOTHING: Mapping[str, object] = dict.fromkeys(
    (
        "acknowledged",
        "kept",
        "private",
        "exempt",
        "refused",
        "missing",
        "forgotten",
        "checked",
        "unchecked",
        "failed",
        "rechecked",
    ),
    0,
) | {
    "threats": {},
    "delivered": None,
    "unaccounted": None,
}

app = typer.Typer(help="E-mail: keys of the two roles that open it, counts of each day.")


@app.callback()
def group() -> None:
    """E-mail: keys of the two roles that open it, counts of each day."""


app.command("import")(importing.import_mailbox)
app.command("imports")(importing.imports)


@app.command("key")
def key(
    directory: Directory,
    role: Annotated[KeyRole, typer.Option("--role", help="Who opens a message together: case and control.")],
    holder: Annotated[
        str, typer.Option("--holder", help="Post of who holds its passphrase; shown where it is chosen.")
    ],
    passphrase_stdin: FromStdin = False,
) -> None:
    """Make a key of a role; its holder types the passphrase, without which nothing sealed to it is ever read."""
    open_installation(directory)
    from rejent.streams.mail.records.role_keys import make_role_key

    typed = new_passphrase("Passphrase of the key: ", from_stdin=passphrase_stdin)
    typer.echo(make_role_key(role, holder, typed, **acting()))


@app.command("end-key")
def end_key(
    directory: Directory, number: Annotated[int, typer.Option("--key", help="Its number in the list.")]
) -> None:
    """Seal nothing to a key any more; it still opens what was sealed to it."""
    open_installation(directory)
    from rejent.streams.mail.records.role_keys import end_role_key

    end_role_key(number, **acting())


@app.command("keys")
def keys(directory: Directory, as_json: Json = False) -> None:
    """List the keys of the two roles."""
    open_installation(directory, Use.READING)
    from rejent.streams.mail.records.role_keys import role_keys

    rows = [
        {
            "key": each.id,
            "role": each.role.value,
            "holder": each.holder,
            "since": each.since,
            "ended": each.ended_at,
        }
        for each in role_keys()
    ]
    print_rows(rows, as_json=as_json, empty="There is no key; nothing is received until each role has one.")


@app.command("sender")
def sender(
    name: Annotated[str, typer.Option("--name", help="Name by which a mail server signs in.")],
    passphrase_stdin: FromStdin = False,
) -> None:
    """Print the line of a file for --senders, from a name and the password that the mail server will use."""
    set_up_alone()
    from rejent.streams.mail.receiving.admission import sender_line

    typed = new_passphrase("Password: ", from_stdin=passphrase_stdin)
    try:
        typer.echo(sender_line(name, typed))
    except ValueError:
        raise InputRefusedError(
            "A name has no blanks, no colon and no letters beyond ASCII.", advice="Write --name postfix"
        ) from None


@app.command("counts")
def counts(
    directory: Directory,
    journal: Annotated[str, typer.Option("--journal", help="Name of the journal.")],
    log: Annotated[
        Path | None,
        typer.Option(
            "--log", help="Log of Postfix: how many it says it delivered, beside what was received."
        ),
    ] = None,
    enter: Annotated[
        bool,
        typer.Option(
            "--enter", help="Enter what the log tells of days that are over and nothing here accounts for."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """List what a journal acknowledged and what is kept of it, by day.

    Forgotten are messages that are kept and were not counted: a receiving process counts every few seconds, and one that is killed forgets what it had not counted.
    """
    if enter and log is None:
        raise InputRefusedError("--enter holds a log against the counts.", advice="Name it: --log FILE")
    open_installation(directory, Use.CHANGING if enter else Use.READING)
    from rejent.catalog import queries
    from rejent.kernel.clock import civil_date
    from rejent.streams.mail.records.counts import days, enter_differences, received

    source, today = queries.source_by_name(journal), civil_date(program_clock().now())
    delivered = _deliveries(log, source.traits, today)
    around = {day + timedelta(days=beside) for day in delivered.total for beside in (-1, 0, 1)}
    unaccounted = delivered.unaccounted({day: received(source.id, day) for day in around})
    if enter:
        enter_differences(source.id, delivered.total, unaccounted, **acting())
    rows: dict[date, dict[str, object]] = {
        each.day: {
            "day": each.day,
            **{name: getattr(each, name) for name in _NOTHING},
            "threats": dict(each.threats),
            "entered": each.delivered is not None,
        }
        for each in days(source.id, min([today - timedelta(days=DAYS), *delivered.total]))
    }
    for day, count in unaccounted.items():
        row = rows.setdefault(day, {"day": day, **_NOTHING, "entered": False})
        row |= {"delivered": delivered.total[day], "unaccounted": count}
    print_rows(
        [rows[day] for day in sorted(rows, reverse=True)],
        as_json=as_json,
        empty="Nothing was received lately.",
    )


@app.command("check")
def check(
    directory: Directory,
    journal: Annotated[str, typer.Option("--journal", help="Name of the journal.")],
    through: Annotated[
        str,
        typer.Option(
            "--through", help="HOST:PORT of the office's mail server; the journal itself if left out."
        ),
    ] = "",
    to: Annotated[
        str,
        typer.Option(
            "--to", help="Mailbox that gets the test message; the journal's own address if left out."
        ),
    ] = "",
    seconds: Annotated[
        int, typer.Option("--seconds", min=1, max=3600, help="How long to wait until it is sealed.")
    ] = 60,
) -> None:
    """Send a test message and say as which object it was sealed, or where it stopped."""
    open_installation(directory, Use.READING)
    from rejent.catalog import queries
    from rejent.streams.mail.receiving.trial import TrialRoute, try_out

    source = queries.source_by_name(journal)
    found = try_out(source.id, TrialRoute.of(source, through, to), seconds, program_clock())
    typer.echo(f"{found.at.isoformat(timespec='seconds')} {found.object_name}")


def _deliveries(log: Path | None, traits: Mapping[str, str], today: date) -> "Deliveries":
    from rejent.streams.mail.receiving.server_log import Deliveries, deliveries
    from rejent.streams.mail.sources import recipients_of

    if log is None:
        return Deliveries()
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            return deliveries(lines, recipients_of(traits), today)
    except OSError as error:
        raise InputRefusedError("{file} cannot be read.", file=log) from error
