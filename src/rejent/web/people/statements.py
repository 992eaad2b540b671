"""Written statements that the regulation is known (R-INF-2).

Who owes one, giving one in the browser, each as a paper for the personal files.
"""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import may_administer
from rejent.cases.attachments.permission import STATEMENT
from rejent.cases.attachments.views import Role
from rejent.documents.papers import Form
from rejent.documents.rendering import render_pdf
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError, RejentError
from rejent.office import queries, services
from rejent.office.errors import NoRegulationError
from rejent.office.people import statements as given_statements
from rejent.office.people.role_words import ENGAGEMENTS
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import RegulationView, StatementView
from rejent.registers.queries import entered_on
from rejent.web.cases.attachments.words import file_lines, removed_lines
from rejent.web.pages.plain_form import DayField, PlainForm, form_page, submit
from rejent.web.people.statement_text import StatementText, statement_text, statement_text_on
from rejent.web.registers.exports import pdf_response
from rejent.web.registers.letterheads import letterhead
from rejent.web.requests.visitor import PersonRequest, acting, done, may
from rejent.web.signing_in.proving import ask_proof, by_second_factor, just_proved
from rejent.web.words.acts import Names
from rejent.web.words.wording import day_digits, day_short, moment_digits


class StatementForm(PlainForm):
    """The day on a signed statement."""

    on = DayField(_("Signed on"), _("Enter the day on the statement."))


def statements(request: PersonRequest) -> HttpResponse:
    """List the people whose statement about the version in force is missing, and every statement entered."""
    today, names = civil_date(settings.CLOCK.now()), Names()
    people = {one.id: one for one in queries.people(left=True)}
    rules = queries.verified_streams(today).values()
    context = {
        "missing": [(one, people[one.person_id]) for one in given_statements.outstanding(today)],
        "entered": [
            (one, names.person(str(one.person_id)), names.person(one.entered_by))
            for one in given_statements.statements()
        ],
        "demanded": given_statements.demanded(today),
        "clauses": ", ".join(
            filter(None, (one.notices.clause for one in rules if one.notices.new_staff_statement))
        ),
        "version": queries.version_in_force(today) if rules else None,
        "may_enter": may(request, "enter-statement"),
    }
    return render(request, "people/statements.html", context)


def statement_enter(request: PersonRequest, person_id: UUID) -> HttpResponse:
    """Enter a signed statement about the version in force."""
    today = civil_date(settings.CLOCK.now())
    found, version = queries.person(person_id), queries.version_in_force(today)
    form = StatementForm(request.POST or None, initial={"on": day_digits(today)})
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


def own_statement(request: PersonRequest) -> HttpResponse:
    """Show what the regulation says of monitoring; the person states that they know it, after fresh proof of who they are.

    A statement sent before that proof does not count: the page is shown first.
    """
    if (answer := ask_proof(request, factor=True)) is not None:
        return answer
    today = civil_date(settings.CLOCK.now())
    try:
        version = queries.version_in_force(today)
    except NoRegulationError:
        return render(request, "people/own_statement.html", {"text": None})
    text, refused = statement_text(version), ""
    if request.method == "POST":
        refused = _given(request, text, version.version)
        if not refused:
            return done(request, gettext("The statement is entered."), "start")
    mine = given_statements.statements(request.person.id)
    context = {
        "text": text,
        "version": version,
        "given": next((one for one in mine if one.version == version.version), None),
        "demanded": given_statements.demanded(today),
        "known": queries.sign_in(request.person.id) is SignIn.CONFIRMED,
        "own_password": queries.sign_in(request.person.id) is not SignIn.GIVEN,
        "mine": mine,
        "refused": refused,
        "proved": just_proved(request, factor=True),
    }
    return render(request, "people/own_statement.html", context, status=422 if refused else 200)


def _given(request: PersonRequest, text: StatementText, version: int) -> str:
    if request.POST.get("shown") != text.digest:
        return gettext("Something changed since this page was shown. Read it again.")
    if "known" not in request.POST:
        return gettext("Tick that the regulation is known to you.")
    try:
        services.give_statement(
            request.person.id,
            version=version,
            shown=text.digest,
            second_factor=by_second_factor(request),
            clock=settings.CLOCK,
        )
    except RejentError as error:
        return error.sentence(gettext)
    return ""


def statement(request: PersonRequest, statement_id: int) -> HttpResponse:
    """Show a statement with the scan of its paper: to its person, and to who sees all of them."""
    found = _found(request, statement_id)
    about, names = f"{STATEMENT}:{found.id}", Names()
    context = {
        "found": found,
        "name": names.person(str(found.person_id)),
        "by": names.person(found.entered_by),
        "how": _how(found),
        "all": may(request, "see-statements"),
        "files": file_lines(request.person, about, Role.SIGNED),
        "removed": removed_lines(about, Role.SIGNED),
        "may_attach": found.way != services.BROWSER and may(request, "enter-statement"),
        "about": about,
    }
    return render(request, "people/statement.html", context)


def statement_document(request: PersonRequest, statement_id: int) -> HttpResponse:
    """Return a statement as part B of the personal files keeps it: for its person, and for who sees all of them."""
    paper = _paper(_found(request, statement_id))
    return pdf_response(render_pdf(paper), paper.letterhead.title)


def _found(request: PersonRequest, statement_id: int) -> StatementView:
    seeing = may_administer(request.person.roles, "see-statements")
    shown = given_statements.statements(None if seeing.allowed else request.person.id)
    found = next((one for one in shown if one.id == statement_id), None)
    if found is None:
        raise (
            AccessRefusedError(seeing)
            if not seeing.allowed
            else NotFoundError("There is nothing at this address.")
        )
    return found


def _paper(found: StatementView) -> Form:
    person, version = queries.person(found.person_id), _version(found.version)
    text = statement_text_on(version, found.signed_on)
    entries = entered_on(f"person:{found.person_id}", ["statement.entered"])
    entry = next(
        (act.index for act in entries if act.facts and act.facts.get("version") == found.version), None
    )
    return Form(
        letterhead=letterhead(
            gettext("Statement that the regulation is known"),
            made_at=found.entered_at,
            entry=entry,
            office=text.office,
        ),
        opening=gettext("Statement for the personal files, part B."),
        facts=(
            (gettext("Person"), (person.name,)),
            *(((gettext("Post"), (person.post,)),) if person.post else ()),
            (gettext("Works on"), (str(ENGAGEMENTS.get(person.engagement, person.engagement)),)),
            (gettext("Regulation"), text.about),
            (gettext("Given"), tuple(_how(found))),
        ),
        duties_title=gettext("What was told"),
        duties=tuple(
            f"{one.stream}. {label}: {' '.join(lines)}" for one in text.streams for label, lines in one.facts
        ),
        undertaking=" ".join(text.declares),
        signatures=(gettext("date and signature of the person"),) if found.way != services.BROWSER else (),
    )


def _version(number: int) -> RegulationView:
    return next(one for one in queries.every_version() if one.version == number)


def _how(found: StatementView) -> list[str]:
    if found.way != services.BROWSER:
        return [day_short(found.signed_on), gettext("on paper, with a signature")]
    with_factor = gettext("in the browser, confirmed with codes or a passkey")
    alone = gettext("in the browser, confirmed with the password or by who vouches for the person")
    shown = gettext("SHA-256 of what was shown: %(digest)s") % {"digest": found.text}
    return [moment_digits(found.entered_at), with_factor if found.second_factor else alone, shown]
