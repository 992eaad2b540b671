"""Part of a stream kind for recording: the processes that record it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rejent.kernel.stream_parts import StreamPart


@dataclass(frozen=True, slots=True)
class Reach:
    """Folders and files that a process needs beside the installation's.

    Attributes:
        read: it reads there.
        change: it reads and removes files there.
    """

    read: Sequence[str] = ()
    change: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RecorderProcess:
    """A process that records, or controls recording, confined away from the private keys and other processes' files.

    Attributes:
        name: unique name in logs and locks.
        run: the process's main function, ``module:function``; it takes the arguments of the process and returns the
            exit status.
        wanted: returns the arguments of each process needed now, such as a slot of the sources.
        prepare: reads what it may not read any more once it is confined; returns what it needs outside the
            installation.
        sees_packets: it keeps the right to capture packets.
    """

    name: str
    run: str
    wanted: Callable[[], Sequence[tuple[str, ...]]]
    prepare: Callable[[], Reach] = Reach
    sees_packets: bool = False


PROCESSES: StreamPart[Sequence[RecorderProcess]] = StreamPart("processes")


def processes() -> list[RecorderProcess]:
    """Return the processes of every kind."""
    return [each for _, of_kind in PROCESSES.items() for each in of_kind]
