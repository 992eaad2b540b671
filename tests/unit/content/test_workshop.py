"""Stills and conversion in child processes, and children that misbehave."""

import io
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import av
import pytest

from rejent.content.workshop_child import serve
from rejent.content.workshop_wire import packed
from rejent.formats.errors import MovieError
from rejent.formats.mp4.picture import Codec
from rejent.formats.mp4.reader import initialisation_of, parameters_of
from rejent.formats.mp4.writer import initialisation
from rejent.formats.source import BytesSource
from rejent.kernel.clock import SystemClock
from rejent.streams.cameras.player.clip import clip, still
from rejent.streams.cameras.player.converter import Converter, fitted
from rejent.streams.cameras.player.errors import NothingToShowError, PictureError
from rejent.streams.cameras.player.workshop import PictureWorkshop
from tests.unit.formats.clips import clip as pictures
from tests.unit.formats.clips import judged
from tests.unit.formats.written import fragments_of
from tests.unit.streams_cameras.player.archive import Archive

DAY = date(2026, 5, 4)
TEN = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
TEN_S = 36_000.0


@pytest.fixture(scope="module")
def workshop():
    """Two real children."""
    made = PictureWorkshop(SystemClock(), seconds=60)
    yield made
    made.close()


def _size(jpeg: bytes) -> tuple[int, int]:
    with av.open(io.BytesIO(jpeg), format="jpeg_pipe") as container:
        frame = next(container.decode(video=0))
        return frame.width, frame.height


@pytest.mark.parametrize("recipe", ["h264", "h264-b", "h265-b"])
def test_a_still_is_the_key_picture_before_the_moment(recipe: str, workshop: PictureWorkshop) -> None:
    """A small and a large still of a sealed segment, in the shape of the picture; it says when that was taken."""
    archive = Archive()
    segment = archive.book(pictures(recipe, (1280, 720), 2), TEN)
    small, taken = still([segment], DAY, TEN_S + 1.5, archive.open, workshop)
    large, _ = still([segment], DAY, TEN_S + 1.5, archive.open, workshop, width=640)
    assert taken == pytest.approx(TEN_S)
    assert (_size(small), _size(large)) == ((320, 180), (640, 360))
    assert small.startswith(b"\xff\xd8")


def test_there_is_no_still_of_a_gap(workshop: PictureWorkshop) -> None:
    """Nothing recorded is told, not shown as black."""
    archive = Archive()
    segment = archive.book(pictures("h264"), TEN)
    with pytest.raises(NothingToShowError):
        still([segment], DAY, TEN_S + 4, archive.open, workshop)


@pytest.mark.parametrize(
    ("size", "within", "expected"),
    [
        ((1920, 1080), (320, 180), (320, 180)),
        ((1600, 1200), (320, 180), (240, 180)),
        ((100, 50), (320, 180), (100, 50)),
        ((1080, 1920), (320, 180), (102, 180)),
    ],
)
def test_pictures_keep_their_shape(
    size: tuple[int, int], within: tuple[int, int], expected: tuple[int, int]
) -> None:
    """Made smaller to fit, never stretched or enlarged, with even sides."""
    assert fitted(*size, *within) == expected


@pytest.mark.parametrize("recipe", ["h265", "h265-b", "h265-open"])
def test_h265_becomes_h264_with_every_picture_at_its_time(
    recipe: str, workshop: PictureWorkshop, tmp_path: Path
) -> None:
    """The converted clip has as many pictures, the same times, and key pictures where they were."""
    archive = Archive()
    found = clip([archive.book(pictures(recipe), TEN)], DAY, TEN_S, TEN_S + 4, archive.open)
    part = found.parts[0]
    content = workshop.converted(part.initialisation, b"".join(part.buffers))
    before, after = judged(found.body(), tmp_path, "a.mp4"), judged(content, tmp_path, "b.mp4")
    assert after.complaints == ""
    assert after.times == before.times
    assert parameters_of(initialisation_of(BytesSource(content))).codec is Codec.H264


def test_a_stream_is_converted_piece_by_piece(workshop: PictureWorkshop, tmp_path: Path) -> None:
    """Live fragments come out as they go in, at most one picture behind; the initialisation comes once."""
    made = pictures("h265")
    fragments = fragments_of(made.parameters, made.units, target=0.2)
    with workshop.conversion(initialisation(made.parameters), 90) as conversion:
        pieces = [conversion.feed(b"".join(fragment.parts)) for fragment in fragments]
        pieces.append(conversion.finish())
    verdict = judged(b"".join(pieces), tmp_path)
    assert all(pieces)
    assert [b"ftyp" in piece for piece in pieces].count(True) == 1
    assert (verdict.frames, verdict.height) == (100, 90)
    assert verdict.times == [number * 3600 for number in range(100)]


def test_a_picture_that_cannot_be_decoded_is_told_and_the_next_one_works(workshop: PictureWorkshop) -> None:
    """Rubbish from a camera ends in one clear error."""
    archive = Archive()
    segment = archive.book(pictures("h264"), TEN)
    with pytest.raises(PictureError, match="cannot be decoded"):
        workshop.still(Codec.H264, b"\x01\x64", b"\xff" * 500, 320, 180)
    assert still([segment], DAY, TEN_S, archive.open, workshop)


@pytest.mark.parametrize(
    "child",
    ["import time; time.sleep(600)", "import os; os.abort()", "print('x' * 100_000); input()", ""],
    ids=["hangs", "crashes", "babbles", "ends"],
)
def test_a_child_that_misbehaves_is_ended_and_told(child: str) -> None:
    """The caller gets an error in bounded time, whatever libav does, and no process is left."""
    workshop = PictureWorkshop(SystemClock(), seconds=0.5, command=[sys.executable, "-c", child])
    with pytest.raises(PictureError, match="in time"):
        workshop.still(Codec.H264, b"", bytes(200_000), 320, 180)
    workshop.close()
    assert workshop._idle == []


def test_more_orders_than_children_are_refused_after_a_while() -> None:
    """Nobody waits for ever behind others."""
    workshop = PictureWorkshop(SystemClock(), children=1, seconds=5)
    made = pictures("h265")
    with workshop.conversion(initialisation(made.parameters)):
        workshop._seconds = 0.01
        with pytest.raises(PictureError, match="too many"):
            workshop.still(Codec.H264, b"", b"", 320, 180)
    workshop.close()


def test_a_child_cannot_write_files_and_inherits_nothing(tmp_path: Path) -> None:
    """No picture can reach a disk through it, and no secret of the web process reaches it."""
    target = tmp_path / "leak"
    code = (
        "import os, sys; from rejent.content.workshop_child import confine; confine(1 << 31);\n"
        f"secret = [name for name in os.environ if name not in {{'LC_CTYPE'}}]\n"
        f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"try:\n    os.write(os.open({str(target)!r}, os.O_CREAT | os.O_WRONLY), b'x')\n"
        "except OSError:\n    from rejent.content.workshop_wire import packed\n"
        "    sys.stdin.buffer.read(8)\n"
        "    sys.stdout.buffer.write(packed({'ok': True}, repr(secret).encode())); sys.stdout.flush()\n"
    )
    workshop = PictureWorkshop(SystemClock(), seconds=20, command=[sys.executable, "-c", code])
    assert workshop.still(Codec.H264, b"", b"", 320, 180) == b"[]"
    workshop.close()
    assert not target.exists() or target.read_bytes() == b""


def test_a_child_refuses_what_is_no_order() -> None:
    """An unknown order is answered, and the child goes on."""
    orders = packed({"order": "shutdown", "seconds": 5}) + packed({"order": "feed", "seconds": 5}, b"x")
    answers = io.BytesIO()
    serve(io.BytesIO(orders), answers)
    assert answers.getvalue() == packed({"ok": False}) * 2


def test_a_fragment_that_is_not_whole_is_refused() -> None:
    """The converter never reads past what it was given."""
    made = pictures("h265")
    fragment = b"".join(fragments_of(made.parameters, made.units)[0].parts)
    converter = Converter(initialisation(made.parameters), 1080)
    with pytest.raises(MovieError, match="not whole"):
        converter.feed(fragment[:-1])


def test_children_end_with_the_workshop() -> None:
    """After closing no child is left."""
    workshop = PictureWorkshop(SystemClock(), seconds=30)
    with workshop._child() as child:
        number = child._process.pid
    workshop.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
