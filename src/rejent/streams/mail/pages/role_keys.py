"""The keys of the two roles: which there are and whose, making one's own, ending one."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import may_administer
from rejent.catalog import queries as catalog
from rejent.devices.authority import SHORTEST_PASSPHRASE
from rejent.kernel.clock import civil_date
from rejent.office.views import PersonView
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.pages.words import ROLES
from rejent.streams.mail.records import role_keys as keys
from rejent.streams.mail.records.key_holders import WORK, holders_of
from rejent.streams.mail.records.openings import STREAM
from rejent.streams.mail.records.role_keys import RoleKeyView, end_role_key, make_role_key, role_keys
from rejent.web.desk import Line, Reader
from rejent.web.pages.plain_form import (
    Check,
    PlainForm,
    check_page,
    clean_again,
    form_page,
    is_confirmed,
    is_to_change,
    new_secret,
    one_of,
    submit,
)
from rejent.web.requests.visitor import PersonRequest, acting, done
from rejent.web.signing_in.proving import ask_proof, just_proved

END = "load-regulation"
"""Act of those who end the key of somebody else: of a post that is gone, or of whom the office trusts no more."""


class RoleKeyForm(PlainForm):
    """A key of one's own: its role, and the passphrase that nobody else knows."""

    role = one_of(_("Role of the key"), _("Choose the role."))
    passphrase = new_secret(
        _("Passphrase of the key"),
        _("Enter the passphrase."),
        hint=_("several words, twelve characters at least; nobody can set it anew, and what is sealed to a forgotten one is never read by this key"),
    )  # fmt: skip
    again = new_secret(_("The same once more"), _("Enter the passphrase once more."))

    def clean_passphrase(self) -> str:
        """Return the passphrase. Raises ValidationError: it is too short."""
        given = str(self.cleaned_data["passphrase"])
        if len(given) < SHORTEST_PASSPHRASE:
            told = gettext("The passphrase is shorter than %(n)s characters. Take several words.")
            raise ValidationError(told % {"n": SHORTEST_PASSPHRASE})
        return given

    def clean_again(self) -> str:
        """Return the passphrase. Raises ValidationError: it was typed differently."""
        return clean_again(self, "passphrase", gettext("The two passphrases differ."))


def roles_of(person: PersonView) -> list[KeyRole]:
    """Return the roles whose key may be a person's own: whose work is theirs; none without a post, which is the key's holder."""
    return [role for role in KeyRole if person.post and may_administer(person.roles, WORK[role]).allowed]


def may_end(person: PersonView, key: RoleKeyView) -> bool:
    """Return whether a person ends a key: its holder, by name, or who puts regulations in force."""
    own = any(each.id == person.id for each in holders_of(key, civil_date(settings.CLOCK.now())))
    return key.ended_at is None and (own or may_administer(person.roles, END).allowed)


def mail_keys(request: PersonRequest) -> HttpResponse:
    """List the keys, and make one for the person's own post, after fresh proof of who they are."""
    if (answer := ask_proof(request)) is not None:
        return answer
    today, mine = civil_date(settings.CLOCK.now()), roles_of(request.person)
    form = RoleKeyForm(request.POST or None)
    form.offer("role", [(role.value, ROLES[role]) for role in mine])
    made = None
    if mine:
        made = submit(
            request,
            form,
            lambda given: _make(request, given),
            gettext("The key is made. Messages are sealed to it from now on."),
            "mail-keys",
        )
    standing = {key.role for key in role_keys() if key.ended_at is None}
    return made or form_page(
        request,
        "mail/role_keys.html",
        form,
        rows=[(key, ROLES[key.role], holders_of(key, today), may_end(request.person, key)) for key in role_keys()],
        lacking=[ROLES[role] for role in KeyRole if role not in standing],
        may_make=bool(mine),
        proved=just_proved(request),
    )  # fmt: skip


def _make(request: PersonRequest, given: dict[str, Any]) -> int:
    return make_role_key(KeyRole(given["role"]), request.person.post, given["passphrase"], **acting(request))


def mail_key_end(request: PersonRequest, number: int) -> HttpResponse:
    """End a key, after a page to check. Raises AccessRefusedError: it is not this person's to end; RoleKeyRefusedError: it ended, or is the only one of its role."""
    key = keys.role_key(number)
    if not may_end(request.person, key) and key.ended_at is None:
        raise AccessRefusedError(may_administer(request.person.roles, END))
    if is_to_change(request):
        return redirect("mail-keys")
    if not is_confirmed(request):
        return check_page(request, _check_end(key))
    end_role_key(number, **acting(request))
    return done(request, gettext("The key is ended. It still opens what was sealed to it."), "mail-keys")


def _check_end(key: RoleKeyView) -> Check:
    holder = ", ".join(
        [key.holder, *(each.name for each in holders_of(key, civil_date(settings.CLOCK.now())))]
    )
    return Check(
        title=gettext("End key %(n)s") % {"n": key.id},
        facts=[(gettext("Its holder"), (holder,)), (gettext("Role"), (str(ROLES[key.role]),))],
        outcome=(
            gettext("Messages received from now on are not sealed to it. It still opens those that were. It cannot be made to stand again."),
        ),
        confirm=gettext("End the key"),
        icon="lock",
        grave=True,
    )  # fmt: skip


def keys_lacking(reader: Reader) -> Iterator[Line]:
    """Yield the roles without a key while there are journals, to whoever may make one, for the page they start on."""
    if STREAM not in catalog.streams().values():
        return
    standing = {key.role for key in role_keys() if key.ended_at is None}
    for role in roles_of(reader.person):
        if role not in standing:
            words = gettext("E-mail: the role “%(role)s” has no key") % {"role": ROLES[role]}
            more = gettext("Until both roles have one, nothing is received.")
            yield Line("stopped", words, more, reverse("mail-keys"), gettext("Make the key"))
