"""Whatever a PBX or a caller sends to be announced: nothing breaks, every request is answered, and every caller is let go."""

from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.streams.calls.announcing.hand_over import MAX_DURATION_S
from tests.examples import examples
from tests.property.test_siprec_fuzz import BYTES, FLOW
from tests.unit.streams_calls.announced_caller import OFFER, AnnouncedCaller

METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "INFO", "NOTIFY", "OPTIONS", "REFER", "PRACK")
BODIES = (
    st.sampled_from(
        [
            OFFER,
            b"",
            b"v=0\r\n",
            OFFER.replace(b"sendrecv", b"inactive"),
            b"Signal=*",
            b"SIP/2.0 200 OK",
            b"SIP/2.0 486 X",
        ]
    )
    | BYTES
)
KINDS = st.sampled_from(
    ["application/sdp", "application/dtmf-relay", "message/sipfrag", "multipart/mixed;boundary=b", "x"]
)
REQUESTS = st.tuples(st.sampled_from(METHODS), BODIES, KINDS, st.floats(0, 5))


@given(BYTES)
def test_bytes_are_answered_or_dropped(received):
    """What is no message breaks nothing."""
    caller = AnnouncedCaller()
    caller.core.receive(received, FLOW, caller.at)
    caller.core.tick(caller.at)
    assert caller.core.sessions <= 1


@given(st.binary(max_size=80) | st.binary(max_size=40).map(lambda rest: b"\x80\x65" + rest))
def test_packets_are_keys_or_nothing(datagram):
    """Whatever comes at a caller's port is one key at most."""
    caller = AnnouncedCaller()
    caller.call()
    caller.core.hear(caller.core.session_of(caller.voice), datagram, "192.0.2.10", 21000, caller.at)
    assert len(caller.collect()) == 0
    session = caller.core.session_of(caller.voice)
    assert session is None or len(session.playback.keys) <= 1


@settings(max_examples=examples(60))
@given(st.lists(REQUESTS, max_size=12))
def test_any_order_of_requests_ends(requests):
    """In the end nobody is left, every port is given back once, and each caller is told of once."""
    caller = AnnouncedCaller()
    caller.call()
    for method, body, kind, pause in requests:
        caller.send(caller.request(method, body, kind, required=()))
        caller.wait(pause)
        for asked in caller.asked[-1:]:
            caller.reply(asked, 202 if asked.method == "REFER" else 200)
    caller.wait(MAX_DURATION_S + 100)
    assert caller.core.sessions == 0
    assert all(voice.closed for voice in caller.voices)
    assert len(caller.events) == len(caller.voices)
