"""Faults and processing agreements: what lets the maintenance contractor in."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.catalog import queries as catalog
from rejent.catalog.views import SourceView
from rejent.kernel.clock import civil_date
from rejent.office import queries, services
from rejent.office.errors import NoSuchAgreementError
from rejent.office.people import maintenance
from rejent.office.regulation.vocabulary import ContractorAccess, RoleName
from rejent.office.views import AgreementView, FaultView, PersonView
from rejent.web.pages.plain_form import (
    DayField,
    PlainForm,
    area,
    form_page,
    several_of,
    submit,
    term_fields,
    text,
)
from rejent.web.people.reach import in_reach, is_contractor
from rejent.web.registers.register_books import described
from rejent.web.requests.visitor import PersonRequest, acting, done, may
from rejent.web.words.acts import Names
from rejent.web.words.sources import find_sources, name_with_place


class FaultForm(PlainForm):
    """A fault of one source, or of the machine."""

    MACHINE = "machine"
    """The choice that means no source but what all of them run on."""

    source = forms.ChoiceField(
        label=_("What is at fault"),
        error_messages={"required": _("Choose what is at fault.")},
        help_text=_(
            "a contractor who is called in reaches this camera or line only; the machine means every one"
        ),
    )
    description = area(
        _("What is wrong"),
        _("Enter what is wrong: at least one sentence."),
        hint=_("without names of people and without anything seen in a picture or heard in a call"),
    )

    def __init__(self, *args: Any, sources: list[SourceView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(one.id, name_with_place(one)) for one in sources]
        self.offer("source", [*places, (self.MACHINE, _("the machine itself"))])


class FaultClosedForm(PlainForm):
    """The repair of a fault."""

    outcome = area(
        _("What was done"),
        _("Enter what was done: at least one sentence."),
    )


class AgreementForm(PlainForm):
    """A processing agreement with a firm, and whom of its people it covers."""

    number = text(_("Number"), _("Enter the number of the agreement."), max_length=80)
    party = text(_("Firm"), _("Enter the firm."), max_length=200)
    concluded_on = DayField(_("Concluded on"), _("Enter the day it was concluded."))
    valid_from, valid_until = term_fields()
    people = several_of(
        _("People of the firm"),
        _("Choose one person at least."),
        hint=_("only people entered as maintenance contractors"),
    )

    def __init__(self, *args: Any, contractors: list[PersonView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("people", [(str(one.id), f"{one.name}, {one.post}".rstrip(", ")) for one in contractors])


def faults(request: PersonRequest) -> HttpResponse:
    """Return the faults, open ones first, and the agreements; a contractor sees the open ones they are called in to, no names."""
    names, own = Names(), is_contractor(request.person)
    today = civil_date(settings.CLOCK.now())
    shown = maintenance.attended(today) if own else maintenance.faults()
    sees_agreements = may(request, "see-agreements")
    context = {
        "rows": [
            (
                one,
                names.source(one.source) if one.source else "",
                "" if own else names.person(one.opened_by),
                *described(one),
            )
            for one in shown
            if not one.source or in_reach(request.person, one.source)
        ],
        "own": own,
        "agreements": [_agreement_row(one, names) for one in maintenance.agreements()]
        if sees_agreements
        else [],
        "sees_agreements": sees_agreements,
        "may_enter": may(request, "enter-fault"),
        "may_agree": may(request, "enter-agreement"),
        "today": today,
        **_contractors_come(),
    }
    return render(request, "people/faults.html", context)


def fault_new(request: PersonRequest) -> HttpResponse:
    """Open a fault of a camera, a line or the machine."""
    form = FaultForm(request.POST or None, sources=find_sources(request))

    def open_fault(given: dict[str, Any]) -> FaultView:
        source = "" if given["source"] == FaultForm.MACHINE else given["source"]
        stream = catalog.stream_of(source) if source else ""
        return services.open_fault(
            description=given["description"], source=source, stream=stream, **acting(request)
        )

    answer = submit(
        request,
        form,
        open_fault,
        lambda opened: gettext("Fault %(number)s is open.") % {"number": opened.number},
        "faults",
    )
    return answer or form_page(request, "people/fault_new.html", form, **_contractors_come())


def fault_close(request: PersonRequest, number: str) -> HttpResponse:
    """Close a fault; whoever was called in to it is signed out."""
    found = maintenance.fault(number)
    form = FaultClosedForm(request.POST or None)
    answer = submit(
        request,
        form,
        lambda given: services.close_fault(number, outcome=given["outcome"], **acting(request)),
        gettext("Fault %(number)s is closed. No contractor comes in on it any more.") % {"number": number},
        "faults",
        field="outcome",
    )
    return answer or form_page(request, "people/fault_close.html", form, found=found)


def agreement_new(request: PersonRequest) -> HttpResponse:
    """Enter a processing agreement and whom it covers."""
    today = civil_date(settings.CLOCK.now())
    contractors = [one for one in queries.people() if RoleName.CONTRACTOR in one.roles and one.active(today)]
    form = AgreementForm(request.POST or None, contractors=contractors)
    answer = submit(
        request,
        form,
        lambda given: services.add_agreement(**given, **acting(request)),
        lambda entered: gettext("Agreement %(number)s is entered.") % {"number": entered.number},
        "faults",
    )
    return answer or form_page(request, "people/agreement_new.html", form, none=not contractors)


def agreement_end(request: PersonRequest, agreement_id: int) -> HttpResponse:
    """Check which agreement ends and whom that puts out; end it at once."""
    found = next((one for one in maintenance.agreements() if one.id == agreement_id), None)
    if found is None:
        raise NoSuchAgreementError("There is no such agreement.")
    if request.method == "POST":
        services.end_agreement(found.number, **acting(request))
        return done(request, gettext("Agreement %(number)s is ended.") % {"number": found.number}, "faults")
    today = civil_date(settings.CLOCK.now())
    context = {
        "found": found,
        "people": _covered(found, Names()),
        "over": found.over(today),
        "faults": [one.number for one in maintenance.attended(today)] if found.in_force(today) else [],
    }
    return render(request, "people/agreement_end.html", context)


def _agreement_row(one: AgreementView, names: Names) -> tuple[AgreementView, str, tuple[str, str], bool]:
    today = civil_date(settings.CLOCK.now())
    covered = ", ".join(_covered(one, names))
    if one.ended_at is not None:
        return one, covered, ("neutral", gettext("ended")), False
    if one.over(today):
        return one, covered, ("neutral", gettext("expired")), False
    if one.in_force(today):
        return one, covered, ("recording", gettext("is in force")), True
    return one, covered, ("attention", gettext("not yet valid")), True


def _covered(one: AgreementView, names: Names) -> list[str]:
    return sorted(names.person(str(person)) for person in one.people)


def _contractors_come() -> dict[str, Any]:
    rules = queries.verified_streams(civil_date(settings.CLOCK.now())).values()
    clauses = [one.access.clause for one in rules if one.access.contractor is ContractorAccess.ON_FAULT]
    return {"contractors_come": bool(clauses), "clauses": ", ".join(filter(None, clauses))}
