"""What a PBX tells of announcements, and the dialplans that make it tell."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.streams.calls.announcing.dialplan import (
    ANSWER_TIMEOUT_S,
    MAX_LINES,
    BadLine,
    LoggedAnnouncement,
    Pbx,
    Plan,
    Player,
    read_log,
    write_dialplan,
)

END = datetime(2026, 11, 22, 6, 0, 12, tzinfo=UTC)
GOOD = f'"{END.timestamp()}","107770200","kind=incoming;seconds=12;completed=1;keys=*"'
FULL = Plan("Switchboard", "/srv/rejent", "192.0.2.5:5070", clause=True, refusal_key="9", hands_over=True)


def test_a_line_tells_who_heard_what_and_when_it_began() -> None:
    """The instant of the event is that of its end."""
    (told,) = read_log([GOOD])
    assert told == LoggedAnnouncement(
        "incoming", END - timedelta(seconds=12), 12.0, completed=True, keys="*", caller="107770200"
    )
    assert "107770200" not in repr(told)


@pytest.mark.parametrize(
    "instant", ["2026-11-22T07:00:12+01:00", "2026-11-22 06:00:12+00:00", "1795327212", "1795327212.0"]
)
def test_instants_with_an_offset_or_since_1970_are_taken(instant: str) -> None:
    """Whichever of them the PBX writes."""
    (told,) = read_log([GOOD.replace(str(END.timestamp()), instant)])
    assert isinstance(told, LoggedAnnouncement)
    assert told.start == END - timedelta(seconds=12)


@pytest.mark.parametrize(
    "changed",
    [
        (str(END.timestamp()), "2026-11-22 07:00:12"), (str(END.timestamp()), "0"), (str(END.timestamp()), "yesterday"),
        (str(END.timestamp()), "1e400"), (str(END.timestamp()), "9" * 30), (str(END.timestamp()), "9" * 18), ("seconds=12", "seconds=-1"),
        ("seconds=12", "seconds=nan"), ("seconds=12", "seconds=99999"), ("seconds=12;", ""), ("kind=incoming", "kind=`reboot`"),
        ("keys=*", "keys=$(x)"), ('"107770200",', ""), ('"107770200"', '"1077'),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_is_named_and_the_others_are_taken(changed: tuple[str, str]) -> None:
    """A time without zone or of 1970, impossible lengths, signs of a shell, a field too few."""
    told = list(read_log([GOOD, GOOD.replace(*changed), "another,event", GOOD]))
    assert [type(one) for one in told] == [LoggedAnnouncement, BadLine, LoggedAnnouncement]


def test_no_file_is_read_without_end() -> None:
    """After so many lines the rest is named as not taken."""
    told = list(read_log("x,y" for _ in range(MAX_LINES + 10)))
    assert told == [BadLine(MAX_LINES + 1)]


@given(st.lists(st.text(max_size=80).map(lambda text: f"kind={text}") | st.just(GOOD), max_size=8))
def test_whatever_a_pbx_writes_is_taken_or_named(lines: list[str]) -> None:
    """Nothing raises, and nothing is lost without a word."""
    assert len(list(read_log(lines))) == len(lines)


@pytest.mark.parametrize("pbx", Pbx)
def test_a_dialplan_with_a_file_plays_tells_and_lets_everybody_on(pbx: Pbx) -> None:
    """Announcement, clause, refusal and hanging up each tell; the line's name brings no signs of the dialplan."""
    text = write_dialplan(
        Plan('X"];System(x)\n', "/srv/my office", clause=True, refusal_key="9"), pbx, Player.FILE
    )
    assert text.count("CELGenUserEvent(AnnouncementHeard") == 3
    assert "Return()" in text
    assert "rejent-unrecorded" in text
    assert "; Announcement of the line: XSystemx\n" in text
    assert text.isascii()


def test_what_the_dialplan_makes_a_pbx_write_is_understood() -> None:
    """The event's text, filled as Asterisk does it, is a line that is taken."""
    text = write_dialplan(FULL, Pbx.ASTERISK, Player.FILE)
    extra = text.partition("CELGenUserEvent(AnnouncementHeard,")[2].partition(")\n")[0]
    filled = (
        extra.replace("\\;", ";").replace("$[${EPOCH}-${REJENT_T0}]", "15").replace("${REJENT_KEYS}", "*")
    )
    (told,) = read_log([f'"{END.timestamp()}","107770200","{filled}"'])
    assert isinstance(told, LoggedAnnouncement)
    assert (told.heard_s, told.completed, told.keys) == (15.0, True, "*")


def test_a_dialplan_with_our_announcing_goes_on_when_it_does_not_answer() -> None:
    """The Dial gives up after a few seconds, and the call goes on in the dialplan."""
    text = write_dialplan(FULL, Pbx.FREEPBX, Player.SERVICE)
    assert f"Dial(PJSIP/rejent-announcing,{ANSWER_TIMEOUT_S},g)" in text
    assert "contact=sip:192.0.2.5:5070" in text
    assert '"${HANGUPCAUSE}"="21"' in text


def test_what_is_not_offered_is_not_written() -> None:
    """Without clause and refusal nothing leads there."""
    text = write_dialplan(Plan("Line", "/srv/rejent"), Pbx.ASTERISK, Player.FILE)
    assert "(clause)" not in text
    assert "rejent-unrecorded" not in text


def test_the_dialplan_names_the_commands_for_every_sound_it_plays() -> None:
    """Announcement and clause are exported each, with the folder and the line as a shell takes them, within comments."""
    text = write_dialplan(
        Plan("Registry\nSystem(x)", "/srv/my office", clause=True), Pbx.ASTERISK, Player.FILE
    )
    for kind in ("incoming", "clause"):
        command = f"export '/srv/my office' --line 'RegistrySystem(x)' --kind {kind} --to rejent-{kind}.wav"
        assert f";  rejent calls announcement {command}\n" in text
        assert f"custom/rejent-{kind})" in text or f"custom/rejent-{kind}," in text
    assert "--kind clause" not in write_dialplan(Plan("Line", "/srv/rejent"), Pbx.ASTERISK, Player.FILE)


def test_what_was_not_played_is_not_told_as_heard() -> None:
    """Where Asterisk could not play the file, the dialplan passes over the event that would say so."""
    lines = write_dialplan(FULL, Pbx.ASTERISK, Player.FILE).splitlines()
    told = [n for n, line in enumerate(lines) if "completed=1" in line]
    assert len(told) == 2
    assert [lines[n - 1].partition("GotoIf")[2] for n in told] == [
        '($["${READSTATUS}"="ERROR"]?unsaid)',
        '($["${PLAYBACKSTATUS}"!="SUCCESS"]?again)',
    ]


def test_a_line_that_is_no_event_at_all_is_named() -> None:
    """Other events have their fields, too; what has not is not understood, and an empty line is nothing."""
    other = '"1795330000.25","107770200",""'
    assert list(read_log([other, "rubbish\n", "\n"])) == [BadLine(2)]
