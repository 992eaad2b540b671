"""A session of RTSP, spoken with step by step: set up, kept alive, lost, and what a camera may answer."""

import pytest

from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import (
    CameraCause,
    PasswordRefusedError,
    ProtocolError,
    StalledError,
)
from rejent.streams.cameras.network.rtsp.address import (
    Camera,
    Login,
    Transport,
)
from rejent.streams.cameras.network.rtsp.message import (
    Headers,
    Request,
    Response,
    parse_message,
)
from rejent.streams.cameras.network.rtsp.session import (
    MAX_UNSOLICITED,
    RedirectedError,
    RtspSession,
)
from tests.unit.streams_cameras.test_rtsp import ADDRESS, SDP

# Sessions


class Dialogue:
    """A session and the camera's side of it, spoken by the test."""

    def __init__(self, login=None, transport=Transport.TCP):
        self.session = RtspSession(Camera("x", ADDRESS, login, transport), 0.0, (5000, 5001))
        self.now = 0.0

    def asked(self):
        """Return the requests the session sends now: method, address, fields."""
        message, _ = parse_message(self.session.outgoing())
        assert isinstance(message, Request)
        return message

    def answer(self, status=200, body=b"", **fields):
        """Answer the last question."""
        names = {"www_authenticate": "WWW-Authenticate", "content_base": "Content-Base"}
        headers = Headers(
            [
                ("CSeq", str(self.session._sequence)),
                *((names.get(name, name), value) for name, value in fields.items()),
            ]
        )
        self.session.receive(Response(status, "", headers, body), self.now)

    def play(self):
        """Go all the way."""
        self.answer(public="OPTIONS, GET_PARAMETER")
        self.answer(body=SDP, content_base="rtsp://192.0.2.7/stream/")
        self.answer(transport="RTP/AVP/TCP;interleaved=2-3", session="abc;timeout=20")
        self.answer()
        return self


def test_a_session_asks_step_by_step_and_sets_up_the_video_alone():
    """OPTIONS, DESCRIBE, SETUP of the video track, PLAY of the whole."""
    dialogue = Dialogue()
    assert dialogue.asked().method == "OPTIONS"
    dialogue.answer()
    assert dialogue.asked().headers.get("Accept") == "application/sdp"
    dialogue.answer(body=SDP, content_base="rtsp://192.0.2.7/stream/")
    setup = dialogue.asked()
    assert (setup.method, setup.uri) == ("SETUP", "rtsp://192.0.2.7/stream/track1")
    assert setup.headers.get("Transport") == "RTP/AVP/TCP;unicast;interleaved=0-1"
    dialogue.answer(transport="RTP/AVP/TCP;interleaved=2-3", session="abc;timeout=20")
    play = dialogue.asked()
    assert (play.method, play.uri, play.headers.get("Session")) == ("PLAY", "rtsp://192.0.2.7/stream/", "abc")
    dialogue.answer()
    assert dialogue.session.playing
    assert dialogue.session.channels == (2, 3)


@pytest.mark.parametrize("named", ["", "abc"])
def test_a_session_named_with_play_or_never_is_recorded(named):
    """A camera that names its session only with PLAY is addressed by that name from then on, another without any; both are told the end."""
    dialogue = Dialogue()
    dialogue.answer()
    dialogue.answer(body=SDP)
    dialogue.answer(transport="RTP/AVP/TCP;interleaved=0-1")
    dialogue.session.outgoing()
    dialogue.answer(**({"session": f"{named};timeout=20"} if named else {}))
    assert dialogue.session.playing
    dialogue.session.tick(27.1)
    assert dialogue.asked().headers.get("Session") == (named or None)
    dialogue.session.tear_down()
    assert dialogue.asked().method == "TEARDOWN"


def test_a_session_is_kept_alive_before_it_ends():
    """With a timeout of 20 s, a sign of life goes out before 10 s are over, in the way the camera offers."""
    dialogue = Dialogue().play()
    dialogue.session.outgoing()
    dialogue.session.tick(8.0)
    assert dialogue.session.outgoing() == b""
    dialogue.session.tick(9.5)
    assert dialogue.asked().method == "GET_PARAMETER"
    dialogue.answer(status=405)
    dialogue.session.tick(19.5)
    assert dialogue.asked().method == "OPTIONS"


def test_a_lost_session_is_reported():
    """A camera that no longer knows the session is connected to anew."""
    dialogue = Dialogue().play()
    dialogue.session.outgoing()
    dialogue.session.tick(9.5)
    with pytest.raises(SourceError) as caught:
        dialogue.answer(status=454)
    assert caught.value.cause is CameraCause.CLOSED


def test_a_camera_that_wants_play_on_the_track_gets_it():
    """A refused PLAY of the aggregate is repeated on the track; a refused range is left out."""
    dialogue = Dialogue()
    dialogue.answer()
    dialogue.answer(body=SDP)
    dialogue.answer(session="abc")
    dialogue.session.outgoing()
    dialogue.answer(status=459)
    assert dialogue.asked().uri.endswith("/track1")
    dialogue.answer(status=457)
    assert dialogue.asked().headers.get("Range") is None
    dialogue.answer()
    assert dialogue.session.playing


def test_a_wrong_password_is_not_tried_for_ever():
    """A second refusal with a fresh nonce ends the attempt."""
    dialogue = Dialogue(Login("u", "p"))
    dialogue.answer(status=401, www_authenticate='Digest realm="r", nonce="1"')
    with pytest.raises(PasswordRefusedError):
        dialogue.answer(status=401, www_authenticate='Digest realm="r", nonce="2"')


def test_the_camera_may_ask_and_is_answered():
    """Requests of the camera are answered; unknown ones are declined; a redirect is followed."""
    dialogue = Dialogue().play()
    dialogue.session.outgoing()
    dialogue.session.receive(Request("GET_PARAMETER", "*", Headers([("CSeq", "9")])), 0.0)
    dialogue.session.receive(Request("RECORD", "*", Headers([("CSeq", "10")])), 0.0)
    answers = dialogue.session.outgoing()
    assert b"RTSP/1.0 200 OK\r\nCSeq: 9" in answers
    assert b"RTSP/1.0 501 Not Implemented\r\nCSeq: 10" in answers
    with pytest.raises(RedirectedError) as caught:
        dialogue.session.receive(Request("REDIRECT", "*", Headers([("Location", "rtsp://192.0.2.9/x")])), 0.0)
    assert caught.value.address.host == "192.0.2.9"


def test_an_answer_to_nothing_is_ignored():
    """Responses that belong to no question change nothing; a camera that sends nothing else is given up."""
    dialogue = Dialogue()
    dialogue.answer()
    dialogue.session.receive(Response(404, "", Headers([("CSeq", "1")])), 0.0)
    assert dialogue.session.step.value == "DESCRIBE"
    for _ in range(MAX_UNSOLICITED - 1):
        dialogue.session.receive(Response(404, "", Headers([("CSeq", "1")])), 0.0)
    with pytest.raises(ProtocolError):
        dialogue.session.receive(Response(404, "", Headers([("CSeq", "1")])), 0.0)


def test_a_camera_that_only_promises_an_answer_is_given_up():
    """Provisional answers do not extend the time a camera has."""
    dialogue = Dialogue()
    dialogue.now = 9.0
    dialogue.answer(status=100)
    with pytest.raises(StalledError):
        dialogue.session.tick(10.5)


@pytest.mark.parametrize(
    ("status", "fields"),
    [(200, {"session": "1\rX: y"}), (401, {"www_authenticate": 'Digest realm="a\rX: y", nonce="n"'})],
)
def test_a_line_break_from_the_camera_reaches_no_request_and_no_teardown(status, fields):
    """A carriage return in a value to repeat ends the session as garbage, and ending it raises nothing."""
    dialogue = Dialogue(Login("u", "p"))
    dialogue.answer()
    dialogue.answer(body=SDP)
    if status == 401:
        dialogue.answer(session="1")
    with pytest.raises(ProtocolError):
        dialogue.answer(status, **fields)
    dialogue.session.tear_down()
    assert b"X: y" not in dialogue.session.outgoing()
