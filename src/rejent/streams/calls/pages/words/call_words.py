"""Words by which pages name a call: its direction, time and length."""

from collections.abc import Mapping
from urllib.parse import unquote

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from rejent.streams.calls.catalog.views import CallView
from rejent.web.words.wording import day_digits, moment_digits, span_digits, time_digits, whole_seconds

DIRECTIONS: Mapping[str, str | Promise] = {
    "incoming": pgettext_lazy("call", "incoming"),
    "outgoing": pgettext_lazy("call", "outgoing"),
    "internal": pgettext_lazy("call", "internal"),
    "undecided": pgettext_lazy("call", "direction not known"),
}

_WAYS: Mapping[str, str | Promise] = {
    "siprec": _("the exchange hands them over (SIPREC)"),
    "siprecs": _("the exchange hands them over, encrypted (SIPREC)"),
    "mirror": _("they are seen at a mirror port"),
    "folder": _("the exchange records them, its files are taken over"),
}


def way_words(address: str) -> str:
    """Return how the calls of a line come, by its address as it is shown."""
    return str(_WAYS.get(address.partition("://")[0], ""))


def place_words(address: str) -> str:
    """Return where the calls of a line come: address and port, interface or folder, without the rest of its address."""
    return unquote(address.partition("://")[2].partition("?")[0])


def direction_words(direction: str) -> str:
    """The direction in the reader's language."""
    return str(DIRECTIONS.get(direction, direction))


def when_called(call: CallView) -> str:
    """``21.11.2026 14:30:00–14:44:10``; of a call that goes on its beginning alone."""
    return span_digits(call.start, call.end) if call.end else moment_digits(call.start)


def length_of(call: CallView) -> float | None:
    """Seconds from its beginning to its end as `when_called` says them; nothing while it goes on."""
    return whole_seconds(call.start, call.end) if call.end else None


def one_call(call: CallView, line: str) -> str:
    """Return ``„Sekretariat”, rozmowa z 21.11.2026 14:30``: which call, without a number."""
    moment = f"{day_digits(call.day)} {time_digits(call.start, seconds=False)}"
    return gettext("%(line)s, call of %(moment)s") % {"line": line, "moment": moment}
