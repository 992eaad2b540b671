"""Authorisations: the register, issuing, renewing and revoking them."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from rejent.access import authorisation_queries
from rejent.access import services as access_services
from rejent.access.views import AuthorisationView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.office import queries
from rejent.web.pages.plain_form import form_page, submit
from rejent.web.people.duty_forms import RenewalForm
from rejent.web.people.office_forms import ACTS, AuthorisationForm
from rejent.web.registers.exports import MOST_PRINTED
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.stream_parts import PAGES
from rejent.web.words.identifiers import in_words
from rejent.web.words.wording import day_digits


@require_GET
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
        "most_printed": MOST_PRINTED,
    }
    return render(request, "people/authorisations/authorisations.html", context)


@require_http_methods(["GET", "POST"])
def authorisation_new(request: PersonRequest) -> HttpResponse:
    """Issue the controller's leave for a person."""
    today = civil_date(settings.CLOCK.now())
    form = AuthorisationForm(
        request.POST or None,
        initial={"person": request.GET.get("person", ""), "valid_from": day_digits(today)},
        people=[one for one in queries.people() if one.id != request.person.id],
        streams={
            name: in_words("stream", name) or name for name in queries.streams(today) or [next(iter(PAGES))]
        },
        live=[stream for stream, pages in PAGES.items() if pages.live],
        by_source=(by_source := [stream for stream, pages in PAGES.items() if pages.by_source]),
        sources=[one for stream in by_source for one in catalog.sources(stream)],
        today=today,
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
    )
    return answer or form_page(request, "people/authorisations/authorisation_new.html", form)


@require_http_methods(["GET", "POST"])
def authorisation_renew(request: PersonRequest, number: str) -> HttpResponse:
    """Return the same scope for a further period; every check is made anew."""
    today = civil_date(settings.CLOCK.now())
    former = authorisation_queries.authorisation(number)
    first = max((former.valid_until or today) + timedelta(days=1), today)
    form = RenewalForm(request.POST or None, today=today, initial={"valid_from": day_digits(first)})
    answer = submit(
        request,
        form,
        lambda given: access_services.renew_authorisation(number, **given, **acting(request)),
        lambda issued: (
            gettext("Authorisation %(former)s is renewed by %(number)s.")
            % {"former": number, "number": issued.number}
        ),
        "authorisations",
    )
    whose = queries.person(former.person_id)
    return answer or form_page(
        request,
        "people/authorisations/authorisation_renew.html",
        form,
        former=with_scope(former),
        whose=whose,
    )


@require_http_methods(["GET", "POST"])
def authorisation_revoke(request: PersonRequest, number: str) -> HttpResponse:
    """Check whose authorisation ends and what it covers; take it back: what is being seen by it ends."""
    found, today = authorisation_queries.authorisation(number), civil_date(settings.CLOCK.now())
    if request.method == "POST":
        access_services.revoke_authorisation(number, **acting(request))
        messages.success(request, gettext("Authorisation %(number)s is revoked.") % {"number": number})
        return redirect("authorisations")
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
    covers = ", ".join(str(ACTS.get(act, act)) for act in sorted(one.acts))
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
