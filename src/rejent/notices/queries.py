"""The documents in force: made from the regulation of the day, the inventory, and the office's own wordings.

Plates and publication compare by these: `documents_in_force` gives each document with its `digest`, which stays the same as long as a
reader would find no difference, and the `areas` that it names; an `Area` names the places of the inventory that it stands for.
"""

from collections.abc import Hashable, Mapping, Sequence
from datetime import date

from django.conf import settings

from rejent.catalog import queries as catalog
from rejent.kernel.clock import Clock, civil_date
from rejent.notices.documents.truth import Adopted, Office, Place, Truth
from rejent.notices.documents.views import LANGUAGES, Document, DocumentKind, Language
from rejent.notices.errors import NoSuchDocumentError
from rejent.notices.models import Publication, RegulationText, Wording
from rejent.notices.regulation_text import own_texts
from rejent.notices.stream_parts import SAYINGS
from rejent.notices.wording import documents_of, wordings_on
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.office.regulation.gates import FactKind
from rejent.office.regulation.provisions import Regulation
from rejent.office.regulation.vocabulary import NoticeChannel
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.model import GuardedModel
from rejent.registers.guard.rows import matching

CLAUSE_PATHS: dict[Language, str] = {
    "pl": "/public/clause-{stream}.html",
    "en": "/public/en/clause-{stream}.html",
}
"""Where the program itself shows the full clause of a stream to everybody."""


def clause_addresses(regulation: Regulation, language: Language) -> Mapping[str, str]:
    """Return the public address of each recorded stream's clause: on the program's own pages, or else where the office published it."""
    hosts = settings.INSTALLATION.hosts
    own = f"https://{hosts[0]}{CLAUSE_PATHS[language]}" if hosts else ""
    found = {
        stream: own.format(stream=stream) or _find_published_address(stream) for stream in regulation.streams
    }
    return {stream: address for stream, address in found.items() if address and stream in SAYINGS}


def _find_published_address(stream: str) -> str:
    """Return the page on which the clause of a stream was published last and still stands; empty where there is none."""
    online = (NoticeChannel.WEBSITE.value, NoticeChannel.BULLETIN.value)
    rows = Publication.objects.filter(channel__in=online, ended_on__isnull=True).order_by("-pk")
    pages = (row.address for row in matching(rows) if stream in row.editions)
    return next((each for each in pages if each.startswith("https://")), "")


def truths(language: Language, *, clock: Clock) -> tuple[Truth, ...]:
    """Return what is true today of each stream that the regulation names and a kind records; raise `NoRegulationError`."""
    today = civil_date(clock.now())
    in_force = office.verified_regulation(today)
    view = office.version_in_force(today)
    whole = Office(
        in_force,
        view.version,
        view.in_force_from,
        clause_addresses(in_force, language),
        _find_adopted(view.version),
    )
    return tuple(
        _truth(whole, stream, language, wordings_on(today, stream, language))
        for stream in in_force.streams
        if stream in SAYINGS
    )


def _find_adopted(version: int) -> Adopted | None:
    """Return the office's own text: that of a version, or else the one of the newest version before that has one."""
    found = max(
        (each for each in own_texts() if each.version <= version),
        key=lambda each: (each.version, each.number),
        default=None,
    )
    return Adopted(found.decree, found.adopted_on, found.sha256, found.version) if found else None


def truth_of(stream: str, language: Language, *, clock: Clock) -> Truth:
    """Return what is true today of one stream; raise `NoSuchDocumentError` for one that nothing records by the regulation."""
    found = next((each for each in truths(language, clock=clock) if each.stream == stream), None)
    if found is None:
        raise NoSuchDocumentError(
            "The regulation in force names no {stream} that is recorded.", stream=stream
        )
    return found


def truths_on(version: int, language: Language, day: date) -> tuple[Truth, ...]:
    """Return what staff were told on a day of each recorded stream by a version of the regulation, without the places, which change.

    Raises `NoRegulationError`, or `LedgerMismatchError` if versions or wordings are not those entered.
    """
    regulation = office.verified_version(version)
    begun = next(one.in_force_from for one in office.every_version() if one.version == version)
    return tuple(
        Truth(
            Office(regulation, version, begun), stream, language, wordings=wordings_on(day, stream, language)
        )
        for stream in regulation.streams
        if stream in SAYINGS
    )


def _truth(whole: Office, stream: str, language: Language, wordings: Mapping[str, str]) -> Truth:
    sources = catalog.sources(stream, with_secret_places=True)
    known = {(place.building, place.name): place.id for place in office.places()}
    covered = {
        (each.building, each.place): Place(
            known[each.building, each.place], each.building, each.place, each.kind
        )
        for each in sources
        if (each.building, each.place) in known
    }
    entered = {fact.kind for fact in office.gate_facts(stream)}
    return Truth(
        office=whole,
        stream=stream,
        language=language,
        places=tuple(covered[each] for each in sorted(covered)),
        sources=len(sources),
        wordings=wordings,
        unrecorded_route=FactKind.UNRECORDED_ROUTE in entered or settings.INSTALLATION.test,
    )


def documents_in_force(language: Language = "pl", *, clock: Clock) -> tuple[Document, ...]:
    """Return every document of the office as it is today, in one language; raise `NoRegulationError`."""
    return documents_of(truths(language, clock=clock))


def document(name: str, language: Language, *, clock: Clock) -> Document:
    """Return a document of the office as it is today, by its name; raise `NoSuchDocumentError`."""
    found = next((each for each in documents_in_force(language, clock=clock) if each.name == name), None)
    if found is None:
        raise NoSuchDocumentError("There is no document {name}.", name=name)
    return found


MADE_OF: tuple[type[GuardedModel], ...] = (
    *office.OF_STREAMS,
    *catalog.OF_SOURCES,
    Wording,
    Publication,
    RegulationText,
)
"""Models of the rows that documents are made of."""
DAYS = 4
"""Days whose documents are remembered: midnight passes, clocks are set."""


def documents_of_today(clock: Clock) -> Sequence[Document]:
    """Return the documents of every stream in force today, in every language; nothing while no regulation is in force."""
    return _documents.get(day_and_installation(clock), lambda: _made(clock))


def day_and_installation(clock: Clock) -> Hashable:
    """Return what documents depend on beside rows: the civil date, the names of the pages, and whether the installation is a test one."""
    return (civil_date(clock.now()), settings.INSTALLATION.hosts, settings.INSTALLATION.test)


def plates_by_digest(documents: Sequence[Document]) -> dict[str, Document]:
    """Return the plates that should hang, by their digests."""
    return {each.digest: each for each in documents if each.kind is DocumentKind.PLATE}


def _made(clock: Clock) -> Sequence[Document]:
    try:
        return tuple(each for language in LANGUAGES for each in documents_in_force(language, clock=clock))
    except NoRegulationError:
        return ()


_documents = VerifiedOnce[Sequence[Document]](*MADE_OF, most=DAYS)
