"""The table of roles and administrative acts that `rejent.access.rules.decision.may_administer` reads."""

from collections.abc import Mapping
from types import MappingProxyType

from rejent.office.people.duties import Duty
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.sign_in.own_sign_in import CONFIRMERS

_DECIDERS = frozenset({RoleName.HEAD, Duty.ACTING_HEAD})
"""The deputy decides in the head's absence, where the regulation says so."""
_RUNNERS = frozenset({RoleName.ADMINISTRATOR, RoleName.IT_UNIT})
_SUPERVISORS = frozenset({RoleName.PROTECTION_OFFICER, RoleName.SECRETARY})
_OVERSEERS = frozenset({RoleName.HEAD, RoleName.DEPUTY}) | _SUPERVISORS
_GUARDS = frozenset({RoleName.GUARD, RoleName.GUARD_SUPERVISOR})
_CASE_WORKERS = _OVERSEERS | {RoleName.CLERK, RoleName.VIEWER}
_CALLED_IN = frozenset({Duty.CALLED_IN})
"""The maintenance contractor, while a fault is open under an agreement in force: the machine, and nothing of people."""

ADMINISTRATION: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "see-status": _OVERSEERS | _RUNNERS | _GUARDS | _CALLED_IN,
        "see-storage": _OVERSEERS | _RUNNERS | _CALLED_IN,
        "see-secret-places": _OVERSEERS | _RUNNERS,
        "add-source": _RUNNERS,
        "switch-source": _RUNNERS | _CALLED_IN,
        "remove-source": _RUNNERS,
        "see-regulation": frozenset(RoleName) | {"employee"},
        "load-regulation": _DECIDERS,
        "enter-gate": _OVERSEERS | _RUNNERS,
        "see-devices": _OVERSEERS | _RUNNERS,
        "enrol-device": _RUNNERS,
        "revoke-device": _DECIDERS | _RUNNERS | {RoleName.DEPUTY, RoleName.PROTECTION_OFFICER},
        "set-mail-server": _RUNNERS,
        "enter-paper-copy": _DECIDERS | _RUNNERS,
        "see-people": _OVERSEERS | _RUNNERS,
        "add-person": _RUNNERS | _DECIDERS,
        "confirm-sign-in": CONFIRMERS,
        "create-token": _RUNNERS,
        "see-authorisations": _OVERSEERS,
        "see-statements": _OVERSEERS | _RUNNERS,
        "enter-statement": _OVERSEERS | _RUNNERS,
        "see-absences": _OVERSEERS | _RUNNERS,
        "enter-absence": _RUNNERS | {RoleName.HEAD, RoleName.SECRETARY},
        "see-faults": _OVERSEERS | _RUNNERS | _CALLED_IN,
        "enter-fault": _DECIDERS | _RUNNERS | {RoleName.PROTECTION_OFFICER},
        "see-breaches": _OVERSEERS | _RUNNERS,
        "enter-breach": _DECIDERS | _RUNNERS | {RoleName.PROTECTION_OFFICER},
        "see-agreements": _OVERSEERS | _RUNNERS,
        "enter-agreement": _DECIDERS | {RoleName.PROTECTION_OFFICER},
        "issue-authorisation": _DECIDERS | {Duty.ISSUER},
        "revoke-authorisation": _DECIDERS | {RoleName.DEPUTY, RoleName.PROTECTION_OFFICER},
        "see-viewings": _OVERSEERS,
        "see-supervision": _OVERSEERS,
        "review-viewing": _SUPERVISORS,
        "conclude-protocol": _DECIDERS,
        "state-position": _DECIDERS | {RoleName.DEPUTY},
        "see-holds": _CASE_WORKERS | _RUNNERS,
        "place-hold": _CASE_WORKERS,
        "end-hold": _DECIDERS,
        "see-cases": _CASE_WORKERS,
        "enter-case": _CASE_WORKERS,
        "decide-case": _DECIDERS,
        "see-copies": _CASE_WORKERS | _RUNNERS,
        "make-copy": _RUNNERS | {RoleName.HEAD, RoleName.DEPUTY, RoleName.SECRETARY, RoleName.VIEWER},
        "hand-over-copy": _RUNNERS
        | {RoleName.HEAD, RoleName.DEPUTY, RoleName.SECRETARY, RoleName.CLERK, RoleName.VIEWER},
        "renew-copy": _CASE_WORKERS,
        "appoint-commission": _DECIDERS,
        "see-due": _OVERSEERS | _RUNNERS,
        "see-completeness": _OVERSEERS | _RUNNERS,
        "see-refusals": _OVERSEERS | _RUNNERS,
        "see-refused-numbers": _OVERSEERS,
        "refuse-number": _OVERSEERS,
        "allow-number": _DECIDERS | {RoleName.PROTECTION_OFFICER},
        "see-notices": _OVERSEERS | _RUNNERS | _GUARDS | {RoleName.CLERK},
        "check-plate": _OVERSEERS | _RUNNERS | _GUARDS | {RoleName.CLERK},
        "enter-plate": _OVERSEERS | _RUNNERS,
        "publish-notices": _OVERSEERS | _RUNNERS,
        "see-notice-documents": _OVERSEERS | _RUNNERS,
        "word-notices": _DECIDERS | _RUNNERS | {RoleName.PROTECTION_OFFICER},
        "see-ledger": _OVERSEERS,
        "close-register": _DECIDERS,
        "check-promises": _OVERSEERS | _RUNNERS,
        "confirm-clock": _DECIDERS | {RoleName.PROTECTION_OFFICER},
        "disclose-key": _DECIDERS,
    }
)
"""Roles and duties of each administrative act; none of it shows a picture. An act not listed is refused.

Who runs the machine can neither end a hold nor confirm its clock: either would let recordings die early. Nor can
they enter the agreement that lets a contractor in, nor silence a number; that somebody who refused is recorded again is
decided by the head or the data protection officer. Taking a right away is open to the deputy at any time.
"""

EXCLUDED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "live": frozenset({RoleName.PROTECTION_OFFICER, RoleName.CONTRACTOR, "employee"}),
        "recordings": frozenset(
            {RoleName.GUARD, RoleName.PROTECTION_OFFICER, RoleName.CONTRACTOR, "employee"}
        ),
    }
)
"""Roles that see no recordings, whatever a regulation or an authorisation says.

Guards have the live picture only (R-VID-4), the data protection officer supervises without seeing (R-ACC-8), the
contractor's way leads over an open fault (R-ACC-3). ``employee`` excludes only those who are nothing else.
"""
