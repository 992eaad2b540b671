"""Part of a stream kind for recording: the processes that record it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from rejent.kernel.stream_parts import StreamPart


@dataclass(frozen=True, slots=True)
class Reach:
    """Folders and files that a process reads, or reads and changes, beside the installation's."""

    read: Sequence[str] = ()
    change: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RecorderProcess:
    """A process that records, or controls recording, confined away from the private keys and other processes' files.

    ``run`` is its main function, ``module:function``, which takes the process's arguments and returns the exit status;
    ``wanted`` returns the arguments of each process needed now; ``prepare`` reads what is out of reach later and returns what
    the process needs outside the installation; ``sources`` returns, given its arguments, those that another process may have recorded
    before; ``sees_packets`` keeps the right to capture packets, ``removes_objects`` the right to
    change and remove what lies in the store under its name.
    """

    name: str
    run: str
    wanted: Callable[[], Sequence[tuple[str, ...]]]
    prepare: Callable[[], Reach] = Reach
    sources: Callable[..., Collection[str]] = lambda *_: ()
    sees_packets: bool = False
    removes_objects: bool = False


PROCESSES: StreamPart[Sequence[RecorderProcess]] = StreamPart("processes")


def processes() -> list[RecorderProcess]:
    """Return the processes of every kind."""
    return [each for _, of_kind in PROCESSES.items() for each in of_kind]
