"""What is published of the documents of a day, and the static bundle of it for the website and the BIP.

The same facts give the same bytes.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256

from django.utils import translation
from django.utils.translation import gettext

from rejent.documents.rendering import render_pdf, render_pdfs
from rejent.kernel.clock import civil_date
from rejent.notices.documents.paper import article, paper_of
from rejent.notices.documents.views import LANGUAGES, Area, Document, DocumentKind, Language
from rejent.notices.publication import html
from rejent.notices.publication.views import Accessibility, Assessed, Conformance, PublicationView
from rejent.notices.regulation_text import OwnText
from rejent.office.views import RegulationView

PUBLIC = (DocumentKind.CLAUSE, DocumentKind.ANNOUNCEMENT, DocumentKind.OUTGOING, DocumentKind.REGULATION)
"""Documents that everybody may read; the others are for staff and for the office itself."""


def public(documents: Iterable[Document]) -> list[Document]:
    """Return the documents that are published, in the order of their kinds."""
    return sorted(
        (each for each in documents if each.kind in PUBLIC), key=lambda each: PUBLIC.index(each.kind)
    )


def edition_of(documents: Iterable[Document]) -> str:
    """Return the digest of what is published of documents; empty where there is nothing."""
    lines = sorted(f"{each.name} {each.language} {each.digest}" for each in public(documents))
    return sha256("\n".join(lines).encode()).hexdigest() if lines else ""


def editions(documents: Sequence[Document]) -> Mapping[str, str]:
    """Return the digest of what is published about each stream."""
    streams = sorted({each.stream for each in public(documents) if each.stream})
    return {stream: edition_of(each for each in documents if each.stream == stream) for stream in streams}


def plate_digests(documents: Iterable[Document]) -> Mapping[str, frozenset[str]]:
    """Return the digests of the plates that should hang, by their buildings."""
    found: dict[str, set[str]] = {}
    for each in documents:
        if each.kind is DocumentKind.PLATE:
            found.setdefault(each.building, set()).add(each.digest)
    return {building: frozenset(digests) for building, digests in found.items()}


def area_names(documents: Iterable[Document]) -> frozenset[str]:
    """Return the names under which documents name areas, alone and after their buildings."""
    areas = [area for each in documents for area in each.areas]
    return frozenset(name for area in areas for name in (area.name, f"{area.building} {area.name}"))


INDEX, REGULATION, AREAS, ACCESSIBILITY, HISTORY = (
    "index.html",
    "regulation.html",
    "areas.html",
    "accessibility.html",
    "history.html",
)
_FOLDERS: Mapping[Language, str] = {"pl": "", "en": "en/"}
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The date of every file in an archive: a bundle made twice is the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Everything that the bundle holds.

    ``own_text`` is the office's own of the version in force, with its file; ``contacts`` are who answers, with how they are reached as far as the office stated it; ``versions`` and ``publications`` stand the newest first, these with the name of who entered each; ``documents`` are in every language.
    """

    office: str
    controller: str
    contacts: Sequence[str]
    regulation: RegulationView
    versions: Sequence[RegulationView]
    documents: Sequence[Document]
    own_text: OwnText | None
    own_content: bytes = field(repr=False)
    publications: Sequence[tuple[PublicationView, str]]
    accessibility: Accessibility
    test: bool


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of a bundle by their paths: pages as they are, papers made when they are asked for.

    Those of a ``test`` installation are not for use.
    """

    pages: Mapping[str, bytes]
    papers: Mapping[str, Document]
    test: bool

    @property
    def paths(self) -> list[str]:
        """Return the path of each file, in order."""
        return sorted([*self.pages, *self.papers])

    def read(self, path: str) -> bytes | None:
        """Return a file; None if there is none of that path. Raises `DocumentError` where a paper cannot be made now."""
        if path in self.pages:
            return self.pages[path]
        return _printed(self.papers[path], test=self.test) if path in self.papers else None

    def files(self) -> list[tuple[str, bytes]]:
        """Return every file, in order. Raises `DocumentError` where a paper cannot be made now."""
        printed = render_pdfs([paper_of(each, test=self.test) for each in self.papers.values()])
        return sorted([*self.pages.items(), *zip(self.papers, printed, strict=True)])


@lru_cache(maxsize=32)
def _printed(document: Document, *, test: bool) -> bytes:
    return render_pdf(paper_of(document, test=test))


def archive_of(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return files in one ZIP archive, the same ones in the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files:
            archive.writestr(zipfile.ZipInfo(path, _EARLIEST), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def digest_of(files: Iterable[tuple[str, bytes]]) -> str:
    """Return one digest over every file and its path."""
    lines = [f"{sha256(content).hexdigest()}  {path}\n" for path, content in files]
    return sha256("".join(lines).encode()).hexdigest()


def bundle(published: Published) -> Bundle:
    """Return the bundle of what is published."""
    pages: dict[str, bytes] = {"style.css": html.STYLE.encode()}
    if published.own_text and _are_compared(published):
        pages[published.own_text.file] = published.own_content
    papers: dict[str, Document] = {}
    for language in LANGUAGES:
        with translation.override(language):
            own = public(each for each in published.documents if each.language == language)
            pages |= dict(_pages(published, own, language))
        for each in own:
            if not each.missing:
                papers[f"{_FOLDERS[language]}{file_of(each)}.pdf"] = each
    return Bundle(pages, papers, published.test)


def _are_compared(published: Published) -> bool:
    """Return whether nothing is missing in what the regulation provides, so that its text is published."""
    return not any(
        each.missing
        for each in published.documents
        if each.kind is DocumentKind.REGULATION and each.language == "pl"
    )


def file_of(document: Document) -> str:
    """Return the name of a document's files, without their endings."""
    return "-".join(part for part in (document.kind.value, document.stream) if part)


def clause_file(stream: str) -> str:
    """Return the name of the page with the full clause of a stream."""
    return f"{DocumentKind.CLAUSE.value}-{stream}.html"


def _pages(
    published: Published, documents: Sequence[Document], language: Language
) -> Iterator[tuple[str, bytes]]:
    frame = _frame(published, documents, language)
    rules = [each for each in documents if each.kind is DocumentKind.REGULATION]
    documents = [each for each in documents if each.kind is not DocumentKind.REGULATION]
    bodies: list[tuple[str, str, list[str]]] = [
        (INDEX, gettext("Monitoring: information for everybody"), list(_index(published, documents, frame))),
        *((f"{file_of(each)}.html", each.title, list(_document(each, published))) for each in documents),
        (AREAS, gettext("Monitored areas"), list(_areas(documents))),
        (REGULATION, gettext("Regulation"), list(_regulation(published, rules, frame))),
        (
            ACCESSIBILITY,
            gettext("Statement of accessibility"),
            list(statement(published.accessibility, published.controller)),
        ),
        (HISTORY, gettext("Versions and changes"), list(_history(published))),
    ]
    articles = {f"{file_of(each)}.html" for each in documents}
    for file, title, body in bodies:
        yield f"{_FOLDERS[language]}{file}", html.page(frame, file, title, body, headed=file not in articles)


def _frame(published: Published, documents: Sequence[Document], language: Language) -> html.Frame:
    links = [
        (INDEX, gettext("Start of these pages")),
        *((f"{file_of(each)}.html", each.title) for each in documents if each.kind is DocumentKind.CLAUSE),
        (AREAS, gettext("Monitored areas")),
        (REGULATION, gettext("Regulation")),
        (ACCESSIBILITY, gettext("Statement of accessibility")),
        (HISTORY, gettext("Versions and changes")),
    ]
    foot = gettext("{controller}. Version {version} of the regulation, in force from {day}.")
    facts = {
        "controller": published.controller,
        "version": published.regulation.version,
        "day": digits(published.regulation.in_force_from),
    }
    return html.Frame(
        office=published.office,
        links=links,
        other=("en/", "English", "en") if language == "pl" else ("../", "Polski", "pl"),
        root="" if language == "pl" else "../",
        warning=gettext("Test installation. Not for use.") if published.test else "",
        foot=foot.format(**facts),
    )


def _index(published: Published, documents: Sequence[Document], frame: html.Frame) -> Iterator[str]:
    text = gettext(
        "Here {office} says what it monitors and records, why, for how long, and what rights you have."
    )
    yield html.paragraph(text.format(office=published.office))
    for each in documents:
        yield html.link(f"{file_of(each)}.html", each.title)
    for file, words in frame.links:
        if file not in {INDEX, *(f"{file_of(each)}.html" for each in documents)}:
            yield html.link(file, words)


def _document(document: Document, published: Published) -> Iterator[str]:
    """Yield a document that lacks nothing; of any other that it is being prepared, and who tells meanwhile."""
    if document.missing:
        yield html.heading(document.title, level=1)
        yield from _in_preparation(published)
        return
    yield article(document)
    yield html.link(f"{file_of(document)}.pdf", gettext("The same as a document to print (PDF)"))


def _areas(documents: Sequence[Document]) -> Iterator[str]:
    found: dict[str, dict[str, Area]] = {}
    for each in documents:
        for area in each.areas:
            found.setdefault(area.building, {})[area.name] = area
    if not found:
        yield html.paragraph(gettext("No area is monitored by cameras."))
    for building, areas in sorted(found.items()):
        yield html.heading(building)
        yield html.bullets(sorted(areas))


def _regulation(published: Published, rules: Sequence[Document], frame: html.Frame) -> Iterator[str]:
    """Yield the office's own text, and what the regulation provides for each stream; nothing of what is not finished."""
    if any(each.missing for each in rules):
        yield from _in_preparation(published)
        return
    text = gettext(
        "Version {version} of the rules by which the program records, keeps, shows and destroys, in force from {day}."
    )
    day = digits(published.regulation.in_force_from)
    yield html.paragraph(text.format(version=published.regulation.version, day=day))
    own = published.own_text
    if own is not None:
        yield html.heading(gettext("The text of the regulation"))
        adopted = gettext("{decree}, {day}").format(decree=own.decree, day=digits(own.adopted_on))
        yield html.paragraph(adopted)
        words = (
            gettext("The text as it was adopted (PDF)")
            if own.is_pdf
            else gettext("The text as it was adopted (plain text)")
        )
        yield html.link(f"{frame.root}{own.file}", words)
        if not own.is_pdf:
            yield html.verbatim(published.own_content.decode("utf-8-sig"))
    for each in rules:
        yield article(each, level=2)
        yield html.link(f"{file_of(each)}.pdf", gettext("The same as a document to print (PDF)"))


def _in_preparation(published: Published) -> Iterator[str]:
    yield html.paragraph(
        gettext(
            "This document is being prepared. Until it is published, these tell you what you want to know:"
        )
    )
    yield html.bullets(published.contacts)


def _history(published: Published) -> Iterator[str]:
    yield html.facts([(gettext("Who answers for the information"), published.controller)])
    titles = [gettext("Version"), gettext("In force from"), gettext("Loaded"), gettext("Digest (SHA-256)")]
    rows = [
        [str(each.version), digits(each.in_force_from), digits(civil_date(each.loaded_at)), each.sha256]
        for each in published.versions
    ]
    yield html.table(gettext("Versions of the regulation"), titles, rows)
    if published.publications:
        titles = [
            gettext("Number"), gettext("Where it is published"), gettext("Published on"), gettext("Entered by"), gettext("Ended on"),
        ]  # fmt: skip
        rows = [
            [
                each.number,
                each.address,
                digits(each.published_on),
                by,
                digits(each.ended_on) if each.ended_on else "–",
            ]
            for each, by in published.publications
        ]
        yield html.table(gettext("Publications"), titles, rows)


def digits(day: date) -> str:
    """Return a civil date as it is written in both languages."""
    return f"{day:%d.%m.%Y}"


def statement(stated: Accessibility, controller: str) -> Iterator[str]:
    """Yield the statement as parts of a page; nothing that the office did not state, and no part of one that lacks something."""
    if stated.conformance is None or stated.lacks:
        yield html.paragraph(
            gettext(
                "The statement is being prepared; it is published once the office has stated all that it must say."
            )
        )
        return
    text = gettext(
        "{controller} undertakes to keep {site} accessible under the Act of 4 April 2019 on the digital accessibility of websites and mobile applications of public bodies."
    )
    yield html.paragraph(text.format(controller=controller, site=stated.site))
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
    if stated.assessed is Assessed.OTHERS:
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
