"""How a source fares, in words: its state, the cause of a gap, and what to do about it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.catalog.views import GATES, HealthView, SourceView, Wait
from rejent.web.wording import day_digits, since_words

_CAUSES: dict[str, tuple[str | Promise, str | Promise]] = {
    "starting": (_("starting"), _("Wait a minute. If it stays so, check the address.")),
    "unreachable": (
        _("no network connection to the camera"),
        _("Check that it is switched on and connected."),
    ),
    "untrusted-certificate": (
        _("the camera's certificate is not trusted"),
        _("Let this machine trust the authority that issued it."),
    ),
    "refused-password": (
        _("the camera refuses the password"),
        _("Enter the user and password set in the camera."),
    ),
    "weaker-login": (
        _("the camera suddenly asks for the password in the clear"),
        _("Check that it is your camera that answers, and switch Digest on in it."),
    ),
    "not-a-camera": (_("no camera answers at this address"), _("Check the address of the camera.")),
    "no-video": (_("the camera offers no picture"), _("Choose another stream of the camera.")),
    "unsupported-codec": (_("the camera's coding is not supported"), _("Set H.264 or H.265 in the camera.")),
    "no-key-frame": (
        _("pictures arrive, but none to start with"),
        _("Shorten the key frame interval in the camera."),
    ),
    "garbage": (_("what arrives cannot be read"), _("Restart the camera; check its cable.")),
    "stalled": (_("no signal from the camera"), _("Restart the camera; check its cable.")),
    "closed-by-camera": (
        _("the camera ended the connection"),
        _("Check how many connections the camera allows."),
    ),
    "packets-lost": (_("data lost on the way"), _("Check the network; choose TCP.")),
    "camera-clock-jumped": (_("the camera's clock was set"), _("Nothing to do.")),
    "parameters-changed": (_("the camera's settings changed"), _("Nothing to do.")),
    "day-change": (_("change of day"), _("Nothing to do.")),
    "storage-full": (_("no room on the disk"), _("Add storage. Nothing will be deleted before its time.")),
    "storage-failed": (_("the disk refuses to write"), _("Check the disk at once.")),
    "storage-slow": (_("the disk cannot keep up"), _("Give the vault a faster disk.")),
    "no-day-key": (_("no key was made for this day"), _("Check that the keeper runs.")),
    "cannot-listen": (
        _("the address where calls are handed over cannot be listened at"),
        _("Check that it is an address of this machine, and that no other program uses it."),
    ),
    "cannot-watch": (
        _("the mirror port cannot be looked at"),
        _("Check that its interface is up, and that the service was given CAP_NET_RAW."),
    ),
    "unplugged": (
        _("nothing is connected to the mirror port"),
        _("Check the cable and the port of the switch."),
    ),
    "mirror-dropped": (
        _("frames of the mirror port found no room; calls may have been missed"),
        _("Mirror less, or give the machine another core."),
    ),
    "folder-gone": (
        _("the folder of the exchange, or one within it, cannot be read"),
        _(
            "Check that it is mounted and may be read; what the exchange recorded meanwhile is taken over later."
        ),
    ),
    "no-recording": (
        _("the exchange told of a call of which no recording is there"),
        _("Check that the exchange records and hands over every call of this line."),
    ),
    "excluded-place": (_("the regulation forbids recording there"), _("Remove the source.")),
    "switched-off": (_("source switched off"), _("Switch it on when it should record again.")),
    "clock-set": (
        _("the clock of the program's machine was set"),
        _("Nothing to do. If it repeats, check how the machine gets its time."),
    ),
    "recorder-stopped": (_("the program was not running"), _("If it lasts, start the program again.")),
    "recorder-failed": (
        _("the recorder broke off"),
        _("It starts again by itself. If it repeats, tell the supplier."),
    ),
    "gates": (_("the stream is not started"), _("See what is missing on the page Regulation.")),
}
_CONDITIONS: dict[str, str | Promise] = {
    "regulation": _("a regulation in force"),
    "provided": _("rules for this stream in the regulation"),
    "in-force": _("the day the regulation comes into force"),
    "retention": _("a retention period"),
    "staff-told": _("telling the employees"),
    "places-marked": _("marking the places"),
    "legal-basis": _("the legal basis of the line"),
    "unrecorded-route": _("a way to call without being recorded"),
    "announcement-ready": _("the announcement"),
    "statements": _("written statements of employees"),
}
PLANNED = frozenset({"switched-off", "day-change", "parameters-changed", "camera-clock-jumped", "clock-set"})
"""Causes that are no fault; they are drawn in the colour of attention."""


def cause_words(cause: str) -> str:
    """The cause of a gap in the reader's language."""
    return str(_CAUSES[cause][0]) if cause in _CAUSES else gettext("cause unknown")


def advice_words(cause: str) -> str:
    """What to do about a cause; empty for an unknown one."""
    return str(_CAUSES[cause][1]) if cause in _CAUSES else ""


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source fares.

    Attributes:
        kind: one of the four states of the design, or ``neutral``.
        words: the state in words, with since when.
        cause: why, in words; empty where nothing is wrong.
        advice: what to do; empty where nothing is to be done.
    """

    kind: str
    words: str
    cause: str = ""
    advice: str = ""

    @property
    def wrong(self) -> bool:
        """Whether somebody has to do something."""
        return self.kind in {"stopped", "attention"}


_RECORDING = pgettext_lazy("state of a source", "recording")


def source_state(source: SourceView, now: datetime) -> SourceState:
    """The state of a source for its table row, its page and the wall."""
    if not source.switched_on:
        return SourceState("neutral", gettext("switched off"))
    if source.waits_for:
        awaited = gettext("waiting for: %(what)s") % {"what": ", ".join(map(_awaited, source.waits_for))}
        return SourceState("attention", gettext("not started"), awaited, advice_words(GATES))
    if source.health is None:
        return SourceState("attention", gettext("starting"))
    return _recorded_state(source.health, now)


def _awaited(wait: Wait) -> str:
    """What a stream waits for, and up to which day where that is known."""
    words = str(_CONDITIONS.get(wait.name, wait.name))
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
