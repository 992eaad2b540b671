"""What a demo office tells people: plates at its cameras, its publications, statements of its staff; one plate differs on purpose."""

from collections.abc import Collection
from datetime import date, timedelta

from django.conf import settings

from rejent.kernel.clock import Clock, civil_date
from rejent.notices.documents.views import Document
from rejent.notices.errors import PublicationRefusedError
from rejent.notices.plates.services import NewPlate, enter_plate, put_up
from rejent.notices.plates.views import Size
from rejent.notices.publication import services as publications
from rejent.notices.publication.bundle import editions
from rejent.notices.publication.lacking import require_finished
from rejent.notices.publication.views import PUBLISHED, Accessibility, Assessed, Conformance
from rejent.notices.queries import documents_of_today, plates_by_digest
from rejent.office import queries as office
from rejent.office import services as office_services
from rejent.office.people import statements
from rejent.office.regulation.vocabulary import NoticeChannel
from rejent.office.views import PersonView

NOT_LISTED = "sala posiedzeń nr 206"
"""A room that an old plate names and the regulation does not, as in the papers of one of the five offices (X15)."""
WITHOUT_STATEMENT = frozenset({"pracownik"})
"""Accounts that show what opens before the statement."""
_SITE = "https://bip.przykladowo.example/monitoring"
_BOARD = "Ratusz, parter, przy wejściu"


def enter_statements(people: dict[str, PersonView], clock: Clock) -> None:
    """Enter everybody's signed statement where the regulation admits nobody without one, but for one account."""
    today = civil_date(clock.now())
    if not statements.demanded(today):
        return
    for username, person in people.items():
        if username not in WITHOUT_STATEMENT:
            office_services.enter_statement(person.id, today, clock=clock, actor="cli")


def enter_notices(streams: Collection[str], begun: date, clock: Clock) -> None:
    """Enter the plates of the demo's buildings since a day, old ones that name a room too many, and what is published."""
    rules = office.verified_streams(civil_date(clock.now()))
    named = {channel for stream in streams for channel in rules[stream].notices.channels}
    _publish(named | {NoticeChannel.BULLETIN}, streams, begun, clock)
    for document in plates_by_digest(documents_of_today(clock)).values():
        if document.language == "pl" and not document.missing:
            _hang(_printed(document), begun, clock)
    for stream in streams:
        if rules[stream].places.areas:
            (place, *_) = office.places()
            old = NewPlate(
                place=place.id, streams=[stream], areas=[place.name, NOT_LISTED], size=Size.A3,
                spot="na drzwiach wewnętrznych",
            )  # fmt: skip
            _hang(old, begun - timedelta(days=1), clock)
    stated = Accessibility(
        site="Informacje o monitoringu", published_on=begun, changed_on=begun, conformance=Conformance.PARTIAL,
        lacking="Nie sprawdzono jeszcze, czy pliki PDF czyta każdy czytnik ekranu.", assessed=Assessed.OFFICE,
        made_on=begun, reviewed_on=begun, contact="Kancelaria Przykładowa", phone="600 000 000",
        mail="kancelaria@przykladowo.example", building="Wejście od ulicy bez progu; winda na wszystkie piętra.",
    )  # fmt: skip
    publications.state_accessibility(stated, clock=clock, ledger=settings.LEDGER, actor="cli")


def _printed(document: Document) -> NewPlate:
    """Return a plate of the program at the first place that it names."""
    return NewPlate(
        place=document.areas[0].places[0],
        streams=[document.stream],
        areas=[area.name for area in document.areas],
        covers=[place for area in document.areas for place in area.places],
        size=Size.A4,
        digest=document.digest,
    )


def _hang(plate: NewPlate, since: date, clock: Clock) -> None:
    made = enter_plate(plate, clock=clock, ledger=settings.LEDGER, actor="cli")
    put_up(made.number, since, None, clock=clock, ledger=settings.LEDGER, actor="cli")


def _publish(
    channels: Collection[NoticeChannel], streams: Collection[str], since: date, clock: Clock
) -> None:
    """Enter what is published where the regulation wants it; nothing of an office whose clauses still lack something."""
    found = editions(documents_of_today(clock))
    told = {stream: found[stream] for stream in streams if stream in found}
    try:
        require_finished(clock, told)
    except PublicationRefusedError:
        return
    for channel in sorted(channels):
        if channel in PUBLISHED:
            address = _BOARD if channel is NoticeChannel.NOTICE_BOARD else _SITE
            new = publications.NewPublication(
                channel=channel, address=address, editions=told, published_on=since
            )
            publications.enter_publication(new, clock=clock, ledger=settings.LEDGER, actor="cli")
