"""Who may see what, and who may administer what: pure, decided in one place, compared with an independent table.

Seeing needs an authorisation that names the person, the act and the source; a role alone never suffices. Roles decide
only who may be authorised at all, and who administers which part of the system.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from rejent.office.views import UNLISTED, AskedFrom, Lack
from rejent.office.vocabulary import RoleName


class SeeingAct(StrEnum):
    """What an authorisation allows."""

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
    STATION_NOT_LISTED = "station-not-listed"
    PURPOSE_MISSING = "purpose-missing"
    PURPOSE_NOT_LISTED = "purpose-not-listed"
    CASE_MISSING = "case-missing"
    VIEWING_ENDED = "viewing-ended"
    OWN = "own"
    ROLE_ADMINISTERS = "role-administers"
    ROLE_DOES_NOT_ADMINISTER = "role-does-not-administer"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and the rule behind it.

    Attributes:
        sentence: an English template with ``{named}`` places, translated as it stands.
        facts: what fills them; never a name, a place or a secret.
        advice: who can change it; empty where it is allowed.
        now: what the person can do at once; empty where there is nothing but to ask.
        authorisation: the number of the authorisation that allows it.
    """

    allowed: bool
    rule: Rule
    sentence: str = ""
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    advice: str = ""
    now: str = ""
    authorisation: str = ""


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
    """What the regulation in force says of a stream, as far as it decides who sees it.

    Attributes:
        live, recordings: roles that may be authorised to see either; empty means nobody.
        purposes: identifiers of the purposes that may be chosen; flagged ones are not among them (R-OPEN-8).
        listed_stations: recordings are opened at stations of the list only.
        clause: where the regulation says who sees what; may be empty.
    """

    live: frozenset[str]
    recordings: frozenset[str]
    purposes: frozenset[str]
    listed_stations: bool = False
    clause: str = ""

    def roles(self, act: SeeingAct) -> frozenset[str]:
        """The roles that may be authorised for an act."""
        return self.live if act is SeeingAct.LIVE else self.recordings


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody states before recordings are opened (R-ACC-4)."""

    purpose: str
    case: str


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that a decision depends on.

    Attributes:
        active: the person belongs to the office on the day.
        roles: what the person is.
        provisions: nothing where the regulation in force does not prescribe the stream.
        statement: nothing where it is only asked whether a viewing could be opened, at a station that will do.
        asked_from: where the request comes from; a station of the list, or none.
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
    asked_from: AskedFrom = UNLISTED


EXCLUDED: Mapping[SeeingAct, frozenset[str]] = MappingProxyType(
    {
        SeeingAct.LIVE: frozenset({RoleName.PROTECTION_OFFICER, RoleName.CONTRACTOR, "employee"}),
        SeeingAct.RECORDINGS: frozenset(
            {RoleName.GUARD, RoleName.PROTECTION_OFFICER, RoleName.CONTRACTOR, "employee"}
        ),
    }
)
"""Who sees nothing of the kind, whatever a regulation or an authorisation says.

Guards have the live picture only (R-VID-4), the data protection officer supervises without seeing (R-ACC-8), the
contractor's way leads over an open fault (R-ACC-3). ``employee`` excludes only those who are nothing else.
"""

_HEAD_DECIDES = "The head of the office issues authorisations."
_ROLES_ARE_GIVEN = "Roles are given by the IT administrator on the decision of the head of the office."
_NOTHING_HELPS = "There is nothing to apply for: no authorisation opens this to the role."
_REGULATION_BARS = (
    "There is nothing to apply for: no authorisation helps while the regulation stands like this."
)


def decide(request: Request) -> Decision:
    """Whether a person may see a source's live picture or its recordings, and by which rule."""
    return _barred(request) or _granted(request)


def _barred(request: Request) -> Decision | None:
    """What no authorisation helps against."""
    if not request.active:
        return _no(Rule.NOT_OF_OFFICE, request.act)
    excluded = EXCLUDED[request.act] & request.roles
    if excluded - {"employee"} or not request.roles - {"employee"}:
        return _no(Rule.ROLE_EXCLUDED, request.act, _ROLES_ARE_GIVEN, _NOTHING_HELPS)
    if request.provisions is None:
        return _no(Rule.STREAM_NOT_PRESCRIBED, request.act, stream=request.stream)
    named = request.provisions.roles(request.act)
    if not named:
        return _no(Rule.NOBODY, request.act, now=_REGULATION_BARS)
    if not named & request.roles:
        return _no(Rule.ROLE_NOT_NAMED, request.act, _ROLES_ARE_GIVEN, _REGULATION_BARS)
    return None


def _granted(request: Request) -> Decision:
    """The authorisation that allows it, or what the nearest one lacks."""
    lacking = [Rule.NOT_AUTHORISED]
    for grant in request.grants:
        lack = _lack(grant, request)
        if lack is None:
            return _stated(request, grant)
        lacking.append(lack)
    return _no(max(lacking, key=_NEARNESS.index), request.act, _HEAD_DECIDES)


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


def _stated(request: Request, grant: Grant) -> Decision:
    """Recordings need a station of the list where the regulation says so, and a purpose and a case, stated beforehand."""
    statement, provisions = request.statement, request.provisions
    if request.act is SeeingAct.RECORDINGS and statement is not None and provisions is not None:
        if provisions.listed_stations and not request.asked_from.listed:
            return _not_here(request.asked_from.lack, provisions.clause)
        if not statement.purpose.strip():
            return _no(Rule.PURPOSE_MISSING, request.act)
        if statement.purpose not in provisions.purposes:
            return _no(Rule.PURPOSE_NOT_LISTED, request.act)
        if not statement.case.strip():
            return _no(Rule.CASE_MISSING, request.act)
    return Decision(allowed=True, rule=Rule.AUTHORISED, authorisation=grant.number)


def _no(rule: Rule, act: SeeingAct, advice: str = "", now: str = "", **facts: object) -> Decision:
    return Decision(
        allowed=False, rule=rule, sentence=sentence(rule, act), facts=facts, advice=advice, now=now
    )


def _not_here(lack: Lack | None, clause: str) -> Decision:
    """The refusal of a station that is none of the list."""
    return Decision(
        allowed=False,
        rule=Rule.STATION_NOT_LISTED,
        sentence=_NOT_HERE if clause else sentence(Rule.STATION_NOT_LISTED, SeeingAct.RECORDINGS),
        facts={"clause": clause} if clause else {},
        advice="The list of stations is kept by the IT administrator.",
        now=_AT_A_STATION[lack or Lack.UNKNOWN],
    )


_NOT_HERE = "The regulation lets recordings be opened at listed stations only ({clause}), and this computer is none of them."
_AT_A_STATION: Mapping[Lack, str] = MappingProxyType(
    {
        Lack.UNKNOWN: "Go to a listed station. If this is one, choose its certificate when the browser asks for it.",
        Lack.REVOKED: "This computer was struck off the list. Go to another station.",
        Lack.EXPIRED: "The certificate of this computer has ended. Have it enrolled anew, or go to another station.",
        Lack.ELSEWHERE: "This computer is listed at another address. Use it where it belongs, or go to another station.",
        Lack.ANOTHER: "This viewing was opened at another station. Go on there, or open a new one here.",
    }
)


def sentence(rule: Rule, act: SeeingAct) -> str:
    """What is said for a rule; empty where it forbids nothing of the kind."""
    live, recordings = _SENTENCES.get(rule, ("", ""))
    return live if act is SeeingAct.LIVE else recordings


_SENTENCES: Mapping[Rule, tuple[str, str]] = MappingProxyType(
    {
        Rule.NOT_OF_OFFICE: ("Who does not belong to the office sees nothing.",) * 2,
        Rule.ROLE_EXCLUDED: (
            "This role never sees the live picture.",
            "This role never sees recordings.",
        ),
        Rule.STREAM_NOT_PRESCRIBED: ("The regulation in force does not prescribe {stream}.",) * 2,
        Rule.NOBODY: (
            "The regulation in force names nobody who may be authorised to see the live picture.",
            "The regulation in force names nobody who may be authorised to see recordings.",
        ),
        Rule.ROLE_NOT_NAMED: (
            "The regulation in force does not name this role among those who may be authorised to see the live picture.",
            "The regulation in force does not name this role among those who may be authorised to see recordings.",
        ),
        Rule.NOT_AUTHORISED: (
            "There is no authorisation to see the live picture.",
            "There is no authorisation to see recordings.",
        ),
        Rule.OTHER_SOURCE: (
            "The authorisation to see the live picture names other sources.",
            "The authorisation to see recordings names other sources.",
        ),
        Rule.NOT_YET_VALID: (
            "The authorisation to see the live picture is not valid yet.",
            "The authorisation to see recordings is not valid yet.",
        ),
        Rule.EXPIRED: (
            "The authorisation to see the live picture has expired.",
            "The authorisation to see recordings has expired.",
        ),
        Rule.REVOKED: (
            "The authorisation to see the live picture was revoked.",
            "The authorisation to see recordings was revoked.",
        ),
        Rule.STATION_NOT_LISTED: (
            "",
            "The regulation lets recordings be opened at listed stations only, and this computer is none of them.",
        ),
        Rule.PURPOSE_MISSING: ("", "A purpose must be stated before recordings are opened."),
        Rule.PURPOSE_NOT_LISTED: ("", "The regulation in force does not list this purpose."),
        Rule.CASE_MISSING: ("", "A case must be stated before recordings are opened."),
    }
)
"""What is said for each rule, of the live picture and of recordings."""


VIEWING_ENDED = Decision(False, Rule.VIEWING_ENDED, "This viewing has ended.", advice="Open a new one.")
NOT_THEMSELVES = Decision(
    False, Rule.OWN, "Nobody authorises themselves.", advice="The head of the office or the deputy issues it."
)


def may_be_authorised(
    roles: frozenset[str], act: SeeingAct, stream: str, provisions: Provisions | None
) -> Decision | None:
    """Why no authorisation could let somebody of these roles see a stream; nothing where one could."""
    return _barred(Request(act, stream, "", date.min, True, roles, (), provisions))


# --- Administration -----------------------------------------------------------------------------------------------------


_DECIDERS = frozenset({RoleName.HEAD, RoleName.DEPUTY})
_RUNNERS = frozenset({RoleName.ADMINISTRATOR, RoleName.IT_UNIT})
_SUPERVISORS = frozenset({RoleName.PROTECTION_OFFICER, RoleName.SECRETARY})
_OVERSEERS = _DECIDERS | _SUPERVISORS
_GUARDS = frozenset({RoleName.GUARD, RoleName.GUARD_SUPERVISOR})
_CASE_WORKERS = _OVERSEERS | {RoleName.CLERK, RoleName.VIEWER}

ADMINISTRATION: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "see-status": _OVERSEERS | _RUNNERS | _GUARDS,
        "see-storage": _OVERSEERS | _RUNNERS,
        "see-secret-places": _OVERSEERS | _RUNNERS,
        "add-source": _RUNNERS,
        "switch-source": _RUNNERS,
        "remove-source": _RUNNERS,
        "see-regulation": frozenset(RoleName) | {"employee"},
        "load-regulation": _DECIDERS,
        "enter-gate": _OVERSEERS | _RUNNERS,
        "see-stations": _OVERSEERS | _RUNNERS,
        "enrol-station": _RUNNERS,
        "revoke-station": _DECIDERS | _RUNNERS | {RoleName.PROTECTION_OFFICER},
        "see-people": _OVERSEERS | _RUNNERS,
        "add-person": _RUNNERS | _DECIDERS,
        "create-token": _RUNNERS,
        "see-authorisations": _OVERSEERS,
        "issue-authorisation": _DECIDERS,
        "revoke-authorisation": _DECIDERS | {RoleName.PROTECTION_OFFICER},
        "see-viewings": _OVERSEERS,
        "see-holds": _CASE_WORKERS | _RUNNERS,
        "place-hold": _CASE_WORKERS,
        "end-hold": _DECIDERS,
        "see-due": _OVERSEERS | _RUNNERS,
        "see-ledger": _OVERSEERS,
        "check-promises": _OVERSEERS | _RUNNERS,
        "confirm-clock": _DECIDERS | {RoleName.PROTECTION_OFFICER},
        "disclose-key": _DECIDERS,
    }
)
"""Which roles carry which administrative act by themselves; none of it shows a picture. What is not listed is nobody's.

Who runs the machine can neither end a hold nor confirm its clock: either would let recordings die early.
"""


def may_administer(roles: Collection[str], act: str) -> Decision:
    """Whether somebody with these roles may do an administrative act."""
    if not ADMINISTRATION.get(act, frozenset()).isdisjoint(roles):
        return Decision(allowed=True, rule=Rule.ROLE_ADMINISTERS)
    return Decision(
        allowed=False,
        rule=Rule.ROLE_DOES_NOT_ADMINISTER,
        sentence="This is not among the duties of this role.",
        advice=_ROLES_ARE_GIVEN,
    )
