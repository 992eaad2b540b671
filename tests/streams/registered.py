"""Notes as one kind of stream more: the one line that registers them."""

from rejent.streams.registry import KINDS

KINDS.append("tests.streams.notes")
