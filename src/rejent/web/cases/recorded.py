"""How much of what an application asks for is recorded and held, in the reader's words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.catalog import queries as catalog
from rejent.retention.holds.recorded import RecordedTime, recorded_time
from rejent.retention.queries import ErasureView, HoldView
from rejent.retention.terms.rules import StandingHold
from rejent.web.words.recordings import item_of, pages_of
from rejent.web.words.wording import duration_words, span_digits


class Amount(Enum):
    """How much is recorded of what several holds keep."""

    ALL = auto()
    PART = auto()
    PART_YET = auto()
    NOTHING = auto()
    NOTHING_YET = auto()
    NOTHING_LEFT = auto()

    @property
    def nothing(self) -> bool:
        """Return whether there is nothing to decide on, to copy or to keep, and nothing will come."""
        return self in {Amount.NOTHING, Amount.NOTHING_LEFT}


HELD: Mapping[Amount, str | Promise] = {
    Amount.ALL: _("What the application may be about is kept from destruction until the decision."),
    Amount.PART: _(
        "Of this time a part was recorded; what was recorded is kept from destruction until the decision."
    ),
    Amount.PART_YET: _(
        "Of this time a part is recorded so far; what is recorded is kept from destruction until the decision."
    ),
    Amount.NOTHING: _("Nothing was recorded in this time; there is nothing to secure."),
    Amount.NOTHING_YET: _(
        "Nothing is recorded of this time so far; what comes is kept from destruction until the decision."
    ),
    Amount.NOTHING_LEFT: _("Nothing of what was recorded in this time is left; there is nothing to secure."),
}
"""What is held while the decision is awaited."""


def amount(holds: Sequence[HoldView]) -> Amount:
    """Return how much is recorded of what some holds keep, at least one."""
    found = [_recorded(hold) for hold in holds]
    if any(not each.nothing for each in found):
        if all(each.whole for each in found):
            return Amount.ALL
        return Amount.PART if all(each.settled for each in found) else Amount.PART_YET
    if not all(each.settled for each in found):
        return Amount.NOTHING_YET
    return Amount.NOTHING_LEFT if any(each.gone for each in found) else Amount.NOTHING


def held_sentence(holds: Sequence[HoldView]) -> str:
    """Return what some holds keep while a decision is awaited; empty where that is all that is asked for."""
    found = amount(holds)
    return "" if found is Amount.ALL else str(HELD[found])


def extent_words(one: HoldView | ErasureView) -> str:
    """Return what a hold or an erasure is of: the source, and the time or the item."""
    source = catalog.source(one.source_id).name
    item = item_of(one.source_id, one.item)
    return item.named(source) if item else f"{source}, {span_digits(one.start, one.end)}"


def recorded_words(hold: HoldView) -> str:
    """Return how much is recorded of what a hold keeps."""
    found = _recorded(hold)
    if found.nothing:
        return _nothing_words(found)
    if not pages_of(hold.source_id).sources.lasting:
        return gettext("something is recorded of this time")
    if found.whole:
        return gettext("recorded as a whole")
    lengths = {"recorded": duration_words(found.recorded_s), "asked": duration_words(found.asked_s)}
    if found.settled:
        return gettext("recorded: %(recorded)s, asked for: %(asked)s") % lengths
    return gettext("recorded so far: %(recorded)s, asked for: %(asked)s") % lengths


def keeps_something(hold: StandingHold) -> bool:
    """Return whether anything is recorded of what a hold keeps."""
    return not recorded_time(hold.source_id, hold.interval, hold.item, clock=settings.CLOCK).nothing


def nothing_to_copy(holds: Sequence[StandingHold]) -> str:
    """Return that nothing is recorded of what some holds keep, or nothing so far; empty where something is."""
    found = [recorded_time(hold.source_id, hold.interval, hold.item, clock=settings.CLOCK) for hold in holds]
    if any(not each.nothing for each in found):
        return ""
    if all(each.settled for each in found):
        return gettext("Nothing is recorded in the time asked for: there is nothing to copy.")
    return gettext("Nothing is recorded in the time asked for so far: look again once it is over.")


def _nothing_words(found: RecordedTime) -> str:
    if not found.settled:
        return gettext("nothing is recorded of it so far")
    if found.gone:
        return gettext("nothing of what was recorded then is left")
    return gettext("nothing was recorded in this time")


def _recorded(hold: HoldView) -> RecordedTime:
    since = None if hold.ended_at is None else hold.placed_at
    found = recorded_time(hold.source_id, hold.interval, hold.item, clock=settings.CLOCK, kept_since=since)
    if pages_of(hold.source_id).sources.lasting:
        return found
    return replace(found, whole=not found.nothing)
