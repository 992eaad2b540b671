"""Errors of recording, for every stream."""

from rejent.kernel.errors import RejentError
from rejent.recording.contract import Cause, GeneralCause


class StorageError(RejentError, code="capture.storage"):
    """The store cannot take a segment, or cannot go on taking it; `kept` ticks of it, from its start, are safe nevertheless."""

    def __init__(self, cause: Cause, template: str, /, *, advice: str = "", **facts: object) -> None:
        super().__init__(template, advice=advice, **facts)
        self.cause = cause
        self.kept = 0


class StorageSlowError(StorageError):
    """The store cannot keep up."""

    def __init__(self) -> None:
        super().__init__(
            GeneralCause.STORAGE_SLOW, "The store cannot keep up.", advice="Give the vault a faster disk."
        )


class SourceError(RejentError, code="capture.source"):
    """A source cannot be recorded now; `cause` says why."""

    def __init__(self, cause: Cause, template: str, /, *, advice: str = "", **facts: object) -> None:
        super().__init__(template, advice=advice, **facts)
        self.cause = cause
