"""Session description (RFC 8866) of a camera, parsed for its video track only.

Other tracks are never set up: sound is not received at all.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field

from rejent.formats.mp4.picture import TICKS_PER_SECOND, Codec, ParameterSets
from rejent.kernel.numbers import read_number
from rejent.streams.cameras.errors import CameraCause, NoVideoError, ProtocolError

MAX_LINES = 2_000
MAX_SET = 4_096
"""Largest parameter set accepted from a description, in bytes."""

_ENCODINGS = {"H264": Codec.H264, "H265": Codec.H265, "HEVC": Codec.H265}
_SPROPS = {Codec.H264: ("sprop-parameter-sets",), Codec.H265: ("sprop-vps", "sprop-sps", "sprop-pps")}


@dataclass(slots=True)
class _Media:
    kind: str
    formats: list[int]
    control: str = ""
    encodings: dict[int, tuple[str, int]] = field(default_factory=dict)
    parameters: dict[int, dict[str, str]] = field(default_factory=dict)
    feedback: bool = False


@dataclass(slots=True, frozen=True)
class VideoTrack:
    """The one track that is recorded.

    ``interleaved_units`` is packetisation mode 2 (RFC 6184 §6.4), in which units are sent out of order; ``donl``: packets carry decoding order
    numbers (sprop-max-don-diff, RFC 7798 §7.1); ``accepts_pli``: picture loss indication (RFC 4585).
    """

    codec: Codec
    control: str
    session_control: str
    payload_type: int
    clock_rate: int
    parameter_sets: ParameterSets
    interleaved_units: bool = False
    donl: bool = False
    accepts_pli: bool = False


def video_track(description: bytes) -> VideoTrack:
    """Return the first video track that can be recorded. NoVideoError: none is supported. ProtocolError: no session description."""
    session_control, media = _read(description)
    videos = [each for each in media if each.kind == "video"]
    for each in videos:
        for payload_type in each.formats:
            codec = _codec(each, payload_type)
            if codec is not None:
                return _track(each, payload_type, codec, session_control)
    if videos:
        raise NoVideoError(
            CameraCause.UNSUPPORTED_CODEC, "The camera sends its video in a form that cannot be recorded."
        )
    raise NoVideoError(CameraCause.NO_VIDEO, "The camera describes no video track.")


def _read(description: bytes) -> tuple[str, list[_Media]]:
    lines = description.decode("utf-8", "replace").splitlines()
    if len(lines) > MAX_LINES:
        raise ProtocolError("The description of the stream has more than {bound} lines.", bound=MAX_LINES)
    session_control = ""
    media: list[_Media] = []
    recognised = False
    for line in lines:
        kind, equals, value = line.strip().partition("=")
        if not equals or len(kind) != 1:
            continue
        recognised = True
        if kind == "m":
            media.append(_media_line(value))
        elif kind == "a" and media:
            _attribute(media[-1], value)
        elif kind == "a" and value.lower().startswith("control:"):
            session_control = value.partition(":")[2].strip()
    if not recognised:
        raise ProtocolError("What the camera sends as description of its stream is none.")
    return session_control, media


def _media_line(value: str) -> _Media:
    words = value.split()
    read = [read_number(word, most=127) for word in words[3:]]
    return _Media(words[0].lower() if words else "", [number for number in read if number is not None])


def _attribute(media: _Media, value: str) -> None:
    name, _, rest = value.partition(":")
    name, rest = name.strip().lower(), rest.strip()
    if name == "control":
        media.control = rest
    elif name == "rtcp-fb":
        media.feedback = media.feedback or "pli" in rest.lower().split()
    elif name == "rtpmap":
        found = re.match(r"(\d{1,3})\s+([\w.\-]+)(?:\s*/\s*(\d{1,9}))?", rest, re.ASCII)
        if found:
            media.encodings[int(found[1])] = (found[2].upper(), read_number(found[3] or "", most=10**9) or 0)
    elif name == "fmtp":
        written, _, text = rest.partition(" ")
        number = read_number(written, most=127)
        if number is not None:
            media.parameters[number] = _format_parameters(text)


def _format_parameters(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs if name.strip()}


def _codec(media: _Media, payload_type: int) -> Codec | None:
    if payload_type in media.encodings:
        return _ENCODINGS.get(media.encodings[payload_type][0])
    parameters = media.parameters.get(payload_type, {})
    return next(
        (codec for codec, names in _SPROPS.items() if any(name in parameters for name in names)), None
    )


def _track(media: _Media, payload_type: int, codec: Codec, session_control: str) -> VideoTrack:
    parameters = media.parameters.get(payload_type, {})
    rate = media.encodings.get(payload_type, ("", 0))[1]
    sets = tuple(one for name in _SPROPS[codec] for one in _decoded_sets(parameters.get(name, "")))
    return VideoTrack(
        codec=codec,
        control=media.control,
        session_control=session_control,
        payload_type=payload_type,
        clock_rate=rate or TICKS_PER_SECOND,
        parameter_sets=ParameterSets(codec, sets),
        interleaved_units=codec is Codec.H264 and parameters.get("packetization-mode") == "2",
        donl=codec is Codec.H265 and parameters.get("sprop-max-don-diff", "0").strip("0") != "",
        accepts_pli=media.feedback,
    )


def _decoded_sets(written: str) -> list[bytes]:
    sets = []
    for word in written.split(","):
        text = word.strip()
        try:
            one = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        one = one.removeprefix(b"\0\0\0\1").rstrip(b"\0")
        if 2 < len(one) <= MAX_SET:
            sets.append(one)
    return sets
