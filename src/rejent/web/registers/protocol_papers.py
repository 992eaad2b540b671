"""Protocols on paper: one as a document, and the register of them as a book."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext

from rejent.access import queries as access
from rejent.access.presence import queries as presence_queries
from rejent.access.viewings import protocols
from rejent.access.views import ProtocolView, ViewingView
from rejent.catalog import queries as catalog
from rejent.documents.papers import FilledForm, Part, Protocol
from rejent.kernel.clock import civil_date
from rejent.kernel.intervals import Interval
from rejent.office import queries as office
from rejent.office.regulation.forms import Form, FormPaper
from rejent.office.regulation.provisions import Access
from rejent.office.regulation.vocabulary import ProtocolField
from rejent.registers.signing import checkpoints
from rejent.web.cases.copies.words import person_lines
from rejent.web.registers.books.register import Cell
from rejent.web.registers.filled_forms import Filling, fill, form_of, in_its_language, says
from rejent.web.registers.letterheads import letterhead
from rejent.web.registers.protocol_forms import field_title, protocol_title, state_words
from rejent.web.stream_parts import PAGES, ViewingWords
from rejent.web.words.acts import Names
from rejent.web.words.recordings import item_of, pages_of, recording_words, source_names
from rejent.web.words.stream_parts import Fact
from rejent.web.words.wording import (
    clock_span,
    day_digits,
    day_short,
    duration_words,
    lasting,
    moment_digits,
    number,
    span_digits,
)


def protocol_paper(view: ProtocolView) -> Protocol | FilledForm:
    """Return a finished protocol as the paper for the case file, by the regulation that was in force at its opening.

    Where that has a form for it, the paper is the form, in the form's own language.
    """
    form = form_of(view.version, catalog.stream_of(view.source_id), FormPaper.PLAYBACK)
    if form is None:
        return _write_own_paper(view)
    with in_its_language():
        return _on_form(view, form)


def _on_form(view: ProtocolView, form: Form) -> FilledForm:
    """Return a protocol on the annex's form; what the program knows of the viewing besides stands apart from it."""
    names, own = Names(), _write_own_paper(view)
    item = item_of(view.source_id, view.item)
    start, end = (item.start, item.end or item.start) if item else (view.start, view.end)
    second = access.viewing(view.viewing_id).second_id
    viewers = [str(view.person_id), *([str(second)] if second else [])]
    position, stated = _position(view, names) if view.position_at else ((), "")
    values = {
        "viewing-day": (day_digits(civil_date(view.opened_at)),),
        "viewers": tuple(", ".join(person_lines(each)) for each in viewers),
        "recording-day": (day_digits(civil_date(start)),),
        "recording-time": (clock_span(start, end),),
        "source": tuple(source_names(view)),
        "position": position,
        **{field: _paragraphs(view.texts.get(field, "")) for field in view.fields},
    }
    beyond = (
        (field_title(field), _paragraphs(view.texts.get(field, "")))
        for field in view.fields
        if not says(form, field)
    )
    confirmed = tuple(filter(None, (confirmed_words(view, names), stated)))
    facts = (
        *((label, lines) for label, lines in own.facts),
        *beyond,
        (gettext("Confirmed"), confirmed),
        *((note.title, (*note.text, note.confirmed)) for note in _notes(view, names)),
    )
    long = frozenset({*ProtocolField, "position"})
    head = replace(own.letterhead, title=form.title)
    return fill(form, head, Filling(values, facts=facts, long=long))


def _write_own_paper(view: ProtocolView) -> Protocol:
    regulation = office.verified_version(view.version)
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
        letterhead=replace(head, marks=(*head.marks, *_state_fingerprint(entry))),
        opening=str(words.opening),
        facts=(*_viewer(view, words), *_beside(view), *_recording(view, words, names), *_basis(view)),
        parts=tuple(_parts(view, regulation.head, names)),
        signatures=tuple(signatures),
    )


def _viewer(view: ProtocolView, words: ViewingWords) -> Iterator[Fact]:
    yield str(words.heading), (view.number,)
    yield str(words.by), person_lines(str(view.person_id))
    yield str(words.at), (span_digits(view.opened_at, view.closed_at or view.opened_at),)


def _beside(view: ProtocolView) -> Iterator[Fact]:
    second = access.viewing(view.viewing_id).second_id
    if second is not None:
        yield gettext("Second person"), person_lines(str(second))
    guests = presence_queries.guests(view.viewing_id)
    if guests:
        yield gettext("Guests"), tuple(f"{one.name}, {one.function} ({one.reason})" for one in guests)


def _recording(view: ProtocolView, words: ViewingWords, names: Names) -> Iterator[Fact]:
    yield str(words.source_on_paper), tuple(source_names(view))
    if item := item_of(view.source_id, view.item):
        yield str(words.item_time), (item.when,)
        yield from item.facts
    else:
        yield str(words.item_time) or gettext("Date of the recording"), (day_short(civil_date(view.start)),)
    yield from presented_facts(access.viewing(view.viewing_id))
    if view.station:
        yield gettext("Station"), (names.station(view.station),)


def _basis(view: ProtocolView) -> Iterator[Fact]:
    yield gettext("Purpose"), (Names().purpose(view.purpose),)
    yield gettext("Case sign"), (view.case,)
    rules = office.verified_version(view.version).stream(catalog.stream_of(view.source_id))
    provisions = rules.access if rules else Access()
    title = office.verified_version(view.version).title
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
    yield from _notes(view, names)


def _notes(view: ProtocolView, names: Names) -> Iterator[Part]:
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


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def _state_fingerprint(entry: int | None) -> Iterator[str]:
    """Yield the fingerprint of the register of actions at its first signed state over the entry, for comparing the paper later."""
    covering = checkpoints.first_checkpoint_over(entry) if entry is not None else None
    if covering is not None:
        text = gettext("Fingerprint of the register of actions at %(size)s entries: %(root)s")
        yield text % {"size": covering.size, "root": covering.root.hex()}


def protocols_book(found: Sequence[ProtocolView]) -> list[Cell[ProtocolView]]:
    """Return the register of protocols: the columns proposed for the register of actions (S2 § 8.3), for viewings."""
    names, entries = Names(), protocols.entries_of_protocols() if found else {}
    named, streams = recording_words(found), catalog.streams(removed=True)
    return [
        Cell(gettext("Number of the protocol"), 11, lambda one: one.number),
        Cell(gettext("Date and time"), 15, lambda one: one.opened_at),
        Cell(
            gettext("Kind of act"),
            10,
            lambda one: str(PAGES.of(streams[one.source_id]).words.act),
            printed=False,
        ),
        Cell(gettext("What was opened"), 20, lambda one: named(names.sources(one.source_ids), one)),
        Cell(gettext("Purpose and case"), 20, lambda one: f"{names.purpose(one.purpose)}; {one.case}"),
        Cell(gettext("Opened by"), 15, lambda one: names.person(str(one.person_id))),
        Cell(
            gettext("Position by"), 14, lambda one: names.person(one.position_by) if one.position_by else ""
        ),
        Cell(gettext("Outcome"), 14, lambda one: state_words(one.state)),
        Cell(gettext("What was written"), 40, _written, printed=False),
        Cell(
            gettext("Commitment (SHA-256)"),
            20,
            lambda one: entries[one.number].leaf.hex() if one.number in entries else "",
            printed=False,
        ),
        Cell(
            gettext("Entry in the ledger"),
            11,
            lambda one: entries[one.number].index if one.number in entries else None,
        ),
    ]


def _written(view: ProtocolView) -> str:
    """Return what is finished, in one cell; a draft is nobody's but its writer's."""
    if view.finished_at is None:
        return ""
    parts = [f"{field_title(field)}: {view.texts.get(field, '')}" for field in view.fields]
    if view.position_at is not None:
        parts.append(f"{gettext('Position on further steps')}: {view.position}")
    parts.extend(f"{gettext('Note %(place)s') % {'place': note.place}}: {note.text}" for note in view.notes)
    return " | ".join(" ".join(part.split()) for part in parts)


def presented_facts(viewing: ViewingView, most: int | None = None) -> Iterator[Fact]:
    """Yield what was presented as the browser says, then what the program handed to it: ``most`` parts of each one by one.

    Of a kind whose recordings last no time: those that were opened, then how many were only listed, by source where there are several.
    """
    pages = pages_of(viewing.source_id)
    if not pages.sources.lasting:
        yield from _opened_facts(viewing, pages.words, most)
        return
    presented = access.presented_stretches(viewing.id)
    lines = (gettext("not reported"),) if presented is None else _part_lines(presented, most)
    yield str(pages.words.presented), lines
    remarks = [
        gettext(
            "The program enters what it hands over, and that is what counts; what of it was presented the browser alone reports."
        ),
        *_alterations(viewing),
    ]
    yield gettext("Handed to the browser"), (*_part_lines(access.seen_stretches(viewing.id), most), *remarks)


def _opened_facts(viewing: ViewingView, words: ViewingWords, most: int | None) -> Iterator[Fact]:
    found = access.find_opened_and_listed(viewing.id)
    several = len(viewing.source_ids) > 1
    named = dict(zip(viewing.source_ids, source_names(viewing), strict=True)) if several else {}
    opened, listed = list[str](), list[str]()
    for source in viewing.source_ids:
        of_source, only = found.get(source, ([], []))
        opened += [f"{named[source]}:"] if named else []
        opened += _moment_lines(of_source, most)
        if only:
            counted = {"n": number(len(only)), "span": span_digits(only[0], only[-1])}
            said = gettext("%(n)s, of the time %(span)s") % counted
            listed.append(f"{named[source]}: {said}" if named else said)
    yield str(words.presented), (*opened, *_alterations(viewing))
    if listed:
        yield str(words.listed), tuple(listed)


def _alterations(viewing: ViewingView) -> Iterator[str]:
    if viewing.altered:
        yield gettext("These parts were changed past the program while it was open.")


def _moment_lines(instants: Sequence[datetime], most: int | None) -> tuple[str, ...]:
    """Return instants by the second, how many fall in one, and how many there are altogether."""
    if not instants:
        return (gettext("none"),)
    seconds = Counter(map(moment_digits, instants))
    lines = [f"{each} ({number(count)})" if count > 1 else each for each, count in seconds.items()][:most]
    if len(instants) > 1:
        lines.append(gettext("%(n)s altogether") % {"n": number(len(instants))})
    return tuple(lines)


def _part_lines(parts: Sequence[Interval], most: int | None) -> tuple[str, ...]:
    if not parts:
        return (gettext("none"),)
    lines = [f"{clock_span(part.start, part.end)} ({lasting(part)})" for part in parts[:most]]
    if len(parts) > 1:
        whole = sum((part.length for part in parts), timedelta()).total_seconds()
        counted = {"n": len(parts), "length": duration_words(whole)}
        lines.append(gettext("%(n)s parts, %(length)s altogether") % counted)
    return tuple(lines)
