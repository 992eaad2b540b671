"""Which leg a line is that was taken out of its session and comes back."""

import pytest

from rejent.streams.calls.network.rtp.incoming_stream import IncomingStream
from rejent.streams.calls.network.rtp.ports import MediaPort
from rejent.streams.calls.network.rtp.source_lock import SourceLock
from rejent.streams.calls.receiving.siprec.events import Stream
from rejent.streams.calls.receiving.siprec.metadata import Metadata
from rejent.streams.calls.receiving.siprec.metadata_xml import read_metadata
from rejent.streams.calls.receiving.siprec.sdp import MAX_MEDIA, Media, Ports
from rejent.streams.calls.recorder import parties as legs_module
from rejent.streams.calls.recorder.parties import MAX_LEGS, Legs, Parties
from tests.unit.streams_calls.caller import metadata
from tests.unit.streams_calls.test_rtp_receiver import Machine

HER, HIM = "tel:+48600100200", "tel:+48600100300"


def told(speaker: str, label: str = "2") -> Metadata:
    """Metadata in which somebody feeds one line."""
    inner = f'<participant participant_id="p"><nameID aor="{speaker}"/></participant>'
    inner += f'<stream stream_id="s"><label>{label}</label></stream>'
    inner += '<participantstreamassoc participant_id="p"><send>s</send></participantstreamassoc>'
    return read_metadata(metadata(inner))


def line(label: str = "2", place: int = 1) -> Stream:
    """One line of a description."""
    return Stream(
        place, Ports("192.0.2.1", 30000, 30001), Media("audio", 4000, "RTP/AVP", ("8",), label=label)
    )


@pytest.fixture
def port() -> MediaPort:
    """The sockets of a line, closed: nobody speaks here."""
    machine = Machine()
    machine.receiver.close()
    return machine.streams[0].port


@pytest.mark.parametrize(
    ("before", "after", "comes_back"),
    [
        ((line(), told(HER)), (line(), told(HER)), True),
        ((line(), told(HER)), (line(), told(HIM)), False),
        ((line(), told(HER)), (line(), Metadata()), False),
        ((line(), told(HER)), (line("3"), told(HER, "3")), False),
        ((line(), told(HER)), (line(place=2), told(HER)), False),
        ((line(), Metadata()), (line(), Metadata()), True),
        ((line(""), Metadata()), (line(""), Metadata()), True),
    ],
)
def test_a_line_is_the_leg_that_it_was_where_place_label_and_speaker_are_the_same(
    before: tuple[Stream, Metadata], after: tuple[Stream, Metadata], comes_back: bool, port: MediaPort
) -> None:
    """Another speaker, or one of whom nothing is told any more, is another leg; the one that was left needs its codings no more."""
    legs = Legs()
    legs.come(line("1", 0), IncomingStream(0, port, SourceLock()), Metadata())
    (removed, known), (added, newer) = before, after
    incoming = IncomingStream(1, port, SourceLock())
    legs.come(removed, incoming, known)
    assert legs.former(added, newer) is None
    legs.leave(1)
    former = legs.former(added, newer)
    assert (former is incoming, legs.number(former)) == (comes_back, 1 if comes_back else 2)
    legs.come(added, IncomingStream(legs.number(former), port, SourceLock()), newer)
    assert legs.take_idle() == (set() if comes_back else {1})


def test_however_many_lines_there_are_a_byte_tells_their_legs_apart(port: MediaPort) -> None:
    """Once numbers are spent a line goes on with the leg of its place, also before its removal was heard of; a new place has one left."""
    legs = Legs()
    for round_ in range(300):
        added = line(str(round_), round_ % 2)
        legs.come(
            added, IncomingStream(legs.number(legs.former(added, Metadata())), port, SourceLock()), Metadata()
        )
    numbers = []
    for place in range(MAX_MEDIA):
        added = line("x", place)
        numbers.append(legs.number(legs.former(added, Metadata())))
        legs.come(added, IncomingStream(numbers[-1], port, SourceLock()), Metadata())
    assert numbers == [MAX_LEGS - 2, MAX_LEGS - 1, *range(MAX_LEGS, MAX_LEGS + MAX_MEDIA - 2)]
    assert max(numbers) < 256


def test_who_spoke_is_remembered_where_a_removed_line_is_told_no_more(port: MediaPort) -> None:
    """A snapshot without the line that is about to be removed takes nothing from what was told while it came."""
    legs = Legs()
    incoming = IncomingStream(0, port, SourceLock())
    legs.come(line(), incoming, told(HER))
    legs.learn([0], Metadata())
    legs.leave(0)
    assert legs.former(line(), told(HER)) is incoming


def test_who_speaks_is_looked_for_once_a_message(port: MediaPort, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many lines a session has and had: all are asked about at each that comes, and a session may name thousands."""
    asked: list[str] = []
    feeding, party_of = Metadata.feeding, legs_module.party_of
    monkeypatch.setattr(Metadata, "feeding", lambda self: (asked.append("feeding"), feeding(self))[1])
    monkeypatch.setattr(legs_module, "party_of", lambda *of: (asked.append("party"), party_of(*of))[1])
    legs, known, stated = Legs(), told(HER), Parties(HER, HIM)
    for number in range(40):
        legs.come(line(str(number), number % MAX_MEDIA), IncomingStream(number, port, SourceLock()), known)
        parties = legs.parties(known, stated)
    assert (parties[2], parties[3], len(parties)) == ("caller", "", 40)
    assert asked.count("feeding") == 1
    assert asked.count("party") == 40
    assert legs.parties(known, Parties(HIM, HER))[2] == "called"
    assert legs.parties(told(HIM), stated)[2] == "called"
