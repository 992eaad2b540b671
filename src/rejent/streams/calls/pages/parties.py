"""Who took part in a call, in words: its two parties as they were at its beginning, and whoever came later."""

from collections.abc import Mapping
from typing import TypedDict

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rejent.kernel.telephone import readable_number
from rejent.streams.calls.catalog.turns import CALLED, CALLER, JOINED, PartyTurn
from rejent.streams.calls.catalog.views import CallView
from rejent.web.words.wording import time_digits


class Parties(TypedDict):
    """The number that called, the number that was dialled, and who took part later, each with since when."""

    caller: str
    called: str
    later: list[str]


_PLACES: Mapping[str, str | Promise] = {
    CALLER: _("on the calling side"),
    CALLED: _("on the called side"),
    JOINED: _("beside the others"),
}


def parties_of(call: CallView) -> Parties:
    """Return who took part in a call; nobody once it names nobody."""
    if call.destroyed:
        return Parties(caller="", called="", later=[])
    caller, called = (readable_number(one) or gettext("withheld") for one in (call.caller, call.called))
    return Parties(caller=caller, called=called, later=[_describe_turn(one) for one in call.later])


def _describe_turn(turn: PartyTurn) -> str:
    facts = {
        "clock": time_digits(turn.since),
        "number": readable_number(turn.number),
        "place": _PLACES.get(turn.side, ""),
    }
    if not turn.number:
        return gettext("%(place)s from %(clock)s on: nobody known by a number") % facts
    return gettext("%(place)s from %(clock)s on: %(number)s") % facts
