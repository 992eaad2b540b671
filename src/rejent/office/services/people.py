"""People: their details, roles and accounts; who signed in."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from types import MappingProxyType
from unicodedata import normalize
from uuid import UUID

from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.plain_text import is_of_one_script, is_plain
from rejent.office.acts import (
    PASSWORD_SET,
    PERSON_ADDED,
    PERSON_CHANGED,
    PERSON_LEFT,
    PERSON_ROLES_SET,
    SIGN_IN_REFUSED,
    SIGNED_IN,
    SIGNED_OUT,
)
from rejent.office.errors import (
    NoSuchPersonError,
    PasswordRefusedError,
    PersonRefusedError,
    UserNameTakenError,
)
from rejent.office.models import Account, Engagement, Person, PersonRole, Role
from rejent.office.people import standing
from rejent.office.people.importing.lines import SIGNS
from rejent.office.queries import person_view
from rejent.office.services.changing import end_sessions, enter_about, locked_person, require_may_change
from rejent.office.services.sign_in import (
    bound_account,
    close_accounts,
    entering_authenticators_of,
    restarted,
    state_password,
)
from rejent.office.services.tokens import revoke_tokens_of
from rejent.office.sign_in.identities import authenticators, signing_in
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView
from rejent.registers.repetition import enter_or_count
from rejent.registers.services import enter


@dataclass(frozen=True, slots=True)
class Details:
    """Details of a new person; ``extension`` is their own telephone number."""

    engagement: str = Engagement.EMPLOYMENT.value
    email: str = ""
    extension: str = ""


NO_DETAILS = Details()


def set_details(person: Person, new: Mapping[str, str], clock: Clock) -> None:
    """Set details on a row that is to be saved; a telephone number is the person's from today on."""
    for name, value in new.items():
        if name == "extension" and value != person.extension:
            person.extension_since = civil_date(clock.now()) if value else None
        setattr(person, name, value)


def change_person(person_id: UUID | str, new: Mapping[str, str], *, clock: Clock, actor: str) -> None:
    """Change details of a person, by their names; the record says which, and never what they are.

    Raises NoSuchPersonError, NotEntrustedError.
    """
    with transaction.atomic():
        person = locked_person(person_id)
        require_may_change(sorted(person.verified_roles), actor, clock)
        changed = [name for name, value in new.items() if getattr(person, name) != value]
        if not changed:
            return
        set_details(person, new, clock)
        person.save()
        place = standing.place_taken(actor, clock=clock)
        enter_about(person, PERSON_CHANGED, clock=clock, actor=actor, details=sorted(changed), **place)


_LONGEST = 120


def add_person(
    name: str,
    *,
    post: str,
    roles: Iterable[str],
    username: str,
    password: str,
    clock: Clock,
    actor: str,
    details: Details = NO_DETAILS,
    joined_on: date | None = None,
) -> PersonView:
    """Enter a person with an account and at least one role.

    Without a password nobody signs in before an identity is linked; without a day the person belongs to the office from
    today on. Raises PersonRefusedError, NotEntrustedError, UserNameTakenError, PasswordRefusedError.
    """
    called, known = _called(name, post), _known_roles(roles)
    require_may_change(known, actor, clock)
    with transaction.atomic():
        place = standing.place_taken(actor, clock=clock)
        account = _new_account(username.strip())
        if password:
            _set_password(account, password)
        else:
            account.set_unusable_password()
        person = Person(name=called, post=post.strip(), joined_on=joined_on or civil_date(clock.now()))
        set_details(person, asdict(details), clock)
        begun = restarted(person, SignIn.GIVEN if password else SignIn.LINKED)
        person.save(force_insert=True)
        PersonRole.objects.bulk_create(PersonRole(person=person, role=role) for role in known)
        account.person = person
        account.save()
        person.state_parts(roles=known, accounts=[bound_account(account)], identities=[])
        facts = {"roles": " ".join(known), **signing_in(account), **begun, **place}
        enter_about(person, PERSON_ADDED, clock=clock, actor=actor, **facts)
    return person_view(person)


def set_roles(person_id: UUID | str, roles: Iterable[str], *, clock: Clock, actor: str) -> PersonView:
    """Give a person these roles and no others; sessions of who loses one end.

    Raises NoSuchPersonError, PersonRefusedError, NotEntrustedError.
    """
    known = _known_roles(roles)
    if str(person_id) == actor:
        raise PersonRefusedError("Nobody changes their own roles.", advice="Ask another administrator.")
    with transaction.atomic():
        place = standing.place_taken(actor, clock=clock)
        person = locked_person(person_id)
        before = sorted(person.verified_roles)
        require_may_change([*before, *known], actor, clock)
        if before != known:
            person.roles.exclude(role__in=known).delete()
            PersonRole.objects.bulk_create(
                PersonRole(person=person, role=role) for role in known if role not in before
            )
            person.state_parts(roles=known)
            if not set(before) <= set(known):
                end_sessions([person.pk])
            facts = {"before": " ".join(before), "roles": " ".join(known), **place}
            enter_about(person, PERSON_ROLES_SET, clock=clock, actor=actor, **facts)
    return person_view(person)


def person_left(person_id: UUID | str, *, clock: Clock, actor: str) -> None:
    """Close a person's account and revoke their tokens; from today on they may do nothing.

    Raises `NoSuchPersonError` if there is no such person; `PersonRefusedError` if the person is the one who acts: the
    last head would leave nobody who decides; `NotEntrustedError` if the person has a role that is not the actor's to
    take.
    """
    with transaction.atomic():
        place = standing.place_taken(actor, clock=clock)
        person = locked_person(person_id)
        if person.left_on is not None:
            return
        if str(person.pk) == actor:
            raise PersonRefusedError(
                "Nobody enters that they left themselves.",
                advice="Whoever stays enters it; that the only head left is entered at the command line.",
            )
        require_may_change(sorted(person.verified_roles), actor, clock)
        person.left_on = civil_date(clock.now())
        person.save(update_fields=["left_on"])
        person.accounts.update(is_active=False)
        close_accounts(person)
        end_sessions([person.pk])
        enter_about(person, PERSON_LEFT, clock=clock, actor=actor, **place)
        revoke_tokens_of(person, clock=clock, actor=actor)


def set_password(
    person_id: UUID | str, password: str, *, clock: Clock, actor: str, without_second_step: bool = False
) -> None:
    """Set a person's password anew; sessions opened with the old one end, and what they may see rests until confirmed.

    ``without_second_step`` takes codes and passkeys off the account too, because they were lost. Raises
    NoSuchPersonError, NotEntrustedError, PasswordRefusedError.
    """
    with transaction.atomic():
        place = standing.place_taken(actor, clock=clock)
        person = locked_person(person_id)
        require_may_change(sorted(person.verified_roles), actor, clock)
        account = person.accounts.first()
        if account is None:
            raise NoSuchPersonError("This person has no account.")
        _set_password(account, password)
        with entering_authenticators_of(person, clock=clock, actor=actor):
            kept = apps.get_model("mfa", "Authenticator").objects.filter(user_id=account.pk)
            removed = int(kept.delete()[0]) if without_second_step else 0
        account.save(update_fields=["password"])
        state_password(person, account)
        left = {"authenticators": authenticators(account)} if without_second_step else {}
        begun = restarted(person, SignIn.GIVEN)
        person.save()
        facts = {"second_steps_removed": removed, **signing_in(account), **left, **begun, **place}
        enter_about(person, PASSWORD_SET, clock=clock, actor=actor, **facts)


def note_signed_in(person_id: UUID | str, *, clock: Clock, way: str = "") -> None:
    """Enter that a person signed in, and where others vouched for them, by which way."""
    _note(SIGNED_IN, person_id, clock, {"way": way} if way else {})


def note_signed_out(person_id: UUID | str, *, clock: Clock) -> None:
    """Enter that a person signed out."""
    _note(SIGNED_OUT, person_id, clock)


def note_sign_in_refused(username: str, *, clock: Clock) -> None:
    """Enter a failed attempt, or count it; what was typed is kept only where it names an account, and then as its person."""
    person_id = Account.objects.filter(username__iexact=username).values_list("person_id", flat=True).first()
    note_sign_in_refused_to(person_id, clock=clock)


def note_sign_in_refused_to(person_id: UUID | None, *, clock: Clock) -> None:
    """Enter a failed attempt to sign in as a person, or as nobody of the office; the same within ten minutes is counted."""
    subject = f"person:{person_id}" if person_id else ""
    record = {"person": str(person_id) if person_id else None}
    enter_or_count(SIGN_IN_REFUSED, actor="", subject=subject, record=record, at=clock.now())


def _called(name: str, post: str) -> str:
    """Return a name as it is kept. Raises `PersonRefusedError` if it, or the post, cannot be taken."""
    called = name.strip()
    if not called or max(len(called), len(post)) > _LONGEST:
        raise PersonRefusedError("A person needs a name of at most {longest} characters.", longest=_LONGEST)
    if not is_plain(called + post.strip()):
        raise PersonRefusedError("A name may hold no invisible characters.", advice="Type it anew.")
    if not is_of_one_script(called + post):
        raise PersonRefusedError(
            "A name mixes letters of different scripts, so that it could pass for another.",
            advice="Type it anew.",
        )
    return called


def _known_roles(roles: Iterable[str]) -> list[str]:
    known = sorted(set(roles))
    if not known:
        raise PersonRefusedError(
            "A person needs at least one role.", advice="Known are: {known}.", known=" ".join(Role.values)
        )
    for role in known:
        if role not in Role.values:
            raise PersonRefusedError(
                "{role} is no role.", role=role, advice="Known are: {known}.", known=" ".join(Role.values)
            )
    return known


def _new_account(username: str) -> Account:
    """Return an account of a name that no other one looks like: letters of one alphabet, compared without regard to case."""
    account = Account(username=normalize("NFC", username))
    if not account.username or not SIGNS.issuperset(account.username.casefold()):
        raise PersonRefusedError("A user name has letters of the Polish alphabet, digits and @ . + - _ only.")
    taken = {name.casefold() for name in Account.objects.values_list("username", flat=True)}
    if account.username.casefold() in taken:
        raise UserNameTakenError("There is an account of this user name already.", advice="Choose another.")
    return account


def _set_password(account: Account, password: str) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise PasswordRefusedError(
            "The password is refused: {reasons}", reasons=" ".join(error.messages)
        ) from None
    account.set_password(password)


def _note(
    act: Act, person_id: UUID | str, clock: Clock, more: Mapping[str, object] = MappingProxyType({})
) -> None:
    person = str(person_id)
    with transaction.atomic():
        record = {"person": person, **more}
        enter(act, actor=person, subject=f"person:{person}", record=record, at=clock.now())
