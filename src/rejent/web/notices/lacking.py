"""What is missing in what people are told: in the reader's words, with who enters it and the field where it is entered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.notices.documents import asks
from rejent.notices.documents.truth import purpose_passage
from rejent.notices.documents.words import KINDS
from rejent.notices.publication.lacking import ACCESSIBILITY, DEMAND, Lacking, lacking
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.web.notices.publications import AccessibilityForm
from rejent.web.notices.words import stream_names
from rejent.web.stream_parts import PAGES

Words = str | Promise


@dataclass(frozen=True, slots=True)
class LackingLine:
    """One thing that is missing: the thing itself, what it is in words, where it is said, by whom it is entered, whose act that is, and the field."""

    lacking: Lacking
    words: str
    about: str
    actor: str
    act: str
    address: str


def lacking_lines() -> list[LackingLine]:
    """Return the one list; nothing while no regulation is in force."""
    try:
        office.verified_regulation(civil_date(settings.CLOCK.now()))
    except NoRegulationError:
        return []
    return [_line(each) for each in lacking(settings.CLOCK)]


def _line(each: Lacking) -> LackingLine:
    act, address = _WHERE.get(each.ask.key, _in_the_form)(each)
    said_in = ", ".join(str(KINDS[kind]) for kind in each.kinds) or gettext("statement of accessibility")
    stream = stream_names([each.stream]) if each.stream else ""
    language = gettext("in English") if each.language == "en" else ""
    about = " · ".join(part for part in (said_in, stream, language) if part)
    return LackingLine(each, _words(each), about, str(_WHO[act]), act, address)


def wait_words(missing: Sequence[LackingLine]) -> str:
    """Return what waits until everything missing is entered: what lacks English alone is published in Polish."""
    if all(each.lacking.language == "en" for each in missing):
        return gettext("Until it is entered, papers in English are drafts; those in Polish are published.")
    return gettext("Until it is entered, nothing is published and papers are drafts.")


def _words(each: Lacking) -> str:
    ask = each.ask
    if ask.key == ACCESSIBILITY:
        facts = [str(AccessibilityForm.base_fields[name].label) for name in ask.of.split()]
        return gettext("Facts for the statement of accessibility: %(facts)s") % {"facts": ", ".join(facts)}
    words = ask.about if ask.key == DEMAND else asks.ask_words(ask)
    return words[:1].upper() + words[1:]


Where = Callable[[Lacking], tuple[str, str]]
"""The act of administration that enters it, and the address of the field."""


def _in_the_form(each: Lacking) -> tuple[str, str]:
    """Return the field of the regulation's form; its beginning where it is none of one thing."""
    fields = {asks.RETENTION: f"{each.stream}-retention-count", asks.BASIS: _basis_field(each)}
    name = fields.get(each.ask.key, each.ask.key if each.ask.key in OFFICE_FIELDS else "")
    return "load-regulation", reverse("regulation-change") + (f"#id_{name}" if name else "")


OFFICE_FIELDS = frozenset(
    {asks.CONTROLLER, asks.ADDRESS, asks.EMAIL, asks.TELEPHONE, asks.CONTACT, asks.CONTACT_TELEPHONE}
)
"""What is one value of the regulation by the name of its field."""


def _basis_field(each: Lacking) -> str:
    """Return the field of a purpose's basis in the newest version, which the form begins with."""
    rules = office.verified_regulation(civil_date(settings.CLOCK.now())).streams.get(each.stream)
    found = [place for place, one in enumerate(rules.purposes if rules else ()) if one.id == each.ask.of]
    return f"{each.stream}-purposes-{found[0]}-basis" if found else ""


def passage_of(each: Lacking) -> str:
    """Return the passage whose words are missing."""
    if each.ask.key == asks.PURPOSE_IN_ENGLISH:
        return purpose_passage(each.ask.of, "").name
    return asks.TRANSFERS if each.ask.key == asks.TRANSFERS else each.ask.of


def _in_wordings(each: Lacking) -> tuple[str, str]:
    return "word-notices", reverse("notice-wording", args=[each.stream, each.language, passage_of(each)])


def _source(each: Lacking) -> tuple[str, str]:
    add = PAGES.of(each.stream).sources.add
    return "add-source", reverse(add[0] if add else "sources")


_WHERE: Mapping[str, Where] = {
    asks.TRANSFERS: _in_wordings,
    asks.PURPOSE_IN_ENGLISH: _in_wordings,
    asks.ANNOUNCEMENT_IN_ENGLISH: _in_wordings,
    asks.AREAS: _source,
    asks.PUBLISHED: lambda _: ("publish-notices", reverse("publication-new")),
    asks.OWN_TEXT: lambda _: ("word-notices", reverse("regulation-text")),
    asks.ROUTE: lambda each: ("enter-gate", f"{reverse('regulation')}#stream-{each.stream}"),
    ACCESSIBILITY: lambda each: (
        "publish-notices",
        f"{reverse('accessibility')}#id_{each.ask.of.split()[0]}",
    ),
}
"""All others stand in the regulation, and its form takes them."""
_WHO: Mapping[str, Words] = {
    "load-regulation": _("the head of the office"),
    "word-notices": _("the head, the data protection officer or who runs the system"),
    "add-source": _("who runs the system"),
    "enter-gate": _(
        "the head, the deputy, the secretary, the data protection officer or who runs the system"
    ),
    "publish-notices": _(
        "the head, the deputy, the secretary, the data protection officer or who runs the system"
    ),
}
