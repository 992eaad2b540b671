"""The statement of accessibility (deklaracja dostępności): Act of 4 April 2019 on digital accessibility, art. 10."""

from collections.abc import Iterator

from django.utils.translation import gettext

from rejent.notices.publication import html
from rejent.notices.publication.views import Accessibility, Conformance


def statement(stated: Accessibility, controller: str) -> Iterator[str]:
    """Yield the statement as parts of a page; nothing that the office did not state."""
    if not stated.complete:
        yield html.paragraph(gettext("The office has not stated everything that this statement must say."))
    site = stated.site or gettext("these pages")
    text = gettext(
        "{controller} undertakes to keep {site} accessible under the Act of 4 April 2019 on the digital accessibility of websites and mobile applications of public bodies."
    )
    yield html.paragraph(text.format(controller=controller, site=site))
    days = (
        (gettext("Date of publication of the site"), stated.published_on),
        (gettext("Date of the last important update"), stated.changed_on),
        (gettext("Date of this statement"), stated.made_on),
        (gettext("Date of its last review"), stated.reviewed_on),
    )
    yield html.facts((label, f"{day:%d.%m.%Y}") for label, day in days if day)
    yield html.heading(gettext("How far the site meets the requirements"))
    yield html.paragraph(_conformance(stated.conformance))
    if stated.lacking and stated.conformance is not Conformance.FULL:
        yield html.heading(gettext("Content that is not accessible"))
        yield html.bullets(stated.lacking.splitlines())
    yield html.paragraph(_method(stated))
    yield html.heading(gettext("Reply and contact"))
    contact = (
        (gettext("Contact"), stated.contact),
        (gettext("Telephone"), stated.phone),
        (gettext("E-mail"), stated.mail),
    )
    yield html.facts((label, value) for label, value in contact if value)
    yield from map(html.paragraph, _complaint())
    if stated.building:
        yield html.heading(gettext("Accessibility of the building"))
        yield from map(html.paragraph, stated.building.splitlines())


def _conformance(conformance: Conformance) -> str:
    return {
        Conformance.FULL: gettext("The site is fully compliant with the Act (WCAG 2.1 at level AA)."),
        Conformance.PARTIAL: gettext("The site is partly compliant with the Act (WCAG 2.1 at level AA)."),
        Conformance.NONE: gettext("The site is not compliant with the Act (WCAG 2.1 at level AA)."),
    }[conformance]


def _method(stated: Accessibility) -> str:
    if stated.assessed_by:
        return gettext("The statement rests on an assessment by {assessor}.").format(
            assessor=stated.assessed_by
        )
    return gettext("The statement rests on the office's own assessment.")


def _complaint() -> Iterator[str]:
    yield gettext(
        "Everybody may ask for digital accessibility of the site or of a part of it. Say who you are, which page is meant, and how you wish to be answered. The office answers at once, at the latest within 7 days; where that is not possible it says why and when, within 2 months at the longest."
    )
    yield gettext(
        "If the office refuses, you may complain to it about the lack of accessibility, and after that turn to the Commissioner for Human Rights (www.rpo.gov.pl)."
    )
