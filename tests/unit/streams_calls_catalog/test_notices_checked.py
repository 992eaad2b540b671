"""What shows that callers heard something is compared with the ledger."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.announcement_wav import plain_wav
from rejent.streams.calls.catalog.lines.announcers import announcer_address
from rejent.streams.calls.catalog.models import Announcement, Announcer, Call, CallNotice, RefusedNumber
from tests.guarded_rows import unguarded
from tests.unit.catalog.conftest import START
from tests.unit.streams_calls_catalog.announced import announce, exchange_versions, heard, marked
from tests.unit.streams_calls_catalog.checked import codes


def test_what_was_entered_is_found_to_be_so(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """Versions, address and evidence as the program wrote them yield nothing; what waits for its call is not asked about."""
    announce(announced_line, clock)
    call_services.set_announcer(
        announced_line, announcer_address("127.0.0.1:5070", ()), clock=clock, actor=""
    )
    call_services.set_announcer(
        announced_line, announcer_address("127.0.0.1:5071", ()), clock=clock, actor=""
    )
    announced_call()
    call_services.note_heard(heard(announced_line), clock=clock)
    call_services.match_heard(clock=clock)
    call_services.note_heard(replace(heard(announced_line), caller="sip:107770299@pbx"), clock=clock)
    assert codes() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda: Announcement.objects.update(text="Another."),
        lambda: Announcement.objects.update(sound=plain_wav(bytes(2))),
        lambda: Announcement.objects.update(valid_from=START - timedelta(days=9)),
        lambda: CallNotice.objects.update(completed=False),
        lambda: CallNotice.objects.update(heard_s=99),
        lambda: CallNotice.objects.update(outcome="hung-up"),
        lambda: CallNotice.objects.update(by="person-2"),
        lambda: CallNotice.objects.update(commitment="0" * 64),
        lambda: CallNotice.objects.update(**CallNotice.blanked()),
        lambda: CallNotice.objects.all().delete(),
        lambda: Announcer.objects.update(address="announce://127.0.0.1:6666?from=192.0.2.66"),
    ],
)
def test_what_was_changed_behind_the_program_is_found(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock, change: Callable[[], object]
) -> None:
    """Another text or sound, evidence made better, planted or taken away, calls led elsewhere."""
    announce(announced_line, clock)
    call_services.set_announcer(
        announced_line, announcer_address("127.0.0.1:5070", ()), clock=clock, actor=""
    )
    call_services.record_notices(announced_call(), [heard(announced_line).notice], clock=clock)
    change()
    assert codes()


@pytest.mark.parametrize(
    "changed",
    [{"language": "en"}, {"made_by": "espeak-ng"}, {"sha256": "0" * 64}, {"version": 9}],
)
def test_each_column_of_a_version_is_compared(
    announced_line: str, clock: ManualClock, changed: dict[str, object]
) -> None:
    """In which language it was, who spoke it, what is told of its sound, and which act set it."""
    announce(announced_line, clock)
    before = codes()
    Announcement.objects.update(**changed)
    assert (before, codes()) == ([], ["calls.differs-from-ledger"])


def test_what_waits_hides_no_row_that_is_gone(announced_line: str, clock: ManualClock) -> None:
    """A notice without its call is a row that no living entry demands; a refused number that somebody deleted is missed all the same."""
    call_services.refuse_number("+48 10 777 02 99", clock=clock, actor="")
    call_services.note_heard(heard(announced_line), clock=clock)
    before = codes()
    with unguarded():
        RefusedNumber.objects.all().delete()
    assert (before, codes()) == ([], ["calls.row-missing"])


@pytest.mark.parametrize("changed", [{"caller": "+48107770299"}, {"called": "105550199"}, {"salt": "0" * 64}])
def test_what_waits_is_joined_with_no_call_but_that_of_its_numbers(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock, changed: dict[str, object]
) -> None:
    """Led to another caller it makes no call announced, and is found."""
    names = announced_call(1), announced_call(2, caller="sip:107770299@pbx")
    call_services.note_heard(heard(announced_line), clock=clock)
    before = codes()
    CallNotice.objects.update(**changed)
    assert (before, codes()) == ([], ["calls.differs-from-ledger"])
    assert call_services.match_heard(clock=clock) == 0
    assert [marked(name) for name in names] == ["no", "no"]
    assert not list(registers.entered(["call.announced"]))


@pytest.mark.parametrize(
    "changed",
    [{"caller": "+48107770201"}, {"caller": "+48107770201", "salt": "0" * 64}, {"profile": "other"}],
)
def test_a_call_that_is_not_as_it_was_entered_takes_no_evidence(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock, changed: dict[str, object]
) -> None:
    """Given the caller of another for a moment only, it would be announced in the ledger for ever."""
    name = announced_call(caller="sip:107770299@pbx")
    call_services.note_heard(heard(announced_line), clock=clock)
    Call.objects.update(**{"caller": "+48107770201", **changed})
    assert call_services.match_heard(clock=clock) == 0
    assert marked(name) == "no"
    assert not list(registers.entered(["call.announced"]))


def test_an_employees_word_is_led_to_no_other_call(
    announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """What was said of a call of one's own is not taken for one of a colleague."""
    earlier = START - timedelta(hours=1)
    other = announced_call(1, earlier, direction="outgoing", caller="105550102", called="107770201")
    call_services.note_read("105550101", "10 777 02 01", "person-1", clock=clock)
    CallNotice.objects.update(caller="+48105550102")
    assert call_services.match_heard(clock=clock) == 0
    assert marked(other) == "no"
    assert codes() == ["calls.differs-from-ledger"]


def test_no_act_tells_the_numbers_and_nothing_that_is_left_finds_them(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """The salt of what binds them goes with the numbers once the call is found, so that they cannot be tried."""
    announced_call()
    call_services.note_heard(heard(announced_line), clock=clock)
    (act,) = registers.entered(["announcement.heard"])
    waiting = CallNotice.objects.get()
    assert "107770201" not in str(act.facts)
    call_services.match_heard(clock=clock)
    joined = CallNotice.objects.get()
    assert (joined.caller, joined.called) == ("", "")
    assert {joined.salt, joined.commitment}.isdisjoint({waiting.salt, waiting.commitment})


def test_numbers_put_beside_evidence_whose_call_is_known_are_found(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """They go with the finding of the call, and come back by nobody of ours."""
    call_services.record_notices(announced_call(), [heard(announced_line).notice], clock=clock)
    before = codes()
    CallNotice.objects.update(caller="+48107770201")
    assert (before, codes()) == ([], ["calls.differs-from-ledger"])


@pytest.mark.parametrize(
    "changed",
    [
        {"start": START + timedelta(days=9999)},
        {"start": START - timedelta(days=2)},
        {"start": START + timedelta(days=9), "source": None, "by": "person-1"},
    ],
)
def test_numbers_that_would_be_kept_past_their_day_are_found_and_go_at_once(
    announced_line: str, clock: ManualClock, changed: dict[str, object]
) -> None:
    """Whatever the row says of when it was heard."""
    call_services.note_heard(heard(announced_line), clock=clock)
    before = codes()
    CallNotice.objects.update(**changed)
    assert (before, "catalog.numbers-kept" in codes()) == ([], True)
    assert call_services.match_heard(clock=clock) == 0
    assert not CallNotice.objects.exists()
    assert codes() == []


def test_numbers_that_nobody_forgets_are_found(announced_line: str, clock: ManualClock) -> None:
    """Where the keeper does not run, fsck tells of them, an hour after they should have gone."""
    call_services.note_heard(heard(announced_line), clock=clock)
    ends = START - timedelta(seconds=20) + timedelta(days=1)
    assert codes(ends + timedelta(minutes=59)) == []
    assert codes(ends + timedelta(minutes=61)) == ["catalog.numbers-kept"]


def test_an_exchange_whose_clock_is_ahead_is_waited_for(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """Of a call that begins in a minute, as the exchange says, the evidence stays."""
    call_services.note_heard(heard(announced_line, start=START + timedelta(minutes=2)), clock=clock)
    assert call_services.match_heard(clock=clock) == 0
    assert codes() == []
    name = announced_call()
    assert call_services.match_heard(clock=clock) == 1
    assert marked(name) == "service"


@pytest.mark.parametrize(
    "changed",
    [
        {"keys": "1"},
        {"keys": ""},
        {"salt": "0" * 64},
        {"doubt": ""},
        {"score": 0.99},
        {"score": None},
        {"source": None},
        {"announcement": None},
    ],
)
def test_each_column_of_evidence_is_compared(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock, changed: dict[str, object]
) -> None:
    """What the caller pressed, how alike it was, what speaks against it, whose it is: all of it stands on the call's page."""
    announce(announced_line, clock)
    told = {"keys": "2", "doubt": "beginning-missing", "score": 0.4}
    version = Announcement.objects.get().pk
    found = heard(announced_line, known_by="found", announcement=version, **told)
    call_services.record_notices(announced_call(), [found.notice], clock=clock)
    before = codes()
    CallNotice.objects.update(**changed)
    assert (before, codes()) == ([], ["calls.differs-from-ledger"])


def test_no_act_tells_the_keys(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """A caller may press their number."""
    announced_call()
    call_services.note_heard(heard(announced_line, keys="105550188"), clock=clock)
    call_services.match_heard(clock=clock)
    acts = list(registers.entered(["announcement.heard", "call.announced"]))
    assert [str(act.facts).find("105550188") for act in acts] == [-1, -1]
    assert CallNotice.objects.get().keys == "105550188"


def test_a_version_that_took_the_place_of_another_is_found(announced_line: str, clock: ManualClock) -> None:
    """Evidence names versions by their keys: exchanged, it would tell of another text, whatever act told of it."""
    announce(announced_line, clock)
    announce(announced_line, clock, text="Another.")
    before = codes()
    exchange_versions()
    assert (before, codes()) == ([], ["calls.differs-from-ledger"] * 2)


def test_what_was_planted_is_found_and_leads_no_call_elsewhere(
    announced_line: str, announced_call: Callable[..., str]
) -> None:
    """A version that nobody set, an address at which nobody has calls answered, evidence that nobody entered."""
    name = announced_call()
    Announcer.objects.create(source_id=announced_line, address="announce://127.0.0.1:6666?from=192.0.2.66")
    Announcement.objects.create(
        source_id=announced_line, kind="incoming", version=1, language="pl", text="Said.", sound=b"",
        sha256="0" * 64, made_by="uploaded", valid_from=START,
    )  # fmt: skip
    CallNotice.objects.create(
        source_id=announced_line,
        call_id=name,
        kind="incoming",
        known_by="service",
        start=START,
        salt="00" * 32,
    )
    assert codes() == ["calls.not-in-ledger"] * 3
    assert call_queries.announcers() == {}


def test_evidence_put_back_to_what_it_was_before_its_call_was_known_is_found(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """Its earlier entry is not its newest, so that it finds no second call."""
    call_services.note_heard(heard(announced_line), clock=clock)
    waited = CallNotice.objects.values().get()
    announced_call()
    assert call_services.match_heard(clock=clock) == 1
    CallNotice.objects.update(**waited)
    assert call_services.match_heard(clock=clock) == 0
    assert codes() == ["calls.differs-from-ledger"]


@pytest.mark.parametrize(
    "planted",
    [
        {"commitment": "0" * 64, "salt": "0" * 64},
        {"by": "person-2"},
        {"outcome": "hung-up"},
        {"known_by": "employee", "by": "person-2"},
    ],
)
def test_what_was_planted_while_it_waits_belongs_to_no_call(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock, planted: dict[str, object]
) -> None:
    """A row that is not as it was entered is not joined, and is found."""
    name = announced_call()
    call_services.note_heard(heard(announced_line, completed=False), clock=clock)
    CallNotice.objects.update(**planted)
    assert call_services.match_heard(clock=clock) == 0
    assert marked(name) == "no"
    assert codes() == ["calls.differs-from-ledger"]
    assert not list(registers.entered(["call.announced"]))


def test_a_copy_makes_no_second_evidence(
    announced_line: str, announced_call: Callable[..., str], clock: ManualClock
) -> None:
    """A copy of a row that found its call finds none, and is found itself."""
    announced_call()
    call_services.note_heard(heard(announced_line), clock=clock)
    call_services.match_heard(clock=clock)
    row = CallNotice.objects.get()
    row.pk, row.call, row.caller = None, None, "+48107770201"
    row.save(force_insert=True)
    assert call_services.match_heard(clock=clock) == 0
    assert codes() == ["calls.not-in-ledger"]
