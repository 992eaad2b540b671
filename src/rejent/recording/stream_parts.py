"""What recording needs of every kind of stream: the processes that record it."""

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
    """A process that records, or sees to recording; it is kept away from the private keys and from what others need.

    Attributes:
        name: what it is called in logs and locks; no other process has the same.
        run: the function that it runs until it is told to stop, ``module:function``; it takes the arguments of the process
            and returns the exit status.
        wanted: returns the arguments of each such process that is needed now: which slot of the sources it records, say.
        prepare: reads what it may not read any more once it is confined; returns what it needs outside the installation.
        sees_packets: it keeps the right to look at a network.
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
