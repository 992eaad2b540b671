"""Find what an application is about, the stated time of the chosen cameras, and state what a copy of it is."""

from rejent.cases.copies.stream_parts import CopyForm
from rejent.cases.stream_parts import by_time
from rejent.streams.cameras.player.derived import PLAYABLE, REDACTING
from rejent.streams.cameras.player.exporting import EXPORTING
from rejent.streams.cameras.regulation import THREE_MONTHS

FINDER = by_time
COPIES = CopyForm(
    media_type=lambda _: "video/mp4",
    ceiling=THREE_MONTHS,
    playable=PLAYABLE,
    redacting=REDACTING,
    exporting=EXPORTING,
)
