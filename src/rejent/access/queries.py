"""Questions about authorisations and viewings."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from rejent.access.errors import AccessRefusedError, NoSuchViewingError
from rejent.access.models import Guest, LiveWatch, SeenInterval, Viewing
from rejent.access.presence.values import ALONE, Presence, Second
from rejent.access.rules.decision import (
    Decision,
    Provisions,
    Rule,
    SeeingAct,
    Statement,
    may_administer,
    may_be_authorised,
)
from rejent.access.rules.question import Question, provisions_of, purposes_of, regulation_on
from rejent.access.rules.refusals import VIEWING_ENDED
from rejent.access.stream_parts import WITH_RECORDINGS
from rejent.access.viewings import account, protocols
from rejent.access.views import SeenView, ViewingView, WatchView
from rejent.catalog import queries as catalog
from rejent.devices import queries as stations
from rejent.devices.views import UNLISTED, ClientStation, Lack
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.intervals import Interval
from rejent.kernel.views import view_of
from rejent.office.views import PersonView
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.memory import VerifiedOnce, one_look
from rejent.registers.guard.rows import matching, verified


def may(
    person: PersonView,
    act: str,
    source_id: str,
    *,
    clock: Clock,
    statement: Statement | None = None,
    client_station: ClientStation = UNLISTED,
    presence: Presence = ALONE,
) -> Decision:
    """Return whether a person may see a source now, live or recorded, beside whom, and by which rule.

    Without a statement it is only asked whether a viewing could be opened if purpose and case were stated, at a station
    that will do. Raises NoSuchSourceError.
    """
    with one_look():
        question = Question.of(person.id, act, clock, client_station)
        stream = catalog.verified_stream_of(source_id)
    owed = protocols.unfinished(person.id) if statement is not None else ""
    return question.about(stream, source_id, statement, unfinished=owed, presence=presence)


def visible_sources(person: PersonView, act: str, *, clock: Clock, of_stream: str = "") -> set[str]:
    """Return the sources a person may see now, at a station that will do; for recordings also those that were removed."""
    question = Question.of(person.id, act, clock)
    streams = catalog.streams(removed=question.asked.act is SeeingAct.RECORDINGS)
    return {
        source
        for source, stream in streams.items()
        if of_stream in ("", stream) and question.about(stream, source, None).allowed
    }


def barring_refusal(person: PersonView, act: str, stream: str, *, clock: Clock) -> Decision | None:
    """Return why no authorisation could let a person see a stream today; None where one could."""
    return may_be_authorised(
        person.roles, SeeingAct(act), stream, provisions(stream, civil_date(clock.now()))
    )


def barred_here(person: PersonView, client_station: ClientStation, *, clock: Clock) -> Decision | None:
    """Return the refusal for somebody who could open recordings at a listed station, but not here, or not before a protocol."""
    question = Question.of(person.id, SeeingAct.RECORDINGS, clock, client_station)
    unstated, owed = Statement("", ""), protocols.unfinished(person.id)
    decisions = (
        question.about(stream, source, unstated, unfinished=owed)
        for source, stream in catalog.streams(removed=True).items()
    )
    by_rule = {decision.rule: decision for decision in decisions}
    if Rule.PURPOSE_MISSING in by_rule:
        return None
    return by_rule.get(Rule.PROTOCOL_UNFINISHED) or by_rule.get(Rule.STATION_NOT_LISTED)


def purposes(stream: str, *, clock: Clock) -> dict[str, str]:
    """Return the purposes a viewing may be opened for, by their identifiers, in the regulation's words.

    A purpose outside the statute's closed list is missing until the data protection officer states a position (R-OPEN-8).
    """
    regulation = regulation_on(civil_date(clock.now()))
    return purposes_of(regulation, stream) if regulation else {}


def provisions(stream: str, day: date) -> Provisions | None:
    """Return the demands of the regulation on a day about a stream; None where it does not prescribe it."""
    regulation = regulation_on(day)
    return provisions_of(regulation, stream) if regulation else None


def open_viewing_for(
    viewing_id: UUID | str,
    person: PersonView,
    session: str,
    *,
    clock: Clock,
    client_station: ClientStation = UNLISTED,
) -> ViewingView:
    """Return the viewing, if it is this person's, in this session, open, and would be allowed now, from here.

    Asked before every piece that is handed out, so that an authorisation that is revoked or ends, and a station that is
    struck off or whose certificate ends, ends a viewing at once. Raises NoSuchViewingError, AccessRefusedError.
    """
    with one_look():
        return _open_viewing(viewing_id, person, session, clock, client_station)


def _open_viewing(
    viewing_id: UUID | str, person: PersonView, session: str, clock: Clock, client_station: ClientStation
) -> ViewingView:
    row = _verified_viewing(viewing_id)
    if row.person_id != person.id or row.session != session:
        raise NoSuchViewingError("There is no such viewing.")
    if row.closed_at is not None or clock.now() >= row.expires_at:
        raise AccessRefusedError(VIEWING_ENDED)
    decision, sources = may_go_on(row, clock, client_station)
    if not decision.allowed:
        raise AccessRefusedError(decision)
    return view_of(ViewingView, row, source_ids=sources)


def may_go_on(row: Viewing, clock: Clock, client_station: ClientStation) -> tuple[Decision, tuple[str, ...]]:
    """Return whether a viewing could be opened now as it once was, and of which of its sources.

    One whose right has ended is left out, and the others stay. Where stations are listed, it goes on only at the same one.
    """
    if client_station.listed and client_station.station != row.station:
        client_station = ClientStation(lack=Lack.ANOTHER)
    own = Question.of(row.person_id, SeeingAct.RECORDINGS, clock, client_station)
    theirs = Question.of(row.second_id, SeeingAct.RECORDINGS, clock) if row.second_id is not None else None
    decisions = {source: _may_go_on_with(source, row, own, theirs) for source in row.source_ids}
    going_on = tuple(source for source, decision in decisions.items() if decision.allowed)
    return decisions[going_on[0] if going_on else row.source_id], going_on


def _may_go_on_with(source_id: str, row: Viewing, own: Question, theirs: Question | None) -> Decision:
    stream, second = catalog.verified_stream_of(source_id), Second.NOBODY
    if theirs is not None:
        second = Second.AGREED if theirs.about(stream, source_id, None).allowed else Second.UNFIT
    statement = Statement(row.purpose, row.case, acknowledged=True)
    return own.about(stream, source_id, statement, presence=Presence(second, row.guests, row.station))


def viewing(viewing_id: UUID | str) -> ViewingView:
    """Return a viewing by its identifier, for supervision. Raises `NoSuchViewingError` if there is none."""
    return counted_view(viewing_row(viewing_id))


def viewings(
    *,
    person_id: UUID | None = None,
    item: str | None = None,
    case: str | None = None,
    until: datetime | None = None,
    limit: int = 200,
) -> list[ViewingView]:
    """Return viewings by when they were opened, the newest first: of a person, an item, a case, or all."""
    wanted = {"person_id": person_id, "item": item, "case": case}
    columns = {name: value for name, value in wanted.items() if value is not None}
    rows = Viewing.objects.filter(**columns).order_by("-opened_at", "-number")
    if until is not None:
        rows = rows.filter(opened_at__lt=until)
    return [counted_view(row) for row in rows[:limit]]


def going_on(person_id: UUID, session: str, *, clock: Clock) -> list[ViewingView]:
    """Return a person's viewings that are open in a session, the newest first; none without a session."""
    rows = Viewing.objects.filter(person=person_id, session=session, closed_at__isnull=True)
    rows = rows.filter(expires_at__gt=clock.now()).order_by("-opened_at", "-number")
    return [view_of(ViewingView, row) for row in rows] if session else []


def open_viewings(*, clock: Clock) -> list[ViewingView]:
    """Return everybody's viewings that are open and as they were entered, the oldest first; whether one may go on is asked where it is shown.

    Of several sources those are left out whose right has ended.
    """
    rows = Viewing.objects.filter(closed_at__isnull=True, expires_at__gt=clock.now())
    return [_view_going_on(row, clock) for row in matching(rows.order_by("opened_at", "number"))]


def _view_going_on(row: Viewing, clock: Clock) -> ViewingView:
    if not row.further:
        return view_of(ViewingView, row)
    _, sources = may_go_on(row, clock, stations.still_listed(row.station, clock=clock))
    return view_of(ViewingView, row, source_ids=sources or row.source_ids)


def seen(viewing_id: UUID | str) -> list[SeenView]:
    """Return the pieces given to the browser in a viewing, in that order. Raises NoSuchViewingError."""
    rows = SeenInterval.objects.filter(viewing=viewing_row(viewing_id)).order_by("at", "pk")
    return [view_of(SeenView, row) for row in rows]


def seen_stretches(viewing_id: UUID | str) -> list[Interval]:
    """Return the instants given in a viewing, each once a source; a still picture and what was only listed count for none."""
    rows = SeenInterval.objects.filter(viewing_id=viewing_id).order_by("source_id")
    return [part for each in account.by_source(rows).values() for part in account.delivered(each)]


def find_opened_and_listed(viewing_id: UUID | str) -> dict[str, tuple[list[datetime], list[datetime]]]:
    """Return by source the times of the recordings opened in a viewing, and of those only listed, each in order; of kinds that last no time."""
    found = account.by_source(SeenInterval.objects.filter(viewing_id=viewing_id))
    return {
        source: (sorted({row.start for row in rows if row.kind != account.HEADS}), account.only_listed(rows))
        for source, rows in found.items()
    }


def presented_stretches(viewing_id: UUID | str) -> list[Interval] | None:
    """Return the seconds that the viewer's browser says it presented, each once; None where it has reported nothing."""
    return account.presented_of(viewing_row(viewing_id))


def counted_view(row: Viewing) -> ViewingView:
    """Return the row as it is handed out, with the seconds that were handed to the browser and that it says it presented."""
    presented = account.presented_of(row)
    return replace(
        view_of(ViewingView, row),
        seen_s=_seconds(seen_stretches(row.pk)),
        presented_s=None if presented is None else _seconds(presented),
    )


def _seconds(parts: Iterable[Interval]) -> float:
    return sum((part.length for part in parts), timedelta()).total_seconds()


def watch_view(row: LiveWatch) -> WatchView:
    """Return the row as it is handed out."""
    return WatchView(row.pk, row.person_id, tuple(row.sources), row.started_at, row.stopped_at)


def _verified_viewing(viewing_id: UUID | str) -> Viewing:
    try:
        return _open_viewings.get(str(viewing_id), lambda: verified(viewing_row(viewing_id)))
    except LedgerMismatchError as error:
        raise NoSuchViewingError(
            "There is no such viewing.",
            advice="Tell the data protection officer: the check on the page Promises names what differs.",
        ) from error


_open_viewings = VerifiedOnce[Viewing](Viewing, Guest)


def viewing_row(viewing_id: UUID | str, rows: QuerySet[Viewing] | None = None) -> Viewing:
    """Return the row of a viewing as it stands, out of some rows or of all; nothing of it is verified.

    Raises NoSuchViewingError.
    """
    try:
        row = (Viewing.objects.all() if rows is None else rows).filter(pk=UUID(str(viewing_id))).first()
    except ValueError:
        row = None
    if row is None:
        raise NoSuchViewingError("There is no such viewing.", advice="Open one from the search page.")
    return row


def may_handle(person: PersonView, act: str, *, clock: Clock) -> bool:
    """Return whether somebody may do an act: by the table, or because they may open recordings of a stream with which it goes."""
    return may_administer(person.roles, act).allowed or any(
        act in acts and visible_sources(person, SeeingAct.RECORDINGS, clock=clock, of_stream=stream)
        for stream, acts in WITH_RECORDINGS.items()
    )
