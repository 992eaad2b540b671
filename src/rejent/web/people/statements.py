"""Written statements: who has signed that they know the regulation, and who has not (R-INF-2)."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from rejent.kernel.clock import civil_date
from rejent.office import queries, services
from rejent.office.people import statements as office
from rejent.web.pages.plain_form import DayField, PlainForm, form_page, submit
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.words.acts import Names
from rejent.web.words.wording import day_digits


class StatementForm(PlainForm):
    """The day on a signed statement."""

    on = DayField(label=_("Signed on"), error_messages={"required": _("Enter the day on the statement.")})


@require_GET
def statements(request: PersonRequest) -> HttpResponse:
    """List the people whose statement about the version in force is missing, and every statement entered."""
    today, names = civil_date(settings.CLOCK.now()), Names()
    people = {one.id: one for one in queries.people(left=True)}
    rules = queries.streams(today).values()
    context = {
        "missing": [(one, people[one.person_id]) for one in office.outstanding(today)],
        "entered": [
            (one, names.person(str(one.person_id)), names.person(one.entered_by))
            for one in office.statements()
        ],
        "demanded": office.demanded(today),
        "clauses": ", ".join(
            filter(None, (one.notices.clause for one in rules if one.notices.new_staff_statement))
        ),
        "version": queries.regulation_version(today) if rules else None,
        "may_enter": may(request, "enter-statement"),
    }
    return render(request, "people/statements.html", context)


@require_http_methods(["GET", "POST"])
def statement_enter(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Enter a signed statement about the version in force."""
    today = civil_date(settings.CLOCK.now())
    found, version = queries.person(person_id), queries.regulation_version(today)
    form = StatementForm(request.POST or None, today=today, initial={"on": day_digits(today)})
    answer = submit(
        request,
        form,
        lambda given: services.enter_statement(
            person_id, given["on"], version=version.version, **acting(request)
        ),
        gettext("The statement is entered. The scan of the paper can be attached."),
        lambda entered: reverse("statement", args=[entered.id]),
    )
    return answer or form_page(request, "people/statement_enter.html", form, found=found, version=version)
