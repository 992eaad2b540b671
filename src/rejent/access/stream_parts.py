"""Parts of a kind of stream that access reads."""

from collections.abc import Callable

from rejent.kernel.stream_parts import StreamPart

ITEM_SOURCE: StreamPart[Callable[[str], str]] = StreamPart("item source")
"""Of streams whose recordings are opened item by item, such as calls: returns an item's source, or raises a `NotFoundError`."""

WITH_RECORDINGS: StreamPart[frozenset[str]] = StreamPart("with recordings")
"""Acts that are also theirs whom the regulation in force names for recordings of the stream, and who has an authorisation for them."""
