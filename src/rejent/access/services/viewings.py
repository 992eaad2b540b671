"""Opening recordings for a stated purpose, and what was seen of them (R-ACC-4, R-ACC-7)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from rejent.access import queries
from rejent.access.acts import VIEWING_CLOSED, VIEWING_OPENED
from rejent.access.errors import AccessRefusedError, NoSuchViewingError, ViewingRefusedError
from rejent.access.models import SeenInterval, Viewing
from rejent.access.presence import queries as presence_queries
from rejent.access.presence.values import Presence, Second
from rejent.access.refused import enter_refused
from rejent.access.rules.decision import Decision, SeeingAct, Statement
from rejent.access.rules.question import require_regulation_entered
from rejent.access.rules.refusals import VIEWING_ENDED
from rejent.access.services.protocols import begin_protocol
from rejent.access.stream_parts import ITEM_SOURCE
from rejent.access.viewings import account, protocols, volume
from rejent.access.viewings.protocols import Demand
from rejent.access.viewings.restriction import whole_restriction
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.devices import queries as stations
from rejent.devices.views import UNLISTED, ClientStation
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.intervals import Interval
from rejent.kernel.plain_text import is_plain
from rejent.kernel.views import view_of
from rejent.office.views import PersonView
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.rows import matching, verified
from rejent.registers.services import enter, take_number

SERIES = "viewings"
_MARK = "O"

LONGEST = timedelta(hours=2)
"""Time a viewing stays open; then purpose and case are stated anew."""

LONGEST_INTERVAL = timedelta(days=31)
"""The longest interval of one viewing."""

_ADJOINING = timedelta(seconds=2)
"""Parts seen so close together count as one."""


def open_viewing(
    *,
    person: PersonView,
    source_id: str,
    start: datetime,
    end: datetime,
    purpose: str,
    case: str,
    session: str,
    clock: Clock,
    client_station: ClientStation = UNLISTED,
    acknowledged: bool = False,
    second: PersonView | None = None,
    item: str = "",
    further: Sequence[str] = (),
    entered_with: Callable[[str], None] | None = None,
) -> ViewingView:
    """Open ``[start, end)`` of a source's recordings for a person, at a station; entered before anything is shown.

    With ``further`` sources of the same stream those are opened that both people may see; at least one.

    The ``purpose`` is named by its identifier in the regulation; ``acknowledged`` says that the person takes note that
    the screen is not photographed; ``second`` proved a moment ago that they are there and agree; ``item`` is named
    where recordings are opened item by item. ``entered_with`` is called with the viewing's number in the transaction
    that enters it; what it raises leaves none. Raises NoSuchSourceError, ViewingRefusedError, AccessRefusedError,
    RegulationEditedError.
    """
    statement = Statement(purpose.strip(), case.strip(), acknowledged)
    _require_sensible((start, end), statement)
    sources = _require_openable(
        person, (source_id, *further), (start, end), statement, client_station, item=item, clock=clock,
        beside=lambda one: presence_queries.second_person_state(person, second, one, clock=clock),
    )  # fmt: skip
    first, *others = sources
    authorisation = ", ".join(dict.fromkeys(sources.values()))
    now = clock.now()
    row = Viewing(
        id=uuid4(), person_id=person.id, source_id=first, further=others, item=item, start=start, end=end,
        purpose=statement.purpose, case=statement.case, session=session, station=client_station.station,
        second_id=second.id if second else None, opened_at=now, expires_at=now + LONGEST,
    )  # fmt: skip
    return _stored(row, person, authorisation, clock, entered_with)


def _stored(
    row: Viewing,
    person: PersonView,
    authorisation: str,
    clock: Clock,
    entered_with: Callable[[str], None] | None,
) -> ViewingView:
    """Store and enter a viewing that may be opened, unless its person came to owe a protocol a moment ago."""
    demand = protocols.demanded(catalog.stream_of(row.source_id), row.purpose, civil_date(row.opened_at))
    try:
        with transaction.atomic():
            _enter_opened(row, authorisation, demand)
            if entered_with is not None:
                entered_with(row.number)
    except AccessRefusedError as refused:
        raise entered_refusal(person, SeeingAct.RECORDINGS, row.source_id, refused.decision, clock) from None
    return view_of(ViewingView, row)


def require_item_of(source_id: str, item: str, further: Sequence[str] = ()) -> None:
    """See that an item is named where the source's stream has items, that it is one of the source, and none where it has not.

    What is opened item by item has no ``further`` sources; where there are any, all are of one stream. Raises ViewingRefusedError.
    """
    stream = catalog.stream_of(source_id)
    if any(item or catalog.stream_of(each) != stream for each in further):
        raise ViewingRefusedError("Sources of one kind are opened together, and no single items of them.")
    if (stream in ITEM_SOURCE) != bool(item) or (item and ITEM_SOURCE.of(stream)(item) != source_id):
        raise ViewingRefusedError(
            "Recordings of this source are opened one item at a time.",
            advice="Find the one that you need first.",
        )


def require_visible(person: PersonView, source_id: str, *, clock: Clock) -> None:
    """See that a person may be offered a source's recordings at all, whatever they would state.

    Raises NoSuchSourceError, AccessRefusedError.
    """
    decision = queries.may(person, SeeingAct.RECORDINGS, source_id, clock=clock)
    if not decision.allowed:
        raise entered_refusal(person, SeeingAct.RECORDINGS, source_id, decision, clock)


def require_openable(
    person: PersonView,
    source_id: str,
    interval: tuple[datetime, datetime],
    statement: Statement,
    client_station: ClientStation,
    *,
    clock: Clock,
    item: str = "",
    further: Sequence[str] = (),
) -> list[str]:
    """Return which sources a viewing could open if a fit second person agreed. Raises ViewingRefusedError, AccessRefusedError."""
    _require_sensible(interval, statement)
    sources = _require_openable(
        person, (source_id, *further), interval, statement, client_station,
        item=item, clock=clock, beside=lambda _: Second.AGREED,
    )  # fmt: skip
    return list(sources)


def _require_openable(
    person: PersonView,
    source_ids: Sequence[str],
    interval: tuple[datetime, datetime],
    statement: Statement,
    client_station: ClientStation,
    *,
    item: str,
    clock: Clock,
    beside: Callable[[str], Second],
) -> dict[str, str]:
    """Return the sources that may be opened, each with the number of the authorisation that lets it; where there is none, the first refusal is entered.

    One of which all is restricted by somebody recorded is not opened. Raises NoSuchSourceError, ViewingRefusedError, AccessRefusedError.
    """
    require_regulation_entered()
    allowed: dict[str, str] = {}
    refusals: list[Decision] = []
    for source_id in source_ids:
        decision = queries.may(
            person, SeeingAct.RECORDINGS, source_id,
            clock=clock, statement=statement, client_station=client_station, presence=Presence(beside(source_id)),
        )  # fmt: skip
        refused = whole_restriction(source_id, *interval, item) if decision.allowed else decision
        if refused is None:
            allowed[source_id] = decision.authorisation
        else:
            refusals.append(refused)
    if not allowed:
        raise entered_refusal(person, SeeingAct.RECORDINGS, source_ids[0], refusals[0], clock)
    require_item_of(next(iter(allowed)), item, list(allowed)[1:])
    return allowed


def _require_sensible(interval: tuple[datetime, datetime], statement: Statement) -> None:
    start, end = interval
    if not start < end <= start + LONGEST_INTERVAL:
        raise ViewingRefusedError(
            "A viewing spans at least an instant and at most {days} days.", days=LONGEST_INTERVAL.days
        )
    if not is_plain(statement.case):
        raise ViewingRefusedError("A case may hold no invisible characters.", advice="Type it anew.")


def _enter_opened(row: Viewing, authorisation: str, demand: Demand | None) -> None:
    """Give a viewing its number, store it, begin the protocol that it leaves, and enter it."""
    year = civil_date(row.opened_at).year
    row.number = written_number(_MARK, year, take_number(SERIES, year))
    account.sign(row, ())
    row.save(force_insert=True)
    if demand is not None:
        begin_protocol(row, demand)
    person = str(row.person_id)
    record = {
        "number": row.number,
        "person": person,
        "source": row.source_id,
        **({"sources": list(row.source_ids)} if row.further else {}),
        "item": row.item or None,
        "start": row.start.isoformat(),
        "end": row.end.isoformat(),
        "purpose": row.purpose,
        "case": row.case,
        "until": row.expires_at.isoformat(),
        "authorisation": authorisation,
        "station": row.station or None,
        "second": str(row.second_id) if row.second_id else None,
        "protocol": demand.version if demand else None,
    }
    subject = f"source:{row.source_id}"
    enter(VIEWING_OPENED, actor=person, subject=subject, record=record, at=row.opened_at, row=row)


def note_seen(
    viewing_id: UUID | str,
    start: datetime,
    end: datetime,
    kind: str,
    *,
    clock: Clock,
    apart: bool = False,
    source_id: str = "",
) -> None:
    """Note that a part of the recording is handed to the viewer; what adjoins the last part of its kind extends it.

    ``source_id`` is the source in which it lies, where a viewing has several. ``apart``: the part is a recording of its own, such as a message: it stays one, and stands once however often it is handed out.

    Raises `NoSuchViewingError` if there is no such viewing; `AccessRefusedError` if it was closed while the part was
    made ready, since what closing entered is all that was seen; `LedgerMismatchError` if its account was changed past the program.
    """
    with transaction.atomic():
        viewing, rows = _account_of(viewing_id)
        source_id = source_id or viewing.source_id
        of_source = [row for row in rows if row.source_id == source_id]
        of_kind = (row for row in reversed(of_source) if row.kind == kind)
        last = next((row for row in of_kind if not apart or (row.start, row.end) == (start, end)), None)
        if last is not None and start <= last.end + _ADJOINING and end >= last.start:
            start, end = min(start, last.start), max(end, last.end)
            volume.count(viewing, start, end, of_source, clock=clock)
        else:
            volume.count(viewing, start, end, of_source, clock=clock)
            rows.append(last := SeenInterval(viewing=viewing, source_id=source_id, kind=kind))
        last.start, last.end, last.at = start, end, clock.now()
        last.save()
        account.sign(viewing, rows)
        viewing.save(update_fields=["noted", "noted_tag"])


def note_presented(
    viewing_id: UUID | str, reported: Iterable[Interval], *, person_id: UUID, session: str
) -> None:
    """Note what the viewer's browser says it presented; nothing counts that was not handed out.

    Raises NoSuchViewingError, AccessRefusedError, LedgerMismatchError.
    """
    with transaction.atomic():
        viewing, rows = _account_of(viewing_id, (person_id, session))
        account.note_presented(viewing, reported, rows)
        account.sign(viewing, rows)
        viewing.save(update_fields=["presented", "noted", "noted_tag"])


def _account_of(
    viewing_id: UUID | str, whose: tuple[UUID, str] | None = None
) -> tuple[Viewing, list[SeenInterval]]:
    """Return an open viewing, locked, with what was handed out in it; where it matters, only the person's in their session."""
    viewing = _locked(viewing_id)
    if whose not in {None, (viewing.person_id, viewing.session)}:
        raise NoSuchViewingError("There is no such viewing.")
    if viewing.closed_at is not None:
        raise AccessRefusedError(VIEWING_ENDED)
    rows = account.rows_of(viewing)
    account.require_as_noted(viewing, rows)
    return viewing, rows


def close_viewing(viewing_id: UUID | str, *, clock: Clock, actor: str) -> None:
    """Close a viewing and enter what was seen in it; one that is closed already stays as it was. Raises NoSuchViewingError."""
    _close(viewing_id, "closed", clock, actor)


def close_ended_viewings(*, clock: Clock) -> int:
    """Close the viewings that have run out, or whose person or station has lost the right; returns how many."""
    ended = 0
    for row in matching(Viewing.objects.filter(closed_at__isnull=True)):
        here = stations.still_listed(row.station, clock=clock)
        is_over = clock.now() >= row.expires_at
        decision = VIEWING_ENDED if is_over else queries.may_go_on(row, clock, here)[0]
        if not decision.allowed:
            _close(row.pk, decision.rule.value, clock, "")
            ended += 1
    return ended


def entered_refusal(
    person: PersonView, act: SeeingAct, source_id: str, decision: Decision, clock: Clock
) -> AccessRefusedError:
    """Enter that a person was refused, and give the error to raise."""
    enter_refused(person.id, decision.rule.value, {"act": act.value, "source": source_id}, clock=clock)
    return AccessRefusedError(decision, entered=True)


def _close(viewing_id: UUID | str, reason: str, clock: Clock, actor: str) -> None:
    with transaction.atomic():
        viewing = _locked(viewing_id)
        if viewing.closed_at is not None:
            return
        now, rows = clock.now(), account.rows_of(viewing)
        viewing.closed_at = now
        viewing.altered = not account.is_as_noted(viewing, rows)
        viewing.save(update_fields=["closed_at", "altered"])
        viewing.state_parts(seen=[each.bound() for each in rows])
        presented, handed = account.presented_of(viewing), account.by_source(rows)
        listed = sorted(at for each in handed.values() for at in account.only_listed(each))
        record = {
            "number": viewing.number,
            "person": str(viewing.person_id),
            "reason": reason,
            "seen": [
                [*part, *([source] if viewing.further else ())]
                for source in viewing.source_ids
                for part in _written(account.delivered(handed.get(source, ())))
            ],
            "presented": None if presented is None else _written(presented),
            **({"only_listed": len(listed), **_ends_of(listed)} if listed else {}),
            **({"altered": True} if viewing.altered else {}),
        }
        subject = f"source:{viewing.source_id}"
        enter(VIEWING_CLOSED, actor=actor, subject=subject, record=record, at=now, row=viewing)


def _written(parts: Iterable[Interval]) -> list[list[str]]:
    return [[part.start.isoformat(), part.end.isoformat()] for part in parts]


def _ends_of(instants: Sequence[datetime]) -> dict[str, str]:
    """Return the first and the last of instants that stand in order."""
    return {"listed_first": instants[0].isoformat(), "listed_last": instants[-1].isoformat()}


def _locked(viewing_id: UUID | str) -> Viewing:
    return verified(queries.viewing_row(viewing_id, Viewing.objects.select_for_update(no_key=True)))
