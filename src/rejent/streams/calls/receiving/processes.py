"""The processes of calls: lines that reach us in one way have one of their own, with no more rights than that way takes."""

from contextlib import suppress
from pathlib import Path

from django.conf import settings

from rejent.catalog import queries
from rejent.catalog.errors import AddressRefusedError
from rejent.catalog.views import RecorderSource
from rejent.kernel.errors import RejentError
from rejent.recording.stream_parts import Reach, RecorderProcess
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog.lines.addresses import (
    FolderLine,
    LineAddress,
    MirrorLine,
    SiprecLine,
    read_line,
)

WAYS = {"calls": ("siprec", "siprecs"), "mirror": ("mirror",)}
"""Each process, and how the addresses of its lines begin."""


def own_lines(process: str) -> list[RecorderSource]:
    """Return the lines that a process records."""
    lines = queries.recorder_sources(stream="calls")
    return [line for line in lines if line.address.partition(":")[0] in WAYS[process]]


def live_line(address: str) -> SiprecLine | MirrorLine:
    """Return a line whose calls are recorded while they last; AddressRefusedError where it is none."""
    line = read_line(address)
    if not isinstance(line, SiprecLine | MirrorLine):
        raise AddressRefusedError(
            "This is no address of a line.", advice="Strike the line off and add it anew."
        )
    return line


def imported_lines() -> dict[str, tuple[RecorderSource, LineAddress]]:
    """Return the lines that this process has to do with: whose PBX records itself, or reports its calls."""
    found = {}
    for line in queries.recorder_sources(stream="calls"):
        try:
            address = read_line(line.address)
        except RejentError:
            continue
        if isinstance(address, FolderLine) or (address.records and address.records.path):
            found[line.id] = (line, address)
    return found


def import_reach() -> Reach:
    """Return the folders and files of PBXs that record themselves or report their calls."""
    read: set[str] = set()
    change: set[str] = set()
    for _, address in imported_lines().values():
        if isinstance(address, FolderLine):
            (change if address.remove else read).add(address.folder)
        if address.records and address.records.path:
            read.add(str(Path(address.records.path).parent))
    return Reach(sorted(read), sorted(change))


def _read_certificates() -> Reach:
    from rejent.streams.calls.receiving.siprec.connection import session_encryption

    with suppress(RejentError):
        session_encryption(settings.INSTALLATION)
    return Reach()


def _one(needed: object) -> list[tuple[str, ...]]:
    return [()] if needed else []


_RECORD = "rejent.streams.calls.recorder.process:"
PROCESSES = (
    RecorderProcess(
        "calls",
        f"{_RECORD}record_sessions",
        lambda: _one(own_lines("calls")),
        prepare=_read_certificates,
        sources=lambda: [line.id for line in own_lines("calls")],
    ),
    RecorderProcess(
        "mirror",
        f"{_RECORD}record_mirrors",
        lambda: _one(own_lines("mirror")),
        sees_packets=True,
        sources=lambda: [line.id for line in own_lines("mirror")],
    ),
    RecorderProcess(
        "import",
        "rejent.streams.calls.receiving.imported.process:import_calls",
        lambda: _one(imported_lines()),
        prepare=import_reach,
        removes_objects=True,  # attempts that a killed import left: their files are still there
    ),
    RecorderProcess(
        "announcing",
        "rejent.streams.calls.announcing.process:announce_calls",
        lambda: _one(call_queries.announcers()),
    ),
)
