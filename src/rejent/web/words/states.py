"""The state of a source in words: the cause of a gap, and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.catalog.views import GATES, HealthView, SourceView, Wait
from rejent.office.regulation.gates import PLACE_MARKED
from rejent.web.words.stream_parts import WORDS, Cause, Words, with_streams
from rejent.web.words.wording import day_digits, since_words

_CAUSES: Mapping[str, Cause] = {
    "starting": (_("starting"), _("Wait a minute. If it stays so, check the address.")),
    "day-change": (_("change of day"), _("Nothing to do.")),
    "storage-full": (_("no room on the disk"), _("Add storage. Nothing will be deleted before its time.")),
    "storage-failed": (_("the disk refuses to write"), _("Check the disk at once.")),
    "storage-slow": (_("the disk cannot keep up"), _("Give the vault a faster disk.")),
    "no-day-key": (_("no key was made for this day"), _("Check that the keeper runs.")),
    "switched-off": (_("source switched off"), _("Switch it on when it should record again.")),
    "clock-set": (
        _("the clock of the program's machine was set"),
        _("Nothing to do. If it repeats, check how the machine gets its time."),
    ),
    "recorder-stopped": (_("the program was not running"), _("If it lasts, start the program again.")),
    "program-off": (
        _("the machine or the whole program was off"),
        _("If it lasts, start the program again."),
    ),
    "recorder-failed": (
        _("the recorder broke off"),
        _("It starts again by itself. If it repeats, tell the supplier."),
    ),
    "gates": (_("the stream is not started"), _("See what is missing on the page Regulation.")),
}
_CONDITIONS: Words = {
    "regulation": _("a regulation in force"),
    "provided": _("rules for this stream in the regulation"),
    "in-force": _("the day the regulation comes into force"),
    "retention": _("a retention period"),
    "staff-told": _("telling the employees"),
    "places-marked": _("marking the places"),
    "place-marked": _("a plate that marks its place"),
}
_PLANNED = frozenset({"switched-off", "day-change", "clock-set"})
"""Causes that are no fault; they are drawn in the colour of attention."""


@cache
def _causes() -> Mapping[str, Cause]:
    return with_streams(_CAUSES, lambda words: words.causes)


def is_planned(cause: str) -> bool:
    """Return whether a cause is no fault."""
    return cause in _PLANNED or any(cause in words.planned for _, words in WORDS.items())


def cause_words(cause: str) -> str:
    """Return the cause of a gap in the reader's language."""
    return str(_causes()[cause][0]) if cause in _causes() else gettext("cause unknown")


def advice_words(cause: str) -> str:
    """Return what to do about a cause; empty for an unknown one."""
    return str(_causes()[cause][1]) if cause in _causes() else ""


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source's state: one of the four of the design or ``neutral``, in words; cause and advice are empty where nothing is wrong."""

    kind: str
    words: str
    cause: str = ""
    advice: str = ""

    @property
    def wrong(self) -> bool:
        """Return whether somebody has to do something."""
        return self.kind in {"stopped", "attention"}


_RECORDING = pgettext_lazy("state of a source", "recording")


def source_state(source: SourceView, now: datetime) -> SourceState:
    """Return the state of a source for its table row, its page and the wall."""
    if not source.switched_on:
        return SourceState("neutral", gettext("switched off"))
    if source.waits_for:
        awaited = gettext("waiting for: %(what)s") % {"what": ", ".join(map(_awaited, source.waits_for))}
        return SourceState("attention", gettext("not started"), awaited, _advice_on(source.waits_for))
    if source.by_hand:
        return SourceState("neutral", gettext("brought by import"))
    if source.health is None:
        return SourceState("attention", gettext("starting"))
    return _recorded_state(source.health, now)


@cache
def _conditions() -> Words:
    return with_streams(_CONDITIONS, lambda words: words.conditions)


def condition_words(name: str) -> str:
    """Return what a condition of a start is called."""
    return str(_conditions().get(name, name))


def _advice_on(waits: Sequence[Wait]) -> str:
    """Return where each condition that lacks its fact is entered; the register of plates tells of the source's own place."""
    lacking = {each.name for each in waits if each.until is None}
    advice = [advice_words(GATES)] if lacking - {PLACE_MARKED} else []
    if PLACE_MARKED in lacking:
        advice.append(gettext("Enter the plate of its place on the page Plates, and there that it hangs."))
    return " ".join(advice) or gettext("Nothing is to be done but to wait for that day.")


def _awaited(wait: Wait) -> str:
    words = condition_words(wait.name)
    if wait.until is None:
        return words
    return gettext("%(what)s (counts from %(day)s)") % {"what": words, "day": day_digits(wait.until)}


def _recorded_state(health: HealthView, now: datetime) -> SourceState:
    if health.state == "recording":
        return SourceState("recording", str(_RECORDING))
    since = since_words(health.since, now)
    if health.state == "connecting" and health.cause == "starting":
        return SourceState("attention", gettext("starting"))
    return SourceState(
        "stopped",
        gettext("not recording since %(time)s") % {"time": since},
        cause_words(health.cause),
        advice_words(health.cause),
    )
