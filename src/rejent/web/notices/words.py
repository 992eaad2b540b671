"""Plates and publications in the reader's words, and as the rows of their registers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.clock import civil_date
from rejent.notices.agreement.rules import HANG, LOAD, PUBLISH
from rejent.notices.plates import queries as plates
from rejent.notices.plates.views import Condition, PlateView, Size
from rejent.notices.publication.views import PublicationView
from rejent.notices.stream_parts import SAYINGS
from rejent.office import queries as office
from rejent.web.notices.identifiers import CHANNELS, CONDITIONS
from rejent.web.registers.books.register import Cell
from rejent.web.words.acts import Names
from rejent.web.words.stream_parts import WORDS
from rejent.web.words.wording import day_digits

Words = str | Promise
SIZES: Mapping[Size, Words] = {Size.A3: "A3", Size.A4: "A4", Size.A5: "A5", Size.OTHER: _("another size")}
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


def plate_book(_found: Sequence[PlateView]) -> list[Cell[PlateView]]:
    """Return the register of plates."""
    names = Names()
    return [
        Cell(gettext("Number"), 9, lambda one: one.number),
        Cell(gettext("Where it hangs"), 20, lambda one: one.where),
        Cell(gettext("Informs of"), 14, lambda one: stream_names(one.streams)),
        Cell(gettext("Places named on it"), 24, lambda one: "; ".join(one.areas) or "–"),
        Cell(gettext("Size"), 6, lambda one: str(SIZES[one.size])),
        Cell(gettext("Regulation, version"), 7, lambda one: one.version),
        Cell(gettext("Hangs since"), 10, lambda one: one.up_since or gettext("not yet")),
        Cell(gettext("Looked at"), 10, lambda one: civil_date(one.checked_at) if one.checked_at else "–"),
        Cell(gettext("By whom"), 14, lambda one: names.person(one.checked_by) if one.checked_by else ""),
        Cell(
            gettext("What was found"),
            14,
            lambda one: str(CONDITIONS[one.condition]) if one.checked_at else "",
        ),
        Cell(gettext("Taken down"), 10, _taken_down),
        Cell(gettext("Digest of the text"), 20, lambda one: one.digest or "–", printed=False),
    ]


def _taken_down(plate: PlateView) -> str:
    return f"{day_digits(plate.down_on)}, {plate.down_reason}" if plate.down_on else ""


def publication_book(_found: Sequence[PublicationView]) -> list[Cell[PublicationView]]:
    """Return the register of publications."""
    names = Names()
    return [
        Cell(gettext("Number"), 9, lambda one: one.number),
        Cell(gettext("Where it is published"), 18, lambda one: str(CHANNELS[one.channel])),
        Cell(gettext("Address or place"), 26, lambda one: one.address),
        Cell(gettext("About"), 14, lambda one: stream_names(one.editions)),
        Cell(gettext("Regulation, version"), 7, lambda one: one.version),
        Cell(gettext("Published on"), 10, lambda one: one.published_on),
        Cell(gettext("Entered by"), 14, lambda one: names.person(one.entered_by)),
        Cell(gettext("Ended on"), 10, lambda one: one.ended_on),
        Cell(gettext("Digest of the text"), 20, lambda one: " ".join(one.editions.values()), printed=False),
    ]


def plates_concern(today: date) -> bool:
    """Return whether plates concern the office: a stream that is marked by them is prescribed, or one was entered."""
    prescribed = office.streams_if_entered(today)
    return any(stream in prescribed and sayings.plate for stream, sayings in SAYINGS.items()) or bool(
        plates.plates(down=True)
    )
