"""Recordings of viewings, protocols and holds as pages name them, whatever their stream."""

from collections.abc import Callable, Iterable

from rejent.access.views import ProtocolView, SecondRequestView, ViewingView
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.web.stream_parts import PAGES, Item, StreamPages
from rejent.web.words.wording import day_digits


def pages_of(source_id: str) -> StreamPages:
    """Return the pages of a source's stream."""
    return PAGES.of(catalog.stream_of(source_id))


def item_of(source_id: str, item: str) -> Item | None:
    """Return an item of a source; nothing where none is named."""
    return pages_of(source_id).items([item]).get(item) if item else None


def source_names(one: ViewingView | ProtocolView | SecondRequestView) -> list[str]:
    """Return the names of the sources that are opened."""
    return [catalog.source(each).name for each in one.source_ids]


def recording_words(
    found: Iterable[ViewingView | ProtocolView],
) -> Callable[[str, ViewingView | ProtocolView], str]:
    """Return what says which recording was opened, given the names of its sources: the item, or the day."""
    streams = catalog.streams(removed=True)
    by_stream: dict[str, list[str]] = {}
    for one in found:
        if one.item:
            by_stream.setdefault(streams[one.source_id], []).append(one.item)
    items = {
        id_: item for stream, ids in by_stream.items() for id_, item in PAGES.of(stream).items(ids).items()
    }

    def words(source: str, one: ViewingView | ProtocolView) -> str:
        item = items.get(one.item)
        return item.named(source) if item else f"{source}, {day_digits(civil_date(one.start))}"

    return words
