"""One leg of a call: what is missing, late, twice, of another sender or no speech is told apart."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.formats.rtp.account import SECOND, GapCause, Role
from rejent.formats.rtp.codecs import EVENT, Codec
from rejent.formats.rtp.leg import FULLY_LISTED_LEGS, MAX_LISTED_BEYOND, MAX_SENDERS, PERSISTENT_PACKETS, Leg
from rejent.formats.rtp.rtcp import SenderReport
from rejent.formats.rtp.sequence import MAX_HOLES, Order, Sequence
from rejent.streams.calls.network.rtp.source_lock import SOURCE_TIMEOUT, SourceLock
from tests.examples import examples
from tests.unit.streams_calls.rtp_legs import FRAME, START, packet, speech

CODECS = {101: Codec(EVENT), 111: Codec("OPUS", 48_000, 2)}


def leg() -> Leg:
    """A leg that negotiated A-law, events and Opus."""
    return Leg(CODECS, START)


def take(target: Leg, packets: list[tuple[bytes, int]]) -> list[Role]:
    """Have a leg take packets; what each was."""
    return [target.take(content, at) for content, at in packets]


def test_a_whole_row_is_speech_without_loss_or_gap() -> None:
    """Packets in order over a wrap of the sequence are all speech, and nothing else is told."""
    tried = leg()
    assert set(take(tried, list(speech(200)))) == {Role.SPEECH}
    account = tried.account(START + 200 * FRAME)
    assert (account.lost, account.gaps, account.jumps) == (0, (), ())
    assert [(span.received, span.late, span.twice) for span in account.senders] == [(200, 0, 0)]
    assert [span.name for span in account.codecs] == ["PCMA"]


@settings(max_examples=examples(150))
@given(
    count=st.integers(2, 400),
    first=st.integers(0, 0xFFFF),
    losing=st.floats(0, 0.6),
    seed=st.integers(0, 1 << 30),
    apart=st.integers(0, 30),
)
def test_loss_order_and_repetition_agree_with_a_set(
    count: int, first: int, losing: float, seed: int, apart: int
) -> None:
    """However packets are lost, late or repeated, what is missing is exactly what a set of numbers says."""
    chance = random.Random(seed)  # noqa: S311 - a test's own dice
    sent = list(speech(count, first=first))
    kept = [number for number in range(count) if number in {0, count - 1} or chance.random() >= losing]
    arriving = kept + [number for number in kept[:-1] if chance.random() < 0.1]
    arriving.sort(key=lambda number: number + chance.uniform(0, apart))
    tried = leg()
    for place, number in enumerate(arriving):
        tried.take(sent[number][0], START + place * FRAME)
    account = tried.account(START + count * FRAME)
    (sender,) = account.senders
    lowest, highest = min(arriving), max(arriving)
    missing = set(range(lowest, highest + 1)) - set(arriving)
    assert (sender.lost, sender.received) == (len(missing), len(set(arriving)))
    assert sender.twice == len(arriving) - len(set(arriving))
    assert sum(gap.packets for gap in account.gaps if gap.cause is GapCause.LOST) == len(missing)
    assert all(gap.start <= gap.end for gap in account.gaps)


def test_a_loss_lies_between_its_neighbours() -> None:
    """Three packets that never come are one gap from the arrival before them to the one after."""
    sent = list(speech(20))
    tried = leg()
    take(tried, sent[:8] + sent[11:])
    (gap,) = tried.account(START + 20 * FRAME).gaps
    assert (gap.start, gap.end, gap.packets) == (sent[7][1], sent[11][1], 3)


def test_a_stray_packet_of_another_sender_changes_nothing() -> None:
    """One packet with a foreign SSRC waits, and the row goes on without loss."""
    sent = list(speech(30))
    stray = (packet(7, 7, ssrc=1), sent[10][1])
    tried = leg()
    roles = take(tried, [*sent[:10], stray, *sent[10:]])
    assert roles[10] is Role.WAITING
    assert tried.ssrc == 0xC0FFEE
    assert tried.account(START + 30 * FRAME).lost == 0


def test_another_sender_that_persists_is_followed_from_its_first_packet() -> None:
    """A new SSRC wins with its fifth packet, and the four before it count as received."""
    tried = leg()
    take(tried, list(speech(50)))
    other = list(speech(20, first=9, start=START + 50 * FRAME, ssrc=0xBEEF))
    roles = take(tried, other)
    assert roles[: PERSISTENT_PACKETS - 1] == [Role.WAITING] * (PERSISTENT_PACKETS - 1)
    assert set(roles[PERSISTENT_PACKETS - 1 :]) == {Role.SPEECH}
    spans = tried.account(START + 70 * FRAME).senders
    assert [(span.ssrc, span.received, span.lost) for span in spans] == [(0xC0FFEE, 50, 0), (0xBEEF, 20, 0)]


def test_after_silence_two_packets_of_another_sender_are_enough_and_one_is_not() -> None:
    """Where our sender has gone, the next is followed with its second packet."""
    tried = leg()
    take(tried, list(speech(10)))
    other = list(speech(3, first=9, start=START + SECOND, ssrc=0xBEEF))
    assert take(tried, other) == [Role.WAITING, Role.SPEECH, Role.SPEECH]


def test_a_sequence_begun_anew_by_the_same_sender_is_no_loss() -> None:
    """A leap of the sequence of 20 000 that goes on from there is a new span, not 20 000 lost packets."""
    tried = leg()
    take(tried, list(speech(10, first=100)))
    take(tried, list(speech(10, first=20_100, start=START + 10 * FRAME)))
    account = tried.account(START + 20 * FRAME)
    assert (account.lost, len(account.senders)) == (0, 2)


def test_events_and_unknown_types_are_kept_apart() -> None:
    """A key pressed is an event, comfort noise is noise, an unnegotiated type is unknown; none is speech or loss."""
    sent = list(speech(4, first=0))
    key = packet(4, 640, kind=101, payload=b"\x0a\x8a\x03\x20")
    noise = packet(5, 800, kind=13, payload=b"\x40")
    odd = packet(6, 960, kind=77)
    tried = leg()
    at = sent[-1][1]
    roles = take(
        tried, [*sent, (key, at + FRAME), (noise, at + 2 * FRAME), (odd, at + 3 * FRAME), (b"?", at)]
    )
    assert roles[4:] == [Role.EVENT, Role.NOISE, Role.UNKNOWN, Role.NONSENSE]
    assert tried.account(at + 4 * FRAME).lost == 0


def test_a_change_of_coding_is_told_with_its_instant() -> None:
    """A-law that turns into Opus in mid-call is two spans of one sender."""
    tried = leg()
    take(tried, list(speech(10, first=0)))
    take(tried, [(packet(10, 1600, kind=111, payload=b"opus"), START + 10 * FRAME)])
    codecs = tried.account(START + 11 * FRAME).codecs
    assert [(span.name, span.start) for span in codecs] == [("PCMA", START), ("OPUS", START + 10 * FRAME)]


def test_silence_that_the_sender_tells_is_no_loss() -> None:
    """A sequence that goes on while time stamp and clock leap together by 3 s is silence."""
    tried = leg()
    take(tried, list(speech(10, first=0)))
    later = START + 10 * FRAME + 3 * SECOND
    take(tried, [(packet(10, 1600 + 24_000, marker=True), later)])
    (gap,) = tried.account(later).gaps
    assert (gap.cause, gap.start, gap.end) == (GapCause.SILENCE, START + 9 * FRAME, later)


def test_packets_that_stop_without_a_word_are_a_gap() -> None:
    """A hold nobody told, after which the time stamps go on as if nothing had been, is a gap and no silence."""
    tried = leg()
    take(tried, list(speech(10, first=0)))
    later = START + 60 * SECOND
    take(tried, [(packet(10, 1600), later)])
    gaps = tried.account(later + 2 * SECOND).gaps
    assert [(gap.cause, gap.end) for gap in gaps] == [
        (GapCause.STOPPED, later),
        (GapCause.STOPPED, later + 2 * SECOND),
    ]


def test_a_pause_that_signalling_tells_is_told_once() -> None:
    """What a pause explains is no other gap beside it, also where it lasts to the end."""
    tried = leg()
    take(tried, list(speech(10, first=0)))
    tried.pause(START + 10 * FRAME)
    tried.resume(START + 8 * SECOND)
    take(tried, [(packet(10, 1600), START + 8 * SECOND)])
    tried.pause(START + 9 * SECOND)
    gaps = tried.account(START + 12 * SECOND).gaps
    assert [(gap.cause, gap.start) for gap in gaps] == [
        (GapCause.PAUSED, START + 10 * FRAME),
        (GapCause.PAUSED, START + 9 * SECOND),
    ]


def test_a_leap_of_the_time_stamp_alone_is_a_jump() -> None:
    """Time stamps that leap a minute while the clock goes on are told as a jump, not as a minute's gap."""
    tried = leg()
    take(tried, list(speech(10, first=0)))
    take(tried, [(packet(10, 1600 + 480_000), START + 10 * FRAME)])
    account = tried.account(START + 11 * FRAME)
    assert (account.gaps, [jump.ticks for jump in account.jumps]) == ((), [480_160])


def test_no_packets_at_all_is_a_gap_of_the_whole_leg() -> None:
    """A leg that stays silent is told from its beginning to its end."""
    (gap,) = leg().account(START + 30 * SECOND).gaps
    assert (gap.cause, gap.start, gap.end) == (GapCause.STOPPED, START, START + 30 * SECOND)


def test_the_report_tells_loss_and_jitter_and_quotes_the_sender() -> None:
    """A receiver report names the lost quarter, the highest number and the middle of the sender's own report."""
    sent = list(speech(101, first=0))
    tried = leg()
    take(tried, [each for number, each in enumerate(sent) if number % 4 != 2])
    tried.sender_report(SenderReport(0xC0FFEE, START / SECOND + 7, 0, 0x1234), START)
    block = tried.reception(START + SECOND)
    assert block is not None
    assert (block.cumulative_lost, block.fraction_lost) == (25, 25 * 256 // 101)
    assert (block.last_report, block.since_last_report) == (0x1234, 65536)
    assert (tried.clock_offset, tried.reception(START + SECOND).fraction_lost) == (7.0, 0)


@settings(max_examples=examples(300))
@given(st.lists(st.tuples(st.binary(max_size=60), st.integers(0, 1 << 40)), max_size=30))
def test_any_bytes_are_counted_and_nothing_breaks(packets: list[tuple[bytes, int]]) -> None:
    """Whatever comes, each packet is counted once and the account can be made."""
    tried = leg()
    arrival = START
    for content, later in packets:
        arrival += later
        tried.take(content, arrival)
    assert sum(tried.account(arrival).packets.values()) == len(packets)


def test_a_spoofed_source_is_dropped_and_counted() -> None:
    """While our party speaks no other address is taken, not even after it has been silent, unless it is the one signalled."""
    lock = SourceLock("192.0.2.7", {"192.0.2.7"})
    assert lock.admits(("192.0.2.7", 4000), START)
    assert not lock.admits(("203.0.113.9", 4000), START)
    assert not lock.admits(("192.0.2.7", 4002), START)
    assert not lock.admits(("203.0.113.9", 4000), START + 10 * SOURCE_TIMEOUT)
    assert lock.admits(("192.0.2.7", 4002), START + 10 * SOURCE_TIMEOUT)
    assert lock.rejected == 3


def test_a_party_behind_a_nat_is_followed_where_it_speaks_from() -> None:
    """Without an address signalled the first that speaks is followed, and another once it is silent."""
    lock = SourceLock()
    assert lock.admits(("198.51.100.1", 9), START)
    assert not lock.admits(("198.51.100.2", 9), START + SOURCE_TIMEOUT - 1)
    assert lock.admits(("198.51.100.2", 9), START + SOURCE_TIMEOUT)
    lock.expect("198.51.100.3")
    assert lock.admits(("198.51.100.3", 9), START + SOURCE_TIMEOUT)


def test_the_address_signalled_displaces_who_spoke_before_it() -> None:
    """A stranger who spoke first is shut out by the first packet of the party, and stays so while the party speaks."""
    lock = SourceLock("192.0.2.7", {"192.0.2.1"})
    assert lock.admits(("203.0.113.9", 4000), START)
    assert lock.admits(("192.0.2.7", 4000), START + 1)
    for spoken in range(1, 400):
        assert not lock.admits(("203.0.113.9", 4000), START + spoken * FRAME)
        assert lock.admits(("192.0.2.7", 4000), START + spoken * FRAME)
    assert (lock.rejected, lock.is_trusted) == (399, True)


def test_a_device_that_sends_from_elsewhere_than_it_signalled_is_heard() -> None:
    """A stranger is taken where nobody better speaks; one that may hand calls over goes before it, and who was signalled before both."""
    lock = SourceLock("192.0.2.7", {"192.0.2.1"})
    assert lock.admits(("203.0.113.9", 4000), START)
    assert not lock.is_trusted
    assert lock.admits(("192.0.2.1", 4000), START + 1)
    assert lock.is_trusted
    assert not lock.admits(("203.0.113.9", 4000), START + 2)
    assert lock.admits(("192.0.2.7", 4000), START + 3)
    assert not lock.admits(("192.0.2.1", 4000), START + 4)
    assert lock.admits(("192.0.2.1", 4000), START + 3 + SOURCE_TIMEOUT)


def test_where_a_name_was_signalled_who_may_hand_calls_over_goes_before_a_stranger() -> None:
    """Of several hosts that hand calls over any may send a call's packets, also where another of them was signalled."""
    lock = SourceLock(None, {"192.0.2.1", "192.0.2.2"})
    assert lock.admits(("203.0.113.9", 4000), START)
    assert lock.admits(("192.0.2.2", 4000), START + 1)
    lock.expect("192.0.2.1")
    assert not lock.admits(("203.0.113.9", 4000), START + 10 * SOURCE_TIMEOUT)
    assert lock.admits(("192.0.2.2", 4000), START + 10 * SOURCE_TIMEOUT)
    assert lock.admits(("192.0.2.1", 4000), START + 10 * SOURCE_TIMEOUT)


def test_however_many_senders_lose_packets_what_is_listed_stays_bounded() -> None:
    """Holes are bounded for the leg, not for each of its senders; senders are listed up to a bound; every lost packet counts."""
    tried, number, at, lost = leg(), 0, START, 0
    for sender in range(1, MAX_SENDERS + 50):
        for step in (1,) * (PERSISTENT_PACKETS + 1) + (2,) * 40:
            number, at = number + step, at + FRAME
            lost += step - 1
            tried.take(packet(number, 160 * number, ssrc=sender), at)
    account = tried.account(at)
    assert len(account.senders) == MAX_SENDERS
    assert len(account.gaps) == MAX_HOLES
    assert account.lost == lost


def test_of_the_legs_beyond_the_first_less_is_listed_and_as_much_counted() -> None:
    """A session may have hundreds of legs; what each lost, paused and leapt is written in one go."""
    for number, most in (
        (FULLY_LISTED_LEGS - 1, MAX_HOLES),
        (FULLY_LISTED_LEGS, MAX_LISTED_BEYOND),
        (239, MAX_LISTED_BEYOND),
    ):
        tried = Leg({}, START, number)
        for step in range(0, 3 * MAX_HOLES, 2):
            tried.pause(START + step)
            tried.resume(START + step + 1)
            tried.take(packet(step, step // 2 % 2 * 10**6), START + step * FRAME)
        account = tried.account(START)
        assert account.lost == 3 * MAX_HOLES // 2 - 1
        assert len(account.jumps) <= most
        assert len([gap for gap in account.gaps if gap.cause is GapCause.LOST]) <= most
        assert len([gap for gap in account.gaps if gap.cause is GapCause.PAUSED]) <= most


def test_holes_that_late_packets_split_stay_bounded() -> None:
    """Every other packet of long holes comes late: what is listed does not grow with them, and what is lost is told right."""
    row = Sequence(0, START, 100)
    for begin in range(0, 100_000, 1000):
        row.take(begin + 999 & 0xFFFF, START)
        for late in range(begin + 1, begin + 998, 2):
            assert row.take(late & 0xFFFF, START) is Order.LATE
    assert len(row.holes) <= 100
    assert row.lost == row.highest + 1 - row.received == 49_999


def test_a_leg_that_loses_every_other_packet_for_hours_stays_bounded() -> None:
    """However many holes there are, so many are listed, and the count of what is lost goes on."""
    tried = leg()
    for number in range(0, 4 * MAX_HOLES, 2):
        tried.take(packet(number, 160 * number), START + number * FRAME)
    account = tried.account(START)
    assert (account.lost, len(account.gaps)) == (2 * MAX_HOLES - 1, MAX_HOLES)
