"""The demands of the regulation in force on who sees a stream."""

from datetime import date

from rejent.access.errors import RegulationEditedError
from rejent.access.rules.decision import Provisions
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.office.regulation.loading import Regulation
from rejent.office.regulation.sections import flagged
from rejent.office.regulation.vocabulary import SecondPerson, Stations
from rejent.registers.errors import LedgerMismatchError


def regulation_on(day: date) -> Regulation | None:
    """Return the regulation in force on a day; nothing while there is none, or while the database holds another one."""
    try:
        return office.verified_regulation(day)
    except (NoRegulationError, LedgerMismatchError):
        return None


def demand_regulation_entered() -> None:
    """See that what the regulation says of who sees what is what was entered: an edit of a moment opens nothing.

    Raises RegulationEditedError.
    """
    try:
        office.demand_regulation_entered()
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
