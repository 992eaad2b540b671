"""Which role administers what, compared with a table written the other way round."""

from rejent.access.rules import ADMINISTRATION, may_administer
from rejent.office.models import Role

RUNNING = [
    "see-status",
    "see-storage",
    "see-secret-places",
    "see-regulation",
    "enter-gate",
    "see-people",
    "see-stations",
    "see-holds",
    "see-due",
    "check-promises",
]
SUPERVISING = [*RUNNING, *["see-authorisations", "see-viewings", "place-hold", "see-ledger"]]
DECIDING = [
    *SUPERVISING,
    *[
        "load-regulation",
        "issue-authorisation",
        "revoke-authorisation",
        "revoke-station",
        "end-hold",
        "confirm-clock",
        "disclose-key",
    ],
]
MACHINE = [
    *RUNNING,
    *[
        "add-source",
        "switch-source",
        "remove-source",
        "add-person",
        "create-token",
        "enrol-station",
        "revoke-station",
    ],
]
CARRIED = {
    "head": DECIDING,
    "deputy": DECIDING,
    "secretary": SUPERVISING,
    "iod": [*SUPERVISING, "revoke-authorisation", "revoke-station", "confirm-clock"],
    "administrator": MACHINE,
    "it-unit": MACHINE,
    "clerk": ["see-regulation", "see-holds", "place-hold"],
    "viewer": ["see-regulation", "see-holds", "place-hold"],
    "guard": ["see-regulation", "see-status"],
    "guard-supervisor": ["see-regulation", "see-status"],
    "contractor": ["see-regulation"],
    "employee": ["see-regulation"],
}


def test_every_role_and_act_agrees_with_the_independent_table() -> None:
    """Each role carries exactly the acts written down for it here, and no role is forgotten."""
    assert set(CARRIED) == set(Role.values)
    for role, carried in CARRIED.items():
        for act in ADMINISTRATION:
            assert may_administer({role}, act).allowed is (act in carried), (role, act)


def test_roles_add_up() -> None:
    """Who is two things may do what either may."""
    assert may_administer({"clerk", "it-unit"}, "add-source").allowed
    assert may_administer({"clerk", "it-unit"}, "place-hold").allowed
    assert not may_administer({"clerk", "it-unit"}, "end-hold").allowed


def test_an_act_that_is_not_listed_is_nobodys() -> None:
    """A page that asks for an unknown act stays closed, and the refusal says why."""
    refused = may_administer(set(Role.values), "see-recordings")
    assert not refused.allowed
    assert refused.sentence
    assert refused.advice


def test_who_runs_the_machine_cannot_let_recordings_die_early() -> None:
    """Ending a hold, confirming the clock and disclosing a key lie with those who do not run the system (R-ACC-9)."""
    for role in ("administrator", "it-unit"):
        for act in ("end-hold", "confirm-clock", "disclose-key", "load-regulation", "issue-authorisation"):
            assert not may_administer({role}, act).allowed
