"""``rejent calls``: find and list calls, numbers of those who refused, what exchanges report, calls as WAV."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from rejent.cli.command_setup import (
    ACTOR,
    Directory,
    Json,
    Use,
    acting,
    civil_day,
    open_installation,
    program_clock,
)
from rejent.cli.output import print_json, print_rows, require_new_file, to_json_value
from rejent.kernel.clock import SystemClock, civil_date, instant_at
from rejent.kernel.errors import InputRefusedError
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.calls.catalog.views import CallView
from rejent.streams.calls.player.errors import SoundError, UndecodableSoundError
from rejent.streams.calls.player.workshop import CallWav, SoundWorkshop

ASKED = "-"


def given(number: str, question: str) -> str:
    """Return a number as given, or from a line of standard input; InputRefusedError where there is no such line."""
    if number != ASKED:
        return number
    typer.echo(f"{question}: ", err=True, nl=False)
    line = sys.stdin.readline().strip()
    if not line:
        raise InputRefusedError("A number is missing.", advice="Type it, or give it on standard input.")
    return line


app = typer.Typer(
    help="Calls: find and list them, what callers hear, who refuses, what exchanges tell, the drill."
)


@app.callback()
def group() -> None:
    """Calls: find and list them, what callers hear, who refuses, what exchanges tell, the drill."""


@app.command("find")
def find(
    directory: Directory,
    caller: Annotated[
        str, typer.Option("--caller", help="In any spelling, or its last four digits or more; - asks for it.")
    ] = "",
    called: Annotated[str, typer.Option("--called", help="The same, of who was called.")] = "",
    on: Annotated[str, typer.Option("--on", help="Civil date on which it began.")] = "",
    about: Annotated[str, typer.Option("--about", help="About what time of that date, as 14:05.")] = "",
    as_json: Json = False,
) -> None:
    """Find a call by at least two facts; the search is entered in the ledger, without the numbers."""
    open_installation(directory)
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import queries as call_queries
    from rejent.streams.calls.catalog import searching
    from rejent.streams.calls.catalog.views import CallQuestion

    day = civil_day(on, "--on") if on else None
    question = CallQuestion(
        caller=given(caller, "Caller"),
        called=given(called, "Called"),
        day=day,
        about=_about(day, about),
        direction="",
        source_ids=frozenset(_lines()),
    )
    found = searching.enter_search(question, actor=ACTOR, clock=program_clock())
    names = {one.id: one.name for one in queries.sources(StreamName.CALLS, removed=True)}
    heard = call_queries.announced(found.calls)
    rows = [_row(call, names, heard) | _numbers(call, as_json=as_json) for call in found.calls]
    if as_json:
        print_json({"calls": rows, "more": found.more})
        return
    print_rows(rows, as_json=False, empty="No recorded call fits.")
    if found.more:
        typer.echo("More calls fit than are shown. Give one more fact.")


@app.command("list")
def list_calls(
    directory: Directory,
    on: Annotated[str, typer.Option("--on", help="Civil date; today where it is left out.")] = "",
    numbers: Annotated[
        bool, typer.Option("--numbers", help="With the numbers; entered in the ledger, as a search is.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the calls of a date: when, which way, on which line, how each ended; numbers only where they are asked for."""
    open_installation(directory, *([] if numbers else [Use.READING]))
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import queries as call_queries
    from rejent.streams.calls.catalog import searching

    day = civil_day(on, "--on") if on else civil_date(program_clock().now())
    names = {one.id: one.name for one in queries.sources(StreamName.CALLS, removed=True)}
    calls = call_queries.calls_on(day)
    heard = call_queries.announced(calls)
    if numbers:
        lines = {call.source_id for call in calls}
        searching.enter_shown(ACTOR, "date", lines, len(calls), clock=program_clock())
    rows = [
        _row(call, names, heard)
        | (_numbers(call, as_json=as_json) if numbers else {})
        | {"ended_by": call.ended_by, "destroyed": call.destroyed}
        for call in calls
    ]
    print_rows(rows, as_json=as_json, empty="No call was recorded on that date.")


def _lines() -> set[str]:
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import queries as call_queries

    lines = {line for line, stream in queries.streams(removed=True).items() if stream == StreamName.CALLS}
    return lines - call_queries.drill_lines()


def _about(day: date | None, about: str) -> datetime | None:
    """Return the instant meant; InputRefusedError without a date, or for a time that is none of it or means two instants."""
    if not about:
        return None
    if day is None:
        raise InputRefusedError("--about needs the date.", advice="Give --on too.")
    return instant_at(day, about)


def _row(call: CallView, names: dict[str, str], heard: dict[str, str]) -> dict[str, Any]:
    return {
        "id": call.id,
        "start": call.start,
        "end": call.end,
        "line": names.get(call.source_id, ""),
        "direction": call.direction,
        "announced": heard[call.id],
    }


def _numbers(call: CallView, *, as_json: bool) -> dict[str, Any]:
    """Return the parties of a call, to whom it was passed on, and who joined."""
    turns = call.later
    later: Any = [{"side": one.side, "number": one.number, "since": one.since} for one in turns]
    if not as_json:
        later = ", ".join(f"{one.side} {one.number or '-'} since {to_json_value(one.since)}" for one in turns)
    return {"caller": call.caller, "called": call.called, "passed_on": later}


refusals = typer.Typer(help="Numbers of those who refused to be recorded.")


@refusals.command("add")
def add(
    directory: Directory,
    number: Annotated[
        str, typer.Option("--number", help="The whole number, in any spelling; asked for if left out.")
    ] = ASKED,
) -> None:
    """Record no call of a number from now on; the ledger is told of it without the number."""
    open_installation(directory)
    from rejent.streams.calls.catalog import services as call_services

    typer.echo(call_services.refuse_number(given(number, "Number"), **acting()))


@refusals.command("end")
def end(
    directory: Directory, refusal: Annotated[int, typer.Option("--refusal", help="Its number in the list.")]
) -> None:
    """Record calls of a number again, and forget it."""
    open_installation(directory)
    from rejent.streams.calls.catalog import services as call_services

    call_services.allow_number(refusal, **acting())


@refusals.command("list")
def list_refusals(directory: Directory, as_json: Json = False) -> None:
    """List the refusals that stand, with their numbers."""
    open_installation(directory, Use.READING)
    from rejent.streams.calls.catalog import queries as call_queries

    rows = [
        {"refusal": each.id, "number": each.number, "since": each.since} for each in call_queries.refusals()
    ]
    print_rows(rows, as_json=as_json, empty="Nobody refused to be recorded.")


_WORDS = {
    "imported": "taken over",
    "twice": "come a second time, entered once",
    "refused": "not taken over",
    "left-out": "left out",
    "expected": "not compared yet",
    "unanswered": "answered by nobody",
}


@app.command("import-report")
def import_report(
    directory: Directory,
    on: Annotated[str, typer.Option("--on", help="Civil date; today where it is left out.")] = "",
    as_json: Json = False,
) -> None:
    """Calls of a date that an exchange told of and that are missing or recorded at another length, its files with which something is wrong, and calls it never told of.

    Without the numbers of records. The names of files are shown, because they must be found, and exchanges often write
    telephone numbers into them: keep the report as you would keep a list of calls.
    """
    open_installation(directory, Use.READING)
    from rejent.catalog import queries
    from rejent.streams.calls.catalog.queries import pbx
    from rejent.streams.calls.catalog.queries.lengths import length_differences

    day = civil_day(on, "--on") if on else civil_date(program_clock().now())
    names = {one.id: one.name for one in queries.sources(StreamName.CALLS, removed=True)}
    shown = [
        *(
            ("missing", one.source_id, one.start, one.cause, one.record_id)
            for one in pbx.missing_records(day)
        ),
        *(
            (f"file {one.state}", one.source_id, one.looked_at, one.cause, one.name)
            for one in pbx.faulty_files(day)
        ),
        *(
            (
                "length",
                one.source_id,
                one.start,
                "shorter" if one.is_shorter else "longer",
                f"recorded {one.recorded.total_seconds():.0f} s, told {one.told.total_seconds():.0f} s: {' '.join(one.calls)}",
            )
            for one in length_differences(day)
        ),
        *(("no record", one.source_id, one.start, "", one.id) for one in pbx.calls_without_record(day)),
    ]
    rows: list[dict[str, Any]] = [
        {"what": what, "line": names.get(source_id, ""), "at": at, "cause": cause, "told": named}
        for what, source_id, at, cause, named in shown
    ]
    found = sorted(pbx.import_counts(day).items())
    counts = {f"{kind}s {state}": number for (kind, state), number in found}
    if as_json:
        print_json({"counts": counts, "differences": rows})
        return
    for (kind, state), number in found:
        typer.echo(f"{kind}s {_WORDS.get(state, state)}: {number}")
    print_rows(rows, as_json=False, empty=_where_nothing_is_listed(counts))


def _where_nothing_is_listed(counts: dict[str, int]) -> str:
    if "records expected" in counts:
        return "No call is known to be missing; the newest are not compared yet."
    return "Nothing is missing." if counts else "No exchange told of calls or left files on that date."


MAKING_S = 600.0


@app.command("wav")
def wav(
    objects: Annotated[
        list[Path],
        typer.Argument(metavar="OBJECT...", help="Objects of one call, opened with their key (age -d)."),
    ],
    to: Annotated[Path, typer.Option("--to", help="A new folder for the files.")],
    as_json: Json = False,
) -> None:
    """Make WAVs of a call that was opened with its key: one a leg, and one with both parties as left and right.

    A leg of G.711 keeps its samples as they were received; anything else is decoded. Silence stands where nothing came,
    so that a minute of the call is a minute of each file.
    """
    require_new_file(to)
    contents = [_read_object(path) for path in objects]
    made = dict(_files(contents))
    to.mkdir(mode=0o700)
    for name, one in made.items():
        (to / name).write_bytes(one.content)
    rows = [
        {
            "file": name,
            "coding": ", ".join(one.codecs),
            "samples": "as received" if one.as_received else "decoded",
            "not decodable": ", ".join(one.silent),
        }
        for name, one in made.items()
    ]
    print_rows(rows, as_json=as_json, empty="")


def _read_object(file: Path) -> bytes:
    if not file.is_file():
        raise InputRefusedError("{file} is no file.", file=file, advice="Give the objects that were opened.")
    return file.read_bytes()


def _files(contents: Sequence[bytes]) -> Iterator[tuple[str, CallWav]]:
    workshop = SoundWorkshop(SystemClock(), children=1, seconds=MAKING_S)
    try:
        both = workshop.as_wav(contents)
        yield "both.wav", both
        for leg in range(both.legs):
            yield f"leg-{leg + 1}.wav", workshop.as_wav(contents, leg)
    except UndecodableSoundError:
        raise InputRefusedError(
            "This is no opened object of a call, or not of one call alone.",
            advice="Open each object of the call once: age -d -i KEY OBJECT > call.mka. A file that an exchange made is sound as it is.",
        ) from None
    except SoundError:
        raise InputRefusedError(
            "The files of this call grow too large, or take too long to make.",
            advice="Give fewer of its objects at a time.",
        ) from None
    finally:
        workshop.close()
