"""The first key picture of a camera is read once and within limits, and the camera is left; its own still comes from its own host alone."""

from contextlib import closing
from datetime import timedelta
from itertools import chain, repeat

import pytest

from rejent.formats.mp4.boxes import initialisation
from rejent.formats.mp4.picture import Codec
from rejent.formats.mp4.reader import configuration_of
from rejent.kernel.clock import ManualClock, SystemClock
from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import CameraCause, NotACameraError, PasswordRefusedError
from rejent.streams.cameras.network.first_picture import read_first_picture
from rejent.streams.cameras.network.onvif.asking import ask_picture
from rejent.streams.cameras.network.rtsp.address import Camera, Login, Trust, parse_address
from rejent.streams.cameras.player.workshop import PictureWorkshop
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Coding
from tests.cameras.farm import clip, served
from tests.cameras.faults import Account, CameraBehaviour
from tests.cameras.onvif_stub import PASSWORD, USER, Behaviour, OnvifStub
from tests.cameras.test_motion_jpeg import HEAD, jpeg, part, serving
from tests.unit.web.conftest import NOON

LOGIN = Login(USER, PASSWORD)


class Hurrying(ManualClock):
    """A clock that goes on by a second whenever somebody looks at it."""

    def monotonic(self) -> float:
        """Return the time, a second later than the last."""
        self.advance(timedelta(seconds=1))
        return super().monotonic()


def still_of(camera: Camera) -> bytes:
    """Return the first picture as JPEG, 240 pixels at most."""
    parameters, data = read_first_picture(camera, SystemClock())
    codec, record = configuration_of(initialisation(parameters))
    with closing(PictureWorkshop(SystemClock(), children=1)) as workshop:
        return workshop.still(codec, record, data, 240, 240)


@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
@pytest.mark.parametrize("sets", [True, False])
def test_the_first_key_picture_is_read_and_the_camera_is_left(codec: Codec, sets: bool) -> None:
    """It decodes, also where the parameter sets come with the pictures alone; the session ends at once."""
    camera = SimulatedCamera(clip(Coding(codec)), CameraBehaviour(sets=sets))
    with served({"hall": camera}) as farm:
        assert still_of(farm.camera("hall"))[:3] == b"\xff\xd8\xff"
    assert [method for method, _ in camera.requests][-1] == "TEARDOWN"
    assert camera.connections == 1


def test_motion_jpeg_is_read_by_the_process_of_its_own() -> None:
    """A camera that sends JPEG over HTTP gives its first picture as well."""
    with serving(chain([HEAD], repeat(part(jpeg())))) as address:
        camera = Camera("", parse_address(address)[0])
        assert still_of(camera)[:3] == b"\xff\xd8\xff"


def test_no_redirect_is_followed() -> None:
    """Another host gets neither a request nor the login."""
    behaviour = CameraBehaviour(redirect="rtsp://192.0.2.9/elsewhere")
    with served({"hall": SimulatedCamera(clip(), behaviour)}) as farm, pytest.raises(NotACameraError):
        read_first_picture(farm.camera("hall"), SystemClock())


def test_a_wrong_password_is_tried_as_seldom_as_by_a_recorder() -> None:
    """The refusal is told as such."""
    behaviour = CameraBehaviour(account=Account("viewer", "right"))
    with served({"hall": SimulatedCamera(clip(), behaviour)}) as farm, pytest.raises(PasswordRefusedError):
        read_first_picture(farm.camera("hall", Login("viewer", "wrong")), SystemClock())


def test_a_camera_without_a_key_picture_is_given_up() -> None:
    """Pictures that decoding cannot begin with are waited for so long, and no longer."""
    camera = SimulatedCamera(clip(), CameraBehaviour(keys=False))
    with served({"hall": camera}) as farm, pytest.raises(SourceError) as refused:
        read_first_picture(farm.camera("hall"), Hurrying(NOON))
    assert refused.value.cause in {CameraCause.NO_KEY_FRAME, CameraCause.STALLED}


def test_a_cameras_own_still_comes_from_its_own_host_by_digest() -> None:
    """Of the address it names only the path is used, and the password never leaves in the clear."""
    with OnvifStub(Behaviour(login="digest", still=b"a picture")) as stub:
        url = f"onvif://127.0.0.1:{stub.port}"
        assert ask_picture(url, "main", LOGIN, Trust(), SystemClock()) == b"a picture"
    assert stub.asked[-2:] == [("GetSnapshotUri", "digest"), ("/still?channel=1", "digest")]


@pytest.mark.parametrize("media2", [True, False])
def test_a_camera_that_knows_no_stills_says_so(media2: bool) -> None:
    """Whoever asks goes on to its stream."""
    with OnvifStub(Behaviour(media2=media2)) as stub, pytest.raises(SourceError):
        ask_picture(f"onvif://127.0.0.1:{stub.port}", "main", None, Trust(), SystemClock())


def test_a_still_behind_basic_alone_is_not_fetched() -> None:
    """A camera that wants the password itself does not get it."""
    with OnvifStub(Behaviour(login="basic", still=b"a picture")) as stub, pytest.raises(PasswordRefusedError):
        ask_picture(f"onvif://127.0.0.1:{stub.port}", "main", LOGIN, Trust(), SystemClock())
    assert all(signed in {"open", "wrong", "token"} for _, signed in stub.asked)
