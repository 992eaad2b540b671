"""RTP, RTCP and the putting together of pictures."""

import struct

import pytest

from rejent.formats.mp4.picture import AccessUnit, Codec
from rejent.formats.rtp.rtcp import read_compound
from rejent.streams.cameras.errors import CameraCause, ProtocolError
from rejent.streams.cameras.network.rtsp.assembly import (
    SEARCHED_FIRST,
    Discontinuity,
)
from rejent.streams.cameras.network.rtsp.receiver import MAX_MALFORMED
from rejent.streams.cameras.simulated.sender import packet, sender_report
from tests.unit.streams_cameras.rtp_camera import (
    AUD,
    KEY,
    LATER_SLICE,
    NEXT,
    PPS,
    RECOVERY,
    SEI,
    SPS,
    Camera,
    units_of,
)


@pytest.mark.parametrize("size", [30, 200, 1400])
@pytest.mark.parametrize("aggregate", [False, True])
def test_units_come_out_as_they_went_in(size, aggregate):
    """Single, aggregated and fragmented units come out whole and in order, nothing stripped."""
    camera = Camera().trusted()
    (picture,) = camera.picture(AUD, SPS, PPS, SEI, KEY, size=size, aggregate=aggregate)
    assert units_of(picture) == [AUD, SPS, PPS, SEI, KEY]
    assert (picture.key, picture.damaged) == (True, False)


def test_h265_units_come_out_as_they_went_in():
    """H.265 in all its packings, and with order numbers, which are left out."""
    vps, sps, pps, key = b"\x40\x01v", b"\x42\x01s", b"\x44\x01p", b"\x26\x01" + b"\xaf" * 3000
    for aggregate in (False, True):
        camera = Camera(Codec.H265)
        camera.picture(vps, sps, pps, key, aggregate=aggregate)
        (picture,) = camera.picture(b"\x02\x01\xd0" + bytes(90))
        assert units_of(picture) == [vps, sps, pps, key]
        assert picture.key
    numbered = Camera(Codec.H265, donl=True)
    numbered.give([packet(96, 1, 10, 5, b"\x26\x01\0\x07\xaf" + b"key", marker=True)])
    (picture,) = numbered.give([packet(96, 2, 3610, 5, b"\x02\x01\0\x08\xd0", marker=True)])
    assert units_of(picture) == [b"\x26\x01\xafkey"]


@pytest.mark.parametrize("size", [300, 1400, 20_000])
@pytest.mark.parametrize("parting", [b"\0\0\1", b"\0\0\0\1"])
@pytest.mark.parametrize("leading", [False, True])
@pytest.mark.parametrize(
    ("codec", "units"),
    [
        (Codec.H264, (SPS, PPS, SEI, KEY, b"\x65\x08" + bytes(range(1, 90)))),
        (Codec.H265, (b"\x40\x01v", b"\x42\x01s", b"\x44\x01p", b"\x26\x01\xaf" + b"\xaf" * 3000)),
    ],
)
def test_units_parted_by_start_codes_in_one_payload_are_split(codec, units, parting, size, leading):
    """What is packed as one unit, whole or in fragments, comes out as the units it holds, and the picture is a key picture."""
    camera = Camera(codec)
    follows = NEXT if codec is Codec.H264 else b"\x02\x01\xd0" + bytes(range(90))
    packed = parting.join(units)
    if leading and size > len(packed):
        packed = parting + packed
    camera.picture(packed, size=size)
    (picture,) = camera.picture(follows)
    assert units_of(picture) == list(units)
    assert (picture.key, picture.damaged) == (True, False)


def test_units_parted_within_an_aggregation_packet_are_split():
    """A unit of an aggregation packet may hold several, too."""
    camera = Camera()
    camera.picture(b"\0\0\1".join((SPS, PPS)), SEI, KEY[:500], aggregate=True)
    (picture,) = camera.picture(NEXT)
    assert units_of(picture) == [SPS, PPS, SEI, KEY[:500]]


def test_slices_parted_by_start_codes_are_split_for_as_long_as_a_camera_sends_them():
    """A camera that once parted slices is believed to go on; its pictures keep their slices after the first ones, too."""
    camera = Camera()
    pictures = camera.picture(SPS, PPS, KEY)
    for _ in range(2 * SEARCHED_FIRST):
        pictures += camera.picture(NEXT + b"\0\0\1" + LATER_SLICE.rstrip(b"\0"))
    assert [units_of(picture) for picture in pictures[1:]] == [[NEXT, LATER_SLICE.rstrip(b"\0")]] * (
        len(pictures) - 1
    )
    assert len(pictures) > SEARCHED_FIRST


def test_a_unit_between_the_fragments_of_another_damages_its_picture():
    """Fragments follow each other without another packet between (RFC 6184 §5.8); a key picture in which they do not is no good one."""
    camera = Camera()
    first, *others = camera.packets(KEY, size=1400)
    (between,) = camera.packets(LATER_SLICE, marker=False, step=0)
    items = camera.give(camera.in_order([first, between, *others]))
    items += camera.picture(NEXT) + camera.picture(SPS, PPS, KEY) + camera.picture(NEXT)
    good = [item for item in items if isinstance(item, AccessUnit) and not item.damaged]
    assert [units_of(picture) for picture in good] == [[SPS, PPS, KEY]]


def test_numbers_of_another_payload_type_are_no_losses():
    """Packets of another payload type under the same SSRC have numbers among the others (RFC 3550 §5.1), between pictures and within one."""
    camera = Camera().trusted()
    items = []
    for number in range(40):
        units = (SPS, PPS, KEY) if number % 10 == 0 else (NEXT,)
        beside = [(one, camera.metadata()) for one in camera.packets(*units, size=300)]
        items += camera.give(camera.in_order([one for pair in beside for one in pair]))
    assert len(items) == 40
    assert not any(isinstance(item, Discontinuity) or item.damaged for item in items)


def test_a_lost_packet_beside_another_payload_type_is_a_loss():
    """A number that belongs to no packet is a loss, whatever payload type the packets around it have."""
    camera = Camera().trusted()
    camera.sequence += 1
    loss, picture = camera.give([camera.metadata()]) + camera.picture(NEXT)
    assert loss == Discontinuity(CameraCause.PACKETS_LOST)
    assert picture.damaged


def test_numbers_and_timestamps_may_wrap():
    """Sequence numbers and timestamps wrap without a seam; time counts from the first picture."""
    camera = Camera()
    pictures = [
        item
        for number in range(120)
        for item in camera.picture(*((SPS, PPS, KEY) if number % 50 == 0 else (NEXT,)))
    ]
    assert [picture.time for picture in pictures] == [3600 * number for number in range(len(pictures))]
    assert not any(picture.damaged for picture in pictures)
    assert len(pictures) >= 119


def test_markers_are_relied_on_only_once_they_have_proved_reliable():
    """At first a picture waits for the next one; later its marker is enough."""
    camera = Camera()
    assert camera.picture(SPS, PPS, KEY) == []
    assert len(camera.trusted().picture(NEXT)) == 1


def test_a_marker_on_every_slice_does_not_tear_pictures():
    """Pictures with the marker on each slice are separated by their first slices."""
    camera = Camera()
    pictures = []
    for number in range(30):
        slices = [
            camera.packets(unit, step=3600 if not place else 0)
            for place, unit in enumerate((KEY if number % 10 == 0 else NEXT, LATER_SLICE))
        ]
        pictures += camera.give([one for part in slices for one in part])
    assert {len(units_of(picture)) for picture in pictures} == {2}
    assert len(pictures) == 29


def test_pictures_without_marker_and_with_one_timestamp_are_separated():
    """Neither markers nor timestamps: delimiters and first slices still show where a picture begins."""
    camera = Camera()
    pictures = [
        item
        for number in range(5)
        for item in camera.picture(AUD, KEY if number == 0 else NEXT, marker=False, step=0)
    ]
    assert [len(units_of(picture)) for picture in pictures] == [2, 2, 2, 2]


def test_sets_sent_ahead_with_their_own_timestamp_belong_to_the_next_picture():
    """Parameter sets with another timestamp than their picture are not taken for a picture."""
    camera = Camera()
    camera.picture(SPS, PPS, marker=True)
    camera.picture(KEY)
    (picture,) = camera.picture(NEXT)
    assert units_of(picture) == [SPS, PPS, KEY]


def test_a_recovery_point_counts_as_key():
    """Cameras that never send IDR pictures say in a SEI where decoding may start."""
    camera = Camera()
    camera.picture(SPS, PPS, RECOVERY, NEXT)
    (picture,) = camera.picture(NEXT)
    assert picture.key


def test_extensions_contributors_and_padding_are_taken_off():
    """All that RTP may put around a payload is removed; a packet in which it does not fit is malformed."""
    camera = Camera().trusted()
    plain = camera.packets(NEXT, size=2000)[0]
    dressed = (
        bytes((0x80 | 0x20 | 0x10 | 2,))
        + plain[1:12]
        + bytes(8)
        + b"\xbe\xde\0\1abcd"
        + plain[12:]
        + b"\0\0\3"
    )
    (picture,) = camera.give([dressed])
    assert units_of(picture) == [NEXT]


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"\x80\x60", bytes(12), b"\x8f\x60" + bytes(10), b"\x90\x60" + bytes(10) + b"\0\0\xff\xff", b"\xa0\x60" + bytes(10) + b"\xff", b"\xa0\x60" + bytes(11)],
)  # fmt: skip
def test_what_is_no_rtp_is_counted_and_ends_the_connection_in_the_end(nonsense):
    """A few malformed packets are tolerated, more are not."""
    camera = Camera().trusted()
    camera.give([nonsense] * MAX_MALFORMED)
    with pytest.raises(ProtocolError):
        camera.give([nonsense])


def test_a_picture_without_end_is_refused():
    """A unit that never ends does not fill the memory."""
    camera, content = Camera(), bytes(60_000)
    first, middle = b"\x7c\x85" + content, b"\x7c\x05" + content
    endless = [packet(96, number, 1, 5, middle if number else first, marker=False) for number in range(150)]
    with pytest.raises(ProtocolError):
        camera.give(endless)


@pytest.mark.parametrize("cut", [700, 1300, 5000, 65_536])
def test_frames_are_taken_from_any_pieces_of_the_stream(cut):
    """Interleaved frames give the same pictures however the bytes are cut into batches."""
    source = Camera()
    stream, wanted = b"", Camera()
    pictures = []
    for number in range(30):
        sent = source.packets(*((SPS, PPS, KEY * 3) if number % 10 == 0 else (NEXT,)), size=500)
        stream += b"".join(b"$\0" + struct.pack(">H", len(one)) + one for one in sent)
        pictures += wanted.give(sent)
    reader, rest, got = Camera(), b"", []
    for at in range(0, len(stream), cut):
        buffer = rest + stream[at : at + cut]
        view = memoryview(bytearray(buffer))
        used = reader.reception.take_frames(view, 0, len(view), 0, at / 1e6)
        reader.reception.assembly.settle()
        view[:] = bytes(len(view))
        rest = buffer[used:]
        got += reader.taken()
    assert [(picture.data, picture.time, picture.key) for picture in got] == [
        (picture.data, picture.time, picture.key) for picture in pictures
    ]
    assert rest == b""


def test_a_sender_report_carries_the_cameras_clock():
    """The wall clock of a report comes out to the millisecond, and what is no report gives nothing."""
    report, leaving = read_compound(sender_report(7, 1_795_000_000.25, 90, 1, 2))
    assert (report.ssrc, report.wall, report.timestamp, leaving) == (
        7,
        pytest.approx(1_795_000_000.25, abs=1e-6),
        90,
        False,
    )
    assert read_compound(b"\x80\xc8\0\x06" + bytes(24)) == (None, False)
    assert read_compound(b"\x81\xcb\0\x01" + bytes(4))[1]
    assert read_compound(b"\x80\xc8\xff\xff" + bytes(24)) == (None, False)


@pytest.mark.parametrize("cut", [False, True])
def test_the_last_picture_of_a_camera_without_markers_is_kept_if_whole(*, cut):
    """At the end of a connection a picture with all slices of the one before is whole; one with fewer may be cut short."""
    camera = Camera()
    camera.picture(SPS, PPS, KEY, LATER_SLICE, marker=False)
    last = camera.packets(NEXT, LATER_SLICE, marker=False)
    items = camera.give(last[:-1] if cut else last)
    camera.reception.assembly.flush()
    items += camera.taken()
    assert [item.key for item in items] == ([True] if cut else [True, False])


def test_a_picture_bears_its_own_arrival():
    """Of a camera with one picture a second and no markers, none bears the arrival of the next one."""
    camera, arrivals = Camera(), []
    items = []
    for number in range(4):
        camera.arrival = float(number)
        arrivals.append(camera.arrival)
        items += camera.picture(*((SPS, PPS, KEY) if number == 0 else (NEXT,)), marker=False)
    assert [item.arrival for item in items] == arrivals[:3]
