"""The documents that tell people: what there is, what each still lacks, how it reads, its file."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from rejent.documents.rendering import render_pdf
from rejent.kernel.errors import NotFoundError
from rejent.notices.documents.paper import SIZES, article, paper_of
from rejent.notices.documents.views import LANGUAGES, Document, DocumentKind, Item, Language
from rejent.notices.documents.words import KINDS
from rejent.notices.queries import document, documents_in_force
from rejent.office.errors import NoRegulationError
from rejent.web.registers.exports import pdf_response
from rejent.web.requests.visitor import PersonRequest, may
from rejent.web.words.identifiers import in_words


def notice_documents(request: PersonRequest) -> HttpResponse:
    """List the documents of the office in one language, with what each lacks."""
    language = language_of(request.GET.get("language") or get_language() or "")
    try:
        found: Sequence[Document] = documents_in_force(language, clock=settings.CLOCK)
    except NoRegulationError:
        found = ()
    context = {
        "language": language,
        "languages": LANGUAGES,
        "streams": list(_by_stream(found)),
        "missing": sum(len(each.missing) for each in found),
        "may_word": may(request, "word-notices"),
        "version": found[0] if found else None,
    }
    return render(request, "notices/documents.html", context)


def notice_document(request: PersonRequest, language: str, name: str) -> HttpResponse:
    """Show a document as it reads, and, in the reader's own language, what the law demands of it beside it."""
    each = document(name, language_of(language, strict=True), clock=settings.CLOCK)
    reader = language_of(get_language() or "")
    told = each if each.language == reader else document(name, reader, clock=settings.CLOCK)
    context = {
        "document": each,
        "kind": KINDS[each.kind],
        "article": article(each, level=2),
        "sizes": _sizes(each),
        "items": [(item, provision_words(item.provision, reader)) for item in _worded(each, told)],
        "remarks": told.remarks,
        "languages": LANGUAGES,
        "may_word": may(request, "word-notices") and each.stream,
    }
    return render(request, "notices/document.html", context)


def notice_document_file(request: PersonRequest, language: str, size: str, name: str) -> HttpResponse:  # noqa: ARG001 - the request is asked for by the route
    """Return a document as PDF, a plate in one of its sizes."""
    each = document(name, language_of(language, strict=True), clock=settings.CLOCK)
    found = next((one for one in SIZES if one == size and one in _sizes(each)), None)
    if found is None:
        raise NotFoundError("There is nothing at this address.")
    content = render_pdf(paper_of(each, size=found, test=settings.INSTALLATION.test))
    paper = f" {size}" if each.kind is DocumentKind.PLATE else ""
    where = f" {each.building}" if each.building else ""
    return pdf_response(content, f"{each.title}{where}{paper}")


def language_of(text: str, *, strict: bool = False) -> Language:
    """Return a language of documents by its name; Polish for another, which is refused where ``strict``."""
    found = next((each for each in LANGUAGES if text[:2] == each), None)
    if found is None and strict:
        raise NotFoundError("There is nothing at this address.")
    return found or "pl"


def provision_words(provision: str, language: Language) -> str:
    """Return a provision as lawyers of the language cite it; empty for what no article names."""
    head, _, rest = provision.partition("(")
    if not head[:1].isdigit():
        return ""
    parts = [part.rstrip(")") for part in rest.split(":")[0].split("(")] if rest else []
    if head.startswith("22"):
        return f"art. {head} § {parts[0]} KP" if language == "pl" else f"Labour Code art. {head} § {parts[0]}"
    if language == "en":
        return "GDPR art. " + provision.split(":", maxsplit=1)[0]
    cited = "".join(f" {'lit.' if part.isalpha() else 'ust.'} {part}" for part in parts)
    return f"art. {head.split(':')[0]}{cited} RODO"


def _worded(each: Document, told: Document) -> Iterator[Item]:
    """Yield what is demanded of a document, with its own states, in the language of the other; why, where that holds for both."""
    words = {item.provision: item for item in told.items}
    for item in each.items:
        other = words.get(item.provision, item)
        yield replace(item, demand=other.demand, why=other.why if other.state is item.state else item.why)


def _sizes(each: Document) -> tuple[str, ...]:
    return SIZES if each.kind is DocumentKind.PLATE else ("A4",)


def _by_stream(
    found: Iterable[Document],
) -> Iterable[tuple[str, str, list[tuple[Document, object, tuple[str, ...]]]]]:
    """Yield each stream with its words and its documents, those of the whole office last."""
    streams: dict[str, list[tuple[Document, object, tuple[str, ...]]]] = {}
    for each in found:
        streams.setdefault(each.stream, []).append((each, KINDS[each.kind], _sizes(each)))
    for stream, rows in streams.items():
        words = (in_words("stream", stream) or stream) if stream else ""
        yield stream, words[:1].upper() + words[1:], rows
