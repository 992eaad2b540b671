"""The one list of what is missing in what people are told, and what of it keeps a publication from being finished."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext

from rejent.kernel.clock import Clock
from rejent.notices.documents import asks
from rejent.notices.documents.views import Ask, Document, DocumentKind, Item, Language
from rejent.notices.errors import PublicationRefusedError
from rejent.notices.publication.bundle import public
from rejent.notices.publication.queries import accessibility
from rejent.notices.queries import documents_of_today

ACCESSIBILITY = "accessibility"
"""The key of what the statement of accessibility lacks; `Ask.of` names the facts, with blanks between them."""
DEMAND = "demand"
"""The key of what the law demands and no parameter is known for; `Ask.about` says it."""
_OF_THE_OFFICE = frozenset(
    {
        asks.CONTROLLER,
        asks.ADDRESS,
        asks.EMAIL,
        asks.TELEPHONE,
        asks.CONTACT,
        asks.CONTACT_TELEPHONE,
        asks.RIGHTS,
        asks.OWN_TEXT,
    }
)
"""Missing once, however many streams say it."""
_WORDED = frozenset({asks.TRANSFERS})
"""Said in the words of each language: missing in each until it is worded there."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """Something that is missing: of which stream, in which language, and in documents of which kinds."""

    ask: Ask
    stream: str
    language: Language
    kinds: tuple[DocumentKind, ...] = ()


def lacking(clock: Clock) -> list[Lacking]:
    """Return everything that is missing today, each thing once: of documents, then of the statement of accessibility."""
    found: dict[tuple[str, ...], tuple[Ask, Document, list[DocumentKind]]] = {}
    for each in documents_of_today(clock):
        if not each.stream:
            continue
        for ask in _asks(each.missing):
            stream = "" if ask.key in _OF_THE_OFFICE else each.stream
            language = each.language if ask.key in _WORDED else ""
            kinds = found.setdefault((ask.key, ask.of, stream, language), (ask, each, []))[2]
            if each.kind not in kinds:
                kinds.append(each.kind)
    return [
        *(Lacking(ask, each.stream, each.language, tuple(kinds)) for ask, each, kinds in found.values()),
        *(
            Lacking(Ask(ACCESSIBILITY, of=" ".join(facts)), "", "pl")
            for facts in [accessibility().lacks]
            if facts
        ),
    ]


def _asks(items: Collection[Item]) -> Iterator[Ask]:
    for item in items:
        yield from item.asks or (Ask(DEMAND, item.demand, item.provision),)


def require_finished(clock: Clock, streams: Collection[str] | None = None) -> None:
    """Raise `PublicationRefusedError` while what would be published of some streams lacks something.

    Without ``streams`` it is the whole bundle, with the statement of accessibility. What lacks English alone is published in Polish.
    """
    lacks = dict.fromkeys(
        ask.about if ask.key == DEMAND else asks.ask_words(ask)
        for each in public(documents_of_today(clock))
        if each.language == "pl" and (streams is None or each.stream in streams)
        for ask in _asks(each.missing)
    )
    if streams is None and accessibility().lacks:
        lacks[gettext("facts for the statement of accessibility")] = None
    if lacks:
        raise PublicationRefusedError(
            "Nothing unfinished is published. Missing: {lacks}.",
            lacks="; ".join(lacks),
            part="streams",
            advice="All of it stands on the page Telling people, each with who enters it.",
        )
