"""Which role administers what, compared with a table written the other way round."""

import pytest

from rejent.access.rules.administration import ADMINISTRATION
from rejent.access.rules.decision import Rule, may_administer
from rejent.office.models import Role
from rejent.office.people.duties import ENTRUSTED, Duty, may_change

RUNNING = [
    "see-copies",
    "see-status",
    "see-storage",
    "see-secret-places",
    "see-regulation",
    "enter-gate",
    "see-people",
    "see-devices",
    "see-holds",
    "see-due",
    "see-completeness",
    "see-refusals",
    "check-promises",
    "see-statements",
    "enter-statement",
    "see-absences",
    "see-faults",
    "see-breaches",
    "see-agreements",
    "see-notices",
    "check-plate",
    "enter-plate",
    "publish-notices",
    "see-notice-documents",
]
SUPERVISING = [
    *RUNNING,
    *["see-authorisations", "see-viewings", "see-supervision", "place-hold", "see-ledger"],
    *["see-cases", "enter-case", "renew-copy"],
    *["see-refused-numbers", "refuse-number"],
]
COPYING = ["make-copy", "hand-over-copy"]
DECIDING = [
    *SUPERVISING,
    *COPYING,
    *[
        "load-regulation",
        "issue-authorisation",
        "revoke-authorisation",
        "revoke-device",
        "end-hold",
        "decide-case",
        "appoint-commission",
        "close-register",
        "confirm-clock",
        "allow-number",
        "disclose-key",
        "add-person",
        "conclude-protocol",
        "state-position",
        "enter-fault",
        "enter-agreement",
        "enter-breach",
        "confirm-sign-in",
        "word-notices",
        "enter-paper-copy",
    ],
]
MACHINE = [
    *RUNNING,
    *COPYING,
    *[
        "add-source",
        "switch-source",
        "remove-source",
        "add-person",
        "create-token",
        "enrol-device",
        "revoke-device",
        "enter-fault",
        "enter-breach",
        "enter-absence",
        "word-notices",
        "set-mail-server",
        "enter-paper-copy",
    ],
]
FILING = ["see-regulation", "see-holds", "place-hold", "see-cases", "enter-case", "see-copies", "renew-copy"]
CARRIED = {
    "head": [*DECIDING, "enter-absence"],
    "deputy": [*SUPERVISING, *COPYING, "revoke-authorisation", "revoke-device", "state-position"],
    "secretary": [*SUPERVISING, *COPYING, "enter-absence", "review-viewing"],
    "iod": [
        *SUPERVISING,
        *[
            "revoke-authorisation",
            "revoke-device",
            "confirm-clock",
            "enter-fault",
            "enter-agreement",
            "enter-breach",
        ],
        *["review-viewing", "confirm-sign-in", "allow-number", "word-notices"],
    ],
    "administrator": MACHINE,
    "it-unit": MACHINE,
    "clerk": [*FILING, "hand-over-copy", "see-notices", "check-plate"],
    "viewer": [*FILING, *COPYING],
    "guard": ["see-regulation", "see-status", "see-notices", "check-plate"],
    "guard-supervisor": ["see-regulation", "see-status", "see-notices", "check-plate"],
    "contractor": ["see-regulation"],
    "employee": ["see-regulation"],
}


def test_every_role_and_act_agrees_with_the_independent_table() -> None:
    """Each role carries exactly the acts written down for it here, and no role is forgotten."""
    assert set(CARRIED) == set(Role.values)
    for role, carried in CARRIED.items():
        for act in ADMINISTRATION:
            assert may_administer({role}, act).allowed is (act in carried), (role, act)


@pytest.mark.parametrize(
    ("roles", "carried"),
    [
        ({"deputy", "acting-head"}, DECIDING),
        ({"deputy", "secretary"}, [*SUPERVISING, *COPYING, "revoke-authorisation", "revoke-device", "state-position", "enter-absence", "review-viewing"]),
        ({"deputy", "secretary", "acting-head"}, [*DECIDING, "enter-absence", "review-viewing"]),
        (
            {"secretary", "issuer"},
            [*SUPERVISING, *COPYING, "enter-absence", "issue-authorisation", "review-viewing", "confirm-sign-in"],
        ),
        ({"contractor", "called-in"}, ["see-regulation", "see-status", "see-storage", "switch-source", "see-faults"]),
        ({"contractor", "administrator"}, ["see-regulation"]),
        ({"contractor", "head", "viewer"}, ["see-regulation"]),
        (
            {"contractor", "administrator", "called-in"},
            ["see-regulation", "see-status", "see-storage", "switch-source", "see-faults"],
        ),
    ],
    ids=lambda value: "+".join(sorted(value)) if isinstance(value, set) else "",
)  # fmt: skip
def test_duties_add_to_roles_and_a_contractor_is_nothing_else(roles: set[str], carried: list[str]) -> None:
    """The deputy who acts decides as the head does; a contractor has what a fault opens, whatever else they are."""
    for act in ADMINISTRATION:
        assert may_administer(roles, act).allowed is (act in carried), act


def test_a_duty_that_is_lacking_is_named() -> None:
    """The refusal says that the head is there, or that no fault is open, and who could change it."""
    for roles, act, rule in (
        ({"deputy"}, "issue-authorisation", Rule.NOT_ACTING),
        ({"contractor"}, "see-status", Rule.NOT_CALLED_IN),
        ({"contractor"}, "see-ledger", Rule.ROLE_DOES_NOT_ADMINISTER),
        ({"deputy"}, "enrol-device", Rule.ROLE_DOES_NOT_ADMINISTER),
    ):
        refused = may_administer(roles, act)
        assert refused.rule is rule
        assert refused.sentence
        assert refused.advice


def test_a_contractor_called_in_reaches_nothing_of_people() -> None:
    """No act of theirs names anybody, tells a secret place, a case or what was seen, or shows a setting of the office."""
    opened = {act for act, carrying in ADMINISTRATION.items() if Duty.CALLED_IN in carrying}
    assert opened == {"see-status", "see-storage", "switch-source", "see-faults"}


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
        "allow-number",
        "close-register",
        "confirm-clock",
        "decide-case",
        "confirm-sign-in",
        "enter-agreement",
        "issue-authorisation",
        "revoke-authorisation",
        "see-authorisations",
        "see-ledger",
        "see-viewings",
        "disclose-key",
        "end-hold",
        "appoint-commission",
        "load-regulation",
        "conclude-protocol",
        "state-position",
    }
    carrying = set().union(*(ADMINISTRATION[act] for act in withheld))
    assert carrying - set(Duty) == ENTRUSTED
    assert carrying & set(Duty) == {Duty.ACTING_HEAD, Duty.ISSUER}
    closed = {act for act, roles in ADMINISTRATION.items() if not roles & {"administrator", "it-unit"}}
    assert closed - withheld == {
        "place-hold",
        "see-cases",
        "enter-case",
        "renew-copy",
        "see-supervision",
        "review-viewing",
        "see-refused-numbers",
        "refuse-number",
    }


def test_only_who_decides_changes_who_decides_or_supervises() -> None:
    """The head may touch every role, the deputy who acts all but head and deputy, everybody else what is not entrusted."""
    for acting in [*Role.values, "acting-head"]:
        for touched in Role.values:
            free = touched not in {"head", "deputy", "secretary", "iod"}
            decided = (
                acting == "head" or free or (acting == "acting-head" and touched not in {"head", "deputy"})
            )
            assert may_change({"clerk", acting}, {"employee", touched}) is decided, (acting, touched)
