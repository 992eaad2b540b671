"""What an application is about, the stated time of the chosen sources, and what a copy of it is."""

from rejent.cases.copies.stream_parts import CopyForm
from rejent.cases.stream_parts import by_time

FINDER = by_time
COPIES = CopyForm(media_type=lambda _: "text/plain; charset=utf-8")
