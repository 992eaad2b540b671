"""What the law demands of a document, held against what it says, item by item: nothing is left out without being named."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.notices.documents.asks import ask_words
from rejent.notices.documents.truth import Truth
from rejent.notices.documents.views import Document, Item, Section, State
from rejent.office.regulation.vocabulary import LegalBasis

ART_13: Mapping[str, Promise] = {
    "13(1)(a)": _("who the controller is, and how to reach them"),
    "13(1)(b)": _("how to reach the data protection officer"),
    "13(1)(c)": _("purposes and legal basis"),
    "13(1)(d)": _("legitimate interests, where they are the basis"),
    "13(1)(e)": _("recipients"),
    "13(1)(f)": _("transfers to third countries"),
    "13(2)(a)": _("how long the data are stored"),
    "13(2)(b)": _("rights"),
    "13(2)(c)": _("withdrawal of consent"),
    "13(2)(d)": _("complaint to the supervisory authority"),
    "13(2)(e)": _("whether providing data is required"),
    "13(2)(f)": _("automated decisions and profiling"),
}
"""The items of GDPR art. 13(1) and (2)."""
ART_30: Mapping[str, Promise] = {
    "30(1)(a)": _("controller and data protection officer"),
    "30(1)(b)": _("purposes"),
    "30(1)(c)": _("categories of people and of data"),
    "30(1)(d)": _("categories of recipients"),
    "30(1)(e)": _("transfers to third countries"),
    "30(1)(f)": _("time limits for erasure"),
    "30(1)(g)": _("security measures"),
}
ART_35: Mapping[str, Promise] = {
    "35(7)(a)": _("description of the processing and its purposes"),
    "35(7)(b)": _("necessity and proportionality"),
    "35(7)(c)": _("risks to the people recorded"),
    "35(7)(d)": _("measures against the risks"),
}


def art_13(document: Document, truth: Truth) -> Document:
    """Return a clause with each item of art. 13 held against it."""
    excused = {"13(1)(d)": gettext("The regulation names no legitimate interests as a basis; a public authority cannot rely on them for its tasks.")}  # fmt: skip
    if LegalBasis.CONSENT not in truth.bases:
        excused["13(2)(c)"] = gettext("No purpose is based on consent.")
    excused["13(2)(f)"] = gettext("The program makes no automated decisions and profiles nobody.")
    return held_against(document, ART_13, excused)


def held_against(
    document: Document,
    demands: Mapping[str, str | Promise],
    excused: Mapping[str, str],
    asked: State = State.MISSING,
) -> Document:
    """Return a document with each demand held against its sections.

    A demand is met by a section that fulfils it, says something and asks for nothing; ``excused`` says why one need not be met,
    ``asked`` what one is of which a section asks something.
    """
    items = tuple(
        _item(document.sections, provision, str(demand), excused, asked)
        for provision, demand in demands.items()
    )
    stated = [ask for each in document.sections if not each.fulfils for ask in each.asks]
    if stated and asked is State.MISSING:
        why = "; ".join(map(ask_words, stated))
        items = (*items, Item("", gettext("what the annex's form states"), asked, why, tuple(stated)))
    return replace(document, items=(*document.items, *items))


def _item(
    sections: tuple[Section, ...], provision: str, demand: str, excused: Mapping[str, str], asked: State
) -> Item:
    found = [each for each in sections if provision in each.fulfils]
    asks = [ask for each in found for ask in each.asks]
    if any(each.text or each.points or each.facts for each in found) and not asks:
        return Item(provision, demand, State.PRESENT)
    if not asks and provision in excused:
        return Item(provision, demand, State.NOT_APPLICABLE, excused[provision])
    if asks:
        return Item(provision, demand, asked, "; ".join(map(ask_words, asks)), tuple(asks))
    return Item(provision, demand, State.MISSING, gettext("The document says nothing of it."))
