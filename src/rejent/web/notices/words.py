"""Plates and publications in the reader's words, and as the rows of their registers."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.documents.papers import Column
from rejent.kernel.clock import civil_date
from rejent.notices.agreement.rules import HANG, LOAD, PUBLISH
from rejent.notices.plates.views import Condition, PlateView, Size
from rejent.notices.publication.views import PublicationView
from rejent.office.regulation.vocabulary import NoticeChannel
from rejent.web.registers.books.register import Row
from rejent.web.words.acts import Names
from rejent.web.words.stream_parts import WORDS
from rejent.web.words.wording import day_digits

Words = str | Promise
SIZES: Mapping[Size, Words] = {Size.A3: "A3", Size.A4: "A4", Size.A5: "A5", Size.OTHER: _("another size")}
CONDITIONS: Mapping[Condition, Words] = {
    Condition.GOOD: _("it hangs and can be read"),
    Condition.DAMAGED: _("it hangs, but cannot be read as a whole"),
    Condition.MISSING: _("it is not there"),
}
CHANNELS: Mapping[NoticeChannel, Words] = {
    NoticeChannel.WEBSITE: _("website"),
    NoticeChannel.BULLETIN: _("Public Information Bulletin (BIP)"),
    NoticeChannel.NOTICE_BOARD: _("notice board"),
}

ACTORS: Mapping[str, Words] = {
    HANG: _("the head, the deputy, the secretary, the data protection officer or who runs the system"),
    PUBLISH: _("the head, the deputy, the secretary, the data protection officer or who runs the system"),
    LOAD: _("the head, who loads a regulation that agrees, or who runs the system, by the sources"),
}
"""Who must act, by the act of administration that it takes."""


def stream_names(streams: Iterable[str]) -> str:
    """Return what streams are called, in one line."""
    return ", ".join(str(WORDS.of(name).name) for name in streams if name in WORDS)


def plate_state(plate: PlateView, today: date) -> tuple[str, str]:
    """Return the kind and the words of a plate's state."""
    if plate.down_on is not None:
        return "neutral", gettext("taken down on %(day)s") % {"day": day_digits(plate.down_on)}
    if plate.up_since is None:
        return "attention", gettext("to be put up")
    if plate.condition is Condition.MISSING:
        return "stopped", gettext("not there")
    if plate.condition is Condition.DAMAGED:
        return "attention", gettext("damaged")
    if plate.is_due(today):
        return "attention", gettext("to be looked at")
    return "recording", gettext("hangs")


def plate_columns() -> list[Column]:
    """Return the columns of the register of plates."""
    return [
        Column(gettext("Number"), 9),
        Column(gettext("Where it hangs"), 20),
        Column(gettext("Informs of"), 14),
        Column(gettext("Places named on it"), 24),
        Column(gettext("Size"), 6),
        Column(gettext("Regulation, version"), 7),
        Column(gettext("Hangs since"), 10),
        Column(gettext("Looked at"), 10),
        Column(gettext("By whom"), 14),
        Column(gettext("What was found"), 14),
        Column(gettext("Taken down"), 10),
        Column(gettext("Digest of the text"), 20, printed=False),
    ]


def plate_rows(found: Iterable[PlateView]) -> Iterator[Row]:
    """Yield plates as rows of that book."""
    names = Names()
    for plate in found:
        down = f"{day_digits(plate.down_on)}, {plate.down_reason}" if plate.down_on else ""
        yield (
            plate.number,
            plate.where,
            stream_names(plate.streams),
            "; ".join(plate.areas) or "–",
            str(SIZES[plate.size]),
            str(plate.version),
            day_digits(plate.up_since) if plate.up_since else gettext("not yet"),
            day_digits(civil_date(plate.checked_at)) if plate.checked_at else "–",
            names.person(plate.checked_by) if plate.checked_by else "",
            str(CONDITIONS[plate.condition]) if plate.checked_at else "",
            down,
            plate.digest or "–",
        )


def publication_columns() -> list[Column]:
    """Return the columns of the register of publications."""
    return [
        Column(gettext("Number"), 9),
        Column(gettext("Where it is published"), 18),
        Column(gettext("Address or place"), 26),
        Column(gettext("About"), 14),
        Column(gettext("Regulation, version"), 7),
        Column(gettext("Published on"), 10),
        Column(gettext("Entered by"), 14),
        Column(gettext("Ended on"), 10),
        Column(gettext("Digest of the text"), 20, printed=False),
    ]


def publication_rows(found: Iterable[PublicationView]) -> Iterator[Row]:
    """Yield publications as rows of that book."""
    names = Names()
    for each in found:
        yield (
            each.number,
            str(CHANNELS[each.channel]),
            each.address,
            stream_names(each.editions),
            str(each.version),
            day_digits(each.published_on),
            names.person(each.entered_by),
            day_digits(each.ended_on) if each.ended_on else "",
            " ".join(each.editions.values()),
        )
