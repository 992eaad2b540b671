"""The decision who may see what, and which role administers what: pure, one function each.

An authorisation opens pictures; a role never does by itself. A role opens administration; it never opens pictures.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

LIVE: Final = "live"
RECORDINGS: Final = "recordings"

_SUPERVISION = frozenset({"iod", "secretary", "head", "deputy"})
_TECHNICAL = frozenset({"administrator", "it-unit"})
_DECIDING = frozenset({"head", "deputy"})
_CASEWORK = frozenset({"head", "deputy", "secretary", "iod", "clerk", "viewer"})

ADMINISTRATION: Final[dict[str, frozenset[str]]] = {
    "see-status": _SUPERVISION | _TECHNICAL | {"guard", "guard-supervisor"},
    "see-storage": _SUPERVISION | _TECHNICAL,
    "see-regulation": _SUPERVISION
    | _TECHNICAL
    | _CASEWORK
    | {"guard", "guard-supervisor", "employee", "contractor"},
    "see-secret-places": _SUPERVISION | _TECHNICAL,
    "add-source": _TECHNICAL,
    "switch-source": _TECHNICAL,
    "enter-gate": _SUPERVISION | _TECHNICAL,
    "load-regulation": _DECIDING,
    "see-holds": _CASEWORK | _TECHNICAL,
    "place-hold": _CASEWORK,
    "end-hold": _DECIDING | {"iod"},
    "see-due": _SUPERVISION | _TECHNICAL,
    "confirm-clock": _DECIDING | {"iod"},
    "see-ledger": _SUPERVISION,
    "see-viewings": _SUPERVISION,
    "check-promises": _SUPERVISION | _TECHNICAL,
    "see-people": _SUPERVISION | _TECHNICAL,
    "add-person": _TECHNICAL,
    "see-authorisations": _SUPERVISION,
    "issue-authorisation": _DECIDING,
    "revoke-authorisation": _DECIDING | {"iod"},
    "disclose-key": _DECIDING,
}
"""Which roles may do an administrative act; an act that is not listed is nobody's."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Allowed, or the rule that forbids.

    Attributes:
        allowed: whether it may be done.
        rule: stable name of the rule that decided.
        sentence: why not, in English, with ``{named}`` places; translated where it is shown.
        who: who can change that, in English; translated where it is shown.
        facts: what fills the places.
    """

    allowed: bool
    rule: str
    sentence: str = ""
    who: str = ""
    facts: dict[str, object] = field(default_factory=dict)


ALLOWED: Final = Decision(allowed=True, rule="allowed")


@dataclass(frozen=True, slots=True)
class Grant:
    """What one authorisation gives.

    Attributes:
        acts: ``live``, ``recordings``.
        stream: of which stream.
        sources: only these, or every one where None.
        first, last: civil dates it is valid on, both included; open where ``last`` is missing.
        revoked: it was taken back.
    """

    acts: frozenset[str]
    stream: str
    sources: frozenset[str] | None
    first: date
    last: date | None
    revoked: bool = False

    def valid(self, day: date) -> bool:
        """Whether it holds on a civil date."""
        return not self.revoked and self.first <= day and (self.last is None or day <= self.last)

    def covers(self, act: str, stream: str, source: str) -> bool:
        """Whether it speaks of this act on this source."""
        return act in self.acts and stream == self.stream and (self.sources is None or source in self.sources)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to do.

    Attributes:
        act: ``live`` or ``recordings``.
        active: the person belongs to the office on that day.
        roles: what they are in the office.
        stream, source: of what.
        day: the office's civil date now.
        grants: every authorisation of the person.
        eligible: roles the regulation lets be authorised for this act on this stream.
        purposes: the purposes a viewing may be opened for.
        purpose, case: what a viewing is opened for; both empty where none is being opened.
        opening: a viewing is being opened, so that purpose and case are asked.
    """

    act: str
    active: bool
    roles: frozenset[str]
    stream: str
    source: str
    day: date
    grants: tuple[Grant, ...]
    eligible: frozenset[str]
    purposes: frozenset[str] = frozenset()
    purpose: str = ""
    case: str = ""
    opening: bool = False


_HEAD = "The head of the office issues authorisations."
_NOT_ACTIVE = Decision(False, "person-left", "This account belongs to nobody in the office any more.", _HEAD)
_NO_ROLE = Decision(
    False,
    "role-not-named",
    "The regulation does not let your post see this.",
    "The regulation names who may be authorised; the head of the office changes it.",
)
_NO_GRANT = Decision(
    False,
    "no-authorisation",
    "You hold no valid authorisation for this.",
    _HEAD,
)
_EXPIRED = Decision(
    False,
    "authorisation-ended",
    "Your authorisation for this has ended or was revoked.",
    _HEAD,
)
_NO_PURPOSE = Decision(
    False,
    "purpose-not-listed",
    "A recording may be opened only for a purpose that the regulation lists.",
    "Choose the purpose from the list.",
)
_NO_CASE = Decision(
    False,
    "case-missing",
    "A recording may be opened only for a case.",
    "Enter the case number.",
)


def decide(request: Request) -> Decision:
    """Whether somebody may see live pictures or recordings of a source, or the rule that forbids it."""
    if not request.active:
        return _NOT_ACTIVE
    if not request.roles & request.eligible:
        return _NO_ROLE
    speaking = [
        grant for grant in request.grants if grant.covers(request.act, request.stream, request.source)
    ]
    if not any(grant.valid(request.day) for grant in speaking):
        return _EXPIRED if speaking else _NO_GRANT
    if request.opening and request.purpose not in request.purposes:
        return _NO_PURPOSE
    if request.opening and not request.case.strip():
        return _NO_CASE
    return ALLOWED


def may_administer(roles: Iterable[str], act: str) -> Decision:
    """Whether somebody of these roles may do an administrative act."""
    entitled = ADMINISTRATION.get(act, frozenset())
    if entitled.intersection(roles):
        return ALLOWED
    return Decision(
        allowed=False,
        rule=f"role:{act}",
        sentence="Your role does not allow this.",
        who="It is for: {roles}.",
        facts={"roles": ", ".join(sorted(entitled)) or "-"},
    )
