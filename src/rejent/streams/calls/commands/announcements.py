"""``rejent calls announcement`` and what goes with it: what callers hear, who plays it, and what shows that they heard it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Json, Use, acting, instant, open_installation, program_clock
from rejent.cli.output import print_rows, require_new_file
from rejent.cli.speaking import PROGRAM, synthesize_speech
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import InputRefusedError
from rejent.office.regulation.gates import FactKind
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.calls.announcing.dialplan import (
    BadLine,
    LoggedAnnouncement,
    Pbx,
    Plan,
    Player,
    read_log,
    write_dialplan,
)
from rejent.streams.calls.catalog.announcement_wav import seconds_of
from rejent.streams.calls.catalog.lines.addresses import read_line
from rejent.streams.calls.catalog.lines.announcers import WhenRejected, announcer_address, read_announcer
from rejent.streams.calls.catalog.views import HUNG_UP, HeardBeforehand, KnownBy, Notice, NoticeKind

app = typer.Typer(help="What callers of a line hear before they are recorded.")

READY = FactKind.ANNOUNCEMENT_READY.value
LARGEST = 64 * 1024 * 1024


class Kind(StrEnum):
    """Announcements with a sound."""

    INCOMING = "incoming"
    CLAUSE = "clause"


LineName = Annotated[str, typer.Option("--line", help="The line's name.")]
WhichKind = Annotated[Kind, typer.Option("--kind", help="Heard by everybody, or on the clause's key.")]
Text = Annotated[str, typer.Option("--text", help="What is said, word for word.")]
Language = Annotated[str, typer.Option("--language", help="Of the text.")]
ValidFrom = Annotated[str, typer.Option("--from", help="Instant from which it is heard; now if left out.")]


@app.command("set")
def set_command(
    directory: Directory,
    line: LineName,
    kind: WhichKind,
    file: Annotated[Path, typer.Option("--file", help="The sound: WAV, or what else libav reads.")],
    text: Text,
    language: Language = "pl",
    valid_from: ValidFrom = "",
) -> None:
    """Let callers hear a sound from a file; an act in the ledger."""
    open_installation(directory)
    try:
        content = file.read_bytes() if file.stat().st_size <= LARGEST else b""
    except OSError:
        content = b""
    if not content:
        raise InputRefusedError(
            "The file cannot be read, is empty or too large.", advice="Give a WAV of three minutes at most."
        )
    _set(line, kind, content, text, language, "uploaded", valid_from)


@app.command("say")
def say(
    directory: Directory,
    line: LineName,
    kind: WhichKind,
    text: Text,
    language: Language = "pl",
    valid_from: ValidFrom = "",
) -> None:
    """Let callers hear a text, spoken by espeak-ng where that is installed; an act in the ledger."""
    open_installation(directory)
    _set(line, kind, synthesize_speech(text, language), text, language, PROGRAM, valid_from)


@app.command("list")
def list_command(directory: Directory, line: LineName, as_json: Json = False) -> None:
    """List every version of a line's announcements; none is ever removed."""
    open_installation(directory, Use.READING)
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import queries as call_queries

    rows = [
        {
            "kind": one.kind,
            "version": one.version,
            "from": one.valid_from,
            "language": one.language,
            "seconds": round(seconds_of(one.sound), 1),
            "made_by": one.made_by,
            "sha256": one.sha256,
            "text": one.text,
        }
        for one in call_queries.announcements(queries.source_by_name(line).id)
    ]
    print_rows(rows, as_json=as_json, empty="Nothing is announced.")


@app.command("export")
def export(
    directory: Directory,
    line: LineName,
    kind: WhichKind,
    to: Annotated[Path, typer.Option("--to", help="A new file.")],
    version: Annotated[
        int | None, typer.Option("--version", min=1, help="Which; the one heard now if left out.")
    ] = None,
) -> None:
    """Write a sound as a WAV of 8000 samples a second, as exchanges play it."""
    open_installation(directory, Use.READING)
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import queries as call_queries

    require_new_file(to)
    source = queries.source_by_name(line).id
    at = program_clock().now()
    known = call_queries.announcement_at(source, kind, at) if version is None else None
    found = known or call_queries.announcement_version(source, kind, version or 0)
    to.write_bytes(found.sound)


def announcing(
    directory: Directory,
    line: LineName,
    listen: Annotated[str, typer.Option("--listen", help="HOST:PORT of this machine; empty ends it.")],
    callers: Annotated[
        list[str] | None, typer.Option("--from", help="Address or network of the exchange that sends calls.")
    ] = None,
    target: Annotated[str, typer.Option("--to", help="Where calls are handed over by REFER.")] = "",
    around: Annotated[str, typer.Option("--around", help="Where those go who refuse to be recorded.")] = "",
    refused: Annotated[
        WhenRejected, typer.Option("--refer-refused", help="What is done where the exchange takes no REFER.")
    ] = WhenRejected.HANG_UP,
) -> None:
    """Answer a line's calls with its announcement, and hand them over or let the dialplan go on."""
    open_installation(directory)
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import services as call_services

    address = (
        announcer_address(listen, callers or (), target=target, around=around, when_rejected=refused)
        if listen
        else None
    )
    source = queries.source_by_name(line).id
    call_services.set_announcer(source, address, **acting())


def dialplan(
    directory: Directory,
    line: LineName,
    pbx: Annotated[Pbx, typer.Option("--for", help="Whose dialplan.")] = Pbx.ASTERISK,
    player: Annotated[Player, typer.Option("--player", help="Who plays.")] = Player.FILE,
) -> None:
    """Print what makes an exchange play a line's announcement, itself or by our announcing."""
    open_installation(directory, Use.READING)
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import queries as call_queries

    source, now = queries.source_by_name(line), program_clock().now()
    if call_queries.announcement_at(source.id, NoticeKind.INCOMING, now) is None:
        raise InputRefusedError(
            "The line has no announcement that could be played.",
            advice="Set one first: rejent calls announcement say DIR --line … --kind incoming --text …",
        )
    address = call_queries.announcers().get(source.id, "")
    known = read_announcer(address) if address else None
    if player is Player.SERVICE and known is None:
        raise InputRefusedError(
            "The line's calls are answered nowhere.", advice="Say where: rejent calls announcing DIR --line …"
        )
    lines = {one.id: one.address for one in queries.recorder_sources(stream="calls")}
    plan = Plan(
        line=source.name,
        directory=str(directory.absolute()),
        announcer=f"{known.host}:{known.port}" if known else "",
        clause=call_queries.announcement_at(source.id, NoticeKind.CLAUSE, now) is not None,
        refusal_key=read_line(lines[source.id]).refusal if source.id in lines else "",
        hands_over=bool(known and known.target),
    )
    typer.echo(write_dialplan(plan, pbx, player), nl=False)


def heard(
    directory: Directory,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the exchange wrote.")],
    line: LineName,
) -> int:
    """Take over what an exchange tells of announcements it played; lines that were taken over before are passed over.

    Lines that are not understood are named by their number. The command fails while the newest line is one of them:
    then the exchange writes something else than it should, and nothing is taken over any more.
    """
    open_installation(directory)
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import services as call_services

    source = queries.source_by_name(line).id
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            logged = list(read_log(lines))
    except OSError:
        raise InputRefusedError(
            "The file cannot be read.", advice="See where the exchange writes it."
        ) from None
    new = sum(call_services.note_heard(one, clock=program_clock()) for one in _beforehand(source, logged))
    matched = call_services.match_heard(clock=program_clock())
    bad = [one.number for one in logged if isinstance(one, BadLine)]
    typer.echo(f"taken over: {new}, calls found: {matched}, lines not understood: {len(bad)}")
    for number in bad[:20]:
        typer.echo(f"line {number} is not understood", err=True)
    return 1 if logged and isinstance(logged[-1], BadLine) else 0


def _beforehand(source: str, logged: Iterable[LoggedAnnouncement | BadLine]) -> Iterator[HeardBeforehand]:
    """Yield logged announcements as evidence; one that took no time was not heard to its end, whatever a dialplan says."""
    for one in logged:
        if isinstance(one, LoggedAnnouncement):
            notice = Notice(
                kind=one.kind,
                known_by=KnownBy.PBX,
                start=one.start,
                heard_s=one.heard_s,
                completed=one.completed and one.heard_s > 0,
                keys=one.keys,
                outcome="" if one.completed else HUNG_UP,
            )
            yield HeardBeforehand(source, notice, one.caller, "")


def confirm(
    directory: Directory,
    call: Annotated[str, typer.Option("--call", help="Its identifier, as calls list tells it.")],
    by: Annotated[str, typer.Option("--by", help="Account of the employee who called.")],
) -> None:
    """Enter that an employee confirms having read the announcement in an outgoing call."""
    open_installation(directory)
    from rejent.office import queries as office
    from rejent.streams.calls.catalog import services as call_services

    call_services.confirm_read(call, str(office.person_by_username(by).id), clock=program_clock())


def register(calls: typer.Typer) -> None:
    """Add these commands to those of calls."""
    calls.add_typer(app, name="announcement")
    for command in (announcing, dialplan, heard, confirm):
        calls.command(command.__name__)(command)


def _set(
    line: str, kind: Kind, content: bytes, text: str, language: str, made_by: str, valid_from: str
) -> None:
    from rejent.catalog import queries
    from rejent.office import queries as office
    from rejent.streams.calls.catalog import services as call_services
    from rejent.streams.calls.player.announcements import made_plain

    now = program_clock().now()
    since: datetime = instant(valid_from, "--from") if valid_from else now
    version = call_services.set_announcement(
        queries.source_by_name(line).id,
        kind,
        text=text,
        sound=made_plain(content),
        language=language,
        made_by=made_by,
        valid_from=since,
        **acting(),
    )
    typer.echo(f"{kind.value} {version}")
    if READY in {
        one.name for one in office.gates(StreamName.CALLS, civil_date(program_clock().now())).missing
    }:
        typer.echo(
            f"Enter that it is in place: rejent gate enter DIR --stream calls --kind {READY} --on DATE"
        )
