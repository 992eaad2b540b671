"""Entries about rights that somebody hides who writes the database alone: what was revoked stays revoked, what was left stays left."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from rejent.access import queries, services
from rejent.access.checks import findings
from rejent.access.models import Authorisation
from rejent.kernel.clock import ManualClock
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.rollback import rollback_guard
from rejent.registers.models import Entry
from rejent.streams.mail.messages.workspace import MessageName
from rejent.streams.mail.models import LeftMessage
from rejent.streams.mail.records.readings import leave_message, left_messages
from tests.guarded_rows import unguarded
from tests.unit.access.conftest import Issue, People


@pytest.mark.usefixtures("as_after_a_restart", "newest_places")
@pytest.mark.django_db(transaction=True)
def test_a_revoked_authorisation_opens_nothing_after_its_end_was_hidden(
    person: People, issue: Issue, source: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row is put back and the act of revoking taken to nothing; a process that starts later knows better, and `fsck` names it."""
    who = person("viewer")
    given = issue(who)
    assert queries.may(who, "recordings", source, clock=clock).allowed
    services.revoke_authorisation(given.number, clock=clock, actor="")
    clock.advance(timedelta(days=200))
    with unguarded():
        Authorisation.objects.update(revoked_at=None, revoked_by="")
        thing = f"authorisation:{Authorisation.objects.get().pk}"
        newest = Entry.objects.filter(thing=thing).latest("pk")
        Entry.objects.filter(pk=newest.pk).update(thing=None)
    monkeypatch.setattr(rollback_guard, "_newest", {})
    assert not queries.may(who, "recordings", source, clock=clock).allowed
    assert "access.entry-hidden" in {finding.code for finding in findings(clock)}


@pytest.mark.usefixtures("as_after_a_restart", "newest_places")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hide", ["row", "row and entry", "instant"])
def test_a_message_that_was_left_is_shown_to_nobody_after_its_row_was_edited(
    source: str, clock: ManualClock, hide: str
) -> None:
    """Where nobody says any more which messages turned out private, none is shown."""
    at = clock.now()
    viewing: Any = SimpleNamespace(
        source_ids=(source,), number="P/1/2026", start=at, end=at + timedelta(hours=1)
    )
    name = MessageName(at, source)
    leave_message(viewing, name, clock=clock, actor="")
    assert left_messages(viewing) == {name}
    with unguarded():
        if hide == "instant":
            LeftMessage.objects.update(at=at - timedelta(days=1))
        else:
            LeftMessage.objects.all().delete()
        if hide == "row and entry":
            Entry.objects.filter(thing__startswith="leftmessage:").update(thing=None)
    with pytest.raises(LedgerMismatchError):
        left_messages(viewing)
