"""Packets of a camera that are lost, late, repeated or another sender's: what is kept, and what the camera is told."""

import struct

import pytest

from rejent.formats.mp4.picture import AccessUnit
from rejent.formats.rtp.rtcp import ReceptionBlock, key_frame_request, receiver_report
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.rtsp.assembly import (
    Discontinuity,
)
from tests.unit.streams_cameras.rtp_camera import (
    KEY,
    NEXT,
    PPS,
    SPS,
    Camera,
)


def damage(change):
    """Return the items when the packets of one picture are changed, followed by others and a key picture."""
    camera = Camera().trusted()
    items = camera.give(change(camera.packets(NEXT, size=200)))
    for _ in range(3):
        items += camera.picture(NEXT)
    items += camera.picture(SPS, PPS, KEY)
    return items


@pytest.mark.parametrize(
    "change",
    [
        lambda sent: sent[1:],
        lambda sent: sent[:-1],
        lambda sent: sent[:2] + sent[3:],
        lambda _sent: [],
        lambda sent: [*sent[:2], sent[2][:12], *sent[3:]],
    ],
    ids=["first", "last", "middle", "all", "emptied"],
)
def test_after_a_loss_nothing_is_good_until_a_key_picture(change):
    """After any lost packet a discontinuity comes, and every picture up to the next whole key picture is damaged and empty."""
    items = damage(change)
    breaks = [item for item in items if isinstance(item, Discontinuity)]
    pictures = [item for item in items if isinstance(item, AccessUnit)]
    good = [picture for picture in pictures if not picture.damaged]
    assert breaks == [Discontinuity(CameraCause.PACKETS_LOST)]
    assert [picture.key for picture in good] == [True]
    assert all(picture.data == b"" for picture in pictures if picture.damaged)


def test_a_key_picture_that_follows_a_loss_is_kept_if_it_is_whole():
    """A loss right before a key picture does not cost that picture: it begins with its parameter sets."""
    camera = Camera().trusted()
    camera.sequence += 5
    (broken, picture) = camera.picture(SPS, PPS, KEY)
    assert broken == Discontinuity(CameraCause.PACKETS_LOST)
    assert (picture.key, picture.damaged) == (True, False)


def test_a_key_picture_whose_parameter_sets_were_lost_is_not_kept():
    """The lost sets may have been other ones: what follows them is kept from the next key picture on that has them."""
    camera = Camera()
    camera.trusted()
    assert camera.picture(SPS, PPS, KEY)[0].key
    without_sets = camera.give(camera.packets(SPS, PPS, KEY)[1:])
    assert [each for each in without_sets if isinstance(each, AccessUnit) and each.data] == []
    assert Discontinuity(CameraCause.PACKETS_LOST) in without_sets
    (again,) = camera.picture(SPS, PPS, KEY)
    assert again.key
    assert again.data


def test_a_camera_that_sends_its_sets_only_at_first_is_kept_after_a_loss():
    """Sets that were not expected with a key picture are not missed."""
    camera = Camera()
    camera.trusted()
    assert camera.picture(KEY)[0].key
    camera.give(camera.packets(NEXT)[1:])
    kept = [each for each in camera.picture(KEY) if isinstance(each, AccessUnit)]
    assert [bool(each.data) for each in kept] == [True]


def test_packets_repeated_or_late_are_passed_over():
    """A packet that came before changes nothing, however many of them come."""
    camera = Camera().trusted()
    old = camera.packets(NEXT)
    items = camera.give(old)
    for _ in range(100):
        camera.give(old)
        items += camera.picture(NEXT)
    assert not [item for item in items if isinstance(item, Discontinuity) or item.damaged]


def test_a_second_sender_on_the_connection_is_not_mixed_in():
    """Packets of another SSRC between our own are passed over; once ours has fallen silent, the other is followed."""
    camera, other = Camera().trusted(), Camera()
    other.ssrc = 88
    items = []
    for _ in range(60):
        items += camera.picture(NEXT)
        items += camera.give(other.packets(KEY))
    assert not [item for item in items if isinstance(item, Discontinuity)]
    assert len(items) == 60
    camera.arrival += 5
    assert camera.give(other.packets(SPS, PPS, KEY))[0] == Discontinuity(CameraCause.CAMERA_CLOCK)


@pytest.mark.parametrize("ssrc", [88, 77])
def test_a_restarted_stream_is_taken_with_its_first_picture(ssrc):
    """Of a stream that begins anew on the same session, with another SSRC or far behind, no packet is dropped."""
    camera = Camera().trusted()
    camera.ssrc, camera.sequence, camera.timestamp = ssrc, 50_000, 5
    items = []
    for number in range(50):
        items += camera.picture(*((SPS, PPS, KEY) if number == 0 else (NEXT,)))
    assert items[0] == Discontinuity(CameraCause.CAMERA_CLOCK)
    pictures = items[1:]
    assert [picture.key for picture in pictures[:2]] == [True, False]
    assert len(pictures) >= 49
    assert not [picture for picture in pictures if picture.damaged]
    assert [picture.arrival for picture in pictures] == sorted(picture.arrival for picture in pictures)


@pytest.mark.parametrize("trusted", [True, False])
def test_noise_damages_the_picture_before_it(trusted):
    """A frame that swallowed the beginning of the next one looks whole; what follows it gives it away."""
    camera = Camera().trusted() if trusted else Camera()
    if not trusted:
        camera.picture(SPS, PPS, KEY)
        camera.picture(NEXT)
    camera.taken()
    for one in camera.packets(NEXT):
        camera.reception.take_packet(memoryview(one), 0, len(one), 1.0)
    camera.reception.assembly.damage_last()
    items = camera.taken() + camera.picture(NEXT) + camera.picture(SPS, PPS, KEY) + camera.picture(NEXT)
    good = [item for item in items if isinstance(item, AccessUnit) and not item.damaged]
    assert Discontinuity(CameraCause.PACKETS_LOST) in items
    assert good[0].key or not trusted
    assert all(
        picture.data == b"" for picture in items if isinstance(picture, AccessUnit) and picture.damaged
    )


def test_losses_are_reported_to_the_camera():
    """The report names the sender, the share lost since the last one, and the highest number seen."""
    camera = Camera().trusted()
    camera.reception.report(1.0)
    camera.sequence += 1
    camera.picture(NEXT, size=4000)
    block = camera.reception.report(2.0)
    assert (block.ssrc, block.cumulative_lost, block.fraction_lost) == (77, 1, 128)
    packet_ = receiver_report(5, block)
    assert len(packet_) % 4 == 0
    assert packet_[:2] == b"\x81\xc9"
    assert struct.unpack_from(">I", packet_, 16)[0] & 0xFFFF == (camera.sequence - 1) & 0xFFFF
    assert receiver_report(5, None)[:4] == b"\x80\xc9\0\1"
    assert key_frame_request(5, 77) == struct.pack(">BBHII", 0x81, 206, 2, 5, 77)
    assert receiver_report(5, ReceptionBlock(1, 0, -5, 0, 0, 0, 0))[13:16] == b"\xff\xff\xfb"
