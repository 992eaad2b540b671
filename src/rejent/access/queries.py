"""Reading access: who may, who holds what, who saw what."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from rejent.access.errors import AccessRefusedError, NoSuchViewingError
from rejent.access.models import Authorisation, SeenInterval, Viewing
from rejent.access.rules import ALLOWED, Decision, Grant, Request, decide
from rejent.access.views import AuthorisationView, SeenView, ViewingView
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.intervals import Interval, merged
from rejent.office import queries as office
from rejent.office.regulation import Regulation, StreamRules
from rejent.office.views import PersonView
from rejent.office.vocabulary import StreamName

_ENDED = Decision(
    allowed=False,
    rule="viewing-ended",
    sentence="This viewing has ended.",
    who="Open a new one, with its purpose and case.",
)


def may(person: PersonView, act: str, source_id: str, *, clock: Clock) -> Decision:
    """Whether a person may see live pictures or recordings of a source now."""
    return decide(request_for(person, act, catalog.source(source_id), clock=clock))


def visible_sources(person: PersonView, act: str, *, clock: Clock) -> set[str]:
    """The sources whose live pictures or recordings a person may see now."""
    grants = grants_of(person.id)
    day = civil_date(clock.now())
    regulation = office.regulation(day)
    return {
        source.id
        for source in catalog.sources()
        if decide(_request(person, act, source, grants=grants, regulation=regulation, clock=clock)).allowed
    }


def request_for(
    person: PersonView,
    act: str,
    source: SourceView,
    *,
    clock: Clock,
    opening: bool = False,
    purpose: str = "",
    case: str = "",
) -> Request:
    """The request of the pure decision for a person and a source, now."""
    return _request(
        person,
        act,
        source,
        grants=grants_of(person.id),
        regulation=office.regulation(civil_date(clock.now())),
        clock=clock,
        opening=opening,
        purpose=purpose,
        case=case,
    )


def purposes(stream: str, *, clock: Clock) -> dict[str, str]:
    """The purposes a viewing may be opened for, by their short names, with the regulation's words.

    A purpose outside the statute's closed list is missing until the data protection officer has entered a position.
    """
    regulation = office.regulation(civil_date(clock.now()))
    rules = regulation.stream(stream)
    return {} if rules is None else _purposes(regulation, stream, rules)


def grants_of(person_id: UUID) -> tuple[Grant, ...]:
    """What a person's authorisations give."""
    return tuple(
        Grant(
            acts=view.acts,
            stream=view.stream,
            sources=view.source_ids,
            first=view.valid_from,
            last=view.valid_until,
            revoked=view.revoked_at is not None,
        )
        for view in authorisations(person_id=person_id)
    )


def authorisations(
    person_id: UUID | None = None, *, valid_at: datetime | None = None
) -> list[AuthorisationView]:
    """Authorisations, newest first: of one person, or of everybody; only those valid at an instant, if given."""
    rows = Authorisation.objects.prefetch_related("sources").order_by("-issued_at", "-pk")
    if person_id is not None:
        rows = rows.filter(person_id=person_id)
    if valid_at is not None:
        day = civil_date(valid_at)
        rows = rows.filter(revoked_at__isnull=True, valid_from__lte=day).filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=day)
        )
    return [authorisation_view(row) for row in rows]


def authorisation_view(row: Authorisation) -> AuthorisationView:
    """A row as a value."""
    named = frozenset(held.source_id for held in row.sources.all())
    return AuthorisationView(
        number=row.number,
        person_id=row.person_id,
        acts=frozenset(row.acts),
        stream=row.stream,
        source_ids=None if row.every_source else named,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        revoked_at=row.revoked_at,
    )


def open_viewing_for(
    viewing_id: UUID | str, person: PersonView, session: str, *, clock: Clock
) -> ViewingView:
    """A viewing that this person, in this session, may go on with now.

    Raises:
        NoSuchViewingError: it is not theirs, or not of this session.
        AccessRefusedError: it has ended, or the right to it has.
    """
    try:
        row = Viewing.objects.filter(pk=UUID(str(viewing_id)), person_id=person.id, session=session).first()
    except ValueError:
        row = None
    if row is None:
        raise NoSuchViewingError("There is no such viewing.", advice="Open one from the search page.")
    if row.closed_at is not None or row.expires_at <= clock.now():
        raise AccessRefusedError(_ENDED)
    decision = may(person, "recordings", row.source_id, clock=clock)
    if decision is not ALLOWED:
        raise AccessRefusedError(decision)
    return _viewing(row)


def viewing(viewing_id: UUID) -> ViewingView:
    """One viewing, for supervision.

    Raises:
        NoSuchViewingError: there is none.
    """
    row = Viewing.objects.filter(pk=viewing_id).first()
    if row is None:
        raise NoSuchViewingError("There is no such viewing.")
    return _viewing(row)


def viewings(
    *, person_id: UUID | None = None, source_id: str = "", since: datetime | None = None, limit: int = 100
) -> list[ViewingView]:
    """Viewings, newest first, for supervision."""
    rows: QuerySet[Viewing] = Viewing.objects.order_by("-opened_at")
    if person_id is not None:
        rows = rows.filter(person_id=person_id)
    if source_id:
        rows = rows.filter(source_id=source_id)
    if since is not None:
        rows = rows.filter(opened_at__gte=since)
    return [_viewing(row) for row in rows[:limit]]


def seen(viewing_id: UUID) -> list[SeenView]:
    """What was handed out in a viewing, in the order of handing out."""
    return [
        SeenView(row.start, row.end, row.at, row.kind)
        for row in SeenInterval.objects.filter(viewing_id=viewing_id).order_by("at", "pk")
    ]


def seen_stretches(viewing_id: UUID) -> list[Interval]:
    """What was handed out in a viewing, each second once."""
    rows = SeenInterval.objects.filter(viewing_id=viewing_id).values_list("start", "end")
    return merged(Interval(start, end) for start, end in rows)


def _viewing(row: Viewing) -> ViewingView:
    total = sum((stretch.length for stretch in seen_stretches(row.pk)), timedelta())
    return ViewingView(
        id=row.pk,
        number=row.number,
        person_id=row.person_id,
        source_id=row.source_id,
        start=row.start,
        end=row.end,
        purpose=row.purpose,
        case=row.case,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        expires_at=row.expires_at,
        seen_s=total.total_seconds(),
    )


def _request(
    person: PersonView,
    act: str,
    source: SourceView,
    *,
    grants: tuple[Grant, ...],
    regulation: Regulation,
    clock: Clock,
    opening: bool = False,
    purpose: str = "",
    case: str = "",
) -> Request:
    day = civil_date(clock.now())
    rules = regulation.stream(source.stream)
    named = (rules.access.live if act == "live" else rules.access.recordings) if rules else ()
    return Request(
        act=act,
        active=person.active(day),
        roles=person.roles,
        stream=source.stream,
        source=source.id,
        day=day,
        grants=grants,
        eligible=frozenset(str(role) for role in named),
        purposes=frozenset(_purposes(regulation, source.stream, rules)) if rules and opening else frozenset(),
        purpose=purpose,
        case=case,
        opening=opening,
    )


def _purposes(regulation: Regulation, stream: str, rules: StreamRules) -> dict[str, str]:
    return {
        purpose.id: purpose.text
        for purpose in rules.purposes
        if purpose.position or not regulation.outside_statute(StreamName(stream), purpose)
    }
