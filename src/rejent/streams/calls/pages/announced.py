"""Confirming that one read the announcement in a call one made."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.errors import NoticeRefusedError
from rejent.streams.calls.catalog.numbers.phone_numbers import is_number
from rejent.web.pages.plain_form import PlainForm, text
from rejent.web.requests.visitor import PersonRequest


class ReadForm(PlainForm):
    """From where, and to whom."""

    own = text(_("Your extension or number"), "", hint=_("from which the call was made"), max_length=40)
    called = text(_("Number that was called"), "", hint=_("the whole number, in any spelling"), max_length=60)


@require_http_methods(["GET", "POST"])
def announcement_read(request: PersonRequest) -> HttpResponse:
    """Show what is to be read, and the form; the answer is the same whether or not there is such a call."""
    form = ReadForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            call_services.note_read(
                fields["own"], fields["called"], str(request.person.id), clock=settings.CLOCK
            )
        except NoticeRefusedError as error:
            form.refuse(error, "called" if is_number(fields["own"]) else "own")
        else:
            messages.success(
                request,
                gettext(
                    "Noted. It is joined with the call when that is found; otherwise it is forgotten within a day."
                ),
            )
            return redirect("announcement-read")
    rules = office.streams(civil_date(settings.CLOCK.now())).get(StreamName.CALLS)
    context = {"form": form, "wording": rules.announcements.outgoing if rules else ""}
    return render(request, "calls/announcement_read.html", context, status=422 if form.errors else 200)
