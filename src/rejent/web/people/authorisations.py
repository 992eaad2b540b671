"""Authorisations: the register, issuing, renewing and revoking them."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.access import authorisation_queries
from rejent.access import services as access_services
from rejent.access.views import AuthorisationView
from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.office import queries
from rejent.office.views import PersonView
from rejent.web.desk import Desk, Line, Reader
from rejent.web.pages.plain_form import Check, PlainForm, form_page, one_of, several_of, submit, term_fields
from rejent.web.requests.visitor import PersonRequest, acting, done, may
from rejent.web.stream_parts import PAGES
from rejent.web.words.identifiers import SEEING_ACTS, in_words
from rejent.web.words.sources import find_sources, name_with_place
from rejent.web.words.stream_parts import Fact
from rejent.web.words.wording import day_digits, day_words


class AuthorisationForm(PlainForm):
    """The controller's authorisation of a person: stream, acts, cameras, first and last day.

    The stream is offered only where the regulation prescribes more than one.
    """

    person = one_of(_("Person"), _("Choose a person."))
    stream = forms.ChoiceField(
        label=_("Kind of monitoring"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose the kind of monitoring.")),
    )
    acts = several_of(_("Covers"), _("Choose what the authorisation covers."), SEEING_ACTS.items())
    sources = several_of(_("Cameras"), hint=_("none chosen means every camera"))
    valid_from, valid_until = term_fields()

    def __init__(
        self,
        *args: Any,
        people: list[PersonView],
        streams: Mapping[str, str],
        live: Collection[str],
        by_source: Collection[str],
        sources: list[SourceView],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.streams, self._live, self._by_source = streams, live, by_source
        self.offer("person", [(str(one.id), f"{one.name}, {one.post} ({one.username})") for one in people])
        self.offer("sources", [(source.id, name_with_place(source)) for source in sources])
        if not sources:
            del self.fields["sources"]
        self._offer_streams()

    def _offer_streams(self) -> None:
        kind = self.fields["stream"]
        if self.streams.keys().isdisjoint(self._live):
            self.offer("acts", [(act, words) for act, words in SEEING_ACTS.items() if act != "live"])
        if len(self.streams) == 1:
            del self.fields["stream"]
        elif isinstance(kind, forms.ChoiceField):
            kind.choices = list(self.streams.items())
            kind.initial = max(self.streams, key=lambda name: name in self._by_source)

    def clean(self) -> dict[str, Any]:
        """Return the stream where there is no choice; no cameras but for cameras; the last day is not before the first."""
        cleaned = super().clean() or {}
        if "stream" not in self.fields:
            (cleaned["stream"],) = self.streams
        if cleaned.get("sources") and cleaned.get("stream") not in self._by_source:
            self.add_error("sources", gettext("Choose cameras only where the authorisation is of cameras."))
        first, last = cleaned.get("valid_from"), cleaned.get("valid_until")
        if first and last and last < first:
            self.add_error(
                "valid_until", gettext("The last day is earlier than the first. Correct one of them.")
            )
        return cleaned


class RenewalForm(PlainForm):
    """The new term of a renewed authorisation."""

    valid_from, valid_until = term_fields()


def authorisations(request: PersonRequest) -> HttpResponse:
    """Return the register of authorisations, newest first."""
    names = {one.id: one.name for one in queries.people(left=True)}
    today, followed = civil_date(settings.CLOCK.now()), authorisation_queries.renewed()
    ending = {one.number for one in authorisation_queries.ending(clock=settings.CLOCK)}
    rows = [
        (
            one,
            names.get(one.person_id, ""),
            *with_scope(one)[1:],
            _standing(one, today, ends_soon=one.number in ending),
            followed.get(one.number, ""),
        )
        for one in authorisation_queries.authorisations()
    ]
    context = {
        "rows": rows,
        "may_issue": may(request, "issue-authorisation"),
        "may_revoke": may(request, "revoke-authorisation"),
    }
    return render(request, "people/authorisations/authorisations.html", context)


def authorisation_new(request: PersonRequest) -> HttpResponse:
    """Issue the controller's leave for a person."""
    today = civil_date(settings.CLOCK.now())
    form = AuthorisationForm(
        request.POST or None,
        initial={"person": request.GET.get("person", ""), "valid_from": day_digits(today)},
        people=[one for one in queries.people() if one.id != request.person.id],
        streams={
            name: in_words("stream", name) or name
            for name in queries.verified_streams(today) or [next(iter(PAGES))]
        },
        live=[stream for stream, pages in PAGES.items() if pages.live],
        by_source=(by_source := [stream for stream, pages in PAGES.items() if pages.by_source]),
        sources=[one for stream in by_source for one in find_sources(request, stream)],
    )
    answer = submit(
        request,
        form,
        lambda given: access_services.issue_authorisation(
            person_id=queries.person(given["person"]).id,
            acts=given["acts"],
            stream=given["stream"],
            source_ids=given.get("sources") or None,
            valid_from=given["valid_from"],
            valid_until=given["valid_until"],
            **acting(request),
        ),
        lambda issued: gettext("Authorisation %(number)s is issued.") % {"number": issued.number},
        "authorisations",
        check=_check_new,
    )
    return answer or form_page(request, "people/authorisations/authorisation_new.html", form)


def authorisation_renew(request: PersonRequest, number: str) -> HttpResponse:
    """Return the same scope for a further period; every check is made anew."""
    today = civil_date(settings.CLOCK.now())
    former = authorisation_queries.authorisation(number)
    first = max((former.valid_until or today) + timedelta(days=1), today)
    form = RenewalForm(request.POST or None, initial={"valid_from": day_digits(first)})
    answer = submit(
        request,
        form,
        lambda given: access_services.renew_authorisation(number, **given, **acting(request)),
        lambda issued: (
            gettext("Authorisation %(former)s is renewed by %(number)s.")
            % {"former": number, "number": issued.number}
        ),
        "authorisations",
        check=lambda given: _check_renewal(former, given),
    )
    whose = queries.person(former.person_id)
    return answer or form_page(
        request,
        "people/authorisations/authorisation_renew.html",
        form,
        former=with_scope(former),
        whose=whose,
    )


def _check_new(given: Mapping[str, Any]) -> Check:
    """Return what a person will be let see, said in full: what is left empty covers the most."""
    chosen, stream = given.get("sources"), given["stream"]
    facts: list[Fact] = [
        (gettext("Kind of monitoring"), (in_words("stream", stream) or stream,)),
        (gettext("Covers"), (", ".join(str(SEEING_ACTS[act]) for act in given["acts"]),)),
    ]
    if stream in PAGES and PAGES.of(stream).by_source:
        names = {source.id: source.name for source in catalog.sources(removed=True)}
        every = gettext(
            "every camera, for none was ticked: those that are there today, and each that is added later"
        )
        named = tuple(sorted(names[source] for source in chosen)) if chosen else (every,)
        facts.append((gettext("Cameras"), named))
    return _check(given["person"], facts, given)


def _check_renewal(former: AuthorisationView, given: Mapping[str, Any]) -> Check:
    _, covers, where = with_scope(former)
    return _check(former.person_id, [(gettext("Covers"), (covers,)), (gettext("Sources"), (where,))], given)


def _check(person_id: UUID | str, scope: list[Fact], given: Mapping[str, Any]) -> Check:
    whose = queries.person(person_id)
    until = given["valid_until"]
    last = day_words(until) if until else gettext("without an end, until it is revoked")
    return Check(
        title=gettext("Check before issuing"),
        facts=[
            (gettext("Person"), tuple(filter(None, (whose.name, whose.post)))),
            *scope,
            (gettext("From"), (day_words(given["valid_from"]),)),
            (gettext("Until"), (last,)),
        ],
        outcome=[
            gettext(
                "From then on this person sees what stands here. What was seen cannot be taken back; the authorisation can be revoked at any time."
            )
        ],
        confirm=gettext("Issue the authorisation"),
        icon="user-check",
    )


def authorisation_revoke(request: PersonRequest, number: str) -> HttpResponse:
    """Check whose authorisation ends and what it covers; take it back: what is being seen by it ends."""
    found, today = authorisation_queries.authorisation(number), civil_date(settings.CLOCK.now())
    if request.method == "POST":
        access_services.revoke_authorisation(number, **acting(request))
        return done(
            request, gettext("Authorisation %(number)s is revoked.") % {"number": number}, "authorisations"
        )
    _, covers, where = with_scope(found)
    context = {
        "found": found,
        "who": queries.person(found.person_id),
        "covers": covers,
        "where": where,
        "ended": found.valid_until is not None and found.valid_until < today,
    }
    return render(request, "people/authorisations/authorisation_revoke.html", context)


def with_scope(one: AuthorisationView) -> tuple[AuthorisationView, str, str]:
    """Return the authorisation with what it covers and where, in words."""
    covers = ", ".join(str(SEEING_ACTS.get(act, act)) for act in sorted(one.acts))
    if one.stream not in PAGES or not PAGES.of(one.stream).by_source:
        return one, covers, in_words("stream", one.stream) or one.stream
    if one.source_ids is None:
        return one, covers, str(PAGES.of(one.stream).words.every_source)
    names = {source.id: source.name for source in catalog.sources(removed=True)}
    return one, covers, ", ".join(sorted(names.get(source, source) for source in one.source_ids))


def _standing(one: AuthorisationView, today: date, *, ends_soon: bool) -> tuple[str, str]:
    if one.revoked_at is not None:
        return "neutral", gettext("revoked")
    if one.valid_until is not None and one.valid_until < today:
        return "neutral", gettext("ended")
    if one.valid_from > today:
        return "attention", gettext("not yet valid")
    if ends_soon:
        return "attention", gettext("ends soon")
    return "recording", gettext("valid")


_ENDING = ngettext_lazy("%(n)s authorisation is ending", "%(n)s authorisations are ending", "n")


def _waits(reader: Reader) -> Iterator[Line]:
    if reader.may("issue-authorisation"):
        for held in authorisation_queries.ending(clock=settings.CLOCK):
            words = gettext("Authorisation %(number)s is ending") % {"number": held.number}
            address = reverse("authorisation-renew", args=[held.number])
            name = queries.person(held.person_id).name
            yield Line("attention", words, name, address, gettext("Renew"), held.valid_until, alike=_ENDING)


DESK = Desk(waits=_waits)
