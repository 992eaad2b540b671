"""Descriptions as cameras write them."""

import base64

import pytest

from rejent.formats.mp4.picture import Codec
from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.rtsp.sdp import video_track

SPS, PPS = bytes.fromhex("6742c01eda0280bfe5"), bytes.fromhex("68ce0fc8")


def described(*lines):
    """A description with these media lines."""
    return "\r\n".join(["v=0", "s=x", "a=control:*", *lines]).encode()


def test_the_video_is_found_among_other_tracks():
    """Sound and metadata stand before it; the first video that can be recorded is taken."""
    track = video_track(
        described(
            "m=audio 0 RTP/AVP 0", "a=control:a", "m=application 0 RTP/AVP 107", "a=control:meta",
            "m=video 0 RTP/AVP 26", "a=control:jpeg", "m=video 0 RTP/AVP 97", "a=rtpmap:97 H265/90000", "a=control:v",
        )
    )  # fmt: skip
    assert (track.codec, track.control, track.payload_type, track.clock_rate) == (Codec.H265, "v", 97, 90_000)


def test_parameter_sets_come_out_of_the_description():
    """Base64 without its padding, with a start code, with blanks, is understood; nonsense is left out."""
    sets = ", ".join(
        [base64.b64encode(b"\0\0\0\1" + SPS).decode().rstrip("="), base64.b64encode(PPS).decode(), "!!", ""]
    )
    track = video_track(
        described("m=video 0 RTP/AVP 96", f"a=fmtp:96 Packetization-Mode=1; sprop-parameter-sets={sets}")
    )
    assert track.parameter_sets.sets == (SPS, PPS)
    assert (track.codec, track.clock_rate) == (Codec.H264, 90_000)


def test_h265_parameter_sets_stand_in_order():
    """VPS, SPS and PPS come in this order whatever their order in the line."""
    texts = {name: base64.b64encode(name.encode() * 4).decode() for name in ("vps", "sps", "pps")}
    form = ";".join(f"sprop-{name}={texts[name]}" for name in ("pps", "vps", "sps"))
    track = video_track(
        described("m=video 0 RTP/AVP 96", "a=rtpmap:96 H265/90000", f"a=fmtp:96 {form};sprop-max-don-diff=2")
    )
    assert [one[:3] for one in track.parameter_sets.sets] == [b"vps", b"sps", b"pps"]
    assert track.donl


@pytest.mark.parametrize(
    ("lines", "cause"),
    [
        (["m=audio 0 RTP/AVP 0"], CameraCause.NO_VIDEO),
        (["m=video 0 RTP/AVP 26"], CameraCause.UNSUPPORTED_CODEC),
        (["m=video 0 RTP/AVP 96", "a=rtpmap:96 VP8/90000"], CameraCause.UNSUPPORTED_CODEC),
        (["m="], CameraCause.NO_VIDEO),
        (["m=video 0 RTP/AVP " + "0" * 5_000], CameraCause.UNSUPPORTED_CODEC),
    ],
)
def test_unrecordable_descriptions_have_distinct_causes(lines, cause):
    """No video, and video in another form, have causes of their own."""
    with pytest.raises(SourceError) as caught:
        video_track(described(*lines))
    assert caught.value.cause is cause


@pytest.mark.parametrize("text", [b"", b"<html>", b"\xff\xfe\0\0", b"a" * 100, b"v=0\n" * 5_000])
def test_what_is_no_description_is_refused(text):
    """Anything else than a description is refused as such."""
    with pytest.raises(SourceError):
        video_track(text)
