"""Protocols of listening to a call: what it is called there, and what is known of it, so that nobody copies it by hand."""

from collections.abc import Iterator

from django.utils.translation import gettext

from rejent.access.views import ProtocolView
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.phone_numbers import readable_number
from rejent.streams.calls.catalog.views import CallView
from rejent.streams.calls.pages.call_words import when_called

Fact = tuple[str, tuple[str, ...]]


def call_of(view: ProtocolView) -> CallView | None:
    """The call whose viewing the protocol tells of; nothing where it was another source's recording."""
    return call_queries.call(view.item) if view.item else None


def first_texts(call: CallView, line: str) -> dict[str, str]:
    """What a protocol of listening begins with, by field; its viewer corrects and completes it.

    Args:
        call: one that is not destroyed, or whose numbers are gone.
        line: what the line is called.
    """
    place = [line, *(readable_number(each) for each in (_ours(call),) if each)]
    return {
        "event-time": when_called(call),
        "parties": "\n".join(f"{label}: {told[0]}" for label, told in parties(call)),
        "place": ", ".join(place),
    }


def parties(call: CallView) -> Iterator[Fact]:
    """Who called and who was called, as far as the recording still names them."""
    if call.destroyed:
        return
    withheld = gettext("withheld")
    yield gettext("Calling party"), (readable_number(call.caller) or withheld,)
    yield gettext("Called party"), (readable_number(call.called) or withheld,)


def _ours(call: CallView) -> str:
    """The office's own number, where the direction tells which it is."""
    return {"incoming": call.called, "outgoing": call.caller}.get(call.direction, "")
