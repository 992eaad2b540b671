"""Copies in the reader's words: states, carriers, what is missing, columns of label and registers."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.cases.copies import queries
from rejent.cases.copies.permission import copies_of
from rejent.cases.copies.redaction import Effect, Fill, Reason, Shape
from rejent.cases.copies.stream_parts import shown_of
from rejent.cases.copies.views import (
    Absence,
    CommissionState,
    CopyView,
    DeliveryView,
    HandOverState,
    HandOverView,
    Missing,
    State,
    WritingView,
)
from rejent.evidence.sealing import Taken
from rejent.kernel.clock import civil_date
from rejent.kernel.telephone import readable_number
from rejent.office import queries as office
from rejent.office.errors import NoSuchPersonError
from rejent.office.regulation.forms import Form
from rejent.office.regulation.vocabulary import CopyColumn
from rejent.web.cases.copies.identifiers import DELIVERIES, MEDIA
from rejent.web.stream_parts import PAGES
from rejent.web.words.acts import Names
from rejent.web.words.states import cause_words
from rejent.web.words.stream_parts import Fact
from rejent.web.words.wording import (
    day_digits,
    duration_words,
    moment_digits,
    size_words,
    span_digits,
    whole_seconds,
)

COPY_STATES: Mapping[State, tuple[str, str | Promise]] = {
    State.MAKING: ("attention", pgettext_lazy("state of a copy", "being made")),
    State.KEPT: ("held", pgettext_lazy("state of a copy", "kept")),
    State.HANDED: ("neutral", pgettext_lazy("state of a copy", "handed over")),
    State.DYING: ("attention", pgettext_lazy("state of a copy", "being destroyed")),
    State.DESTROYED: ("neutral", pgettext_lazy("state of a copy", "destroyed")),
    State.ABANDONED: ("neutral", pgettext_lazy("state of a copy", "not made")),
}
"""Tint and word of each state."""
COMMISSION_STATES: Mapping[CommissionState, tuple[str, str | Promise]] = {
    CommissionState.APPOINTED: (
        "attention",
        pgettext_lazy("state of a commission", "waits for confirmations"),
    ),
    CommissionState.CONFIRMED: ("attention", pgettext_lazy("state of a commission", "being carried out")),
    CommissionState.DONE: ("neutral", pgettext_lazy("state of a commission", "done")),
    CommissionState.DISSOLVED: ("neutral", pgettext_lazy("state of a commission", "dissolved")),
}
HAND_OVER_STATES: Mapping[HandOverState, str | Promise] = {
    HandOverState.PREPARED: pgettext_lazy("state of a hand-over", "prepared, not signed"),
    HandOverState.SIGNED: pgettext_lazy("state of a hand-over", "signed, not handed over"),
    HandOverState.HANDED: pgettext_lazy("state of a hand-over", "handed over"),
    HandOverState.WITHDRAWN: pgettext_lazy("state of a hand-over", "withdrawn"),
}
SHAPES: Mapping[Shape, str | Promise] = {Shape.RECTANGLE: _("rectangle"), Shape.ELLIPSE: _("ellipse")}
REASONS: Mapping[Reason, str | Promise] = {
    Reason.PERSON: _("another person"),
    Reason.PLATE: _("number plate"),
    Reason.SCREEN: _("screen or paper"),
    Reason.PRIVATE: _("somebody's premises"),
    Reason.OTHER: _("another reason"),
}
EFFECTS: Mapping[Effect, str | Promise] = {
    Effect.BLACK: _("picture black"),
    Effect.SILENT: _("sound silent"),
    Effect.ALTERED: _("voice altered"),
}
FILLS: Mapping[Fill, str | Promise] = {Fill.SOLID: _("black"), Fill.COARSE: _("coarse fields of colour")}
COLUMNS: Mapping[CopyColumn, str | Promise] = {
    CopyColumn.NUMBER: _("Serial number of the copy"),
    CopyColumn.PERIOD: _("Period of the recording"),
    CopyColumn.SOURCE: _("Source"),
    CopyColumn.CALLER_NUMBER: _("Number of the caller"),
    CopyColumn.CALLED_NUMBER: _("Number of the office that was called"),
    CopyColumn.MADE_ON: _("Day of making the copy"),
    CopyColumn.MAKER: _("Made by"),
    CopyColumn.SIGNATURE: _("Signature of the maker"),
    CopyColumn.OUTCOME: _("Handing over or destruction"),
}
"""Where no form of the regulation names them."""
_NUMBERS = frozenset({CopyColumn.CALLER_NUMBER, CopyColumn.CALLED_NUMBER})


def columns_of(copy: CopyView) -> list[CopyColumn]:
    """Return the columns of a copy's label, in the regulation's order."""
    return fitting(copies_of(copy.source_kind, copy.version).label, copy.source_kind)


def column_names(form: Form | None) -> Mapping[CopyColumn, str]:
    """Return what the columns of a label or a register are called: by the annex, in whose language it is, else by the program."""
    named = form.named if form else {}
    return {column: named.get(column.value) or str(words) for column, words in COLUMNS.items()}


def fitting(columns: tuple[CopyColumn, ...], stream: str) -> list[CopyColumn]:
    """Return those of a regulation's columns that a stream has something to say for: cameras know no numbers."""
    return [each for each in columns if each not in _NUMBERS or not PAGES.of(stream).by_interval]


def cell(
    copy: CopyView,
    column: CopyColumn,
    handed: HandOverView | None,
    maker: Callable[[str], tuple[str, ...]],
) -> str:
    """Return what a column says of a copy; nothing for one that is signed on paper.

    ``handed`` is None where it was not handed over; ``maker`` returns a person's name and post.
    """
    if column not in _CELLS:
        return readable_number(copy.details.get(column.value, ""))
    return _CELLS[column](copy, handed, maker)


_Maker = Callable[[str], tuple[str, ...]]
_CELLS: Mapping[CopyColumn, Callable[[CopyView, HandOverView | None, _Maker], str]] = {
    CopyColumn.NUMBER: lambda copy, _handed, _maker: copy.number,
    CopyColumn.PERIOD: lambda copy, _handed, _maker: span_digits(copy.interval.start, copy.interval.end),
    CopyColumn.SOURCE: lambda copy, _handed, _maker: copy.source_label,
    CopyColumn.MADE_ON: lambda copy, _handed, _maker: (
        day_digits(civil_date(copy.made_at)) if copy.made_at else ""
    ),
    CopyColumn.MAKER: lambda copy, _handed, maker: ", ".join(maker(copy.made_by)),
    CopyColumn.OUTCOME: lambda copy, handed, _maker: "; ".join(outcomes(copy, handed)),
}
"""What stands in each column but the numbers, which a kind of stream states, and the signature."""


def outcomes(copy: CopyView, handed: HandOverView | None) -> Iterator[str]:
    """Yield what became of a copy: handed over, destroyed."""
    if handed is not None and handed.handed_at is not None:
        facts = {
            "day": day_digits(civil_date(handed.handed_at)),
            "number": handed.number,
            "body": handed.body or handed.recipient,
        }
        yield gettext("handed over on %(day)s (%(number)s): %(body)s") % facts
        if handed.deliveries:
            yield delivery_words(handed.deliveries[-1])
    if copy.destroyed_at is not None:
        facts = {"day": day_digits(civil_date(copy.destroyed_at)), "number": copy.commission}
        yield gettext("destroyed on %(day)s by commission %(number)s") % facts


def carrier_words(one: WritingView) -> str:
    """Return what a package was written to: kind and sign of the carrier, its bag."""
    bag = gettext("sealed bag %(number)s") % {"number": one.bag} if one.bag else ""
    return ", ".join(part for part in (str(MEDIA[one.medium]), one.sign, bag) if part)


def writing_words(one: WritingView, names: Names, *, here: bool) -> str:
    """Return the same with where the carrier is, while it is ``here``, who entered it and when, and that it was taken back."""
    place = gettext("now: %(place)s") % {"place": one.place} if one.place and here and one.stands else ""
    entered = moment_and_name(one.at, one.by, names)
    back = ""
    if one.withdrawn_at is not None:
        back = gettext("taken back %(when)s: %(reason)s") % {
            "when": moment_and_name(one.withdrawn_at, one.withdrawn_by, names), "reason": one.reason,
        }  # fmt: skip
    return "; ".join(part for part in (carrier_words(one), place, entered, back) if part)


def package_words(one: Taken) -> str:
    """Return what left: for whom, with a code or without."""
    whom = (
        gettext("for application %(case)s") % {"case": one.case}
        if one.case
        else gettext("for the office's own carrier")
    )
    how = (
        gettext("encrypted with a code or to a key")
        if one.encrypted
        else gettext("without a code: it opens wherever it is")
    )
    if one.format:
        how = gettext("export for other systems (%(format)s), without a code") % {"format": one.format}
    return f"{how}; {whom}"


def moment_and_name(at: datetime, by: str, names: Names) -> str:
    """Return when something was entered, and by whom."""
    return f"{moment_digits(at)}, {names.person(by)}"


def delivery_words(delivery: DeliveryView) -> str:
    """Return what was entered of a delivery: how, its number, when it was sent and received."""
    way = {"way": DELIVERIES[delivery.way]}
    sent = moment_digits(delivery.sent_at) if delivery.sent_at else ""
    if delivery.received_at is None:
        parts = [gettext("sent %(way)s") % way, delivery.reference, sent, gettext("receipt not known")]
    else:
        received = gettext("received %(moment)s") % {"moment": moment_digits(delivery.received_at)}
        before = gettext("sent %(moment)s") % {"moment": sent} if sent else ""
        parts = [gettext("delivered %(way)s") % way, delivery.reference, before, received]
    return ", ".join(part for part in parts if part)


def entered_words(delivery: DeliveryView) -> str:
    """Return who entered a delivery, and when."""
    return f"{moment_digits(delivery.at)}, {', '.join(person_lines(delivery.by))}"


def person_lines(identifier: str) -> tuple[str, ...]:
    """Return a person's name and post."""
    try:
        person = office.person(identifier)
    except NoSuchPersonError:
        return (identifier,)
    return tuple(part for part in (person.name, person.post) if part)


def missing_words(one: Missing) -> str:
    """Return what is not in a copy, and why."""
    facts = {"span": span_digits(one.interval.start, one.interval.end), "cause": cause_words(one.cause)}
    match one.why:
        case Absence.GAP:
            return gettext("%(span)s: not recorded (%(cause)s)") % facts
        case Absence.DESTROYED:
            return gettext("%(span)s: destroyed before the copy was made") % facts
        case Absence.UNREADABLE:
            return gettext("%(span)s: recorded, but it does not open") % facts
        case Absence.NOT_CHOSEN:
            return gettext("%(span)s: not chosen in the viewing") % facts
        case Absence.UNKNOWN:
            return gettext("%(span)s: nothing is known of it") % facts


def spans_of(copy: CopyView) -> list[tuple[datetime, datetime]]:
    """Return the times of what is in a copy; parts without a gap between them as one."""
    spans: list[tuple[datetime, datetime]] = []
    for shown in (shown_of(copy, part) for part in copy.parts):
        if spans and shown.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], shown.end))
        else:
            spans.append((shown.start, shown.end))
    return spans


def content_words(copy: CopyView) -> str:
    """Return how much is in a copy: recordings, their length, their size."""
    shown = sum(whole_seconds(start, end) for start, end in spans_of(copy))
    facts = {
        "count": len(copy.parts) - copy.accompanying,
        "more": copy.accompanying,
        "length": duration_words(shown),
        "size": size_words(sum(part.bytes for part in copy.parts)),
    }
    if copy.accompanying:
        return gettext("contents: %(count)s; files that accompany them: %(more)s; together %(size)s") % facts
    if not PAGES.of(copy.source_kind).sources.lasting:
        return gettext("files: %(count)s; %(size)s") % facts
    return gettext("recordings: %(count)s; %(length)s; %(size)s") % facts


def copy_facts(copy: CopyView) -> list[Fact]:
    """Return what is known of a copy, label by label."""
    words = PAGES.of(copy.source_kind).words
    names = Names()
    numbers = [
        (str(COLUMNS[column]), (readable_number(copy.details.get(column.value, "")),))
        for column in sorted(_NUMBERS)
    ]
    facts = [
        (str(words.source), (copy.source_label,)),
        (gettext("Period of the recording"), (span_digits(copy.interval.start, copy.interval.end),)),
        *numbers,
        (gettext("Derived"), (derived_words(copy),)),
        (gettext("Chosen"), (chosen_words(copy),)),
        (gettext("What is in it"), (content_words(copy),)),
        (gettext("What is not in it"), tuple(missing_words(one) for one in copy.missing)),
        (gettext("Made"), (_made(copy),)),
        (
            gettext("Carrier"),
            tuple(writing_words(one, names, here=copy.state is State.KEPT) for one in copy.writings),
        ),
        (_end_label(copy), tuple(_end_lines(copy))),
        (
            gettext("What became of it"),
            tuple(outcomes(copy, queries.hand_over(copy.number) if copy.number else None)),
        ),
        ("SHA-256", (copy.digest,)),
    ]
    return [(label, lines) for label, lines in facts if any(lines)]


def chosen_words(copy: CopyView) -> str:
    """Return how many contents a viewing chose for a copy; nothing of any other."""
    if not copy.chosen:
        return ""
    words = ngettext(
        "%(n)s content, chosen in an open viewing and copied in the clear",
        "%(n)s contents, chosen in an open viewing and copied in the clear",
        copy.chosen,
    )
    return words % {"n": copy.chosen}


def derived_words(copy: CopyView) -> str:
    """Return what a derived copy is derived from; nothing of any other."""
    if not copy.origin:
        return ""
    words = gettext("derived, redacted; original untouched, number %(number)s")
    return words % {"number": copy.origin}


def _made(copy: CopyView) -> str:
    if copy.made_at is None:
        return ""
    return f"{moment_digits(copy.made_at)}, {', '.join(person_lines(copy.made_by))}"


def _end_label(copy: CopyView) -> str:
    """Return what the last day is of: once the carrier has left, of the content that the office's vault keeps."""
    if copy.state is State.HANDED:
        return gettext("Content kept in the office's vault until")
    return gettext("Kept until")


def _end_lines(copy: CopyView) -> Iterator[str]:
    if copy.due_on is None:
        return
    yield day_digits(copy.due_on)
    if copy.capped:
        yield gettext(
            "Cut to three months from the recording: nobody found that it may be evidence (Labour Code art. 22² § 3)."
        )
    for one in copy.renewals:
        facts = {"case": one.case, "before": day_digits(one.due_before), "day": day_digits(one.due_on)}
        yield gettext("By application %(case)s from %(before)s to %(day)s.") % facts
