"""Questions about publications and the statement of accessibility."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from django.conf import settings
from django.db.models import Q

from rejent.kernel.clock import civil_date
from rejent.kernel.views import view_of
from rejent.notices.acts import NOTICES_PUBLISHED
from rejent.notices.errors import NoSuchPublicationError
from rejent.notices.models import AccessibilityFacts, Publication
from rejent.notices.publication.bundle import Bundle, Published, bundle
from rejent.notices.publication.views import Accessibility, PublicationView, as_accessibility
from rejent.notices.queries import DAYS, MADE_OF, day_and_installation, documents_of_today
from rejent.notices.regulation_text import content_of, own_text_of
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import NoticeChannel
from rejent.registers.books.numbered_rows import NumberedRows
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import first_verified, matching, verified_many

SERIES = "publications"


def publication(number: str) -> PublicationView:
    """Return a publication as it was entered.

    Raises NoSuchPublicationError: there is none; LedgerMismatchError: its row was planted or altered.
    """
    absent = NoSuchPublicationError("There is no publication {number}.", number=number)
    return publication_view(first_verified(Publication.objects.filter(number=number), absent))


def publications() -> list[PublicationView]:
    """Return every publication, the newest first; what was planted or altered is none."""
    return [publication_view(row) for row in matching(Publication.objects.order_by("-pk"))]


def accessibility() -> Accessibility:
    """Return what the office stated last for its statement of accessibility; nothing of it where nothing was stated.

    Raises `LedgerMismatchError` if it was planted, altered or deleted.
    """
    rows = list(AccessibilityFacts.objects.order_by("number"))
    beyond = (AccessibilityFacts, rows[-1].number + 1 if rows else 1)
    newest = verified_many(rows, none_beyond=beyond)[-1:]
    if not newest:
        return Accessibility()
    return replace(as_accessibility(newest[0].facts), entered_at=newest[0].entered_at)


def standing(day: date) -> list[PublicationView]:
    """Return what is published on a day."""
    return [each for each in publications() if each.stands(day)]


def publication_view(row: Publication) -> PublicationView:
    """Return the row as a view."""
    return view_of(PublicationView, row, channel=NoticeChannel(row.channel))


def _views(rows: Sequence[Publication]) -> list[PublicationView]:
    return [publication_view(row) for row in rows]


REGISTER: NumberedRows[Publication] = NumberedRows(
    rows=Publication.objects.all,
    views=_views,
    at="entered_at",
    begun=(NOTICES_PUBLISHED,),
    series=SERIES,
    search=lambda rows, words: rows.filter(Q(number__icontains=words) | Q(address__icontains=words)),
)
"""The register of publications."""


def published(day: date) -> Published:
    """Return everything that is published on a day.

    Raises NoRegulationError: no regulation is in force; LedgerMismatchError: something of it was planted or altered.
    """
    regulation = office.verified_regulation(day)
    version = office.version_in_force(day)
    own = own_text_of(version.version)
    people = {str(each.id): each.name for each in office.people(left=True)}
    return Published(
        office=regulation.name,
        controller=regulation.controller,
        contacts=[
            ", ".join(filter(None, reached))
            for reached in (
                (regulation.controller, regulation.address, regulation.email, regulation.telephone),
                (regulation.contact, regulation.contact_telephone),
            )
            if any(reached)
        ],
        regulation=version,
        versions=[each for each in office.every_version() if each.in_force_from <= day],
        documents=documents_of_today(settings.CLOCK),
        own_text=own,
        own_content=content_of(own) if own else b"",
        publications=[(each, people.get(each.entered_by, "–")) for each in publications()],
        accessibility=accessibility(),
        test=settings.INSTALLATION.test,
    )


def bundle_of_today() -> Bundle:
    """Return the bundle as of now; made anew once anything that it holds was entered. Errors as of `published`."""
    clock = settings.CLOCK
    return _made.get(day_and_installation(clock), lambda: bundle(published(civil_date(clock.now()))))


_made = VerifiedOnce[Bundle](*MADE_OF, *office.OF_PEOPLE, AccessibilityFacts, most=DAYS)
