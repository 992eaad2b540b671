"""What is said before a recording begins: the announcement, the clause that callers may hear, and what staff read to those they call."""

from collections.abc import Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.notices.documents import asks as lacking
from rejent.notices.documents.clause import sections_of
from rejent.notices.documents.completeness import held_against
from rejent.notices.documents.truth import Passage, Truth, passage
from rejent.notices.documents.views import Ask, Document, DocumentKind, Section
from rejent.office.regulation.vocabulary import CallDirection

HEARD = {
    "announced": _("the announcement of the regulation"),
    "clause-key": _("how the clause is heard"),
    "clause": _("the clause to be heard"),
    "unrecorded": _("a way without recording"),
}
READ = {"read": _("the text of the regulation that is read out"), "when": _("when it is read")}
KEY = passage("clause-key", _("How callers hear the clause"), _("Key {key} plays the clause."))
ROUTE = passage(
    "unrecorded-route",
    _("A way without recording"),
    _("Whoever does not want to be recorded can settle the matter in another way; the office tells how."),
)
READ_WHEN = passage(
    "outgoing-when",
    _("When staff read the text"),
    _(
        "Read this text at the beginning of every call that you make, before anything else is said. Then confirm that you have read it."
    ),
)
READ_THEN = passage(
    "outgoing-then",
    _("What staff do if somebody refuses"),
    _("If the person called does not want to be recorded, end the call and offer a way without recording."),
)


def announcement_passages(truth: Truth) -> Iterator[Passage]:
    """Yield the passages whose own wording is the regulation's text, as far as it has one."""
    spoken = truth.rules.announcements
    texts = {"announcement-incoming": spoken.incoming, "announcement-outgoing": spoken.outgoing}
    yield from (Passage(name, str(lacking.ANNOUNCED[name]), text) for name, text in texts.items() if text)


def spoken(truth: Truth) -> Iterator[Document]:
    """Yield what is spoken, where the kind's notices are heard and the regulation has a text."""
    if not truth.sayings.is_heard:
        return
    yield _announcement(truth)
    if truth.rules.announcements.outgoing or CallDirection.OUTGOING in truth.rules.directions:
        yield _outgoing(truth)


def heard_clause(truth: Truth) -> str:
    """Return the clause as callers hear it: its sections in one text, without headings."""
    parts = []
    for section in sections_of(truth):
        if section.fulfils and section.key != "recorded":
            parts += [*section.text, *((f"{'; '.join(section.points)}.",) if section.points else ())]
    return " ".join(parts)


def _announcement(truth: Truth) -> Document:
    key = truth.rules.announcements.clause_key
    sections = [
        _of_regulation(truth, "announcement-incoming", gettext("Announcement"), "announced"),
        Section(
            key="clause",
            title=gettext("Clause to be heard"),
            text=(heard_clause(truth),),
            fulfils=("clause",),
        ),
    ]
    if key:
        way = truth.say(KEY, key=key)
        sections.insert(
            1,
            Section(
                key="clause-key", title=gettext("Way to the clause"), text=(way,), fulfils=("clause-key",)
            ),
        )
    sections.append(
        Section(
            key="unrecorded",
            title=gettext("Without recording"),
            text=(truth.say(ROUTE),),
            asks=() if truth.unrecorded_route else (Ask(lacking.ROUTE),),
            fulfils=("unrecorded",),
        )
    )
    excused = {} if key else {"clause-key": gettext("The regulation names no key; the clause is published.")}
    title, remarks = gettext("Announcement: {monitoring}"), tuple(truth.remarks())
    document = truth.document(DocumentKind.ANNOUNCEMENT, title, sections, remarks=remarks)
    return held_against(document, HEARD, excused)


def _outgoing(truth: Truth) -> Document:
    sections = (
        Section(key="when", text=(truth.say(READ_WHEN),), fulfils=("when",)),
        _of_regulation(truth, "announcement-outgoing", gettext("Text to be read"), "read"),
        Section(key="then", title=gettext("Refusal"), text=(truth.say(READ_THEN),)),
    )
    title = gettext("Before an outgoing call: {monitoring}")
    document = truth.document(DocumentKind.OUTGOING, title, sections)
    return held_against(document, READ, {})


def _of_regulation(truth: Truth, name: str, title: str, demand: str) -> Section:
    """Return a text of the regulation, in its language or the office's own wording of another."""
    found = next((each for each in announcement_passages(truth) if each.name == name), None)
    asks = []
    if found is None:
        asks.append(Ask(lacking.ANNOUNCEMENT, title, name))
    elif truth.language != "pl" and name not in truth.wordings:
        asks.append(Ask(lacking.ANNOUNCEMENT_IN_ENGLISH, title, name))
    text = (truth.say(found),) if found else ()
    return Section(key=name, title=title, text=text, asks=tuple(asks), fulfils=(demand,))
