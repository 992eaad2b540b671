"""Pages of notes: where they are found, how a viewing shows them, and how every other page speaks of them."""

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from rejent.access import queries as access
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.office.views import PersonView
from rejent.web.requests.visitor import PersonRequest
from rejent.web.route_permissions import SIGNED_IN, Page
from rejent.web.stream_parts import OwnData, Place, SourcePages, StreamPages, ViewingWords
from rejent.web.words.stream_parts import StreamWords
from tests.streams.notes import player


def find(request: PersonRequest) -> HttpResponse:
    """List the sources whose notes a person may be shown, with the hours of which there are any."""
    if access.barring_refusal(request.person, "recordings", "notes", clock=settings.CLOCK) is not None:
        return HttpResponse("", content_type="text/plain")
    lines = [
        f"{source.name} {segment.start.isoformat()} {segment.units}"
        for source in catalog.sources("notes")
        if source.started_at is not None
        for segment in catalog.segments(source.id, source.started_at, settings.CLOCK.now())
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def shown(_request: PersonRequest, viewing: ViewingView) -> HttpResponse:
    """Show the notes of an open viewing, a line a note."""
    lines = (
        f"{note.at.isoformat()} {note.content.decode()}" for note in player.notes(viewing, settings.CLOCK)
    )
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def own_data(_person: PersonView) -> OwnData:
    """Nobody is tied to a note."""
    return OwnData(kept=["Notatki z notatników urzędu."], unknown=["Program nie wie, o kim jest notatka."])


ROUTES = (Page("notes", find, SIGNED_IN, name="notes"),)
WORDS = StreamWords(name="notatki")
PAGES = StreamPages(
    show=shown,
    finder="notes",
    asked_again=lambda _: reverse("notes"),
    words=ViewingWords(
        source="Notatnik",
        source_on_paper="Notatnik",
        sought="W których notatnikach to stoi",
        find="Znajdź notatkę",
        open="Otwórz notatki",
        protocol="Protokół odczytu %(number)s",
        act="odczyt notatek",
        opening="Kto odczytał które notatki i dlaczego.",
        by="Odczytał",
        at="Data i godzina odczytu",
        presented="Wyświetlone, jak podała przeglądarka",
        signature="data i podpis czytającego",
        heading="Odczyt",
        still_open="Odczyt trwa.",
        go_on="Czytaj dalej",
        stop="Zakończ odczyt",
        guests="Kto nie ma upoważnienia, czyta tylko przy kimś, kto je ma.",
        to_recording="Do notatek",
        nobody_else="Nikt więcej nie czyta",
        ban="Ekranu się nie fotografuje.",
        copied="Notatki są kopiowane bez zmian i zapieczętowane osobnym kluczem.",
        counted=lambda count, length: f"{count} odczytów, odczytano: {length}.",
    ),
    group="Notatki",
    places=(Place(route="notes", title="Znajdź notatkę", icon="search", shown=lambda _: True),),
    by_interval=True,
    by_source=True,
    sources=SourcePages(
        table="notes/notes.html",
        facts="notes/note_facts.html",
        more="",
        facts_of=lambda _: {},
        address=lambda source: source.address_shown,
        finder=lambda _: reverse("notes"),
        empty=("Nie ma notatników", "Dodaj pierwszy.", "search"),
    ),
)
