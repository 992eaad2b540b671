"""Which process records which lines: those that reach us in one way have one of their own, with no more rights than that way takes."""

from pathlib import Path

from rejent.catalog import queries
from rejent.catalog.errors import AddressRefusedError
from rejent.catalog.views import RecorderSource
from rejent.kernel.errors import RejentError
from rejent.streams.calls.catalog.lines import FolderLine, LineAddress, MirrorLine, SiprecLine, read_line

WAYS = {"calls": ("siprec", "siprecs"), "mirror": ("mirror",)}
"""Each process, and how the addresses of its lines begin."""


def own_lines(process: str) -> list[RecorderSource]:
    """The lines that a process records."""
    lines = queries.recorder_sources("calls")
    return [line for line in lines if line.address.partition(":")[0] in WAYS[process]]


def live_line(address: str) -> SiprecLine | MirrorLine:
    """A line whose calls are recorded while they last.

    Raises:
        AddressRefusedError: it is no such line.
    """
    line = read_line(address)
    if not isinstance(line, SiprecLine | MirrorLine):
        raise AddressRefusedError(
            "This is no address of a line.", advice="Strike the line off and add it anew."
        )
    return line


def imported_lines() -> dict[str, tuple[RecorderSource, LineAddress]]:
    """The lines that this process has to do with: whose PBX records itself, or tells of its calls."""
    found = {}
    for line in queries.recorder_sources("calls"):
        try:
            address = read_line(line.address)
        except RejentError:
            continue
        if isinstance(address, FolderLine) or (address.records and address.records.path):
            found[line.id] = (line, address)
    return found


def read_places() -> tuple[list[str], list[str]]:
    """The folders and files that this process reads, and those of them in which it removes files."""
    read: list[str] = []
    change: list[str] = []
    for _, address in imported_lines().values():
        if isinstance(address, FolderLine):
            (change if address.remove else read).append(address.folder)
        if address.records and address.records.path:
            read.append(str(Path(address.records.path).parent))
    return sorted(set(read)), sorted(set(change))
