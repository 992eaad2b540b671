"""Copies derived with parts of them hidden: what lies under a region is gone in every picture, the rest stays, and the original is untouched."""

import io
import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from rejent.cases.copies import queries, services
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.opening import open_part
from rejent.cases.copies.redaction import Effect, plan_digest, read_plan
from rejent.cases.copies.stream_parts import shown_of
from rejent.cases.copies.views import CopyView, State
from rejent.formats.fragment_index import FragmentIndex
from rejent.formats.mp4.reader import scan
from rejent.formats.source import BytesSource
from rejent.kernel.intervals import Interval
from rejent.registers import queries as registers
from rejent.streams.cameras.player.copying import PLAYABLE, REDACTING
from rejent.streams.cameras.player.redacting import Painter
from rejent.streams.cameras.player.workshop import derived_workshop
from tests.unit.cases.application import NOON
from tests.unit.copies.conftest import CopyingOffice
from tests.unit.formats.clips import clip
from tests.unit.formats.written import content_of, fragments_of

LENGTH = 4000
SIZE = (320, 180)
Picture = npt.NDArray[np.uint8]


def region(*keys: tuple[int, int, int, int, int], **changed: Any) -> dict[str, Any]:
    """A region of the whole length."""
    return {
        "shape": "rectangle", "keep": False, "reason": "person", "start": 0, "end": LENGTH, "keys": list(map(list, keys)),
    } | changed  # fmt: skip


def plan(*regions: dict[str, Any], spans: list[dict[str, Any]] | None = None, fill: str = "solid") -> Any:
    """A plan as the page sends it."""
    return {"fill": fill, "regions": list(regions), "spans": spans or []}


def pictures_of(content: bytes) -> list[Picture]:
    """The luma of every picture."""
    with av.open(io.BytesIO(content)) as film:
        return [frame.to_ndarray(format="yuv420p")[: frame.height] for frame in film.decode(video=0)]


def recorded(recipe: str = "h264") -> tuple[bytes, FragmentIndex]:
    """Four seconds of a test picture in which everything moves."""
    made = clip(recipe, SIZE)
    content = content_of(made.parameters, fragments_of(made.parameters, made.units))
    return content, scan(BytesSource(content))


@pytest.fixture
def filmed(pleszew: CopyingOffice) -> Iterator[CopyingOffice]:
    """An office whose second camera recorded real pictures."""
    pleszew.camera = pleszew.office.add_camera("Parking")
    pleszew.office.record(pleszew.camera, NOON, b"", seconds=4, pictures=recorded())
    yield pleszew
    derived_workshop().close()
    derived_workshop.cache_clear()


def original(office: CopyingOffice) -> CopyView:
    """A copy of them."""
    return office.copy(office.decided().number, interval=Interval(NOON, NOON + timedelta(seconds=4)))


def derived(office: CopyingOffice, number: str, given: Any, **how: Any) -> CopyView:
    """A copy derived by a plan."""
    person = office.people["administrator"]
    services.save_plan(number, given, person=person, clock=office.office.clock)
    begun = services.begin_derived(number, person=person, keeping=office.office.keeping, **how)
    return services.finish_copy(begun, office.office.keeping)


def content(office: CopyingOffice, copy: CopyView) -> bytes:
    """What is in a copy of one recording."""
    (part,) = queries.copy(copy.number).parts
    opened = open_part(part, person=office.people["administrator"], clock=office.office.clock)
    return opened.read()


def test_what_is_under_a_moving_region_is_gone_in_every_picture_and_the_rest_stays(
    filmed: CopyingOffice,
) -> None:
    """Between two keyframes it follows, at and beside them too; outside nothing but coding changes; the original is the same to the byte."""
    first = original(filmed)
    before = content(filmed, first)
    given = plan(region((0, 1000, 2000, 2000, 3000), (2000, 6000, 4000, 2500, 4000)))
    second = derived(filmed, first.number, given)
    made, seen = pictures_of(content(filmed, second)), pictures_of(before)
    assert len(made) == len(seen) == 100
    for number, (picture, was) in enumerate(zip(made, seen, strict=True)):
        share = min(number * 40 / 2000, 1)
        x, y = 32 + 160 * share, 36 + 36 * share
        width, height = 64 + 16 * share, 54 + 18 * share
        hidden = picture[int(y) : -int(-y - height), int(x) : -int(-x - width)].astype(int)
        assert abs(hidden - 16).max() <= 32, number  # at its edge what is outside is coded with it
        assert abs(hidden[6:-6, 6:-6] - 16).max() <= 8, number
        away = np.ones(picture.shape, bool)
        away[max(int(y) - 12, 0) : int(y + height) + 14, max(int(x) - 16, 0) : int(x + width) + 18] = False
        noise = ((picture.astype(float) - was)[away] ** 2).mean()
        assert 10 * np.log10(255**2 / max(noise, 1e-9)) > 30, number
    assert content(filmed, first) == before
    assert filmed.found() == []


@pytest.mark.parametrize("recipe", ["h264", "h265-b"])
def test_a_derived_copy_is_cut_to_exactly_what_was_asked(filmed: CopyingOffice, recipe: str) -> None:
    """Of the original the key picture before stands in the file; of what is coded anew nothing from before or after is left."""
    camera = filmed.camera = filmed.office.add_camera("Brama")
    filmed.office.record(camera, NOON, b"", seconds=4, pictures=recorded(recipe))
    start, end = timedelta(milliseconds=2730), timedelta(milliseconds=3250)
    asked = Interval(NOON + start, NOON + end)
    first = filmed.copy(filmed.decided().number, interval=asked)
    assert first.parts[0].interval.start < asked.start - timedelta(milliseconds=500)
    assert shown_of(first, first.parts[0]) == asked
    second = derived(filmed, first.number, plan(), unchanged=True)
    assert second.parts[0].interval == asked
    made = content(filmed, second)
    if PLAYABLE.needed(BytesSource(content(filmed, first))):
        watched = PLAYABLE.made(BytesSource(content(filmed, first)))
        assert scan(BytesSource(watched)).end == pytest.approx((end - start).total_seconds() * 90_000, abs=2)
        assert len(pictures_of(watched)) == 14
    length = scan(BytesSource(made)).end
    assert length == pytest.approx((end - start).total_seconds() * 90_000, abs=2)
    seen = pictures_of(recorded(recipe)[0])
    shown = pictures_of(made)
    assert len(shown) == second.parts[0].units == 14
    for number, picture in enumerate(shown):
        apart = [((picture.astype(float) - seen[at]) ** 2).mean() for at in range(100)]
        assert apart.index(min(apart)) == 68 + number


@pytest.mark.parametrize("recipe", ["h264", "h265-b", "jpeg"])
def test_what_is_hidden_of_a_part_is_hidden_at_its_own_instant(filmed: CopyingOffice, recipe: str) -> None:
    """The plan counts from the asked instant, which players show first, not from the key picture before; and no longer than is shown."""
    camera = filmed.camera = filmed.office.add_camera("Brama")
    filmed.office.record(camera, NOON, b"", seconds=4, pictures=recorded(recipe))
    asked = Interval(NOON + timedelta(milliseconds=2730), NOON + timedelta(milliseconds=3250))
    first = filmed.copy(filmed.decided().number, interval=asked)
    assert REDACTING.media_length is not None
    played = REDACTING.media_length(BytesSource(content(filmed, first)))
    assert played / asked.length == pytest.approx(1, abs=1e-4), "as long as the editor shows it"
    hidden = region((0, 0, 0, 5000, 10_000), start=200, end=320)
    with pytest.raises(CopyRefusedError):
        derived(filmed, first.number, plan({**hidden, "end": 521}))
    second = derived(filmed, first.number, plan(hidden))
    shown = pictures_of(content(filmed, second))
    left, right = (
        [bool(one[40:-40, side].max() < 40) for one in shown] for side in (slice(0, 140), slice(180, 320))
    )
    assert [number for number, dark in enumerate(left) if dark] == [5, 6, 7, 8]
    assert not any(right)


def test_a_derived_copy_says_what_it_is_derived_from(filmed: CopyingOffice, tmp_path: Any) -> None:
    """In the book, in the ledger with the hashes of original and plan, and in the file; the original's metadata is gone."""
    first = original(filmed)
    given = plan(region((0, 0, 0, 5000, 5000)))
    second = derived(filmed, first.number, given)
    assert (second.number, second.origin, second.state) == ("K-2026-2", "K-2026-1", State.KEPT)
    assert second.case == first.case
    assert second.due_on == first.due_on
    (act,) = registers.entered_on(f"copy:{second.id.hex}", ["copy.made"])
    facts = act.facts or {}
    assert (facts["origin"], facts["origin_digest"], facts["plan"]) == (
        first.number, first.digest, plan_digest(given),
    )  # fmt: skip
    (tmp_path / "derived.mp4").write_bytes(content(filmed, second))
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", tmp_path / "derived.mp4"],
        capture_output=True, check=True,
    )  # fmt: skip
    assert "original untouched, number K-2026-1" in json.loads(told.stdout)["format"]["tags"]["comment"]


def test_whatever_the_plan_touches_is_painted_over_to_the_pixel() -> None:
    """Rectangles, ellipses, all but a kept part, black times: no square that a shape touches keeps its own colour, and no other loses it."""
    noise = np.random.default_rng(7).integers(60, 250, (180, 320), np.uint8)

    def painted(*regions: Any, at: tuple[float, float] = (1000, 1040), **more: Any) -> npt.NDArray[np.bool_]:
        planes = [noise.copy(), noise[::2, ::2].copy(), noise[1::2, ::2].copy()]
        painter = Painter(read_plan(plan(*regions, **more), LENGTH, frozenset({Effect.BLACK})))
        assert painter.hides(*at) == any(
            (one != was).any()
            for one, was in zip(planes_after(painter, planes, at), (noise, noise[::2, ::2], noise[1::2, ::2]), strict=True)
        )  # fmt: skip
        hidden: npt.NDArray[np.bool_] = planes[0] == 16
        assert ((planes[1] == 128) >= hidden[::2, ::2]).all()
        return hidden

    def planes_after(painter: Painter, planes: list[Any], at: tuple[float, float]) -> list[Any]:
        painter.paint(planes, *at)
        return planes

    rows, columns = np.mgrid[0:180, 0:320] + 0.5
    box = painted(region((0, 1003, 2003, 3000, 3000)))
    assert box[37:90, 33:128].all()
    assert box.sum() <= 56 * 100
    ellipse = painted(region((0, 2500, 2500, 5000, 5000), shape="ellipse"))
    inside = ((rows - 90) / 45) ** 2 + ((columns - 160) / 80) ** 2
    assert ellipse[inside <= 1].all()
    assert not ellipse[inside > 1.2].any()
    keep = painted(region((0, 2500, 2500, 5000, 5000), shape="ellipse", keep=True))
    assert keep[inside >= 1].all()
    assert not keep[inside < 0.8].any()
    two = painted(region((0, 0, 0, 1000, 1000)), region((0, 500, 500, 1000, 1000)))
    assert two[0, 0]
    assert two[20, 40]
    moving = region((1000, 0, 0, 1000, 1000), (1040, 9000, 9000, 1000, 1000))
    assert painted(moving)[[1, 90, -1], [1, 160, -1]].all(), "wherever it is while the picture is shown"
    black = [{"effect": "black", "party": 0, "reason": "other", "start": 1039, "end": 1041}]
    assert painted(spans=black).all()
    assert not painted(spans=black, at=(1041, 1081)).any()
    assert not painted(region((0, 0, 0, 5000, 5000), start=2000, end=3000)).any()


def test_coarse_fields_say_next_to_nothing() -> None:
    """Six fields of eight levels, the same for a second whatever the pictures show."""
    given = read_plan(plan(region((0, 0, 0, 5000, 5000)), fill="coarse"), LENGTH, frozenset({Effect.BLACK}))
    painter, seen = Painter(given), []
    for number in range(3):
        planes = [np.random.default_rng(number).integers(0, 255, size, np.uint8) for size in ((180, 320), (90, 160), (90, 160))]  # fmt: skip
        painter.paint(planes, number * 400.0, number * 400.0 + 40)
        seen.append(planes[0][:90, :160].copy())
    assert len(np.unique(seen[0])) <= 8
    assert (np.diff(seen[0].astype(int), axis=1) != 0).any(axis=0).sum() <= 5
    assert (seen[0] == seen[1]).all()
    assert (seen[0] == seen[2]).all()


WRONG: dict[str, Any] = {
    "out of the picture": plan(region((0, 9000, 0, 2000, 1000))),
    "empty": plan(region((0, 0, 0, 0, 1000))),
    "past the end": plan(region((0, 0, 0, 1000, 1000), end=LENGTH + 1)),
    "backwards": plan(region((0, 0, 0, 1000, 1000), start=2000, end=1000)),
    "a key outside": plan(region((LENGTH + 1, 0, 0, 1000, 1000))),
    "keys out of order": plan(region((2000, 0, 0, 1000, 1000), (2000, 0, 0, 1000, 1000))),
    "no key": plan(region()),
    "10 000 keys": plan(region(*((one, 0, 0, 1000, 1000) for one in range(10_000)), end=LENGTH)),
    "sound of a camera": plan(spans=[{"effect": "silent", "party": 0, "reason": "person", "start": 0, "end": 9}]),
    "no number": plan(region((0, 0, 0, 1000, 1000.5))),  # type: ignore[arg-type]
    "no plan": ["x"],
    "unknown shape": plan(region((0, 0, 0, 1000, 1000), shape="star")),
}  # fmt: skip


def test_a_plan_that_cannot_be_meant_is_refused(filmed: CopyingOffice) -> None:
    """With one line, before anything of it is kept; a plan that hides nothing is made only if somebody says so."""
    first = original(filmed)
    for why, given in WRONG.items():
        with pytest.raises(CopyRefusedError) as refused:
            derived(filmed, first.number, given)
        assert refused.value.part == "plan", why
    with pytest.raises(CopyRefusedError, match="hides nothing"):
        derived(filmed, first.number, plan())
    assert queries.derived_from(first.number) == []
    unchanged = derived(filmed, first.number, plan(), unchanged=True)
    assert unchanged.state is State.KEPT
    with pytest.raises(CopyRefusedError, match="derived itself"):
        derived(filmed, unchanged.number, plan(region((0, 0, 0, 1000, 1000))))


@pytest.mark.parametrize("recipe", ["h265-b", "h264-open", "jpeg"])
def test_whatever_is_recorded_is_hidden(filmed: CopyingOffice, recipe: str) -> None:
    """H.265, motion JPEG and reordered pictures come out as H.264 in the right order, black where the plan says so to the picture."""
    camera = filmed.camera = filmed.office.add_camera("Brama")
    filmed.office.record(camera, NOON, b"", seconds=4, pictures=recorded(recipe))
    first = original(filmed)
    black = [{"effect": "black", "party": 0, "reason": "other", "start": 1000, "end": 2000}]
    second = derived(filmed, first.number, plan(spans=black))
    shown = content(filmed, second)
    with av.open(io.BytesIO(shown)) as film:
        assert film.streams.video[0].codec_context.name == "h264"
        times = [frame.time for frame in film.decode(video=0)]
    dark = [bool((one[40:-40] < 24).all()) for one in pictures_of(shown)]
    assert len(dark) == second.parts[0].units >= 99
    expected = [960 < (time - times[0]) * 1000 < 2000 for time in times]
    assert [one for one, hidden in enumerate(dark) if not hidden and expected[one]] == []
    assert sum(dark) <= sum(expected) + 2


def test_what_a_slow_camera_recorded_is_hidden_where_the_editor_showed_it(pleszew: CopyingOffice) -> None:
    """Four seconds by its clock are eight of the day: what the editor places by the length that the recording plays is what goes."""
    pleszew.camera = pleszew.office.add_camera("Parking")
    pleszew.office.record(pleszew.camera, NOON, b"", seconds=8, pictures=recorded())
    first = pleszew.copy(pleszew.decided().number, interval=Interval(NOON, NOON + timedelta(seconds=8)))
    played = REDACTING.media_length
    assert played is not None
    pace = timedelta(seconds=8) / played(BytesSource(content(pleszew, first)))
    assert pace == pytest.approx(2)
    start, end = (round(second * 1000 * pace) for second in (2, 3))
    given = plan(region((start, 0, 0, 10000, 10000), start=start, end=end))
    second = derived(pleszew, first.number, given)
    dark = [number for number, one in enumerate(pictures_of(content(pleszew, second))) if one.max() < 40]
    derived_workshop().close()
    derived_workshop.cache_clear()
    assert dark[0] in {49, 50}
    assert dark[-1] in {74, 75}


def test_what_a_killed_program_left_is_finished_or_undone(filmed: CopyingOffice) -> None:
    """A keeper derives it from the beginning; of an original that was destroyed meanwhile nothing is left, and no number is taken."""
    first, clock = original(filmed), filmed.office.clock
    person, keeping = filmed.people["administrator"], filmed.office.keeping
    services.save_plan(first.number, plan(region((0, 0, 0, 1000, 1000))), person=person, clock=clock)
    begun = services.begin_derived(first.number, person=person, keeping=keeping)
    with pytest.raises(CopyStateError):
        services.begin_derived(first.number, person=person, keeping=keeping)
    with keeping.store.create(f"copies/{begun.hex}/00001-x.age") as writer:
        writer.write(b"half")
        writer.commit()
    assert services.finish_copies(keeping) == []
    assert queries.under_way(begun).number == "K-2026-2"
    begun = services.begin_derived(first.number, person=person, keeping=keeping)
    key = next(one.id for one in filmed.office.keys.alive() if one.label == first.id.hex)
    filmed.office.keys.destroy([key])
    services.finish_copies(keeping)
    assert queries.under_way(begun).state is State.ABANDONED
    assert derived_labels(filmed) == {queries.copy("K-2026-2").id.hex}


def derived_labels(office: CopyingOffice) -> set[str]:
    """Copies whose keys live."""
    return {one.label for one in office.office.keys.alive() if one.kind == "copy"}
