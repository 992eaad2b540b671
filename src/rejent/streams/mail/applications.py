"""What an application is about, the stated time of the chosen journals; a copy keeps the messages sealed to the two roles."""

from rejent.cases.candidates import by_time
from rejent.cases.copies.stream_parts import CopyForm
from rejent.streams.mail.messages.framing import MEDIA_TYPE

FINDER = by_time
COPIES = CopyForm(media_type=lambda _: MEDIA_TYPE)
