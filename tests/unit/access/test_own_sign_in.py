"""What somebody may see rests while it is not known that only they sign in as themselves."""

import pytest

from rejent.access import queries, services
from rejent.access.errors import AccessRefusedError
from rejent.access.models import Viewing
from rejent.access.presence import queries as presence_queries
from rejent.access.presence.values import Second
from rejent.access.rules.decision import Rule
from rejent.kernel.clock import ManualClock
from rejent.office import queries as people
from rejent.office import services as office
from rejent.office.models import Account
from rejent.office.views import PersonView
from tests.unit.access.conftest import PASSWORD, Issue, People
from tests.unit.access.test_viewings import open_viewing


def set_by_another(person: PersonView, clock: ManualClock) -> None:
    """Set a person's password as somebody else."""
    office.set_password(person.id, PASSWORD, clock=clock, actor="cli")


def test_what_is_seen_ends_when_somebody_else_sets_the_password(
    source: str, person: People, issue: Issue, clock: ManualClock
) -> None:
    """The viewing closes by that rule, nothing further opens, and all is as before once it is confirmed."""
    viewer = person("viewer")
    issue(viewer)
    opened = open_viewing(viewer, source, clock)
    set_by_another(viewer, clock)
    with pytest.raises(AccessRefusedError) as refused:
        queries.open_viewing_for(opened.id, viewer, "session", clock=clock)
    assert refused.value.decision.rule is Rule.SIGN_IN_UNCONFIRMED
    assert services.close_ended_viewings(clock=clock) == 1
    assert Viewing.objects.get(pk=opened.id).closed_at is not None
    with pytest.raises(AccessRefusedError):
        open_viewing(viewer, source, clock)
    office.change_own_password(Account.objects.get(person_id=viewer.id), PASSWORD, clock=clock)
    assert not queries.may(people.person(viewer.id), "recordings", source, clock=clock).allowed
    office.confirm_sign_in(viewer.id, clock=clock, actor=str(person("head").id))
    assert queries.may(viewer, "recordings", source, clock=clock).allowed


def test_who_is_not_known_to_be_themselves_is_no_second_person(
    source: str, person: People, issue: Issue, clock: ManualClock
) -> None:
    """One who set another's password is not two."""
    first, second = person("viewer"), person("viewer")
    for each in (first, second):
        issue(each)
    assert presence_queries.second_person_state(first, second, source, clock=clock) is Second.AGREED
    set_by_another(second, clock)
    assert presence_queries.second_person_state(first, second, source, clock=clock) is Second.UNFIT
