"""Which roles administer which part of the system: the table that `rejent.access.rules.may_administer` reads."""

from collections.abc import Mapping
from types import MappingProxyType

from rejent.office.vocabulary import RoleName

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
        "see-supervision": _OVERSEERS,
        "review-viewing": _SUPERVISORS,
        "conclude-protocol": _DECIDERS,
        "state-position": _DECIDERS,
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
