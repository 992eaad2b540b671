"""What the pages of calls are to the pages of every stream."""

from rejent.streams.calls.pages.listening import heard
from rejent.web.stream_parts import StreamPages

PAGES = StreamPages(show=heard, finder="calls")
