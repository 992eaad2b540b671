"""The page on which somebody gives the key of a role from their own session, and whom to fetch before anything opens."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from rejent.access import authorisation_queries
from rejent.access import queries as access
from rejent.access.errors import NoSuchViewingError
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.views import PersonView
from rejent.streams.mail.messages import giving
from rejent.streams.mail.messages.addresses import shown_address
from rejent.streams.mail.messages.first_keys import Lost, LostKey
from rejent.streams.mail.messages.giving import Waiting
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.messages.workspace import Proposal, Workspace
from rejent.streams.mail.pages.openings import GROUNDS
from rejent.streams.mail.pages.rows import row_of
from rejent.streams.mail.pages.words import ROLES
from rejent.streams.mail.records.errors import RoleKeyRefusedError
from rejent.streams.mail.records.key_holders import holders_of, may_give
from rejent.streams.mail.records.openings import STREAM, opening_of
from rejent.streams.mail.records.role_keys import RoleKeyView, role_keys
from rejent.web.desk import Line, Reader
from rejent.web.pages.plain_form import PlainForm, one_of, text
from rejent.web.player.presence import LOOKS_AGAIN_S
from rejent.web.player.viewing import going_on
from rejent.web.requests.visitor import PersonRequest, may, session_of
from rejent.web.words.wording import period_digits, time_digits


class KeyForm(PlainForm):
    """One key of a role, its passphrase, and what its giver has read."""

    key = one_of(_("Key"), _("Choose your key."))
    passphrase = text(
        _("Its passphrase"), _("Enter the passphrase."), max_length=500, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )  # fmt: skip
    asked = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, offered: list[RoleKeyView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(
            "key", [(str(each.id), f"{ROLES[each.role]}: {each.holder} ({each.id})") for each in offered]
        )
        if len(offered) == 1:
            self.fields["key"].initial = str(offered[0].id)


def key(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Show what a viewing asks a key for, and take the key of whoever holds one; with the second one that is done."""
    viewing = giving.open_reading(viewing_id, settings.CLOCK)
    today = civil_date(settings.CLOCK.now())
    own = any(each.id == viewing.id for each in going_on(request))
    if not own and not any(may_give(request.person, each, today) for each in role_keys()):
        raise NoSuchViewingError("There is no such viewing.")
    form = None
    if request.method == "POST":
        form = KeyForm(request.POST, offered=role_keys())
        if form.is_valid() and (answer := _given(request, viewing, form, own=own)) is not None:
            return answer
    elif own:
        return redirect("viewing", viewing.id)
    context = {
        "viewing": viewing,
        "own": own,
        **keys_context(request, viewing, giving.waiting(viewing, settings.CLOCK), form),
    }
    return render(request, "mail/key.html", context, status=422 if form is not None else 200)


def _given(request: PersonRequest, viewing: ViewingView, form: KeyForm, *, own: bool) -> HttpResponse | None:
    given = form.cleaned_data
    try:
        opened = giving.give(
            viewing,
            int(given["key"]),
            given["passphrase"],
            given["asked"],
            person=request.person,
            session=session_of(request),
            clock=settings.CLOCK,
        )
    except RoleKeyRefusedError as error:
        form.refuse(error)
        return None
    first = giving.FIRST_KEYS.of(viewing.id)
    if opened:
        notes.success(request, gettext("Both keys were given: what was asked is done."))
    elif first is not None:
        said = gettext("Your key waits for the other one. It is forgotten at %(time)s, or when you sign out.")
        notes.success(request, said % {"time": time_digits(first.until)})
    return redirect("viewing" if own else "mail-key", viewing.id)


def keys_context(
    request: PersonRequest, viewing: ViewingView, waits: Waiting | None, form: KeyForm | None = None
) -> dict[str, Any]:
    """Return what a page shows of the keys that a viewing waits for, and of what they are asked for."""
    asked = _describe_asked(request, viewing)
    if waits is None:
        return {"asked": asked}
    offered = waits.find_keys_of(request.person, settings.CLOCK.now())
    if form is not None:
        form = _offer_keys(form, offered)
    elif offered:
        form = KeyForm(offered=offered, initial={"asked": waits.asked})
    proposal, workspace = waits.proposal, waits.workspace
    journals = {each.id: each.name for each in asked["sources"]} if len(asked["sources"]) > 1 else {}
    aside = workspace.set_aside() if workspace is not None else []
    return {
        "asked": asked,
        "waits": waits,
        "proposed": [
            row_of(each, journals) for each in aside if proposal and each.place.name in proposal.messages
        ],
        "follows": _follows(workspace, proposal) if workspace is not None and proposal is not None else [],
        "given": office.person(waits.first.person_id) if waits.first else None,
        "lost": _describe_loss(waits.lost) if waits.lost else "",
        "fetch": whom_to_fetch(waits.missing),
        "key_form": form,
        "offered": offered,
        "again_s": 0 if offered else LOOKS_AGAIN_S,
    }


def _follows(workspace: Workspace, proposal: Proposal) -> list[str]:
    """Return what follows once both keys are given for a proposal."""
    if not proposal.private:
        return [
            gettext("They are listed, searched and read among the others, in later readings, too."),
            gettext("The decision is entered with the numbers of both keys."),
        ]
    said = [gettext("They are shown to nobody any more, neither in this reading nor in a later one.")]
    if others := len(workspace.deliveries(*proposal.messages)) - len(proposal.messages):
        with_them = ngettext(
            "%(n)s other delivery of the same letters that this reading opened goes with them.",
            "%(n)s other deliveries of the same letters that this reading opened go with them.",
            others,
        )
        said.append(with_them % {"n": others})
    return [*said, gettext("The decision is entered, and cannot be taken back.")]


def _offer_keys(form: KeyForm, offered: list[RoleKeyView]) -> KeyForm:
    """Return a refused form with the keys that are for the person to give."""
    form.offer("key", [(str(each.id), f"{ROLES[each.role]}: {each.holder} ({each.id})") for each in offered])
    return form


def _describe_asked(request: PersonRequest, viewing: ViewingView) -> dict[str, Any]:
    one = opening_of(viewing, settings.CLOCK)
    purposes = access.purposes(STREAM, clock=settings.CLOCK)
    return {
        "reader": office.person(viewing.person_id),
        "second": office.person(viewing.second_id) if viewing.second_id else None,
        "opening": one,
        "linked": may(request, "see-cases"),
        "sources": [catalog.source(each) for each in viewing.source_ids],
        "period": period_digits(viewing.start, viewing.end),
        "addresses": ", ".join(map(shown_address, one.scope.addresses)),
        "ground": GROUNDS.get(one.ground, ""),
        "asker": office.person(one.asked_by),
        "agreed": office.person(one.agreed_by) if one.agreed_by else None,
        "purpose": purposes.get(viewing.purpose, viewing.purpose),
    }


def whom_to_fetch(
    roles: list[KeyRole],
) -> list[tuple[KeyRole, Any, list[tuple[RoleKeyView, list[PersonView]]]]]:
    """Return the keys of roles with the people who hold them, by name as far as known."""
    today = civil_date(settings.CLOCK.now())
    return [
        (role, ROLES[role], [(each, holders_of(each, today)) for each in role_keys() if each.role is role])
        for role in roles
    ]


def possible_readers(but: UUID) -> list[PersonView]:
    """Return who else may read messages now, by name."""
    clock = settings.CLOCK
    today = civil_date(clock.now())
    authorised = {
        one.person_id
        for one in authorisation_queries.authorisations(valid_at=clock.now())
        if one.stream == STREAM and "recordings" in one.acts
    }
    people = [office.person(each) for each in authorised - {but}]
    found = [
        each
        for each in people
        if each.active(today) and access.visible_sources(each, "recordings", clock=clock, of_stream=STREAM)
    ]
    return sorted(found, key=lambda each: each.name)


def _describe_loss(lost: LostKey) -> str:
    sentence = {
        Lost.LATE: _(
            "The first key, of %(name)s at %(time)s, was forgotten: fifteen minutes passed without the second. Both are asked for again."
        ),
        Lost.SIGNED_OUT: _(
            "The first key, of %(name)s at %(time)s, was forgotten: that sign-in has ended. Both are asked for again."
        ),
        Lost.NOT_THEIRS: _(
            "The first key, of %(name)s at %(time)s, was forgotten: their account, post or role was changed. Both are asked for again."
        ),
        Lost.RESTARTED: _(
            "The program was started anew after %(time)s, when %(name)s gave a key. Keys and what they opened are in its memory alone, so both are asked for again."
        ),
    }[lost.why]
    return str(sentence) % {"name": office.person(lost.person_id).name, "time": time_digits(lost.at)}


def keys_waiting(reader: Reader) -> Iterator[Line]:
    """Yield the readings that wait for this person's key, for the page they start on."""
    for viewing, waits in giving.waiting_for(reader.person, settings.CLOCK):
        words = gettext("Messages in case %(case)s wait for your key") % {"case": viewing.case}
        more = gettext("%(name)s reads; no key was given yet, the reading is open until %(time)s")
        name, until = office.person(viewing.person_id).name, viewing.expires_at
        if waits.first is not None:
            more = gettext("the first key is given, by %(name)s; it is forgotten at %(time)s")
            name, until = office.person(waits.first.person_id).name, waits.first.until
        address = reverse("mail-key", args=[viewing.id])
        said = more % {"name": name, "time": time_digits(until)}
        yield Line("attention", words, said, address, gettext("Read and give the key"), reader.today, until)
