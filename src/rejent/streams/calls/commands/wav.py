"""``rejent calls wav``: a call that was opened with its key, as files that every program plays."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import Json
from rejent.cli.output import print_rows, require_new_file
from rejent.kernel.clock import SystemClock
from rejent.kernel.errors import InputRefusedError
from rejent.streams.calls.player.errors import SoundError, UndecodableSoundError
from rejent.streams.calls.player.workshop import CallWav, SoundWorkshop

MAKING_S = 600.0
"""Seconds that one file may take."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("wav")(wav)


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
    contents = [_read(path) for path in objects]
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


def _read(file: Path) -> bytes:
    """Return the content of a file; InputRefusedError where there is none."""
    if not file.is_file():
        raise InputRefusedError("{file} is no file.", file=file, advice="Give the objects that were opened.")
    return file.read_bytes()


def _files(contents: Sequence[bytes]) -> Iterator[tuple[str, CallWav]]:
    """Yield each WAV and its name; InputRefusedError for one that is no opened call, or too long for one file."""
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
