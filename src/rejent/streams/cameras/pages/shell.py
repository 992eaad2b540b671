"""What the pages of cameras are to the pages of every stream."""

from rejent.streams.cameras.pages.player import shown
from rejent.web.stream_parts import StreamPages

PAGES = StreamPages(show=shown, finder="find")
