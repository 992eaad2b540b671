"""Recordings of viewings, protocols and holds as pages name them, whatever their stream."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.web.stream_parts import PAGES, Item, StreamPages
from rejent.web.words.wording import day_digits


class Opened(Protocol):
    """An opened recording: one item of a source, or a time of it."""

    @property
    def source_id(self) -> str:
        """Its source."""

    @property
    def item(self) -> str:
        """The one item that was opened; empty where it was a time of the source."""

    @property
    def start(self) -> datetime:
        """The beginning of the opened interval."""


def pages_of(source_id: str) -> StreamPages:
    """Return the pages of a source's stream."""
    return PAGES.of(catalog.stream_of(source_id))


def item_of(source_id: str, item: str) -> Item | None:
    """Return an item of a source; nothing where none is named."""
    return pages_of(source_id).items([item]).get(item) if item else None


def recording_words(found: Iterable[Opened]) -> Callable[[str, Opened], str]:
    """Return what says which recording was opened, given its source's name: the item, or the day."""
    streams = catalog.streams(removed=True)
    by_stream: dict[str, list[str]] = {}
    for one in found:
        if one.item:
            by_stream.setdefault(streams[one.source_id], []).append(one.item)
    items = {
        id_: item for stream, ids in by_stream.items() for id_, item in PAGES.of(stream).items(ids).items()
    }

    def words(source: str, one: Opened) -> str:
        item = items.get(one.item)
        return item.named(source) if item else f"{source}, {day_digits(civil_date(one.start))}"

    return words
