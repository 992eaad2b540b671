"""What a decision reads of the person who asks and of the regulation, once for any number of sources."""

from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from rejent.access.authorisation_queries import authorisation_view
from rejent.access.models import Authorisation
from rejent.access.presence.values import ALONE, Presence
from rejent.access.rules.decision import Decision, Grant, Request, SeeingAct, Statement, decide
from rejent.access.rules.demands import provisions_of, regulation_on
from rejent.access.views import AuthorisationView
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.views import view_of
from rejent.office import queries as office
from rejent.office.people import statements
from rejent.office.regulation.loading import Regulation
from rejent.office.views import UNLISTED, ClientStation
from rejent.registers.guard.memory import VerifiedOnce, one_look
from rejent.registers.guard.rows import matching


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
                grants=_grants(person_id),
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


def _grants(person_id: UUID) -> tuple[Grant, ...]:
    """Return what a person's authorisations allow; one that was planted or altered is none."""
    return _granted.get(person_id, partial(_granted_to, person_id))


def _granted_to(person_id: UUID) -> tuple[Grant, ...]:
    rows = Authorisation.objects.filter(person_id=person_id).prefetch_related("sources").order_by("-pk")
    return tuple(map(_grant, map(authorisation_view, matching(rows))))


def _grant(view: AuthorisationView) -> Grant:
    return view_of(Grant, view, revoked=view.revoked_at is not None)


_granted = VerifiedOnce[tuple[Grant, ...]](Authorisation)
