"""The decision who may see and administer what: pure, compared with an independent table.

Seeing needs an authorisation that names the person, the act and the source; a role alone never suffices. Roles decide
only who may be authorised at all, and who administers which part of the system.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from rejent.access.presence.values import ALONE, Presence, Second
from rejent.access.rules import sentences
from rejent.access.rules.administration import ADMINISTRATION, EXCLUDED
from rejent.devices.views import UNLISTED, ClientStation, Lack
from rejent.office.people.duties import Duty
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.sign_in.own_sign_in import SignIn


class SeeingAct(StrEnum):
    """Acts that an authorisation allows."""

    LIVE = "live"
    RECORDINGS = "recordings"


class Rule(StrEnum):
    """The rule that decided."""

    AUTHORISED = "authorised"
    NOT_OF_OFFICE = "not-of-office"
    ROLE_EXCLUDED = "role-excluded"
    STREAM_NOT_PRESCRIBED = "stream-not-prescribed"
    NOBODY = "nobody"
    ROLE_NOT_NAMED = "role-not-named"
    NOT_AUTHORISED = "not-authorised"
    OTHER_SOURCE = "other-source"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SIGN_IN_UNCONFIRMED = "sign-in-unconfirmed"
    SECOND_FACTOR_MISSING = "second-factor-missing"
    STATEMENT_MISSING = "statement-missing"
    STATION_NOT_LISTED = "station-not-listed"
    PROTOCOL_UNFINISHED = "protocol-unfinished"
    PURPOSE_MISSING = "purpose-missing"
    PURPOSE_NOT_LISTED = "purpose-not-listed"
    CASE_MISSING = "case-missing"
    BAN_NOT_ACKNOWLEDGED = "ban-not-acknowledged"
    SECOND_PERSON_MISSING = "second-person-missing"
    SECOND_PERSON_SAME = "second-person-same"
    SECOND_PERSON_NOT_AUTHORISED = "second-person-not-authorised"
    GUESTS_NOT_PERMITTED = "guests-not-permitted"
    ANOTHER_STATION = "another-station"
    VOLUME_EXCEEDED = "volume-exceeded"
    VIEWING_ENDED = "viewing-ended"
    RESTRICTED = "restricted"
    OWN = "own"
    NOT_ISSUER = "not-issuer"
    NOT_THEIRS = "not-theirs"
    ROLE_ADMINISTERS = "role-administers"
    ROLE_DOES_NOT_ADMINISTER = "role-does-not-administer"
    NOT_CALLED_IN = "not-called-in"
    NOT_ACTING = "not-acting"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and the rule behind it.

    Attributes:
        sentence: an English template with ``{named}`` places, translated as it stands.
        facts: what fills them; never a name, a place or a secret.
        now: what the person can do at once; empty where there is nothing but to ask.
        clause: where the regulation in force says who sees the stream; empty where it says nothing, or it is allowed.
    """

    allowed: bool
    rule: Rule
    sentence: str = ""
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    advice: str = ""
    now: str = ""
    authorisation: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """An authorisation of the person who asks.

    Attributes:
        source_ids: the sources it names; nothing where it covers every source of the stream.
        valid_from, valid_until: civil dates, both included; it ends at the local midnight after the last.
    """

    number: str
    acts: frozenset[str]
    stream: str
    source_ids: frozenset[str] | None
    valid_from: date
    valid_until: date | None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Provisions:
    """The demands of the regulation in force on who sees a stream.

    Attributes:
        live, recordings: roles that may be authorised to see either; empty means nobody.
        purposes: identifiers of the purposes that may be chosen; flagged ones are not among them (R-OPEN-8).
    """

    live: frozenset[str]
    recordings: frozenset[str]
    purposes: frozenset[str]
    listed_stations: bool = False
    second_person: bool = False
    guests: bool = False
    photographing_forbidden: bool = False
    second_factor: bool = False
    statement_first: bool = False
    clause: str = ""
    protocol_clause: str = ""

    def roles(self, act: SeeingAct) -> frozenset[str]:
        """Return the roles that may be authorised for an act."""
        return self.live if act is SeeingAct.LIVE else self.recordings


@dataclass(frozen=True, slots=True)
class Statement:
    """Statement before recordings are opened (R-ACC-4); `acknowledged`: that the screen is not photographed."""

    purpose: str
    case: str
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that a decision depends on.

    Attributes:
        provisions: nothing where the regulation in force does not prescribe the stream.
        statement: nothing where it is only asked whether a viewing could be opened, at a station that will do.
        unfinished: the number of a viewing of the person whose protocol is not finished; empty where there is none, and
            where an open viewing goes on.
    """

    act: SeeingAct
    stream: str
    source_id: str
    day: date
    active: bool
    roles: frozenset[str]
    grants: tuple[Grant, ...]
    provisions: Provisions | None
    statement: Statement | None = None
    client_station: ClientStation = UNLISTED
    unfinished: str = ""
    presence: Presence = ALONE
    signed: bool = True
    sign_in: SignIn = SignIn.CONFIRMED
    second_factor: bool = True


def decide(request: Request) -> Decision:
    """Return whether a person may see a source's live picture or its recordings, and by which rule."""
    return _barred(request) or _with_clause(_granted(request), request.provisions)


def _with_clause(decision: Decision, provisions: Provisions | None) -> Decision:
    """Return a refusal with the place in the regulation, if it has one."""
    if provisions is None or decision.allowed or decision.rule in _OF_THE_PROGRAM:
        return decision
    of_protocols = decision.rule is Rule.PROTOCOL_UNFINISHED
    return replace(decision, clause=provisions.protocol_clause if of_protocols else provisions.clause)


_OF_THE_PROGRAM = frozenset({Rule.NOT_OF_OFFICE, Rule.ROLE_EXCLUDED})
"""Rules that hold whatever a regulation says: no place in it is given for them, least of all one that admits somebody."""


def _barred(request: Request) -> Decision | None:
    barred = _barring(request)
    return barred and _with_clause(barred, request.provisions)


def _barring(request: Request) -> Decision | None:
    if not request.active:
        return _no(Rule.NOT_OF_OFFICE, request.act)
    excluded = EXCLUDED[request.act] & request.roles
    if excluded - {"employee"} or not request.roles - {"employee"}:
        return _no(Rule.ROLE_EXCLUDED, request.act, sentences.ROLES_ARE_GIVEN, sentences.NOTHING_HELPS)
    if request.provisions is None:
        return _no(Rule.STREAM_NOT_PRESCRIBED, request.act, stream=request.stream)
    named = request.provisions.roles(request.act)
    if not named:
        return _no(Rule.NOBODY, request.act, now=sentences.REGULATION_BARS)
    if not named & request.roles:
        return _no(Rule.ROLE_NOT_NAMED, request.act, sentences.ROLES_ARE_GIVEN, sentences.REGULATION_BARS)
    return None


def _granted(request: Request) -> Decision:
    """Return the authorisation that allows it, or what the nearest one lacks."""
    lacking = [Rule.NOT_AUTHORISED]
    for grant in request.grants:
        lack = _lack(grant, request)
        if lack is None:
            return _decide_authorised(request, grant)
        lacking.append(lack)
    return _no(max(lacking, key=_NEARNESS.index), request.act, sentences.HEAD_DECIDES)


def _lack(grant: Grant, request: Request) -> Rule | None:
    if request.act not in grant.acts or grant.stream != request.stream:
        return Rule.NOT_AUTHORISED
    if grant.source_ids is not None and request.source_id not in grant.source_ids:
        return Rule.OTHER_SOURCE
    if grant.revoked:
        return Rule.REVOKED
    if grant.valid_until is not None and request.day > grant.valid_until:
        return Rule.EXPIRED
    if request.day < grant.valid_from:
        return Rule.NOT_YET_VALID
    return None


_NEARNESS = (Rule.NOT_AUTHORISED, Rule.OTHER_SOURCE, Rule.REVOKED, Rule.EXPIRED, Rule.NOT_YET_VALID)


def _decide_authorised(request: Request, grant: Grant) -> Decision:
    """Return the decision once an authorisation fits: sign-in confirmed, second factor, signed statement.

    For recordings it depends on what is stated and who is present, too.
    """
    allowed = Decision(allowed=True, rule=Rule.AUTHORISED, authorisation=grant.number)
    statement, provisions = request.statement, request.provisions
    if request.sign_in is not SignIn.CONFIRMED:
        return unconfirmed(request.sign_in)
    if _lacks_factor(request):
        return _no(
            Rule.SECOND_FACTOR_MISSING, request.act, sentences.REGULATION_DEMANDS, sentences.ADD_A_FACTOR
        )
    if provisions is not None and provisions.statement_first and not request.signed:
        return _no(Rule.STATEMENT_MISSING, request.act, sentences.WHO_ENTERS_STATEMENTS, sentences.SIGN_ONE)
    if request.act is not SeeingAct.RECORDINGS or statement is None or provisions is None:
        return allowed
    return (
        _statement_refused(request, statement, provisions)
        or _presence_refused(request, statement, provisions)
        or allowed
    )


def _lacks_factor(request: Request) -> bool:
    """Return whether recordings are asked for with a password alone, where that is not enough (R-ACC-2)."""
    demanded = request.provisions is not None and request.provisions.second_factor
    return demanded and not request.second_factor and request.act is SeeingAct.RECORDINGS


def _statement_refused(request: Request, statement: Statement, provisions: Provisions) -> Decision | None:
    """Return a station of the list where the regulation says so, no protocol that is owed, a purpose and a case."""
    if provisions.listed_stations and not request.client_station.listed:
        return _not_here(request.client_station.lack, provisions.clause)
    if request.unfinished:
        return protocol_unfinished(request.unfinished)
    if not statement.purpose.strip():
        return _no(Rule.PURPOSE_MISSING, request.act)
    if statement.purpose not in provisions.purposes:
        return _no(Rule.PURPOSE_NOT_LISTED, request.act)
    return None if statement.case.strip() else _no(Rule.CASE_MISSING, request.act)


def _presence_refused(request: Request, statement: Statement, provisions: Provisions) -> Decision | None:
    """Return the refusal of second person, guests or station, or None."""
    presence = request.presence
    if presence.opened_at and request.client_station.station != presence.opened_at:
        return _no(Rule.ANOTHER_STATION, request.act, now=sentences.AT_A_STATION[Lack.ANOTHER])
    if provisions.photographing_forbidden and not statement.acknowledged:
        return _no(Rule.BAN_NOT_ACKNOWLEDGED, request.act)
    if provisions.second_person and presence.second is not Second.AGREED:
        return second_refused(presence.second)
    if presence.guests and not provisions.guests:
        return _no(Rule.GUESTS_NOT_PERMITTED, request.act, sentences.REGULATION_DEMANDS)
    return None


def second_refused(second: Second) -> Decision:
    """Return the refusal where no second person agreed, or somebody who cannot be it."""
    return _no(
        _SECOND_REFUSALS[second], SeeingAct.RECORDINGS, sentences.REGULATION_DEMANDS, sentences.SECOND_JOINS
    )


_SECOND_REFUSALS: Mapping[Second, Rule] = MappingProxyType(
    {
        Second.NOBODY: Rule.SECOND_PERSON_MISSING,
        Second.SAME: Rule.SECOND_PERSON_SAME,
        Second.UNFIT: Rule.SECOND_PERSON_NOT_AUTHORISED,
    }
)


def protocol_unfinished(number: str) -> Decision:
    """Return the refusal of a further viewing to somebody who owes the protocol of an earlier one."""
    who, first = sentences.WHO_FINISHES_PROTOCOLS, sentences.PROTOCOL_FIRST
    return _no(Rule.PROTOCOL_UNFINISHED, SeeingAct.RECORDINGS, who, first, number=number)


def _no(rule: Rule, act: SeeingAct, advice: str = "", now: str = "", **facts: object) -> Decision:
    return Decision(
        allowed=False, rule=rule, sentence=sentence(rule, act), facts=facts, advice=advice, now=now
    )


def _not_here(lack: Lack | None, clause: str) -> Decision:
    now = sentences.AT_A_STATION[lack or Lack.UNKNOWN]
    refused = _no(Rule.STATION_NOT_LISTED, SeeingAct.RECORDINGS, sentences.WHO_LISTS_STATIONS, now)
    return replace(refused, sentence=sentences.NOT_HERE, facts={"clause": clause}) if clause else refused


def sentence(rule: Rule, act: SeeingAct) -> str:
    """Return the sentence of a rule; empty where it forbids nothing of the kind."""
    live, recordings = sentences.SENTENCES.get(rule, ("", ""))
    return live if act is SeeingAct.LIVE else recordings


def not_authorised(act: SeeingAct, provisions: Provisions | None) -> Decision:
    """Return the refusal of somebody whom an authorisation would help."""
    return _with_clause(_no(Rule.NOT_AUTHORISED, act, sentences.HEAD_DECIDES), provisions)


def unconfirmed(sign_in: SignIn) -> Decision:
    """Return the refusal in an account of which it is not confirmed that only its person signs in to it."""
    return _no(
        Rule.SIGN_IN_UNCONFIRMED,
        SeeingAct.RECORDINGS,
        sentences.WHO_CONFIRMS,
        sentences.CONFIRM_FIRST[sign_in],
    )


def may_be_authorised(
    roles: frozenset[str], act: SeeingAct, stream: str, provisions: Provisions | None
) -> Decision | None:
    """Return why no authorisation could let these roles see a stream; None where one could."""
    return _barred(Request(act, stream, "", date.min, True, roles, (), provisions))


def may_administer(roles: Collection[str], act: str) -> Decision:
    """Return whether somebody with these roles and duties may do an administrative act.

    A maintenance contractor carries a contractor's acts alone, whatever roles were given besides (R-ACC-3).
    """
    carrying, held = ADMINISTRATION.get(act, frozenset()), frozenset(roles)
    if RoleName.CONTRACTOR in held:
        held &= {RoleName.CONTRACTOR, Duty.CALLED_IN}
    if not carrying.isdisjoint(held):
        return Decision(allowed=True, rule=Rule.ROLE_ADMINISTERS)
    if RoleName.CONTRACTOR in held and Duty.CALLED_IN in carrying:
        return NOT_CALLED_IN
    if RoleName.DEPUTY in held and Duty.ACTING_HEAD in carrying:
        return NOT_ACTING
    return Decision(
        allowed=False,
        rule=Rule.ROLE_DOES_NOT_ADMINISTER,
        sentence=sentences.NOT_OF_THIS_ROLE,
        advice=sentences.ROLES_ARE_GIVEN,
    )


NOT_CALLED_IN = Decision(
    False,
    Rule.NOT_CALLED_IN,
    sentences.CONTRACTOR_ON_A_FAULT,
    advice=sentences.WHO_CALLS_IN,
)
NOT_ACTING = Decision(
    False,
    Rule.NOT_ACTING,
    sentences.DEPUTY_IN_ABSENCE,
    advice=sentences.WHO_ENTERS_ABSENCES,
)
