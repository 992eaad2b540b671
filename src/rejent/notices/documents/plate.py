"""The plate at an entrance: the first layer of the notice, and the way to the full clause."""

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.notices.documents import asks as lacking
from rejent.notices.documents import words
from rejent.notices.documents.completeness import held_against
from rejent.notices.documents.on_forms import form_of, on_form
from rejent.notices.documents.truth import Truth, passage
from rejent.notices.documents.views import Area, Ask, Document, DocumentKind, Section
from rejent.office.regulation.forms import FormPaper

FIRST_LAYER = {
    "22²(9)": _("a pictogram that marks the monitored area"),
    "first-layer:controller": _("the controller"),
    "first-layer:purposes": _("the purposes"),
    "first-layer:retention": _("how long recordings are kept"),
    "first-layer:rights": _("the rights"),
    "first-layer:officer": _("how to reach the data protection officer"),
    "first-layer:areas": _("the monitored areas"),
    "first-layer:more": _("where the full clause is"),
}
"""What the first layer of a layered notice states (EDPB Guidelines 3/2019, points 111–119).

The pictogram is that of Labour Code art. 22² § 9.
"""
PURPOSES = passage("plate-purposes", _("Plate: purposes"), _("{purposes}"))
RIGHTS = passage("plate-rights", _("Plate: rights, in a line"), _("You have the right of {rights}."))
RETENTION = passage(
    "plate-retention", _("Plate: how long recordings are kept"), _("{period} from the day of recording")
)
MORE = passage("plate-more", _("Plate: where the full clause is"), _("Scan the code, or ask at the office."))


def plates(truth: Truth) -> Iterator[Document]:
    """Yield a plate for each building with a monitored area, in the order of their names; none where the kind marks nothing."""
    if truth.sayings.plate:
        areas = truth.areas()
        for building in sorted({area.building for area in areas}) or [""]:
            yield plate(truth, building, tuple(area for area in areas if area.building == building))


def plate(truth: Truth, building: str, areas: tuple[Area, ...]) -> Document:
    """Return the plate of a building."""
    document = truth.document(
        DocumentKind.PLATE,
        str(truth.sayings.plate),
        _lines(truth, areas),
        building=building,
        opening=str(truth.sayings.recorded),
        areas=areas,
        address=truth.office.clause_addresses.get(truth.stream, ""),
        pictogram=truth.sayings.pictogram,
        remarks=tuple(truth.remarks()),
    )
    form = form_of(truth, FormPaper.PLATE)
    if form is not None:
        document = on_form(document, _of_building(truth, building), form)
    return held_against(document, FIRST_LAYER, {})


def _of_building(truth: Truth, building: str) -> Truth:
    return replace(truth, places=[each for each in truth.places if each.building == building])


def _lines(truth: Truth, areas: tuple[Area, ...]) -> Iterator[Section]:
    regulation, rules = truth.office.regulation, truth.rules
    address = truth.office.clause_addresses.get(truth.stream, "")
    drawn = (gettext("camera pictogram"),) if truth.sayings.pictogram else ()
    yield Section(key="pictogram", text=drawn, fulfils=("22²(9)",))
    yield _line("controller", gettext("Controller"), regulation.controller, regulation.address)
    reasons = words.listed([truth.name_of(each) for each in truth.purposes])
    yield _line("purposes", gettext("Purpose"), truth.say(PURPOSES, purposes=reasons) if reasons else "")
    kept = rules.retention and truth.say(RETENTION, period=words.period(rules.retention))
    yield _line("retention", gettext("We keep recordings"), kept or "")
    yield _line("areas", gettext("Monitored"), "; ".join(area.name for area in areas))
    rights = words.listed([str(words.RIGHTS_IN_SHORT[right]) for right in truth.rights])
    yield _line("rights", gettext("Rights"), truth.say(RIGHTS, rights=rights))
    yield _line("officer", gettext("Data protection officer"), regulation.contact)
    more = (truth.say(MORE), address) if address else (gettext("The office gives it to whoever asks."),)
    asks = () if address else (Ask(lacking.PUBLISHED),)
    yield Section(
        key="more", title=gettext("Full information"), text=more, asks=asks, fulfils=("first-layer:more",)
    )


_MISSING = {
    "controller": lacking.CONTROLLER,
    "purposes": lacking.PURPOSE,
    "retention": lacking.RETENTION,
    "areas": lacking.AREAS,
    "rights": lacking.RIGHTS,
    "officer": lacking.CONTACT,
}


def _line(key: str, title: str, *text: str) -> Section:
    """Return a line of the plate, which asks for its words where there are none."""
    lines = tuple(each for each in text if each)
    asks = () if lines else (Ask(_MISSING[key]),)
    return Section(key=key, title=title, text=lines, asks=asks, fulfils=(f"first-layer:{key}",))
