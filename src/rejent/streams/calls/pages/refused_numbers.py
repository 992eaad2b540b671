"""Numbers of those who refused to be recorded: the list, entering one, taking one back."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access import queries as access_queries
from rejent.kernel.telephone import readable_number
from rejent.registers import queries as registers
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.acts import NUMBER_REFUSED
from rejent.streams.calls.catalog.errors import NumberRefusedError
from rejent.streams.calls.catalog.queries import RefusalView
from rejent.web.pages.plain_form import PlainForm, text
from rejent.web.requests.visitor import PersonRequest
from rejent.web.route_permissions import may_enter
from rejent.web.words.acts import Names


class RefusedNumberForm(PlainForm):
    """Form for a number whose calls are not recorded."""

    number = text(
        _("Number of who refused"),
        _("Enter the number."),
        hint=_("the whole number, in any spelling, for example +48 10 555 01 23"),
        max_length=60,
    )


def refused_numbers(request: PersonRequest) -> HttpResponse:
    """Return the refusals that stand, the newest first; whose they are is shown to who handles them."""
    names, by = Names(), {act.index: act.actor for act in registers.entered([NUMBER_REFUSED.name])}
    context = {
        "rows": [
            (one, _number(request, one), names.person(by[one.entry]) if one.entry in by else "")
            for one in reversed(call_queries.refusals())
        ],
        "may_add": may_enter(request.person, "refused-number-new"),
        "may_end": may_enter(request.person, "refused-number-end"),
        "may_prove": may_enter(request.person, "entry"),
    }
    return render(request, "calls/refused_numbers.html", context)


def refused_number_new(request: PersonRequest) -> HttpResponse:
    """Enter that calls of a number are not recorded; what is typed stands in no address and in no act."""
    form = RefusedNumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        standing = {one.id for one in call_queries.refusals()}
        try:
            entered = call_services.refuse_number(
                form.cleaned_data["number"], clock=settings.CLOCK, actor=str(request.person.id)
            )
        except NumberRefusedError as error:
            form.refuse(error, "number")
        else:
            message = (
                gettext("The number is on the list already: refusal %(number)s.")
                if entered in standing
                else gettext(
                    "Refusal %(number)s is entered. Calls of this number are not recorded from now on."
                )
            )
            messages.success(request, message % {"number": entered})
            return redirect("refused-numbers")
    status = 422 if form.errors else 200
    return render(request, "calls/refused_number_new.html", {"form": form}, status=status)


def refused_number_end(request: PersonRequest, refusal: int) -> HttpResponse:
    """Check which refusal is taken back; then record the number's calls again and forget it."""
    found = next((one for one in call_queries.refusals() if one.id == refusal), None)
    if found is None:
        messages.info(request, gettext("Refusal %(number)s does not stand any more.") % {"number": refusal})
        return redirect("refused-numbers")
    if request.method == "POST":
        call_services.allow_number(refusal, clock=settings.CLOCK, actor=str(request.person.id))
        message = gettext("Refusal %(number)s is taken back, its number is forgotten.")
        messages.success(request, message % {"number": refusal})
        return redirect("refused-numbers")
    context: dict[str, Any] = {"found": found, "number": _number(request, found)}
    return render(request, "calls/refused_number_end.html", context)


def _number(request: PersonRequest, one: RefusalView) -> str:
    known = access_queries.may_handle(request.person, "see-refused-numbers", clock=settings.CLOCK)
    return readable_number(one.number) if known else ""
