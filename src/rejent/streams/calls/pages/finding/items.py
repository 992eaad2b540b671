"""Calls as items of their lines, for the pages of every stream; of a protocol of listening what is known already."""

from collections.abc import Iterable, Iterator
from functools import partial

from django.utils.translation import gettext

from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.numbers.phone_numbers import readable_number
from rejent.streams.calls.catalog.views import CallView
from rejent.streams.calls.pages.words.call_words import length_of, one_call, when_called
from rejent.web.stream_parts import Fact, Item


def calls_as_items(ids: Iterable[str]) -> dict[str, Item]:
    """Return calls by their identifiers, destroyed or not."""
    return {id_: _item(call) for id_, call in call_queries.calls_known(ids).items()}


def _item(call: CallView) -> Item:
    return Item(
        start=call.start,
        end=call.end,
        when=when_called(call),
        length_s=length_of(call),
        facts=tuple(_parties(call)),
        named=partial(one_call, call),
        first_texts=partial(_first_texts, call),
    )


def _first_texts(call: CallView, line: str) -> dict[str, str]:
    """Return the first texts of a protocol of listening, by field; its viewer corrects and completes them."""
    place = [line, *(readable_number(each) for each in (_ours(call),) if each)]
    return {
        "event-time": when_called(call),
        "parties": "\n".join(f"{label}: {told[0]}" for label, told in _parties(call)),
        "place": ", ".join(place),
    }


def _parties(call: CallView) -> Iterator[Fact]:
    """Yield who called and who was called, as far as the recording still names them."""
    if call.destroyed:
        return
    withheld = gettext("withheld")
    yield gettext("Calling party"), (readable_number(call.caller) or withheld,)
    yield gettext("Called party"), (readable_number(call.called) or withheld,)


def _ours(call: CallView) -> str:
    """The office's own number, where the direction tells which it is."""
    return {"incoming": call.called, "outgoing": call.caller}.get(call.direction, "")
