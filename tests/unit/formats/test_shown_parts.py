"""A part of a recording in a file of its own, which other programs play from exactly the asked instant to exactly the asked end."""

import io
import json
import subprocess
from pathlib import Path

import av
import pytest

from rejent.formats.mp4.boxes import TIMESCALE
from rejent.formats.mp4.cutting import cut, flat
from rejent.formats.mp4.reader import (
    initialisation_of,
    parameters_of,
    scan,
    shown_of,
    whole_fragment_at,
)
from rejent.formats.source import BytesSource
from tests.unit.formats.clips import clip
from tests.unit.formats.written import content_of, fragments_of


def part_of(recipe: str, start: float, end: float) -> tuple[bytes, bytes]:
    """A recording of four seconds with a key picture every two, and the file of a part of it."""
    made = clip(recipe)
    whole = content_of(made.parameters, fragments_of(made.parameters, made.units))
    source = BytesSource(whole)
    first, past = int(start * TIMESCALE), int(end * TIMESCALE)
    found = cut(source, scan(source), first, past)
    return whole, b"".join(flat(found, (first - found.origin, past - found.origin)))


@pytest.mark.parametrize("recipe", ["h264", "h264-b", "h265", "h265-b"])
@pytest.mark.parametrize(("start", "end"), [(1.52, 3.6), (2.5, 2.9), (0.0, 1.01), (3.01, 3.99)])
def test_ffmpeg_shows_what_was_asked_for_and_no_picture_more(
    tmp_path: Path, recipe: str, start: float, end: float
) -> None:
    """It plays as long as was asked, begins with a picture of that time, and shows the pictures that the whole recording shows then."""
    whole, part = part_of(recipe, start, end)
    (tmp_path / "part.mp4").write_bytes(part)
    (tmp_path / "whole.mp4").write_bytes(whole)
    asked = [
        "ffprobe",
        "-v",
        "warning",
        "-of",
        "json",
        "-show_entries",
        "format=start_time,duration",
        tmp_path / "part.mp4",
    ]
    told = subprocess.run(asked, check=True, capture_output=True, text=True)
    assert told.stderr == ""
    assert float(json.loads(told.stdout)["format"]["duration"]) == pytest.approx(end - start, abs=0.001)

    def pictures(name: str) -> list[tuple[float, str]]:
        shown = [
            "ffmpeg",
            "-v",
            "error",
            "-copyts",
            "-i",
            tmp_path / name,
            "-fps_mode",
            "passthrough",
            "-enc_time_base",
            "-1",
            "-f",
            "framehash",
            "-",
        ]
        lines = subprocess.run(shown, check=True, capture_output=True, text=True).stdout.splitlines()
        (base,) = [line.split()[2] for line in lines if line.startswith("#tb")]
        over, under = map(int, base.split("/"))
        rows = [line.split(",") for line in lines if not line.startswith("#")]
        return [(int(row[2]) * over / under, row[5].strip()) for row in rows]

    every = pictures("whole.mp4")
    begins = every[0][
        0
    ]  # ffmpeg delays reordered pictures of a file of fragments, and begins a cut one with its first picture
    expected = [each for each in every if start - 0.001 <= each[0] - begins < end - 0.001]
    found = pictures("part.mp4")
    assert [picture for _, picture in found] == [picture for _, picture in expected]
    assert [time - found[0][0] for time, _ in found] == pytest.approx(
        [time - expected[0][0] for time, _ in expected], abs=0.002
    )
    assert len(found) == pytest.approx((end - start) * 25, abs=1)


def test_the_file_is_read_as_a_recording() -> None:
    """Its fragments, parameter sets and samples are those of the recording; where it is shown stands in it."""
    whole, part = part_of("h264", 1.5, 3.5)
    source, source_of_all = BytesSource(part), BytesSource(whole)
    head = initialisation_of(source)
    assert shown_of(head) == (1.5 * TIMESCALE, 3.5 * TIMESCALE)
    assert shown_of(initialisation_of(source_of_all)) is None
    assert parameters_of(head) == parameters_of(initialisation_of(source_of_all))
    index = scan(source)
    assert index.units == 88
    for place, other in zip(index.places, scan(source_of_all).places, strict=False):
        found, expected = (
            whole_fragment_at(source, place.offset),
            whole_fragment_at(source_of_all, other.offset),
        )
        assert found.presentation_times() == expected.presentation_times()[: len(found.run.sizes)]
        body = source.read(place.offset + found.length, found.body)
        assert source_of_all.read(other.offset + expected.length, expected.body).startswith(body)
    with av.open(io.BytesIO(part)) as film:
        assert sum(1 for packet in film.demux(video=0) if packet.size) == index.units
