"""The simulated camera's live scene, which stands for real cameras in the demo and in tests."""

from datetime import UTC, datetime, timedelta

import pytest

from rejent.formats.mp4.picture import Codec
from rejent.kernel.clock import ManualClock
from rejent.streams.cameras.simulated.__main__ import live_camera
from rejent.streams.cameras.simulated.clip import Coding, LiveScene

BEGUN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("codec", list(Codec))
def test_every_picture_leaves_when_it_is_taken(codec: Codec) -> None:
    """In both codings each instant gives its own picture at once, and each group begins with a key picture."""
    scene = LiveScene(Coding(codec, width=320, height=180, rate=10, group=5))
    made = [scene.picture(BEGUN + timedelta(seconds=number / 10)) for number in range(11)]
    assert [number for number, picture in enumerate(made) if picture.key] == [0, 5, 10]
    assert {picture.shift for picture in made} == {0}


@pytest.mark.parametrize("codec", list(Codec))
def test_a_live_camera_describes_its_coding(codec: Codec) -> None:
    """A camera without a loop knows its parameter sets before anybody asks for them."""
    camera = live_camera(Coding(codec, width=320, height=180, rate=10, group=10), 128, ManualClock(BEGUN))
    assert len(camera.clip.sets) == {Codec.H264: 2, Codec.H265: 3}[codec]
