"""The processes of cameras: as many recorders as the cameras need."""

from django.conf import settings

from rejent.catalog import queries
from rejent.kernel.numbers import read_number
from rejent.recording.stream_parts import Reach, RecorderProcess

VIDEO = "video"


def _slots() -> list[tuple[str]]:
    slots = queries.recorder_slots(settings.CAMERAS_PER_RECORDER, stream=VIDEO)
    return [(str(slot),) for slot in range(slots)]


def _cameras_of(slot: str) -> list[str]:
    number = read_number(slot, most=10_000)  # more slots than an office has cameras
    found = queries.recorder_sources(number or 0, settings.CAMERAS_PER_RECORDER, stream=VIDEO)
    return [source.id for source in found]


def _read_logins() -> Reach:
    _read_while_it_may_be = settings.VAULT.credentials
    return Reach()


PROCESSES = (
    RecorderProcess(
        "recorder",
        "rejent.streams.cameras.recorder.process:record_cameras",
        _slots,
        prepare=_read_logins,
        sources=_cameras_of,
    ),
)
