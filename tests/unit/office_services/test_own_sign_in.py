"""Whose means of signing in they are: known to whoever set them up, until a third confirms that they are the person's own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password

from rejent.kernel.clock import ManualClock
from rejent.office import queries, services
from rejent.office.errors import NoSuchPersonError, SignInRefusedError
from rejent.office.models import Account, Identity, Person
from rejent.office.sign_in import history as sign_in_history
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.guard.checks import guarded_rows
from tests.unit.office_services.conftest import PASSWORD, TODAY

People = Callable[..., PersonView]
OTHER = "another quiet long river"


def state(person: PersonView) -> SignIn:
    """How it stands with a person now."""
    return queries.sign_in(person.id)


def choose(person: PersonView, clock: ManualClock) -> None:
    """Choose a password as the page of one's own account does."""
    services.change_own_password(Account.objects.get(person_id=person.id), OTHER, clock=clock)


def link(person: PersonView, clock: ManualClock, actor: str) -> None:
    """Link a person with an identity of their own."""
    services.link_identity(
        person.id, way="oidc", issuer="https://provider", subject=str(person.id), clock=clock, actor=actor
    )


def confirm(person: PersonView, clock: ManualClock, actor: PersonView | str) -> None:
    """Confirm as somebody."""
    who = actor if isinstance(actor, str) else str(actor.id)
    services.confirm_sign_in(person.id, clock=clock, actor=who)


def test_a_password_that_somebody_set_is_confirmed_once_the_person_chose_their_own(
    add: People, clock: ManualClock
) -> None:
    """Whoever set it knows it: nobody can vouch for the account before it is changed, and a third does then."""
    administrator = add("administrator", roles=["administrator"])
    head, viewer = add("head", roles=["head"]), add("viewer", roles=["viewer"], actor=str(administrator.id))
    assert state(viewer) is SignIn.GIVEN
    with pytest.raises(SignInRefusedError, match="still has the password"):
        confirm(viewer, clock, head)
    choose(viewer, clock)
    assert state(viewer) is SignIn.CHOSEN
    confirm(viewer, clock, head)
    assert state(viewer) is SignIn.CONFIRMED
    choose(viewer, clock)
    assert state(viewer) is SignIn.CONFIRMED
    (entered,) = registers.acts(names=["person.sign-in-confirmed"]).acts
    assert (entered.actor, entered.facts) == (str(head.id), {"person": str(viewer.id)})
    services.set_password(viewer.id, PASSWORD, clock=clock, actor=str(administrator.id))
    assert state(viewer) is SignIn.GIVEN
    assert sign_in_history.set_up_by(viewer.id) == {str(administrator.id)}
    assert list(guarded_rows("office")) == []


@pytest.mark.parametrize(
    ("roles", "refusal"),
    [
        (["head"], None),
        (["iod"], None),
        (["administrator"], "issues authorisations"),
        (["deputy"], "issues authorisations"),
        (["secretary"], "issues authorisations"),
        (["viewer"], "issues authorisations"),
    ],
)
def test_who_decides_or_supervises_confirms(
    add: People, clock: ManualClock, roles: list[str], refusal: str | None
) -> None:
    """The head and the data protection officer do; nobody who only runs the machine, stands in or looks."""
    viewer, other = add("viewer", roles=["viewer"]), add("other", roles=roles)
    choose(viewer, clock)
    if refusal is None:
        confirm(viewer, clock, other)
        assert state(viewer) is SignIn.CONFIRMED
    else:
        with pytest.raises(SignInRefusedError, match=refusal):
            confirm(viewer, clock, other)
        assert state(viewer) is SignIn.CHOSEN


def test_nobody_confirms_themselves_nor_what_they_set_up(add: People, clock: ManualClock) -> None:
    """Two people agree that an account is a third one's, or their own: the one who set it up and the one who confirms."""
    head, officer = add("head", roles=["head"]), add("iod", roles=["iod"])
    choose(head, clock)
    with pytest.raises(SignInRefusedError, match="their own"):
        confirm(head, clock, head)
    confirm(head, clock, officer)
    viewer = add("viewer", roles=["viewer"], actor=str(head.id))
    choose(viewer, clock)
    with pytest.raises(SignInRefusedError, match="set up"):
        confirm(viewer, clock, head)
    confirm(viewer, clock, officer)
    assert [state(each) for each in (head, viewer)] == [SignIn.CONFIRMED] * 2


def test_everybody_who_set_something_up_since_the_last_confirmation_is_barred(
    add: People, clock: ManualClock
) -> None:
    """The last one to touch it does not hide who did before; after a confirmation all begins anew."""
    head, officer = add("head", roles=["head"]), add("iod", roles=["iod"])
    administrator = add("administrator", roles=["administrator"])
    viewer = add("viewer", roles=["viewer"])
    services.set_password(viewer.id, PASSWORD, clock=clock, actor=str(head.id))
    choose(viewer, clock)
    link(viewer, clock, str(administrator.id))
    assert sign_in_history.set_up_by(viewer.id) == {"cli", str(head.id), str(administrator.id)}
    with pytest.raises(SignInRefusedError, match="set up"):
        confirm(viewer, clock, head)
    confirm(viewer, clock, officer)
    assert sign_in_history.set_up_by(viewer.id) == frozenset()


def test_only_what_was_shown_is_confirmed(add: People, clock: ManualClock) -> None:
    """A password, a link or a passkey that comes between looking and confirming is not vouched for."""
    head, viewer = add("head", roles=["head"]), add("viewer", roles=["viewer"])
    choose(viewer, clock)
    seen = sign_in_history.digest_of_ways(viewer.id)
    services.set_password(viewer.id, PASSWORD, clock=clock, actor="cli")
    choose(viewer, clock)
    with pytest.raises(SignInRefusedError, match="changed since"):
        services.confirm_sign_in(viewer.id, clock=clock, actor=str(head.id), seen=seen)
    seen = sign_in_history.digest_of_ways(viewer.id)
    link(viewer, clock, "cli")
    with pytest.raises(SignInRefusedError, match="changed since"):
        services.confirm_sign_in(viewer.id, clock=clock, actor=str(head.id), seen=seen)
    seen = sign_in_history.digest_of_ways(viewer.id)
    services.confirm_sign_in(viewer.id, clock=clock, actor=str(head.id), seen=seen)
    assert state(viewer) is SignIn.CONFIRMED


def test_a_confirmation_ends_sessions_opened_before(add: People, clock: ManualClock) -> None:
    """Perhaps they were somebody else's."""
    head, viewer = add("head", roles=["head"]), add("viewer", roles=["viewer"])
    choose(viewer, clock)
    before = Account.objects.get(person_id=viewer.id).sessions_ended
    confirm(viewer, clock, head)
    assert Account.objects.get(person_id=viewer.id).sessions_ended == before + 1


def test_a_change_that_was_asked_before_another_does_not_come_after_it(
    add: People, clock: ManualClock
) -> None:
    """Whoever was let in with the old password sets none once it was changed, nor once the sessions ended."""
    head, viewer = add("head", roles=["head"]), add("viewer", roles=["viewer"])
    stalled = Account.objects.get(person_id=viewer.id)
    choose(viewer, clock)
    confirm(viewer, clock, head)
    held = Account.objects.get(person_id=viewer.id).password
    with pytest.raises(SignInRefusedError, match="meanwhile"):
        services.change_own_password(stalled, PASSWORD, clock=clock)
    assert Account.objects.get(person_id=viewer.id).password == held
    assert list(guarded_rows("office")) == []


def test_a_link_made_by_another_waits_for_confirmation_and_ends_sessions(
    add: People, clock: ManualClock
) -> None:
    """Beside a password that was confirmed, and where the password was given and is turned off."""
    administrator, head = add("administrator", roles=["administrator"]), add("head", roles=["head"])
    viewer, new = add("viewer", roles=["viewer"]), add("new", roles=["viewer"])
    choose(viewer, clock)
    confirm(viewer, clock, head)
    ended = Account.objects.get(person_id=viewer.id).sessions_ended
    link(viewer, clock, str(administrator.id))
    assert state(viewer) is SignIn.LINKED
    assert Account.objects.get(person_id=viewer.id).sessions_ended == ended + 1
    confirm(viewer, clock, head)
    services.turn_password_off(viewer.id, clock=clock, actor=str(administrator.id))
    assert state(viewer) is SignIn.CONFIRMED
    link(new, clock, str(administrator.id))
    assert state(new) is SignIn.GIVEN
    services.turn_password_off(new.id, clock=clock, actor=str(administrator.id))
    assert state(new) is SignIn.LINKED
    assert list(guarded_rows("office")) == []


def test_what_the_command_line_set_up_waits_too_and_a_paper_is_entered_there(
    add: People, clock: ManualClock
) -> None:
    """Who has the machine is often who runs it; the entry tells who confirmed, and that it was entered there."""
    head, viewer = add("head", roles=["head"]), add("viewer", roles=["viewer"])
    choose(viewer, clock)
    services.set_password(viewer.id, PASSWORD, clock=clock, actor="cli")
    assert state(viewer) is SignIn.GIVEN
    choose(viewer, clock)
    services.confirm_sign_in(viewer.id, clock=clock, actor="cli", confirmed_by=str(head.id))
    (entered,) = registers.acts(names=["person.sign-in-confirmed"]).acts
    assert entered.actor == "cli"
    assert entered.facts == {"person": str(viewer.id), "confirmed_by": str(head.id)}


def test_what_cannot_be_confirmed(add: People, clock: ManualClock) -> None:
    """Nobody, and who has left; where nothing waits, nothing is entered."""
    head, viewer = add("head", roles=["head"]), add("viewer", roles=["viewer"])
    choose(viewer, clock)
    confirm(viewer, clock, head)
    confirm(viewer, clock, head)
    assert len(registers.acts(names=["person.sign-in-confirmed"]).acts) == 1
    services.set_password(viewer.id, PASSWORD, clock=clock, actor="cli")
    services.person_left(viewer.id, clock=clock, actor="cli")
    with pytest.raises(SignInRefusedError, match="left"):
        confirm(viewer, clock, head)
    with pytest.raises(NoSuchPersonError):
        services.confirm_sign_in("nobody", clock=clock, actor=str(head.id))


@pytest.mark.parametrize("planted", ["confirmed", "no word"])
def test_a_confirmation_put_into_the_database_by_hand_is_found(
    add: People, clock: ManualClock, planted: str
) -> None:
    """The check names the account; a word that is none of ours confirms nothing meanwhile."""
    viewer = add("viewer", roles=["viewer"])
    choose(viewer, clock)
    Person.objects.filter(pk=viewer.id).update(sign_in=planted)
    (finding,) = guarded_rows("office")
    assert finding.code == "office.differs-from-ledger"
    assert finding.facts == {"thing": f"person:{viewer.id.hex}"}
    assert (state(viewer) is SignIn.CONFIRMED) is (planted == "confirmed")


def test_a_clock_set_back_hides_no_change_behind_a_confirmation(add: People, clock: ManualClock) -> None:
    """Who set the password after the last confirmation is known though the clock tells that it was before; they do not confirm it."""
    head, officer = add("head", roles=["head"]), add("iod", roles=["iod"])
    viewer = add("viewer", roles=["viewer"])
    choose(viewer, clock)
    confirm(viewer, clock, officer)
    clock.advance(-timedelta(hours=2))
    services.set_password(viewer.id, PASSWORD, clock=clock, actor=str(head.id))
    choose(viewer, clock)
    assert [act.act for act in sign_in_history.since_confirmed(viewer.id)] == ["person.password-set"] * 2
    with pytest.raises(SignInRefusedError, match="set up"):
        confirm(viewer, clock, head)
    confirm(viewer, clock, officer)
    assert sign_in_history.since_confirmed(viewer.id) == []


@pytest.mark.parametrize("planted", ["confirmed", "chosen"])
def test_what_was_put_in_by_hand_is_not_made_true_by_what_follows(
    add: People, clock: ManualClock, planted: str
) -> None:
    """Neither the person, nor who confirms, nor who links or sets a password goes on from it, until the row is as it was entered."""
    head, viewer = add("head", roles=["head"]), add("viewer", roles=["viewer"])
    Person.objects.filter(pk=viewer.id).update(sign_in=planted)
    with pytest.raises(SignInRefusedError, match="not what was entered"):
        choose(viewer, clock)
    with pytest.raises(SignInRefusedError, match="not what was entered"):
        services.confirm_sign_in(viewer.id, clock=clock, actor="cli", confirmed_by=str(head.id))
    with pytest.raises(SignInRefusedError, match="not what was entered"):
        link(viewer, clock, "cli")
    with pytest.raises(SignInRefusedError, match="not what was entered"):
        services.set_password(viewer.id, PASSWORD, clock=clock, actor="cli")
    assert len(list(guarded_rows("office"))) == 1
    Person.objects.filter(pk=viewer.id).update(sign_in="given")
    choose(viewer, clock)
    confirm(viewer, clock, head)
    assert list(guarded_rows("office")) == []


def test_whoever_put_a_password_in_by_hand_changes_nothing_by_it(add: People, clock: ManualClock) -> None:
    """It cannot be exchanged for one that is entered, nor leave a passkey behind before the old one is put back."""
    viewer = add("viewer", roles=["viewer"])
    account = Account.objects.get(person_id=viewer.id)
    Account.objects.filter(pk=account.pk).update(password=make_password("known to who writes the database"))
    with pytest.raises(SignInRefusedError, match="not what was entered"):
        choose(viewer, clock)
    with (
        pytest.raises(SignInRefusedError, match="not what was entered"),
        services.entering_authenticators(viewer.id, clock=clock, actor=str(viewer.id)),
    ):
        pass
    Account.objects.filter(pk=account.pk).update(password=account.password)
    choose(viewer, clock)
    assert list(guarded_rows("office")) == []


def test_a_link_put_in_by_hand_is_no_way_to_anything_that_lasts(add: People, clock: ManualClock) -> None:
    """Nobody adds a passkey while an identity that nobody entered signs in; taken out again, it leaves nothing behind."""
    viewer, other = add("viewer", roles=["viewer"]), add("other", roles=["viewer"])
    planted = Identity.objects.create(
        person_id=viewer.id,
        way="oidc",
        issuer="https://provider",
        subject="the attacker's",
        linked_at=clock.now(),
    )
    assert (queries.is_as_entered(viewer.id), queries.is_as_entered(other.id)) == (False, True)
    with pytest.raises(SignInRefusedError, match="not what was entered"):
        choose(viewer, clock)
    choose(other, clock)
    planted.delete()
    choose(viewer, clock)
    assert queries.is_as_entered(viewer.id)


@pytest.mark.parametrize(
    "circumstance", ["left", "no longer head", "the person", "the head, away", "a deputy beside a head"]
)
def test_whose_paper_is_entered(add: People, clock: ManualClock, circumstance: str) -> None:
    """Of somebody who decides or supervises today: the head, who may sign while away, never who left or was one before."""
    head, viewer = add("head", roles=["head"]), add("viewer", roles=["viewer"])
    add("other", roles=["head"])
    choose(viewer, clock)
    by = head
    match circumstance:
        case "left":
            services.person_left(head.id, clock=clock, actor="cli")
        case "no longer head":
            services.set_roles(head.id, ["clerk"], clock=clock, actor="cli")
        case "the person":
            by = viewer
        case "the head, away":
            services.enter_absence(head.id, TODAY, None, clock=clock, actor="cli")
        case _:
            by = add("deputy", roles=["deputy"])
            services.enter_absence(head.id, TODAY, None, clock=clock, actor="cli")
    if circumstance == "the head, away":
        services.confirm_sign_in(viewer.id, clock=clock, actor="cli", confirmed_by=str(by.id))
        assert state(viewer) is SignIn.CONFIRMED
    else:
        with pytest.raises(SignInRefusedError):
            services.confirm_sign_in(viewer.id, clock=clock, actor="cli", confirmed_by=str(by.id))
        assert state(viewer) is SignIn.CHOSEN
