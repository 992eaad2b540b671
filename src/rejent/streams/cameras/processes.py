"""The processes of cameras: as many recorders as the cameras need."""

from django.conf import settings

from rejent.catalog import queries
from rejent.recording.stream_parts import Reach, RecorderProcess

VIDEO = "video"


def _slots() -> list[tuple[str]]:
    slots = queries.recorder_slots(settings.CAMERAS_PER_RECORDER, stream=VIDEO)
    return [(str(slot),) for slot in range(slots)]


def _read_logins() -> Reach:
    _read_while_it_may_be = settings.VAULT.credentials
    return Reach()


PROCESSES = (
    RecorderProcess(
        "recorder", "rejent.streams.cameras.recorder.process:record_cameras", _slots, prepare=_read_logins
    ),
)
