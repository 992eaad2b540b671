"""The register of plates: what hangs where, a list to walk with a telephone, and what the code of a plate leads to."""

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.cases.attachments.views import Role
from rejent.documents.rendering import render_pdf
from rejent.kernel.clock import civil_date
from rejent.notices.documents.paper import SIZES as PRINTED_SIZES
from rejent.notices.documents.paper import paper_of
from rejent.notices.documents.views import Document
from rejent.notices.errors import NoSuchDocumentError
from rejent.notices.plates import queries, rules, services
from rejent.notices.plates.services import photos_of
from rejent.notices.plates.views import Condition, PlateView, Size
from rejent.notices.publication.bundle import clause_file
from rejent.notices.queries import documents_of_today, plates_by_digest
from rejent.office import queries as office
from rejent.web.cases.attachments.words import file_lines, removed_lines
from rejent.web.notices.identifiers import CONDITIONS
from rejent.web.notices.words import SIZES, plate_state, stream_names
from rejent.web.pages.plain_form import DayField, PlainForm, form_page, one_of, several_of, submit, text
from rejent.web.requests.visitor import PersonRequest, acting, may
from rejent.web.route_permissions import may_enter
from rejent.web.words.acts import Names
from rejent.web.words.stream_parts import WORDS
from rejent.web.words.when import WithoutYear
from rejent.web.words.wording import day_digits

OTHER_MAKE = "other"
"""The choice of a plate that the program did not print."""


class PlateForm(PlainForm):
    """A plate that the program prints, or one of another make."""

    place = one_of(
        _("Where it hangs"),
        _("Choose the place where the plate hangs."),
        hint=_("a place of the inventory; one plate at the entrance marks every place that is named on it"),
    )
    spot = text(
        _("Where exactly"),
        hint=_("for example: left of the door; may be empty"),
        max_length=rules.LONGEST_SPOT,
    )
    size = one_of(_("Size"), _("Choose the size of the plate."), SIZES.items())
    document = forms.ChoiceField(
        label=_("Which plate"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose which plate it is."),
            "invalid_choice": _("Choose which plate it is."),
        },
    )
    streams = several_of(_("What it informs of"), hint=_("only of a plate of another make"))
    areas = text(
        _("Places named on it"),
        hint=_(
            "only of a plate of another make: one a line, as they are printed; leave it empty if it names none"
        ),
        max_length=rules.MOST_AREAS * rules.LONGEST_AREA,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        made = plates_by_digest(documents_of_today(settings.CLOCK))
        self._printed = {digest: each for digest, each in made.items() if not each.missing}
        self.drafts = len(self._printed) < len(made)
        self.offer("place", [(each.id, f"{each.building}, {each.name}") for each in office.places()])
        own = [(digest, _printed_words(each)) for digest, each in self._printed.items()]
        self.offer("document", [*own, (OTHER_MAKE, _("a plate of another make"))])
        streams = office.verified_streams(civil_date(settings.CLOCK.now()))
        self.offer("streams", [(name, WORDS.of(name).name) for name in streams if name in WORDS])

    def as_new(self) -> services.NewPlate:
        """Return the plate that was described."""
        given = self.cleaned_data
        plate = services.NewPlate(
            place=int(given["place"]),
            spot=given["spot"],
            streams=given["streams"],
            areas=given["areas"].splitlines(),
            size=Size(given["size"]),
        )
        document = self._printed.get(given["document"])
        if document is None:
            return plate
        return replace(
            plate,
            streams=[document.stream],
            areas=[area.name for area in document.areas],
            covers=[place for area in document.areas for place in area.places],
            digest=document.digest,
        )


def _printed_words(document: Document) -> str:
    words = gettext("%(title)s – %(building)s (%(language)s)")
    return words % {
        "title": stream_names([document.stream]),
        "building": document.building,
        "language": document.language.upper(),
    }


def _next_check() -> DayField:
    return DayField(
        _("To be looked at again on"), hint=_("if left empty, in half a year"), meant=WithoutYear.COMING
    )


class PutUpForm(PlainForm):
    """The day a plate was put up."""

    up_since = DayField(_("Hangs since"), _("Enter the day the plate was put up."))
    next_check_on = _next_check()


class LookedForm(PlainForm):
    """What somebody found who looked at a plate."""

    found = forms.ChoiceField(
        label=_("What you found"), widget=forms.RadioSelect, choices=list(CONDITIONS.items()), initial=Condition.GOOD.value,
        error_messages={"required": _("Say what you found."), "invalid_choice": _("Say what you found.")},
    )  # fmt: skip
    next_check_on = _next_check()


class DownForm(PlainForm):
    """When and why a plate was taken down."""

    down_on = DayField(_("Taken down on"), _("Enter the day the plate was taken down."))
    reason = text(_("Reason"), _("Say why the plate was taken down."), max_length=rules.LONGEST_REASON)


def plates(request: PersonRequest) -> HttpResponse:
    """Return the plates that hang or are to be hung, and with ``?down`` those that were taken down."""
    today, down = _today(), "down" in request.GET
    shown = [each for each in queries.plates(down=True) if (each.down_on is not None) == down]
    context = {
        "rows": [(each, stream_names(each.streams), plate_state(each, today)) for each in shown],
        "down": down,
        "due": len(queries.due(today)),
        "may_enter": may(request, "enter-plate"),
        "test": settings.INSTALLATION.test,
    }
    return render(request, "notices/plates.html", context)


def walk(request: PersonRequest) -> HttpResponse:
    """Return the plates to put up or to look at, in the order in which one walks past them."""
    today = _today()
    due = queries.due(today)
    context = {
        "rows": [(each, plate_state(each, today)) for each in due],
        "next": min((each.next_check_on for each in queries.plates() if each.next_check_on), default=None),
        "test": settings.INSTALLATION.test,
    }
    return render(request, "notices/walk.html", context)


def plate_new(request: PersonRequest) -> HttpResponse:
    """Enter a plate that is made."""
    form = PlateForm(request.POST or None, initial={"place": request.GET.get("place", "")})
    made: list[PlateView] = []

    def enter(_given: dict[str, Any]) -> PlateView:
        made.append(services.enter_plate(form.as_new(), ledger=settings.LEDGER, **acting(request)))
        return made[0]

    answer = submit(
        request, form, enter, lambda one: gettext("Plate %(number)s is entered.") % {"number": one.number}, "plates"
    )  # fmt: skip
    if answer is not None and made:
        return redirect("plate", made[0].number)
    return answer or form_page(request, "notices/plate_new.html", form)


def plate(request: PersonRequest, number: str) -> HttpResponse:
    """Return a plate with its photos, its story, and what is to be done with it."""
    return _plate_page(request, queries.plate(number))


def _plate_page(request: PersonRequest, view: PlateView, **bound: PlainForm) -> HttpResponse:
    today, about, names = _today(), photos_of(view.number), Names()
    hangs = view.up_since is not None and view.down_on is None
    forms_of: dict[str, PlainForm] = {}
    if view.up_since is None and view.down_on is None and may(request, "enter-plate"):
        forms_of["up"] = PutUpForm(initial={"up_since": day_digits(today)})
    if hangs and may(request, "check-plate"):
        forms_of["look"] = LookedForm()
    if view.down_on is None and may(request, "enter-plate"):
        forms_of["down"] = DownForm(initial={"down_on": day_digits(today)})
    photos = file_lines(request.person, about, Role.PHOTO)
    context = {
        "plate": view,
        "streams": stream_names(view.streams),
        "state": plate_state(view, today),
        "size": SIZES[view.size],
        "entered_by": names.person(view.entered_by),
        "checked_by": names.person(view.checked_by) if view.checked_by else "",
        "condition": CONDITIONS[view.condition],
        "photos": photos[::-1],
        "photographed": any(civil_date(each.view.kept_at) == today for each in photos if each.view.kept_at),
        "removed": removed_lines(about, Role.PHOTO),
        "takes_photos": view.down_on is None and may(request, "check-plate"),
        "about": about,
        "printable": bool(view.digest) and view.down_on is None and _document_of(view) is not None,
        "address_of_code": request.build_absolute_uri(reverse("plate-scanned", args=[view.number])),
        **forms_of,
        **bound,
    }
    failed = any(form.errors for form in bound.values())
    return render(request, "notices/plate.html", context, status=422 if failed else 200)


def plate_document(_request: PersonRequest, number: str) -> HttpResponse:
    """Return a plate to print, with a code that leads to its own page; only while its text is that of today."""
    view = queries.plate(number)
    document = _document_of(view)
    if document is None:
        raise NoSuchDocumentError("The text of plate {number} is not that of today.", number=number)
    hosts = settings.INSTALLATION.hosts
    address = f"https://{hosts[0]}{reverse('plate-scanned', args=[number])}" if hosts else document.address
    size = next((each for each in PRINTED_SIZES if each == view.size.value), PRINTED_SIZES[1])
    paper = paper_of(replace(document, address=address), size=size, test=settings.INSTALLATION.test)
    return HttpResponse(
        render_pdf(paper),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{number}.pdf"'},
    )


def _document_of(view: PlateView) -> Document | None:
    """Return the document of today that is printed on a plate; None for another make, or where it is an older one."""
    return plates_by_digest(documents_of_today(settings.CLOCK)).get(view.digest)


def plate_put_up(request: PersonRequest, number: str) -> HttpResponse:
    """Enter since when a plate hangs."""
    form = PutUpForm(request.POST)
    answer = submit(
        request,
        form,
        lambda given: services.put_up(
            number, given["up_since"], given["next_check_on"], ledger=settings.LEDGER, **acting(request)
        ),
        gettext("Plate %(number)s hangs.") % {"number": number},
        "plates",
    )
    return answer or _plate_page(request, queries.plate(number), up=form)


def plate_check(request: PersonRequest, number: str) -> HttpResponse:
    """Enter what was found, and go on to the next plate of the walk."""
    form = LookedForm(request.POST)
    answer = submit(
        request,
        form,
        lambda given: services.check_plate(
            number,
            Condition(given["found"]),
            given["next_check_on"],
            ledger=settings.LEDGER,
            **acting(request),
        ),
        gettext("Plate %(number)s: the look is entered.") % {"number": number},
        "plates-walk",
    )
    return answer or _plate_page(request, queries.plate(number), look=form)


def plate_take_down(request: PersonRequest, number: str) -> HttpResponse:
    """Enter when and why a plate was taken down."""
    form = DownForm(request.POST)
    answer = submit(
        request,
        form,
        lambda given: services.take_down(
            number, given["down_on"], given["reason"], ledger=settings.LEDGER, **acting(request)
        ),
        gettext("Plate %(number)s: it is entered that it was taken down.") % {"number": number},
        "plates",
    )
    return answer or _plate_page(request, queries.plate(number), down=form)


def plate_scanned(request: HttpRequest, number: str) -> HttpResponse:
    """Lead from the code of a plate: who looks at plates to its page, everybody else to the clause of what it informs of."""
    if may_enter(getattr(request, "person", None), "plate"):
        return redirect("plate", number)
    streams = next((each.streams for each in queries.plates(down=True) if each.number == number), ())
    if len(streams) != 1:
        return redirect("public")
    return redirect("public-file", clause_file(streams[0]))


def _today() -> date:
    return civil_date(settings.CLOCK.now())
