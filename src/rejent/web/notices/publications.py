"""What is published, entering that it is, the bundle to publish, and the statement of accessibility."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.notices.errors import PublicationRefusedError
from rejent.notices.publication import queries, services
from rejent.notices.publication.bundle import archive_of, digest_of, editions
from rejent.notices.publication.lacking import require_finished
from rejent.notices.publication.queries import bundle_of_today
from rejent.notices.publication.views import PUBLISHED, Accessibility, Assessed, Conformance
from rejent.notices.queries import documents_of_today
from rejent.office.regulation.vocabulary import NoticeChannel
from rejent.web.notices.identifiers import CHANNELS
from rejent.web.notices.words import stream_names
from rejent.web.pages.plain_form import DayField, PlainForm, form_page, one_of, several_of, submit, text
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.words.acts import Names
from rejent.web.words.wording import day_digits


class PublicationForm(PlainForm):
    """What was published where."""

    channel = one_of(
        _("Where it is published"), _("Choose where it is published."), [(each, CHANNELS[each]) for each in PUBLISHED]
    )  # fmt: skip
    address = text(
        _("Address or place"),
        _("Enter the address of the page, or where the board hangs."),
        hint=_("for example https://bip.example.pl/monitoring, or: ground floor, beside room 5"),
        max_length=services.LONGEST_ADDRESS,
    )
    streams = several_of(_("About"), _("Choose about what was published."))
    published_on = DayField(_("Published on"), _("Enter the day it was published."))


class EndForm(PlainForm):
    """When a publication ended."""

    ended_on = DayField(_("Ended on"), _("Enter the day it was taken away."))


def _line(label: Any, **more: Any) -> forms.CharField:
    return text(label, max_length=300, **more)


def _block(label: Any, hint: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 4, "autocomplete": "off"})
    return text(label, hint=hint, max_length=services.LONGEST_FACT, widget=widget)


def _choice(label: Any, options: Mapping[Any, Any]) -> forms.ChoiceField:
    """Return a choice that may be left open."""
    choices = [("", _("not stated yet")), *((str(value), words) for value, words in options.items())]
    return forms.ChoiceField(label=label, choices=choices, required=False)


class AccessibilityForm(PlainForm):
    """The office's facts for its statement of accessibility."""

    site = _line(
        _("What the statement is about"), hint=_("for example: the monitoring pages of the Town Hall")
    )
    published_on = DayField(_("Date of publication of the site"))
    changed_on = DayField(_("Date of the last important update"))
    conformance = _choice(
        _("How far the site meets the requirements"),
        {
            Conformance.FULL: _("fully"),
            Conformance.PARTIAL: _("partly"),
            Conformance.NONE: _("not"),
        },
    )
    lacking = _block(
        _("Content that is not accessible"),
        _("one a line, each with the reason; needed unless it is fully compliant"),
    )
    assessed = _choice(
        _("The statement rests on an assessment by"),
        {Assessed.OFFICE: _("the office itself"), Assessed.OTHERS: _("somebody else")},
    )
    assessed_by = _line(_("Assessed by"), hint=_("only where somebody else assessed it"))
    made_on = DayField(_("Date of this statement"))
    reviewed_on = DayField(_("Date of its last review"))
    contact = _line(_("Contact"), hint=_("a person or a unit that answers"))
    phone = _line(_("Telephone"))
    mail = _line(_("E-mail"))
    building = _block(
        _("Accessibility of the building"), _("entrances, lifts, parking, guide dogs, sign language")
    )


def publications(request: PersonRequest) -> HttpResponse:
    """Return what is and was published, and what of it is the edition of today."""
    today, names = civil_date(settings.CLOCK.now()), Names()
    documents = documents_of_today(settings.CLOCK)
    now = editions(documents)
    rows = [
        (each, str(CHANNELS[each.channel]), stream_names(each.editions), names.person(each.entered_by), _state(each, now, today))
        for each in queries.publications()
    ]  # fmt: skip
    stated = queries.accessibility()
    context = {
        "rows": rows,
        "may_publish": may(request, "publish-notices"),
        "missing": _say_unfinished(),
        "stated": stated,
        "review_by": stated.review_by(),
        "review_late": (stated.review_by() or date.max) < today,
    }
    return render(request, "notices/publications.html", context)


def _say_unfinished() -> str:
    """Return why nothing can be published yet; empty where everything is there."""
    try:
        require_finished(settings.CLOCK)
    except PublicationRefusedError as refused:
        return refused.sentence(gettext)
    return ""


def _state(view: Any, now: Any, today: date) -> tuple[str, str]:
    if not view.stands(today):
        return "neutral", gettext("ended on %(day)s") % {"day": day_digits(view.ended_on)}
    if any(now.get(stream) != digest for stream, digest in view.editions.items()):
        return "attention", gettext("an older edition")
    return "recording", gettext("the edition of today")


def publication_new(request: PersonRequest) -> HttpResponse:
    """Enter that what the bundle says today was published."""
    today = civil_date(settings.CLOCK.now())
    now = editions(documents_of_today(settings.CLOCK))
    form = PublicationForm(
        request.POST or None,
        initial={
            "channel": request.GET.get("channel", ""),
            "published_on": day_digits(today),
            "streams": list(now),
        },
    )
    form.offer("streams", [(stream, stream_names([stream])) for stream in now])
    answer = submit(
        request,
        form,
        lambda given: services.enter_publication(
            services.NewPublication(
                channel=NoticeChannel(given["channel"]),
                address=given["address"],
                editions={stream: now[stream] for stream in given["streams"]},
                published_on=given["published_on"],
            ),
            ledger=settings.LEDGER,
            **acting(request),
        ),
        lambda entered: gettext("Publication %(number)s is entered.") % {"number": entered.number},
        "publications",
    )
    return answer or form_page(request, "notices/publication_new.html", form, missing=_say_unfinished())


def publication_end(request: PersonRequest, number: str) -> HttpResponse:
    """Enter that a publication was taken away."""
    view, today = queries.publication(number), civil_date(settings.CLOCK.now())
    form = EndForm(request.POST or None, initial={"ended_on": day_digits(today)})
    answer = submit(
        request,
        form,
        lambda given: services.end_publication(
            number, given["ended_on"], ledger=settings.LEDGER, **acting(request)
        ),
        gettext("Publication %(number)s is ended.") % {"number": number},
        "publications",
        field="ended_on",
    )
    return answer or form_page(
        request, "notices/publication_end.html", form, view=view, channel=CHANNELS[view.channel]
    )


def accessibility(request: PersonRequest) -> HttpResponse:
    """Ask for what the statement of accessibility must say."""
    stated = queries.accessibility()
    form = AccessibilityForm(request.POST or None, initial=_initial(stated))
    answer = submit(
        request,
        form,
        lambda given: services.state_accessibility(
            Accessibility(
                **{
                    **given,
                    "conformance": Conformance(given["conformance"]) if given["conformance"] else None,
                    "assessed": Assessed(given["assessed"]) if given["assessed"] else None,
                }
            ),
            ledger=settings.LEDGER,
            **acting(request),
        ),
        gettext("What the statement of accessibility says is entered."),
        "publications",
    )
    return answer or form_page(request, "notices/accessibility.html", form)


def _initial(stated: Accessibility) -> dict[str, Any]:
    values = {name: getattr(stated, name) for name in AccessibilityForm.base_fields}
    return {name: day_digits(value) if isinstance(value, date) else value for name, value in values.items()}


def notices_bundle(request: PersonRequest) -> HttpResponse:
    """Hand out the bundle for the website and the BIP as one archive, and enter that."""
    files = bundle_of_today().files()
    try:
        services.note_bundle(len(files), digest_of(files), ledger=settings.LEDGER, **acting(request))
    except PublicationRefusedError as refused:
        messages.error(request, refused.sentence(gettext))
        return redirect("publications")
    name = f"publikacja-{civil_date(settings.CLOCK.now()).isoformat()}.zip"
    return HttpResponse(
        archive_of(files),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
