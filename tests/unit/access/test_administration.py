"""Which role administers what, compared with a table written the other way round."""

from rejent.access.administration import ADMINISTRATION
from rejent.access.rules import may_administer
from rejent.office.entrusting import ENTRUSTED, may_change
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
        "add-person",
        "conclude-protocol",
        "state-position",
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


def test_whoever_may_do_what_the_machine_may_not_is_entered_by_who_decides() -> None:
    """The roles no administrator gives are exactly those that carry an act withheld from them, pages of a case aside."""
    withheld = {
        "confirm-clock",
        "issue-authorisation",
        "revoke-authorisation",
        "see-authorisations",
        "see-ledger",
        "see-viewings",
        "disclose-key",
        "end-hold",
        "load-regulation",
        "conclude-protocol",
        "state-position",
    }
    assert set().union(*(ADMINISTRATION[act] for act in withheld)) == ENTRUSTED
    closed = {act for act, roles in ADMINISTRATION.items() if not roles & {"administrator", "it-unit"}}
    assert closed - withheld == {"place-hold"}


def test_only_who_decides_changes_who_decides_or_supervises() -> None:
    """Of all roles the head and the deputy alone may touch the entrusted ones; everybody may touch the others."""
    for acting in Role.values:
        for touched in Role.values:
            decided = acting in {"head", "deputy"} or touched not in {"head", "deputy", "secretary", "iod"}
            assert may_change({acting}, {"employee", touched}) is decided, (acting, touched)
