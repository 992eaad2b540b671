"""What callers hear is versioned and never removed; who plays it stands in one address."""

from datetime import timedelta

import pytest
from django.db import transaction

from rejent.catalog.acts import SOURCE_ADDED
from rejent.catalog.errors import AddressRefusedError, SourceRefusedError
from rejent.catalog.models import Source
from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from rejent.registers.services import enter
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.announcement_wav import LONGEST_S, plain_wav, samples_of
from rejent.streams.calls.catalog.errors import SoundRefusedError
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.lines.announcers import AnnouncerAddress, announcer_address, read_announcer
from rejent.streams.calls.catalog.models import Announcement
from tests.unit.catalog.conftest import START
from tests.unit.streams_calls_catalog.announced import SOUND, announce


def test_versions_follow_each_other_and_stay(announced_line: str, clock: ManualClock) -> None:
    """What was heard at an instant is known for ever; the ledger holds the digests, not the text."""
    assert announce(announced_line, clock) == 1
    clock.advance(timedelta(seconds=3600))
    assert announce(announced_line, clock, text="Anew.") == 2
    before = call_queries.announcement_at(announced_line, "incoming", START)
    after = call_queries.announcement_at(announced_line, "incoming", clock.now())
    assert before is not None
    assert after is not None
    assert (before.version, after.version, before.sound) == (1, 2, SOUND)
    assert call_queries.announcement_at(announced_line, "clause", clock.now()) is None
    acts = list(registers.entered(["announcement.set"]))
    assert [(act.facts or {})["version"] for act in acts] == [1, 2]
    assert "Said." not in str(acts)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"text": "  "}, SoundRefusedError),
        ({"text": "x" * 5000}, SoundRefusedError),
        ({"sound": b""}, SoundRefusedError),
        ({"sound": b"RIFF" + bytes(100)}, SoundRefusedError),
        ({"sound": SOUND + b"\0\0"}, SoundRefusedError),
        ({"sound": plain_wav(bytes(16000 * (LONGEST_S + 1)))}, SoundRefusedError),
        ({"kind": "outgoing"}, SourceRefusedError),
        ({"valid_from": START - timedelta(days=1)}, SourceRefusedError),
    ],
)
def test_what_cannot_be_an_announcement_is_refused(
    announced_line: str, clock: ManualClock, changed: dict[str, object], error: type[Exception]
) -> None:
    """No text, no sound, another form, too long, a kind without a sound, before the version before: nothing is kept."""
    announce(announced_line, clock)
    with pytest.raises(error):
        announce(announced_line, clock, **changed)  # type: ignore[arg-type]  # each value has its parameter's type
    assert Announcement.objects.count() == 1


def test_a_camera_is_not_announced(announced_line: str, clock: ManualClock) -> None:
    """Only lines are."""
    assert announced_line
    with pytest.raises(SourceRefusedError):
        call_services.set_announcer(
            _camera(clock), announcer_address("127.0.0.1:5070", ()), clock=clock, actor=""
        )


def _camera(clock: ManualClock) -> str:
    with transaction.atomic():
        row = Source.objects.create(id="c" * 32, stream="video", name="Door", added_at=clock.now())
        enter(SOURCE_ADDED, actor="", subject=f"source:{row.pk}", record={}, at=row.added_at, row=row)
    return row.pk


def test_who_plays_is_told_by_one_address_and_entered_without_it(
    announced_line: str, clock: ManualClock
) -> None:
    """The address can be set, read and taken away; the ledger knows its digest alone."""
    address = announcer_address(
        "127.0.0.1:5070", (), target="sip:100@192.0.2.1", around="sip:199@192.0.2.1", when_rejected="stay"
    )
    call_services.set_announcer(announced_line, address, clock=clock, actor="")
    assert read_announcer(call_queries.announcers()[announced_line]) == address
    call_services.set_announcer(announced_line, None, clock=clock, actor="")
    assert call_queries.announcers() == {}
    assert "192.0.2.1" not in str(list(registers.entered(["announcer.set"])))


@pytest.mark.parametrize(
    "stated",
    [
        ("192.0.2.5", ["192.0.2.1"], ""), ("name:5070", ["192.0.2.1"], ""), ("0.0.0.0:5070", ["192.0.2.1"], ""),
        ("192.0.2.5:0", ["192.0.2.1"], ""), ("192.0.2.5:70000", ["192.0.2.1"], ""), ("192.0.2.5:5070", [], ""),
        ("192.0.2.5:5070", ["pbx"], ""), ("192.0.2.5:5070", ["192.0.2.1"], "100"), ("999.0.2.5:5070", ["192.0.2.1"], ""),
        ("192.0.2.5:5070", ["192.0.2.1"], "sip:100@x>\r\nBye: 1"), ("192.0.2.5:5070", [f"10.0.{n}.0/24" for n in range(60)], ""),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_is_refused(stated: tuple[str, list[str], str]) -> None:
    """No port, a name, everywhere, nobody who may call, a target that is none or hides a line."""
    listen, callers, target = stated
    with pytest.raises(AddressRefusedError):
        announcer_address(listen, callers, target=target)


@pytest.mark.parametrize(
    "written", ["", "rtsp://x", "announce://", "announce://127.0.0.1:5070?refused=maybe"]
)
def test_a_kept_address_that_is_none_is_refused(written: str) -> None:
    """What somebody changed in the database is not believed."""
    with pytest.raises(AddressRefusedError):
        read_announcer(written)


def test_addresses_survive_being_written() -> None:
    """IPv6, networks and both targets come back as they were."""
    address = AnnouncerAddress(
        "2001:db8::5", 5070, ("2001:db8::/64", "192.0.2.1"), "sip:+48*1@[2001:db8::1]", "sips:9@pbx"
    )
    assert read_announcer(address.text) == address


def test_sounds_of_another_form_are_told_apart() -> None:
    """Only the one form is taken."""
    assert samples_of(SOUND) == bytes(16000)
    with pytest.raises(SoundRefusedError):
        samples_of(SOUND[:-1])


def test_two_lines_are_not_answered_at_one_address(announced_line: str, clock: ManualClock) -> None:
    """Nobody could tell whose caller it is."""
    stated = StatedLine(numbers=("+48 10 555 02",), siprec="127.0.0.1:5081")
    other = call_services.add_line(name="Other", stated=stated, clock=clock, actor="")
    call_services.set_announcer(
        announced_line, announcer_address("127.0.0.1:5070", ()), clock=clock, actor=""
    )
    with pytest.raises(AddressRefusedError):
        call_services.set_announcer(
            other, announcer_address("127.0.0.1:5070", ["192.0.2.1"]), clock=clock, actor=""
        )


def test_one_address_is_not_listened_at_twice(announced_line: str, clock: ManualClock) -> None:
    """Whichever of recording and announcing began first would keep the other out: each is refused where the other is."""
    stated = StatedLine(numbers=("+48 10 555 02",), siprec="127.0.0.1:5081")
    other = call_services.add_line(name="Other", stated=stated, clock=clock, actor="")
    for line in (announced_line, other):
        with pytest.raises(AddressRefusedError, match="Recording sessions"):
            call_services.set_announcer(line, announcer_address("127.0.0.1:5081", ()), clock=clock, actor="")
    call_services.set_announcer(
        announced_line, announcer_address("127.0.0.1:5070", ()), clock=clock, actor=""
    )
    there = StatedLine(numbers=("+48 10 555 03",), siprec="siprecs://127.0.0.1:5070")
    with pytest.raises(AddressRefusedError, match="announcement"):
        call_services.add_line(name="Third", stated=there, clock=clock, actor="")
    with pytest.raises(AddressRefusedError, match="announcement"):
        call_services.change_line(other, StatedLine(siprec="127.0.0.1:5070"), clock=clock, actor="")
    assert len(call_queries.announcers()) == 1


def test_an_announcing_is_at_an_address_and_not_at_a_name() -> None:
    """As recording sessions: the one name that is taken is that of the loopback address, kept as the address."""
    with pytest.raises(AddressRefusedError, match="not at a name"):
        announcer_address("pbx.example:5070", ["192.0.2.1"])
    assert announcer_address("localhost:5070", ()).host == "127.0.0.1"
