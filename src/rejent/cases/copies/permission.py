"""Who makes a copy, and of what a case lets one be made."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from rejent.access import queries as access
from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import Decision, Rule, SeeingAct, may_administer
from rejent.access.viewings.restriction import restriction
from rejent.cases.copies import rules
from rejent.cases.views import CaseView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.intervals import Interval
from rejent.office import queries as office
from rejent.office.people import standing
from rejent.office.regulation.provisions import Copies
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import PersonView
from rejent.registers.queries import entered_naming
from rejent.retention.acts import HOLD_PLACED
from rejent.retention.holds.standing import standing_holds
from rejent.retention.terms.rules import StandingHold

RUNNERS = frozenset({RoleName.ADMINISTRATOR, RoleName.IT_UNIT})
"""They make and pack a copy without a viewing; everybody else needs an authorisation for the recordings."""
NOT_MAKER = Decision(
    False,
    Rule.ROLE_NOT_NAMED,
    "The regulation does not name this role among those who make copies.",
    advice="The IT administrator makes it, or another person whom the regulation names.",
)
_SAME: Mapping[str, Collection[str]] = MappingProxyType({RoleName.ADMINISTRATOR: RUNNERS})
"""Roles that a name of the regulation stands for: the administrator is one of the IT unit."""


def require_duty(person: PersonView, act: str, clock: Clock) -> None:
    """Raise AccessRefusedError for somebody who does not carry an act now."""
    decision = may_administer(standing.current_roles(person.id, clock=clock) or frozenset(), act)
    if not decision.allowed:
        raise AccessRefusedError(decision)


def copies_of(stream: str, version: int) -> Copies:
    """Return a version's rules of copies of a stream."""
    found = office.verified_version(version).streams.get(stream)
    return found.copies if found else Copies()


def making_refusal(person: PersonView, source_id: str, *, clock: Clock) -> Decision | None:
    """Return the rule that forbids a person to make copies of a source, or to open one of them; None where nothing does.

    Raises NoSuchSourceError: there is no such source.
    """
    roles = standing.current_roles(person.id, clock=clock) or frozenset()
    decision = may_administer(roles, "make-copy")
    if not decision.allowed:
        return decision
    stream = catalog.verified_stream_of(source_id)
    named = {role for each in _made_by(stream, clock) for role in _SAME.get(each, {each})} & roles
    if not named:
        return NOT_MAKER
    if named & RUNNERS:
        return None
    seeing = access.may(person, SeeingAct.RECORDINGS, source_id, clock=clock)
    return None if seeing.allowed else seeing


def makers_of(stream: str, *, clock: Clock) -> list[RoleName]:
    """Return the roles that make copies of a stream by the regulation in force."""
    return [RoleName(each) for each in _made_by(stream, clock)]


def _made_by(stream: str, clock: Clock) -> Collection[str]:
    rules_of = office.verified_regulation(civil_date(clock.now())).stream(stream)
    return rules_of.copies.made_by if rules_of else ()


def restricting(case: CaseView, source_id: str, interval: Interval, item: str) -> Decision | None:
    """Return the refusal of what somebody recorded had restricted; None where nothing is, or the decision on the case states a ground to use it.

    The grounds are those of GDPR art. 18(2); they are the deciding person's word, entered with the decision.
    """
    if case.decision is not None and case.decision.despite:
        return None
    return restriction(source_id, interval.start, interval.end, item)


def copyable(case: CaseView) -> list[StandingHold]:
    """Return what may be copied under a case: what its decision, or a hold placed for it by hand, keeps; nothing of another case."""
    if not rules.may_be_copied(case, copies_of(case.application.stream, case.version)):
        return []
    return held_for(case)


def held_for(case: CaseView) -> list[StandingHold]:
    """Return the holds that stand for a case, of its own or placed for it by hand, by the word of the ledger."""
    placed = entered_naming(HOLD_PLACED.name, case.number)
    by_hand = (
        str((act.facts or {}).get("number")) for act in placed if (act.facts or {}).get("case") == case.number
    )
    numbers = {*case.holds, *by_hand}
    return [hold for hold in standing_holds() if hold.number in numbers]


def covering(
    holds: Collection[StandingHold], source_id: str, item: str, wanted: Interval
) -> StandingHold | None:
    """Return a hold that keeps all of what is asked for; None where none does."""
    for hold in holds:
        whole = hold.reach if item else hold.interval
        same = (hold.source_id, hold.item) == (source_id, item)
        if same and whole.start <= wanted.start and wanted.end <= whole.end:
            return hold
    return None
