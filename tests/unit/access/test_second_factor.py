"""Where the regulation asks for it, recordings open only to who signs in with codes or a passkey (R-ACC-2)."""

from datetime import date
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from rejent.access import queries
from rejent.access.errors import AccessRefusedError
from rejent.access.presence import queries as presence_queries
from rejent.access.presence.values import Second
from rejent.access.rules.decision import Rule
from rejent.kernel.clock import ManualClock
from rejent.office import queries as queries_office
from rejent.office import services as office
from rejent.office.models import Account
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.registers.guard.checks import guarded_rows
from tests.people import carry_codes
from tests.unit.access.conftest import Issue, People
from tests.unit.access.test_viewings import open_viewing

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def demanded(source: str, clock: ManualClock, settings: Any) -> str:
    """The camera, once a second factor is asked for."""
    settings.CLOCK = clock
    text = example("elblag").replace(
        "[streams.video.access]", "[streams.video.access]\nsecond_factor = true", 1
    )
    office.activate_regulation(text, in_force_from=date(2026, 2, 1), clock=clock, actor="")
    return source


def with_codes(person: PersonView) -> PersonView:
    """The person sets up an application."""
    carry_codes(Account.objects.get(person_id=person.id), SECRET)
    return person


def test_a_password_alone_opens_nothing(
    demanded: str, person: People, issue: Issue, clock: ManualClock
) -> None:
    """The refusal names the rule; with codes the recording opens; once they are taken off, the open viewing ends."""
    viewer = person("viewer")
    issue(viewer)
    assert not queries_office.standing_of(viewer.id).second_factor
    with pytest.raises(AccessRefusedError) as refused:
        open_viewing(viewer, demanded, clock)
    assert refused.value.decision.rule is Rule.SECOND_FACTOR_MISSING
    with_codes(viewer)
    opened = open_viewing(viewer, demanded, clock)
    assert queries.open_viewing_for(opened.id, viewer, "session", clock=clock).id == opened.id
    with office.entering_authenticators(viewer.id, clock=clock, actor=str(viewer.id)):
        Authenticator.objects.filter(user__person_id=viewer.id).delete()
    with pytest.raises(AccessRefusedError) as ended:
        queries.open_viewing_for(opened.id, viewer, "session", clock=clock)
    assert ended.value.decision.rule is Rule.SECOND_FACTOR_MISSING


@pytest.mark.usefixtures("as_after_a_restart")
def test_codes_put_in_by_hand_open_nothing_and_are_found(
    demanded: str, person: People, issue: Issue, clock: ManualClock
) -> None:
    """Neither codes planted for somebody who has none, nor one's own secret in the place of theirs."""
    viewer = person("viewer")
    issue(viewer)
    account = Account.objects.get(person_id=viewer.id)
    planted = Authenticator.objects.create(user=account, type="totp", data={"secret": SECRET})
    _require_refused(viewer, demanded, clock)
    planted.delete()
    assert list(guarded_rows("office")) == []
    opened = open_viewing(with_codes(viewer), demanded, clock)
    Authenticator.objects.update(data={"secret": SECRET[::-1]})
    _require_refused(viewer, demanded, clock)
    with pytest.raises(AccessRefusedError):
        queries.open_viewing_for(opened.id, viewer, "session", clock=clock)


def _require_refused(viewer: PersonView, source: str, clock: ManualClock) -> None:
    """See that nothing opens, and that fsck names the person."""
    with pytest.raises(AccessRefusedError):
        open_viewing(viewer, source, clock)
    assert [(each.code, each.facts["thing"]) for each in guarded_rows("office")] == [
        ("office.differs-from-ledger", f"person:{viewer.id.hex}")
    ]


def test_the_second_person_needs_one_too(
    demanded: str, person: People, issue: Issue, clock: ManualClock
) -> None:
    """Somebody with a password alone is no second person."""
    first, second = with_codes(person("viewer")), person("viewer")
    for each in (first, second):
        issue(each)
    assert presence_queries.second_person_state(first, second, demanded, clock=clock) is Second.UNFIT


def test_recovery_codes_alone_are_no_second_factor(person: People) -> None:
    """They stand in for a lost device, and are none."""
    viewer = person("viewer")
    account = Account.objects.get(person_id=viewer.id)
    Authenticator.objects.create(user=account, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"})
    assert not queries_office.standing_of(viewer.id).second_factor
