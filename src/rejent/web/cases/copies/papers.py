"""Papers of copies: what is signed at a hand-over, and the protocol of a destruction."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace

from django.utils.translation import gettext, ngettext, pgettext

from rejent.cases import queries as cases
from rejent.cases.attachments.permission import COMMISSION
from rejent.cases.attachments.queries import attached, open_file
from rejent.cases.attachments.views import Role
from rejent.cases.copies import queries
from rejent.cases.copies.acts import HAND_OVER_PREPARED
from rejent.cases.copies.permission import copies_of
from rejent.cases.copies.services.handing import handing_rules
from rejent.cases.copies.views import CommissionView, CopyView, HandOverView
from rejent.content.photos import small_photo
from rejent.documents.papers import Book, Deed, Figure, FilledForm, Letterhead
from rejent.evidence.sealing import find_taken
from rejent.kernel.clock import civil_date
from rejent.kernel.intervals import Interval
from rejent.kernel.telephone import readable_number
from rejent.office import queries as office
from rejent.office.regulation.forms import Form, FormPaper
from rejent.office.regulation.vocabulary import DisclosureColumn, HandoverDocument
from rejent.registers import queries as registers
from rejent.web.cases.copies.listing import (
    disclosure_columns,
    disclosure_rows,
    disclosure_titles,
    disclosures_title,
)
from rejent.web.cases.copies.outside import outside
from rejent.web.cases.copies.words import (
    carrier_words,
    person_lines,
    spans_of,
)
from rejent.web.cases.words import describe_day
from rejent.web.registers.filled_forms import Filling, fill, form_of, in_its_language
from rejent.web.registers.letterheads import fingerprint_facts, letterhead
from rejent.web.stream_parts import PAGES
from rejent.web.words.acts import Names
from rejent.web.words.wording import clock_span, day_digits, lasting, moment_digits, span_digits

_SIGNED = frozenset({DisclosureColumn.RECEIVER_SIGNATURE, DisclosureColumn.ISSUER_SIGNATURE})


def hand_over_paper(copy: CopyView, handed: HandOverView) -> Deed | FilledForm | Book:
    """Return what is signed at a hand-over by the regulation.

    That is a protocol (BO annex 4), a receipt (MG § 5.8), or the register's row (PL annex 4).
    """
    case = cases.case(handed.case)
    if HandoverDocument.PROTOCOL in handed.documents:
        form = form_of(case.version, copy.source_kind, FormPaper.HAND_OVER)
        if form is not None:
            with in_its_language():
                return _on_form(copy, handed, form)
        return _protocol(copy, handed)
    if HandoverDocument.RECEIPT in handed.documents:
        return _receipt(copy, handed)
    form = form_of(case.version, copy.source_kind, FormPaper.DISCLOSURES)
    with in_its_language() if form else nullcontext():
        return _row_of_the_register(copy, handed)


def _row_of_the_register(copy: CopyView, handed: HandOverView) -> Book:
    """Return the page of the register of disclosures with the row of a hand-over, to be signed unless it was."""
    case = cases.case(handed.case)
    columns = disclosure_columns()
    (row,) = disclosure_rows([handed])
    title = disclosures_title()
    return Book(
        letterhead=_head(copy, handed, title, office.verified_version(case.version).name),
        remarks=(
            (
                gettext("Hand-over %(number)s, signed.")
                if handed.signed_at
                else gettext("Hand-over %(number)s, to be signed.")
            )
            % {"number": handed.number},
            ", ".join(_taker(handed)),
            *(f"{name}: {digits}" for name, digits in fingerprint_facts()),
            *_code_clauses(copy),
            *(() if handed.signed_at else (_draft_words(),)),
        ),
        columns=tuple(disclosure_titles()),
        rows=[["" if column in _SIGNED else words for column, words in zip(columns, row, strict=True)]],
        empty="",
    )


def _head(copy: CopyView, handed: HandOverView, title: str, office_name: str) -> Letterhead:
    """Return the head of a paper of a hand-over, with the entry by which it was prepared."""
    made = registers.entered_on(f"copy:{copy.id.hex}", [HAND_OVER_PREPARED.name])
    entry = next((each.index for each in made if (each.facts or {}).get("number") == handed.number), None)
    return letterhead(title, made_at=handed.at, entry=entry, office=office_name)


def _taker(handed: HandOverView) -> tuple[str, ...]:
    return tuple(part for part in (handed.recipient, handed.post, handed.body) if part)


def _protocol(copy: CopyView, handed: HandOverView) -> Deed:
    case = cases.case(handed.case)
    regulation = office.verified_version(case.version)
    words = PAGES.of(copy.source_kind).words
    titles, rows = _recordings(copy)
    opening = gettext(
        "%(controller)s, called the handing party, hands over to the receiving party, on the written application %(dated)s:"
    )
    return Deed(
        letterhead=_head(
            copy,
            handed,
            gettext("Protocol of handing over %(number)s") % {"number": handed.number},
            regulation.name,
        ),
        opening=opening % {"controller": regulation.controller, "dated": describe_day(case.application)},
        facts=(
            (gettext("Drawn up on"), (day_digits(civil_date(handed.at)),)),
            (gettext("Receiving party"), _taker(handed)),
            (gettext("Handed over by"), person_lines(handed.by)),
            (
                gettext("Application"),
                (f"{case.number}, {case.application.details.get('case-number', '')}".rstrip(", "),),
            ),
            (gettext("Copy"), (copy.number,)),
            (gettext("Carrier"), (_carrier(copy),)),
            (str(words.source_on_paper), (copy.source_label,)),
            *((name, (digits,)) for name, digits in fingerprint_facts()),
        ),
        titles=titles,
        shares=(3, 4, 3, 7),
        rows=rows,
        clauses=(
            gettext("The handing party hands over, and the receiving party takes, what the list names."),
            gettext(
                "The receiving party declares that they will be used only for the purposes stated in the written application, which is attached to this protocol."
            ),
            *_code_clauses(copy),
            _draft_words(),
        ),
        closing=describe_copies(handing_rules(case).document_copies),
        signatures=(gettext("handing party"), gettext("receiving party")),
    )


def _on_form(copy: CopyView, handed: HandOverView, form: Form) -> FilledForm:
    """Return the protocol on the annex's form; what the program knows besides stands apart from it."""
    case = cases.case(handed.case)
    own = _protocol(copy, handed)
    day = case.application.letter_day
    values = {
        "day": (day_digits(civil_date(handed.at)),),
        "receiving-party": _taker(handed),
        "application-day": (day_digits(day) if day else "",),
        "application": (case.number,),
        "copy": (copy.number,),
        "carrier": (_carrier(copy),),
    }
    rows = [
        {
            "day": day_digits(civil_date(start)),
            "telephone-number": _numbers(copy),
            "source": copy.source_label,
            "time": clock_span(start, end),
            "length": lasting(Interval(start, end)),
            "digest": copy.digest,
        }
        for start, end in spans_of(copy)
    ]
    facts = (
        (gettext("Hand-over"), (handed.number,)),
        *own.facts[2:],
        (gettext("SHA-256 of what is in it"), (copy.digest,)),
        (gettext("Package"), _code_clauses(copy)),
        (gettext("Draft"), (_draft_words(),)),
    )
    return fill(form, replace(own.letterhead, title=form.title), Filling(values, rows, facts))


def _code_clauses(copy: CopyView) -> tuple[str, ...]:
    """Return what the papers of a hand-over say of a code that opens the package on its carrier; nothing where none does."""
    written = {each.package for each in copy.carriers}
    if not any(each.encrypted for each in find_taken(copy.number) if each.entry in written):
        return ()
    return (
        gettext(
            "The package on the carrier is encrypted; the code that opens it is handed over on a slip of its own."
        ),
    )


def describe_copies(count: int) -> str:
    """Return in how many copies a protocol is drawn up, as the regulation has it."""
    if count == 2:
        return gettext("Drawn up in two identical copies, one for each party.")
    words = ngettext("Drawn up in %(n)s copy.", "Drawn up in %(n)s identical copies.", count)
    return words % {"n": count}


def _draft_words() -> str:
    """Return until when a paper that is to be signed is none yet."""
    return gettext("Until both have signed it, this paper is a draft.")


def _receipt(copy: CopyView, handed: HandOverView) -> Deed:
    case = cases.case(handed.case)
    regulation = office.verified_version(case.version)
    titles, rows = _recordings(copy)
    return Deed(
        letterhead=_head(
            copy, handed, gettext("Receipt %(number)s") % {"number": handed.number}, regulation.name
        ),
        opening=gettext("I confirm that I have taken a copy:"),
        facts=(
            (gettext("Drawn up on"), (day_digits(civil_date(handed.at)),)),
            (gettext("Who takes it"), _taker(handed)),
            (gettext("Handed over by"), person_lines(handed.by)),
            (gettext("Application"), (f"{case.number} {describe_day(case.application)}",)),
            (gettext("Copy"), (copy.number,)),
            (gettext("Carrier"), (_carrier(copy),)),
            (str(PAGES.of(copy.source_kind).words.source_on_paper), (copy.source_label,)),
            (gettext("Basis"), (_clause(regulation.title, handing_rules(case).clause),)),
            *((name, (words,)) for name, words in fingerprint_facts()),
        ),
        titles=titles,
        shares=(3, 4, 3, 7),
        rows=rows,
        clauses=(*_code_clauses(copy), _draft_words()),
        closing="",
        signatures=(gettext("handing over: date and signature"), gettext("taking: date and signature")),
    )


def _clause(title: str, clause: str) -> str:
    return f"{clause} – {title}" if clause else title


def _carrier(copy: CopyView) -> str:
    return "; ".join(map(carrier_words, copy.carriers))


def _recordings(copy: CopyView) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the list of what is handed over: day, number or source, time, digest; parts without a gap between them in one row."""
    titles = (
        gettext("Date"),
        pgettext("column of a protocol", "Telephone number")
        if copy.item
        else str(PAGES.of(copy.source_kind).words.source_on_paper),
        gettext("Time of the recording")
        if PAGES.of(copy.source_kind).sources.lasting
        else gettext("Time of what is in it"),
        gettext("SHA-256 of what is in it"),
    )
    rows = tuple(
        (
            day_digits(civil_date(start)),
            _numbers(copy) if copy.item else copy.source_label,
            f"{clock_span(start, end)}, {lasting(Interval(start, end))}",
            copy.digest if place == 0 else "",
        )
        for place, (start, end) in enumerate(spans_of(copy))
    )
    return titles, rows


def _numbers(copy: CopyView) -> str:
    return ", ".join(readable_number(copy.details[name]) for name in sorted(copy.details))


def destruction_paper(view: CommissionView, copies: Sequence[CopyView]) -> Deed:
    """Return the protocol of a destruction: what, how, by whom, photos of the carriers, and that its keys are dead."""
    if view.done_at is None:
        raise ValueError(view.number)
    names = Names()
    first = copies[0]
    regulation = office.verified_version(first.version)
    clause = copies_of(first.source_kind, first.version).clause
    done = registers.acts(subject=f"commission:{view.number}", names=["commission.done"], limit=1).acts
    head = letterhead(
        gettext("Protocol of destruction %(number)s") % {"number": view.number},
        made_at=view.done_at,
        entry=done[0].index if done else None,
        office=regulation.name,
    )
    appointed = f"{names.person(view.appointed_by)}, {moment_digits(view.appointed_at)}"
    confirmed = tuple(
        f"{', '.join(person_lines(one))}: {moment_digits(view.confirmed[one])}" for one in view.members
    )
    return Deed(
        letterhead=head,
        opening=gettext("The commission destroyed the copies of the list."),
        facts=(
            (gettext("Appointed by"), (appointed,)),
            (gettext("Members of the commission"), confirmed),
            (gettext("Carried out"), (moment_digits(view.done_at),)),
            (gettext("Basis"), (_clause(regulation.title, clause),)),
        ),
        titles=(
            gettext("Copy"),
            gettext("Recording"),
            gettext("Carrier and how it was destroyed"),
            gettext("SHA-256 of what was in it"),
        ),
        shares=(3, 6, 6, 6),
        rows=tuple(_write_destroyed(copy, view.copies.get(copy.number, "")) for copy in copies),
        clauses=tuple(_destruction_clauses(view, copies)),
        closing="",
        signatures=tuple(names.person(one) for one in view.members),
        figures=tuple(_photos(view, names)),
    )


def _photos(view: CommissionView, names: Names) -> Iterator[Figure]:
    """Yield the photos of destroyed carriers, each with whose carrier it is, by whom and when it was attached."""
    for each in attached(f"{COMMISSION}:{view.number}", Role.PHOTO):
        title = gettext("Photo of the destroyed carrier of copy %(number)s") % {"number": each.of}
        when = moment_digits(each.kept_at) if each.kept_at else ""
        yield Figure(
            caption=f"{title}. {names.person(each.by)}, {when}. SHA-256 {each.sha256}",
            alternative=title,
            picture=small_photo(open_file(each).read(), each.media_type),
        )


def _destruction_clauses(view: CommissionView, copies: Sequence[CopyView]) -> Iterator[str]:
    yield gettext(
        "The key of each copy was destroyed and its sealed objects were removed; the program can open them no more."
    )
    if any(view.copies.values()):
        yield gettext(
            "The members compared the carriers which the office had with those that were recorded, and confirmed that they were destroyed as the list says."
        )
    for copy in copies:
        for sentence in outside(find_taken(copy.number), None):
            yield f"{copy.number}: {sentence}"


def _write_destroyed(copy: CopyView, note: str) -> tuple[str, ...]:
    recording = f"{copy.source_label}, {span_digits(copy.interval.start, copy.interval.end)}"
    handed = queries.hand_over(copy.number)
    carrier = _carrier(copy) or gettext("nothing was written to a carrier")
    if handed is not None and handed.handed_at is not None:
        note = gettext("handed over before (%(number)s)") % {"number": handed.number}
    return copy.number, recording, "; ".join(part for part in (carrier, note) if part), copy.digest
