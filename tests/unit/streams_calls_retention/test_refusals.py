"""What was booked of a call before its party refused goes at once, unless a hold keeps it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, transaction

from rejent.catalog import queries as catalog
from rejent.catalog.checks import findings as catalog_findings
from rejent.catalog.models import Segment
from rejent.catalog.views import FinishedSegment
from rejent.ledger.entry_keys import EntryKeys, Tagged
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.models import Entry
from rejent.retention import services
from rejent.retention.errors import AlreadyDestroyedError
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.checks import numbers_of_calls
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.views import REFUSED, BegunCall
from rejent.streams.calls.recorder.call_books import CallBooks, RefusalNotes
from rejent.streams.calls.recorder.line import Refusal
from rejent.vault.errors import StorageError
from tests.guarded_rows import unguarded
from tests.unit.retention.office import MINUTE, RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
CALL = "ab" * 16


@pytest.fixture
def office(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office that records calls."""
    office = RecordingOffice.open(tmp_path, NOON, "walbrzych-mops")
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 10 555",))
    office.sources["line"] = call_services.add_line(name="Line", stated=stated, clock=office.clock, actor="")
    return office


@pytest.fixture
def refused(office: RecordingOffice) -> FinishedSegment:
    """A minute that was booked of a call whose party refused in the second one; another call's minute lies beside it."""
    source = office.sources["line"]
    begun = BegunCall(CALL, source, NOON.date(), NOON, "incoming", "105550123", "105550100", "siprec")
    call_services.begin_call(begun, clock=office.clock)
    booked = office.record(source, NOON, b"refused", run=CALL)
    office.record(source, NOON + MINUTE, b"another", run="cd" * 16)
    call_services.refuse_call(source, CALL, "key", 70, clock=office.clock)
    call_services.end_call(CALL, NOON + timedelta(seconds=70), REFUSED, clock=office.clock)
    return booked


def names(office: RecordingOffice) -> set[str]:
    """What lies in the store."""
    return {stored.name for stored in office.store.objects()}


def test_a_round_withdraws_what_was_refused(office: RecordingOffice, refused: FinishedSegment) -> None:
    """The object and the numbers are gone, the rest stays, and rows, sums and ledger agree; a second round finds nothing."""
    assert services.keep_once(office.keeping).withdrawn == 1
    assert refused.object_name not in names(office)
    assert len(names(office)) == 1
    row = Call.objects.get()
    assert (row.destroyed, row.caller, row.salt) == (True, "", "")
    assert not list(guarded_rows("catalog"))
    assert services.keep_once(office.keeping).withdrawn == 0


def test_a_hold_comes_first(office: RecordingOffice, refused: FinishedSegment) -> None:
    """What proceedings need stays until the hold ends, whatever a row says of its time; then it goes."""
    hold = services.place_hold(
        source_id=refused.source_id, start=NOON, end=NOON + MINUTE, case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli",
    )  # fmt: skip
    assert services.keep_once(office.keeping).withdrawn == 0
    Segment.objects.filter(pk=refused.id).update(start=NOON + 5 * MINUTE, end=NOON + 6 * MINUTE)
    assert services.keep_once(office.keeping).withdrawn == 0
    assert refused.object_name in names(office)
    Segment.objects.filter(pk=refused.id).update(start=NOON, end=NOON + MINUTE)
    services.end_hold(hold.number, reason="over", clock=office.clock, ledger=None, actor="cli")
    assert services.keep_once(office.keeping).withdrawn == 1
    assert refused.object_name not in names(office)


def test_what_is_booked_late_is_withdrawn_too(office: RecordingOffice, refused: FinishedSegment) -> None:
    """An object that waited for the database goes though nothing was left of its call; one that is held stays, names nobody, and nothing is found wrong."""
    assert services.keep_once(office.keeping).withdrawn == 1
    late = office.record(refused.source_id, NOON + MINUTE, b"late", run=CALL)
    assert services.keep_once(office.keeping).withdrawn == 1
    assert late.object_name not in names(office)
    held = office.record(refused.source_id, NOON + 5 * MINUTE, b"held", run=CALL)
    services.place_hold(
        source_id=refused.source_id, start=NOON, end=NOON + 9 * MINUTE, case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli",
    )  # fmt: skip
    assert services.keep_once(office.keeping).withdrawn == 0
    assert held.object_name in names(office)
    assert Call.objects.get(pk=CALL).caller == ""
    assert not [*guarded_rows("catalog"), *guarded_rows("calls"), *numbers_of_calls()]


def test_a_row_alone_withdraws_nothing(office: RecordingOffice, refused: FinishedSegment) -> None:
    """Neither a call that is said to be refused, nor an object that is said to be a refused call's: the ledger says otherwise, and both are found."""
    other = "cd" * 16
    begun = BegunCall(
        other, refused.source_id, NOON.date(), NOON + MINUTE, "incoming", "105550124", "105550100"
    )
    call_services.begin_call(begun, clock=office.clock)
    call_services.end_call(other, NOON + 2 * MINUTE, "bye", clock=office.clock)
    Call.objects.filter(pk=other).update(ended_by=REFUSED)
    Segment.objects.filter(run=other).update(run=CALL)
    assert services.keep_once(office.keeping).withdrawn == 1
    assert len(names(office)) == 1
    assert {
        found.code for found in (*guarded_rows("catalog"), *guarded_rows("calls"), *numbers_of_calls())
    } == {
        "calls.differs-from-ledger",
        "catalog.differs-from-ledger",
        "catalog.call-nameless",
    }


def test_no_recorder_withdraws(office: RecordingOffice, refused: FinishedSegment, settings: Any) -> None:
    """The program refuses it the act; and one that it writes past the program counts for nothing: a hold can still be placed."""
    keys, source = settings.ENTRY_KEYS, refused.source_id
    left = catalog.objects_of_item(source, CALL)
    settings.ENTRY_KEYS = EntryKeys(keys.recorder)
    with pytest.raises(ImproperlyConfigured, match=r"call\.withdrawing"), transaction.atomic():
        call_services.decide_withdrawal(CALL, left, clock=office.clock)
    settings.ENTRY_KEYS = keys
    call_services.decide_withdrawal(CALL, left, clock=office.clock)
    assert catalog.withdrawn_digests(source) == {refused.sha256}
    assert catalog.is_withdrawn(refused.sha256)
    entry = Entry.objects.get(act="call.withdrawing")
    one = Tagged(entry.index, bytes(entry.leaf), entry.thing, entry.digest, entry.act, entry.subject)
    forged = EntryKeys(keys.recorder).tag(one)
    with unguarded():
        Entry.objects.filter(pk=entry.pk).update(tag=forged)
    assert not catalog.withdrawn_digests(source)
    assert not catalog.is_withdrawn(refused.sha256)
    services.place_hold(
        source_id=source, start=NOON, end=NOON + MINUTE, case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli",
    )  # fmt: skip


def test_what_is_removed_is_named_by_the_digest_that_was_verified(
    office: RecordingOffice, refused: FinishedSegment
) -> None:
    """Whoever alters the row once it was verified makes the act name no other object, which a hold would keep no more."""
    left = catalog.objects_of_item(refused.source_id, CALL)
    with unguarded():
        Segment.objects.filter(pk=refused.id).update(sha256="ab" * 32, bytes=1)
    call_services.decide_withdrawal(CALL, left, clock=office.clock)
    assert catalog.withdrawn_digests(refused.source_id) == {refused.sha256}
    assert not catalog.is_withdrawn("ab" * 32)


def test_a_refused_call_takes_no_other_objects_with_it(
    office: RecordingOffice, refused: FinishedSegment
) -> None:
    """Whoever says in the database that another's object is a refused call's loses neither, and is found."""
    kept = Segment.objects.get(run="cd" * 16)
    Segment.objects.filter(pk=refused.id).update(object_name="aside")
    Segment.objects.filter(pk=kept.pk).update(object_name=refused.object_name)
    Segment.objects.filter(pk=refused.id).update(object_name=kept.object_name)
    assert services.keep_once(office.keeping).withdrawn == 0
    assert names(office) == {refused.object_name, kept.object_name}
    assert {found.code for found in guarded_rows("catalog")} == {"catalog.differs-from-ledger"}


def test_an_object_that_cannot_be_removed_keeps_no_other_refused_call(
    office: RecordingOffice, refused: FinishedSegment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the store does not give up is named and tried again; the next call's object goes at once."""
    later, line = "ef" * 16, refused.source_id
    begun = BegunCall(later, line, NOON.date(), NOON + 5 * MINUTE, "incoming", "105550125", "105550100")
    call_services.begin_call(begun, clock=office.clock)
    booked = office.record(line, NOON + 5 * MINUTE, b"later", run=later)
    call_services.refuse_call(line, later, "key", 70, clock=office.clock)
    call_services.end_call(later, NOON + 7 * MINUTE, REFUSED, clock=office.clock)
    remove = office.store.remove

    def stuck(wanted: list[str], *, overwrite_heads: bool = False) -> int:
        if refused.object_name in wanted:
            raise StorageError("The store does not answer.")
        return remove(wanted, overwrite_heads=overwrite_heads)

    with monkeypatch.context() as broken:
        broken.setattr(office.store, "remove", stuck)
        done = services.keep_once(office.keeping)
    assert (done.withdrawn, len(done.failed)) == (1, 1)
    assert booked.object_name not in names(office)
    assert services.keep_once(office.keeping).withdrawn == 1


def test_a_keeper_killed_while_it_withdraws_leaves_nothing_that_looks_lost(
    office: RecordingOffice, refused: FinishedSegment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the objects go is entered before they are touched: fsck finds nothing lost, a hold comes too late, and the next round ends it."""
    remove = office.store.remove

    def killed(wanted: list[str], *, overwrite_heads: bool = False) -> int:
        remove(wanted, overwrite_heads=overwrite_heads)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(office.store, "remove", killed)
        with pytest.raises(KeyboardInterrupt):
            services.keep_once(office.keeping)
    assert refused.object_name not in names(office)
    found = {each.code for each in catalog_findings(office.store, office.clock)}
    assert not {code for code in found if "object" in code or "missing" in code}, found
    office.clock.advance(timedelta(hours=1))
    with pytest.raises(AlreadyDestroyedError):
        services.place_hold(
            source_id=refused.source_id, start=NOON, end=NOON + MINUTE, case="OR.1431.1.2026", basis="proceedings",
            review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli",
        )  # fmt: skip
    assert services.keep_once(office.keeping).withdrawn == 1
    acts = Entry.objects.filter(act__startswith="call.withdraw").order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["call.withdrawing", "call.withdrawn"]


def test_a_refusal_outlives_its_recorder(office: RecordingOffice) -> None:
    """A recorder that dies between the refusal and the call's end leaves a call that ends as refused."""
    line = office.sources["line"]
    begun = BegunCall(CALL, line, NOON.date(), NOON, "incoming", "105550123", "105550100", "siprec")
    call_services.begin_call(begun, clock=office.clock)
    call_services.refuse_call(line, CALL, "key", 3, clock=office.clock)
    CallBooks(office.clock).end_abandoned([line])
    row = Call.objects.get()
    assert (row.ended_by, row.caller, row.destroyed) == (REFUSED, "", True)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_while_the_database_is_away_survives_a_restart(
    office: RecordingOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies on disk until it is entered: the next run enters it before it ends the call, which is then withdrawn; nothing is left of the note."""
    line, notes = office.sources["line"], RefusalNotes(tmp_path / "refusals")
    begun = BegunCall(CALL, line, NOON.date(), NOON, "incoming", "105550123", "105550100", "siprec")
    call_services.begin_call(begun, clock=office.clock)
    booked = office.record(line, NOON, b"refused", run=CALL)
    with monkeypatch.context() as away:
        away.setattr(Entry.objects, "filter", unanswered)
        first = CallBooks(office.clock, notes=notes)
        first.note_refusal(line, CALL, Refusal.KEY, 70)
        first.call_refused(line, CALL, Refusal.KEY, 70)
        assert first.waiting == 1
        again = CallBooks(office.clock, notes=RefusalNotes(tmp_path / "refusals"))
        again.enter_noted()
        again.end_abandoned([line])
        assert (again.waiting, Call.objects.get().end) == (2, None)
    again.end_abandoned([line])
    assert Call.objects.get().ended_by == REFUSED
    assert notes.left() == []
    assert services.keep_once(office.keeping).withdrawn == 1
    assert booked.object_name not in names(office)
    assert Entry.objects.filter(act="call.refused").count() == 1


def unanswered(*_: object, **__: object) -> None:
    """No answer of the database."""
    raise OperationalError


def test_a_line_is_asked_once_for_calls_of_an_earlier_run(
    office: RecordingOffice, django_assert_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    """Calls of this run are not taken for them, and however many come, nothing is asked again."""
    line, books = office.sources["line"], CallBooks(office.clock)
    begun = BegunCall(CALL, line, NOON.date(), NOON, "incoming", "105550123", "105550100", "siprec")
    books.call_begun(begun)
    books.end_abandoned([line])
    assert Call.objects.get().end is None
    with django_assert_num_queries(0):
        books.end_abandoned([line])
