"""Parts of a stream kind for recording: the processes that record it, and what takes batches of devices."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rejent.kernel.stream_parts import StreamPart

if TYPE_CHECKING:
    from rejent.catalog.views import RecorderSource
    from rejent.devices.views import Batch
    from rejent.kernel.clock import Clock
    from rejent.recording.contract import RecordSink, SourceStatus


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


class Receiver(Protocol):
    """Takes the batches that devices send of one kind of stream; called from several threads at once."""

    def take(self, batch: "Batch") -> None:
        """Seal and book a batch; return once it is durable. What was taken before adds nothing.

        Raises:
            BatchRefusedError: it will never be taken.
            BatchDelayedError: it cannot be taken now.
        """

    def look(self) -> None:
        """Follow the catalogue; called whenever it changed, and before anything is taken."""

    def statuses(self) -> "list[SourceStatus]":
        """Return the status of every source."""


@dataclass(frozen=True, slots=True)
class ReceiverKind:
    """How a kind of stream receives: the ``sources`` that devices record for, and what makes its `Receiver`."""

    sources: "Callable[[], Sequence[RecorderSource]]"
    make: "Callable[[RecordSink, Clock], Receiver]"


RECEIVERS: StreamPart[ReceiverKind] = StreamPart("receiver")
PROCESSES: StreamPart[Sequence[RecorderProcess]] = StreamPart("processes")


def processes() -> list[RecorderProcess]:
    """Return the processes of every kind."""
    return [each for _, of_kind in PROCESSES.items() for each in of_kind]
