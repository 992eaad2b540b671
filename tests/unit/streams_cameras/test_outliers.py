"""Time stamps that stand alone get a place between their neighbours; a jump counts once pictures go on from it."""

import itertools
import random

import pytest

from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit
from rejent.streams.cameras.recorder.outliers import CONFIRMED_BY, MOST_HELD, OutlierFilter

STEP = 3600
READ_EVERY = 0.2


def pictures(shifts: dict[int, float], count: int = 40, step: int = STEP) -> list[AccessUnit]:
    """Pictures of an even camera, read five times a second; some of them stamped so many seconds off."""
    made = []
    for number in range(count):
        arrival = number * step / TICKS_PER_SECOND // READ_EVERY * READ_EVERY
        time = number * step + int(shifts.get(number, 0) * TICKS_PER_SECOND)
        made.append(AccessUnit(b"", time, number % 10 == 0, arrival, damaged=False))
    return made


def filtered(units: list[AccessUnit]) -> tuple[list[int], int]:
    """The times that come out, and how many were replaced; every picture comes out once, in its order."""
    outliers = OutlierFilter()
    out = [settled for unit in units for settled in outliers.take(unit)] + outliers.release()
    assert [id(unit) for unit in out] == [id(unit) for unit in units]
    return [unit.time for unit in out], outliers.retimed


@pytest.mark.parametrize("off", [37_600, -9_800, 30, 4, 1.5, -1.5, -6])
@pytest.mark.parametrize(
    "places", [(20,), (1,), (0,), (5, 15, 25), (20, 21), (20, 22), (20, 21, 22)], ids=str
)
def test_an_outlier_gets_a_place_between_its_neighbours(off: float, places: tuple[int, ...]) -> None:
    """Whatever a single stamp, or up to three in a row, claim: the pictures stand evenly, and are counted."""
    times, retimed = filtered(pictures(dict.fromkeys(places, off)))
    steps = [later - earlier for earlier, later in itertools.pairwise(times)]
    if places == (0,):
        steps = steps[1:]
    assert steps == [STEP] * len(steps)
    assert retimed == len(places)


@pytest.mark.parametrize("off", [37_600, -9_800, 3])
def test_a_jump_counts_once_pictures_go_on_from_it(off: float) -> None:
    """Pictures are held back until so many went on from the leap; then they keep the times they came with."""
    units = pictures(dict.fromkeys(range(20, 40), off))
    outliers = OutlierFilter()
    came = [len(outliers.take(unit)) for unit in units]
    assert came == [1] * 20 + [0] * CONFIRMED_BY + [CONFIRMED_BY + 1] + [1] * (19 - CONFIRMED_BY)
    assert (outliers.retimed, units[20].time - units[19].time) == (0, STEP + off * TICKS_PER_SECOND)


def test_a_pause_that_arrival_bears_out_is_not_held_back() -> None:
    """A camera that sent nothing for a while, and a slow one whose pictures come together after a stall, are believed at once."""
    paused = pictures(dict.fromkeys(range(20, 40), 3))
    for unit in paused[20:]:
        unit.arrival += 3
    slow = pictures({}, step=TICKS_PER_SECOND)
    for unit in slow[10:20]:
        unit.arrival = slow[20].arrival
    for units in (paused, slow):
        outliers = OutlierFilter()
        assert all(len(outliers.take(unit)) == 1 for unit in units)


@pytest.mark.parametrize("seed", range(5))
def test_stamps_without_any_order_are_replaced_by_arrival(seed: int) -> None:
    """A camera whose stamps mean nothing loses no picture: they stand where they arrived, at most so many are held back."""
    drawn = random.Random(seed)  # noqa: S311 - reproducible, and no secret
    units = pictures({number: drawn.uniform(-1e5, 1e5) for number in range(400)}, 400)
    arrivals = [unit.arrival for unit in units]
    times, retimed = filtered(units)
    late = [
        (time - times[0]) / TICKS_PER_SECOND - arrival for time, arrival in zip(times, arrivals, strict=True)
    ]
    assert times == sorted(times)
    assert max(map(abs, late)) <= MOST_HELD * STEP / TICKS_PER_SECOND + READ_EVERY
    assert retimed >= 300
