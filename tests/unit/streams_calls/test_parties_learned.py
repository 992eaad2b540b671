"""Parties that a session names late, or changes: who is found, whose legs they are, and whose key refuses."""

import socket
from collections.abc import Iterator

import pytest

from rejent.streams.calls.recorder.parties import Way
from tests.unit.streams_calls.caller import metadata
from tests.unit.streams_calls.rtp_legs import packet
from tests.unit.streams_calls.test_call_under_way import DEVICE, Desk, speak
from tests.unit.streams_calls.test_rtp_receiver import HOST

CALLER, CLERK, OTHER_CLERK = "tel:+48600100200", "tel:+48748410001", "tel:+48748410002"
PLACEHOLDER = "sip:ASBCE@asbce.com"
NINE = bytes((9, 10, 0, 160))


def session(*people: tuple[str, str]) -> str:
    """Participants, each with the line that they feed."""
    inner = ""
    for number, (address, label) in enumerate(people):
        inner += f'<participant participant_id="p{number}"><nameID aor="{address}"/></participant>'
        inner += f'<stream stream_id="s{number}"><label>{label}</label></stream>'
        inner += f'<participantstreamassoc participant_id="p{number}"><send>s{number}</send></participantstreamassoc>'
    return inner


@pytest.fixture
def desk() -> Iterator[Desk]:
    """An office that records incoming calls alone, and lets callers refuse by the nine."""
    made = Desk(HOST, (DEVICE, HOST), refusal="9")
    yield made
    made.receiver.close()


def opened(desk: Desk, *people: tuple[str, str], required: tuple[str, ...] = ("siprec",)) -> None:
    """A call begins with these participants."""
    desk.caller.invite(desk._offer("sendonly", "sendonly"), metadata(session(*people)), required=required)
    desk.hear()
    desk.begin()
    desk.wait(0.2)


def named(desk: Desk, *people: tuple[str, str]) -> None:
    """The session names its participants anew."""
    assert desk.caller.ask("UPDATE", metadata(session(*people)), "application/rs-metadata+xml").status == 200
    desk.hear()
    desk.wait(0.2)


def decide(desk: Desk) -> None:
    """The time in which metadata may still name the parties is over."""
    assert desk.call is not None
    desk.call.look_again(5)


def test_a_placeholder_gives_way_to_the_number_that_is_named_later(desk: Desk) -> None:
    """The call is entered as it was named first; what is learned is entered, too, and once."""
    opened(desk, (CALLER, "1"), (PLACEHOLDER, "2"))
    decide(desk)
    (begun,) = desk.books.begun
    assert (begun.caller, begun.called, begun.direction) == (CALLER, PLACEHOLDER, Way.INCOMING)
    for _ in range(2):
        named(desk, (CALLER, "1"), (CLERK, "2"))
    assert desk.books.named == [(begun.id, CALLER, CLERK, "incoming")]


def test_a_call_is_kept_whichever_party_its_device_names_first(desk: Desk) -> None:
    """An incoming call of which a device that keeps to no standard names the office's phone first is recorded by the rule for undecided calls."""
    opened(desk, (CLERK, "1"), (CALLER, "2"), required=())
    assert desk.books.begun == []
    decide(desk)
    assert [call.direction for call in desk.books.begun] == ["outgoing"]
    assert desk.call is not None
    assert desk.call._kept


def test_after_a_transfer_each_leg_has_its_party(desk: Desk) -> None:
    """The call is still found by the number that was called; who replaced it is the called party, too, whoever is named first."""
    opened(desk, (CALLER, "1"), (CLERK, "2"))
    decide(desk)
    desk.offer("sendonly", "", "sendonly", version=2, labels=("1", "2", "3"))
    named(desk, (OTHER_CLERK, "3"), (CALLER, "1"))
    assert desk.books.named == []
    desk.end()
    desk.wait(1)
    desk.wait(1)
    manifest = desk.sink.objects[-1].reader.manifest
    assert manifest is not None
    assert [leg["party"] for leg in manifest["legs"]] == ["caller", "called", "called"]


def press(party: socket.socket, desk: Desk, leg: int) -> None:
    """Somebody speaks on a leg, and presses the nine."""
    speak(party, desk.opened[leg], 60)
    desk.wait(0.2)
    for number in range(60, 63):
        datagram = packet(number, 160 * number, ssrc=5, payload=NINE, kind=101)
        party.sendto(datagram, (HOST, desk.opened[leg].number))
    desk.wait(0.2)


@pytest.mark.parametrize(("leg", "refused"), [(0, 1), (2, 0)])
def test_a_key_counts_from_outside_parties_alone(desk: Desk, leg: int, refused: int) -> None:
    """The caller refuses also after a transfer; the clerk to whom the call was passed on does not."""
    opened(desk, (CALLER, "1"), (CLERK, "2"))
    decide(desk)
    desk.offer("sendonly", "", "sendonly", version=2, labels=("1", "2", "3"))
    named(desk, (CALLER, "1"), (OTHER_CLERK, "3"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as party:
        party.bind((HOST, 0))
        press(party, desk, leg)
    assert len(desk.books.refused) == refused


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"<recording", "metadata-no-xml"),
        (b'<!DOCTYPE r [<!ENTITY x "y">]><recording>&x;</recording>', "metadata-declares"),
        (b"<recording>" + b" " * 40_000 + b"</recording>", "metadata-too-long"),
    ],
)
def test_what_was_wrong_with_metadata_stands_on_the_call(desk: Desk, text: bytes, fault: str) -> None:
    """The call is recorded, and its end says what could not be read."""
    desk.caller.invite(desk._offer("sendonly", "sendonly"), text)
    desk.hear()
    desk.begin()
    decide(desk)
    desk.end()
    desk.wait(1)
    desk.wait(1)
    ((call, _, why),) = desk.books.ended
    assert (why, desk.books.faults[call]) == ("bye", (fault,))
