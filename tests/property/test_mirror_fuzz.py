"""Whatever stands on the wire of a mirrored network: nothing breaks, nothing grows without bound, and what can be read is read."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from rejent.streams.calls.network.sip.message import Request, SipError, read_message
from rejent.streams.calls.receiving.mirror.capture import capture_program
from rejent.streams.calls.receiving.mirror.conversation import Conversation, Side
from rejent.streams.calls.receiving.mirror.frames import (
    MAX_PACKETS,
    FragmentInfo,
    Packet,
    Reassembly,
    Segment,
    read_datagram,
    read_frame,
    read_segment,
)
from rejent.streams.calls.receiving.mirror.media import outgoing_media
from rejent.streams.calls.receiving.mirror.tcp_streams import TcpStreams
from tests.unit.streams_calls.mirror_traffic import ALICE, BOB, Call, Desk, fragments, framed, tcp, udp

CALL = Call()
FRAMES = [
    CALL.sip(CALL.invite()),
    CALL.sip(CALL.ok(), 1),
    framed(CALL.sip_packet(CALL.invite()), (0x88A8, 0x8100)),
    framed(udp(("2001:db8::1", 5060), ("2001:db8::2", 5060), CALL.ok())),
    framed(tcp((ALICE, 40_000), (BOB, 5060), 1, CALL.invite())),
    *(framed(piece) for piece in fragments(CALL.sip_packet(CALL.invite()), 160)),
    *CALL.speech(0, 2),
    *CALL.speech(1, 2),
    CALL.sip(CALL.request("BYE")),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A frame with some of its bytes changed, taken away or added."""
    frame = bytearray(draw(st.sampled_from(FRAMES)))
    for place, value in draw(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=6)):
        frame[place % len(frame)] = value
    cut = draw(st.integers(0, len(frame)))
    return bytes(frame[:cut] if draw(st.booleans()) else frame + draw(st.binary(max_size=20)))


@given(st.lists(st.one_of(damaged(), st.sampled_from(FRAMES), st.binary(max_size=80)), max_size=25))
def test_frames(frames: list[bytes]) -> None:
    """Any frames in any order are taken, time passes afterwards, and no call ends that was not begun."""
    desk = Desk(("incoming", "outgoing", "internal"), trunk=("192.0.2.99",), refusal="9")
    desk.see(*frames)
    desk.wait(1000)
    assert {call for call, _, _ in desk.books.ended} <= {call.id for call in desk.books.begun}


@given(damaged())
def test_heads(frame: bytes) -> None:
    """What is read of a frame lies within it."""
    packet = read_frame(frame)
    if packet is not None:
        assert packet.payload in frame
        for found in (read_datagram(packet), read_segment(packet)):
            assert found is None or found.payload in packet.payload


PIECE = st.builds(
    FragmentInfo, st.sampled_from([b"a", b"b"]), st.integers(0, 40).map(lambda at: 8 * at), st.booleans()
)
PIECES = st.builds(Packet, st.just(b"1234"), st.just(b"5678"), st.just(17), st.binary(max_size=64), PIECE)


@given(st.lists(PIECES, max_size=40))
def test_pieces(packets: list[Packet]) -> None:
    """Pieces that overlap, contradict one another or never end give nothing that is longer than an IP packet."""
    taken = Reassembly()
    for number, packet in enumerate(packets):
        whole = taken.take(packet, number)
        assert whole is None or (whole.piece is None and len(whole.payload) <= 65_535)


@given(st.binary(min_size=9, max_size=2000), st.integers(1, 40), st.randoms())
def test_a_packet_in_any_pieces(content: bytes, size: int, chance: object) -> None:
    """A packet cut anywhere and shuffled comes back as it was."""
    packet = udp((ALICE, 1), (BOB, 2), content)
    pieces = fragments(packet, 8 * size)
    chance.shuffle(pieces)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    taken, found = Reassembly(), []
    for piece in pieces:
        whole = read_frame(framed(piece))
        assert whole is not None
        found.append(taken.take(whole, 0))
    assert [each.payload for each in found if each is not None] == [packet[20:]]


def test_unfinished_packets_are_bounded() -> None:
    """First pieces without end push out the oldest, and age does the rest."""
    taken = Reassembly()
    for number in range(3 * MAX_PACKETS):
        piece = FragmentInfo(number.to_bytes(4, "big"), 0, more=True)
        taken.take(Packet(b"1234", b"5678", 17, bytes(8), piece), number)
    assert taken.lost == 2 * MAX_PACKETS


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(1, 300)), max_size=30), st.integers(0, 2**32 - 1))
def test_a_connection_in_any_segments(cuts: list[tuple[int, int]], begin: int) -> None:
    """Segments that repeat, overlap and overtake one another give each message once, in order."""
    messages = [CALL.request("OPTIONS"), CALL.invite(), CALL.request("BYE")]
    stream = b"".join(messages)
    connections, found = TcpStreams(), []

    def seen(at: int, content: bytes, flags: int = 0) -> None:
        sequence = begin + 1 + at & 0xFFFFFFFF
        found.extend(connections.take(Segment(b"a", b"b", sequence, flags, content), 0))

    connections.take(Segment(b"a", b"b", begin, 2, b""), 0)
    for at, length in cuts:
        seen(at, stream[at : at + length])
    for at in range(0, len(stream), 400):
        seen(at, stream[at : at + 400])
    assert found == messages


BROKEN = CALL.request("INFO").replace(b"Content-Length: 0", b"Content-Length: 70000")
TORN = st.lists(
    st.one_of(
        st.sampled_from([CALL.request("OPTIONS"), CALL.invite(), CALL.request("BYE"), BROKEN, b"x" * 40_000]),
        st.binary(max_size=20),
    ),
    min_size=1,
    max_size=8,
).map(b"".join)


@given(TORN, st.lists(st.integers(0, 100_000), max_size=12), st.integers(0, 300), st.sampled_from([0, 2]))
@example(CALL.invite(), [30], 0, 0)
@example(CALL.request("OPTIONS") + BROKEN + CALL.request("BYE"), [], 0, 2)
def test_where_a_connection_was_cut_decides_nothing(
    stream: bytes, places: list[int], missed: int, flags: int
) -> None:
    """Seen from its beginning, from its middle, and behind what cannot be read: the messages are those of one segment."""

    def messages(edges: list[int]) -> list[bytes]:
        connections, found = TcpStreams(), []
        if flags:
            connections.take(Segment(b"a", b"b", missed - 1, flags, b""), 0)
        for begin, end in pairwise([missed, *edges, len(stream)]):
            found.extend(connections.take(Segment(b"a", b"b", begin, 0, stream[begin:end]), 0))
        return found

    whole = messages([])
    edges = sorted(place % (len(stream) + 1) for place in places)
    assert messages([edge for edge in edges if edge > missed]) == whole
    if missed == 0 and stream.startswith((b"INVITE", b"OPTIONS", b"BYE")):
        assert whole


LINES = st.sampled_from([
    "m=audio 0 RTP/AVP 8\r\n", "m=audio 30000 RTP/SAVP 8 101\r\n", "m=audio 99999 UDP/TLS/RTP/SAVPF 8\r\n", "m=video 5 RTP/AVP 31\r\n",
    "c=IN IP4 0.0.0.0\r\n", "c=IN IP6 2001:db8::1\r\n", "c=IN IP4 host.example\r\n", "a=inactive\r\n", "a=sendonly\r\n", "a=rtcp:1\r\n",
    "a=rtcp-mux\r\n", "a=rtpmap:8 X/0\r\n", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\r\n", "v=0\r\n", "\xff\r\n",
])  # fmt: skip
TAG = st.sampled_from(["", "bob", "alice", "other"])
SAID = st.one_of(
    st.builds(
        lambda method, side, body, tag: CALL.request(method, side, body, to_tag=tag),
        st.sampled_from(["INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "INFO"]),
        st.integers(0, 1),
        st.lists(LINES, max_size=6).map("".join),
        TAG,
    ),
    st.builds(
        lambda status, method, side, body, tag: CALL.response(status, method, side, body, tag=tag),
        st.integers(100, 699),
        st.sampled_from(["INVITE", "UPDATE", "PRACK", "BYE"]),
        st.integers(0, 1),
        st.lists(LINES, max_size=6).map("".join),
        TAG,
    ),
)


@given(st.lists(SAID, max_size=15))
def test_conversations(said: list[bytes]) -> None:
    """Whatever is said in whatever order, a call stays over once it is, and its voices can be told."""
    invite = read_message(CALL.invite())
    assert isinstance(invite, Request)
    conversation, over = Conversation(invite, 0), None
    for number, raw in enumerate(said):
        try:
            message = read_message(raw)
        except SipError:
            continue
        conversation.take(message, number)
        assert over in {None, conversation.over}
        over = conversation.over
        for side in Side:
            outgoing_media(conversation, side)


@given(st.sets(st.integers(1, 65535), min_size=1, max_size=16))
def test_the_filter_is_short_and_only_jumps_ahead(ports: set[int]) -> None:
    """Every jump of the kernel's filter lands within it, whichever ports are named."""
    program = capture_program(sorted(ports))
    assert len(program) < 256
    for place, (code, yes, no, _) in enumerate(program):
        if code & 0x07 == 0x05:
            assert place + 1 + max(yes, no) < len(program)
