"""Protocols on paper: one as a document, and the register of them as a book."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils.translation import gettext

from rejent.access import queries as access
from rejent.access.presence import queries as presence_queries
from rejent.access.viewings import protocols
from rejent.access.views import ProtocolView
from rejent.catalog import queries as catalog
from rejent.documents.papers import Column, Part, Protocol
from rejent.kernel.clock import civil_date
from rejent.office import queries as office
from rejent.office.errors import NoSuchPersonError
from rejent.office.regulation.provisions import Access
from rejent.registers.signing import checkpoints
from rejent.web.registers.books.register import Row
from rejent.web.registers.letterheads import letterhead
from rejent.web.registers.protocol_forms import field_title, protocol_title, state_words
from rejent.web.registers.shown_parts import shown_facts
from rejent.web.stream_parts import PAGES, Fact, ViewingWords
from rejent.web.words.acts import Names
from rejent.web.words.recordings import item_of, pages_of, recording_words
from rejent.web.words.wording import day_short, moment_digits, span_digits


def protocol_paper(view: ProtocolView) -> Protocol:
    """Return a finished protocol as the paper for the case file, by the regulation that was in force at its opening."""
    regulation = office.regulation_of(view.version)
    last = protocols.entry_of_protocol(view.number)
    entry = last.index if last else None
    made = [view.finished_at, view.position_at, *(note.at for note in view.notes)]
    words = pages_of(view.source_id).words
    head = letterhead(
        protocol_title(view),
        made_at=max((at for at in made if at is not None), default=view.opened_at),
        entry=entry,
        office=regulation.name,
    )
    names = Names()
    signatures = [str(words.signature)]
    if view.position_demanded:
        text = gettext("date and signature: %(head)s")
        signatures.append(text % {"head": regulation.head})
    return Protocol(
        letterhead=replace(head, marks=(*head.marks, *_checkpoint(entry))),
        opening=str(words.opening),
        facts=(*_viewer(view, words), *_beside(view), *_recording(view, words, names), *_basis(view)),
        parts=tuple(_parts(view, regulation.head, names)),
        signatures=tuple(signatures),
    )


def _viewer(view: ProtocolView, words: ViewingWords) -> Iterator[Fact]:
    yield gettext("Viewing"), (view.number,)
    yield str(words.by), _person(str(view.person_id))
    yield str(words.at), (span_digits(view.opened_at, view.closed_at or view.opened_at),)


def _beside(view: ProtocolView) -> Iterator[Fact]:
    second = access.viewing(view.viewing_id).second_id
    if second is not None:
        yield gettext("Second person"), _person(str(second))
    guests = presence_queries.guests(view.viewing_id)
    if guests:
        yield gettext("Guests"), tuple(f"{one.name}, {one.function} ({one.reason})" for one in guests)


def _recording(view: ProtocolView, words: ViewingWords, names: Names) -> Iterator[Fact]:
    yield str(words.source_on_paper), (catalog.source(view.source_id).name,)
    if item := item_of(view.source_id, view.item):
        yield str(words.item_time), (item.when,)
        yield from item.facts
    else:
        yield gettext("Date of the recording"), (day_short(civil_date(view.start)),)
    yield from shown_facts(access.viewing(view.viewing_id))
    if view.station:
        yield gettext("Station"), (names.station(view.station),)


def _basis(view: ProtocolView) -> Iterator[Fact]:
    yield gettext("Purpose"), (Names().purpose(view.purpose),)
    yield gettext("Case sign"), (view.case,)
    rules = office.regulation_of(view.version).stream(catalog.stream_of(view.source_id))
    provisions = rules.access if rules else Access()
    title = office.regulation_of(view.version).title
    yield gettext("Basis"), (f"{provisions.clause} – {title}" if provisions.clause else title,)


def _parts(view: ProtocolView, head: str, names: Names) -> Iterator[Part]:
    for place, field in enumerate(view.fields, 1):
        last = place == len(view.fields) and view.finished_at is not None
        yield Part(
            f"{place}. {field_title(field)}",
            _paragraphs(view.texts.get(field, "")),
            confirmed_words(view, names) if last else "",
        )
    if view.position_demanded:
        title = gettext("Position on further steps (%(head)s)") % {"head": head}
        yield Part(title, *_position(view, names))
    for note in view.notes:
        stated = gettext("Appended by: %(who)s, %(moment)s.")
        text = stated % {"who": names.person(note.by), "moment": moment_digits(note.at)}
        yield Part(gettext("Note %(place)s") % {"place": note.place}, _paragraphs(note.text), text)


def confirmed_words(view: ProtocolView, names: Names) -> str:
    """Return the sentence on who finished a protocol, when, and for whom."""
    if view.finished_at is None:
        return ""
    facts = {
        "who": names.person(view.finished_by),
        "moment": moment_digits(view.finished_at),
        "whom": names.person(str(view.person_id)),
    }
    if view.finished_by == str(view.person_id):
        return gettext("Confirmed in the program by: %(who)s, %(moment)s.") % facts
    text = gettext(
        "Confirmed in the program by: %(who)s, %(moment)s, in place of: %(whom)s, who has left the office."
    )
    return text % facts


def _position(view: ProtocolView, names: Names) -> tuple[tuple[str, ...], str]:
    if view.position_at is None:
        return (gettext("Not stated yet."),), ""
    text = gettext("Stated in the program by: %(who)s, %(moment)s.")
    facts = {"who": names.person(view.position_by), "moment": moment_digits(view.position_at)}
    return _paragraphs(view.position), text % facts


def _person(identifier: str) -> tuple[str, ...]:
    try:
        person = office.person(identifier)
    except NoSuchPersonError:
        return (identifier,)
    return tuple(part for part in (person.name, person.post) if part)


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def _checkpoint(entry: int | None) -> Iterator[str]:
    """Yield the first signed state of the ledger over the entry, for comparing the paper later."""
    covering = checkpoints.first_checkpoint_over(entry) if entry is not None else None
    if covering is None:
        yield gettext("No checkpoint of the ledger covers this yet.")
    else:
        text = gettext("Checkpoint over %(size)s entries, root %(root)s")
        yield text % {"size": covering.size, "root": covering.root.hex()}


def protocol_columns() -> list[Column]:
    """Return the columns of the register of protocols: those proposed for the register of actions (S2 § 8.3), for viewings."""
    return [
        Column(gettext("Number of the protocol"), 11),
        Column(gettext("Date and time"), 15),
        Column(gettext("Kind of act"), 10, printed=False),
        Column(gettext("Recording"), 20),
        Column(gettext("Purpose and case"), 20),
        Column(gettext("Opened by"), 15),
        Column(gettext("Position by"), 14),
        Column(gettext("Outcome"), 14),
        Column(gettext("What was written"), 40, printed=False),
        Column(gettext("Commitment (SHA-256)"), 20, printed=False),
        Column(gettext("Entry in the ledger"), 11),
    ]


def protocol_rows(found: Iterable[ProtocolView]) -> Iterator[Row]:
    """Protocols as rows of that book."""
    names, entries, views = Names(), protocols.entries_of_protocols(), list(found)
    named, streams = recording_words(views), catalog.streams(removed=True)
    for view in views:
        entry = entries.get(view.number)
        yield (
            view.number,
            moment_digits(view.opened_at),
            str(PAGES.of(streams[view.source_id]).words.act),
            named(names.source(view.source_id), view),
            f"{names.purpose(view.purpose)}; {view.case}",
            names.person(str(view.person_id)),
            names.person(view.position_by) if view.position_by else "",
            state_words(view.state),
            _written(view),
            entry.leaf.hex() if entry else "",
            str(entry.index) if entry else "",
        )


def _written(view: ProtocolView) -> str:
    """Return what is finished, in one cell; a draft is nobody's but its writer's."""
    if view.finished_at is None:
        return ""
    parts = [f"{field_title(field)}: {view.texts.get(field, '')}" for field in view.fields]
    if view.position_at is not None:
        parts.append(f"{gettext('Position on further steps')}: {view.position}")
    parts.extend(f"{gettext('Note %(place)s') % {'place': note.place}}: {note.text}" for note in view.notes)
    return " | ".join(" ".join(part.split()) for part in parts)
