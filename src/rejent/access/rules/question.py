"""What a decision reads of the person who asks and of the regulation, once for any number of sources."""

from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from uuid import UUID

from rejent.access.authorisation_queries import authorisation_view
from rejent.access.errors import RegulationEditedError
from rejent.access.models import Authorisation
from rejent.access.presence.values import ALONE, Presence
from rejent.access.rules.decision import Decision, Grant, Provisions, Request, SeeingAct, Statement, decide
from rejent.devices.views import UNLISTED, ClientStation
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.views import view_of
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.office.people import statements
from rejent.office.regulation.provisions import Regulation
from rejent.office.regulation.sections import flagged
from rejent.office.regulation.vocabulary import SecondPerson, Stations
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.memory import VerifiedOnce, one_look
from rejent.registers.guard.rows import matching


def regulation_on(day: date) -> Regulation | None:
    """Return the regulation in force on a day; nothing while there is none, or while the database holds another one."""
    try:
        return office.verified_regulation(day)
    except (NoRegulationError, LedgerMismatchError):
        return None


def require_regulation_entered() -> None:
    """See that what the regulation says of who sees what is what was entered: an edit of a moment opens nothing.

    Raises RegulationEditedError.
    """
    try:
        office.require_regulation_entered()
    except LedgerMismatchError as error:
        raise RegulationEditedError(
            "The regulation in the database is not the one that was entered.", advice="Run rejent fsck."
        ) from error


def provisions_of(regulation: Regulation, stream: str) -> Provisions | None:
    """Return a regulation's demands on a stream; None where it does not prescribe it."""
    rules = regulation.stream(stream)
    if rules is None:
        return None
    named = rules.access
    return Provisions(
        live=frozenset(named.live),
        recordings=frozenset(named.recordings),
        purposes=frozenset(purposes_of(regulation, stream)),
        listed_stations=named.stations is Stations.LISTED,
        second_person=named.second_person is SecondPerson.ALWAYS,
        guests=named.second_person is SecondPerson.FOR_UNAUTHORISED,
        photographing_forbidden=named.photographing_forbidden,
        second_factor=named.second_factor,
        statement_first=rules.notices.new_staff_statement,
        clause=named.clause,
        protocol_clause=named.protocol_clause,
    )


def purposes_of(regulation: Regulation, stream: str) -> dict[str, str]:
    """Return the purposes a viewing may be opened for, in the regulation's words; flagged ones are missing (R-OPEN-8)."""
    rules = regulation.stream(stream)
    return {
        purpose.id: purpose.text
        for purpose in (rules.purposes if rules else ())
        if not flagged(regulation, stream, purpose)
    }


@dataclass(frozen=True, slots=True)
class Question:
    """Rows that are the same for every source of one decision."""

    asked: Request
    regulation: Regulation | None

    @classmethod
    def of(
        cls, person_id: UUID, act: str, clock: Clock, client_station: ClientStation = UNLISTED
    ) -> "Question":
        """Read what is needed of a person and the regulation, once.

        What the person is comes from the rows of this moment, not from a view made earlier.
        """
        day = civil_date(clock.now())
        with one_look():
            stands = office.standing_of(person_id)
            roles = stands.on(day)
            asked = Request(
                act=SeeingAct(act),
                stream="",
                source_id="",
                day=day,
                active=roles is not None,
                roles=roles or frozenset(),
                grants=_granted.get(person_id, partial(_granted_to, person_id)),
                provisions=None,
                client_station=client_station,
                signed=statements.signed(person_id),
                sign_in=stands.sign_in,
                second_factor=stands.second_factor,
            )
            return cls(asked, regulation_on(day))

    def about(
        self,
        stream: str,
        source_id: str,
        statement: Statement | None,
        *,
        unfinished: str = "",
        presence: Presence = ALONE,
    ) -> Decision:
        """Return the decision for one source; with the number of a protocol that the person owes, where that matters."""
        provisions = provisions_of(self.regulation, stream) if self.regulation else None
        return decide(
            replace(
                self.asked,
                stream=stream,
                source_id=source_id,
                provisions=provisions,
                statement=statement,
                unfinished=unfinished,
                presence=presence,
            )
        )


def _granted_to(person_id: UUID) -> tuple[Grant, ...]:
    """Return what a person's authorisations allow; one that was planted or altered is none."""
    rows = Authorisation.objects.filter(person_id=person_id).prefetch_related("sources").order_by("-pk")
    views = map(authorisation_view, matching(rows))
    return tuple(view_of(Grant, view, revoked=view.revoked_at is not None) for view in views)


_granted = VerifiedOnce[tuple[Grant, ...]](Authorisation)
