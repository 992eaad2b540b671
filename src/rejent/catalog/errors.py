"""Errors of the catalogue."""

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError


class AddressRefusedError(InputRefusedError):
    """The address is not one of a source; the error never repeats it, for it may hold a password."""

    code = "catalog.address"


class SourceRefusedError(InputRefusedError):
    """A source like this cannot be added."""

    code = "catalog.source-refused"


class SourceNameTakenError(ConflictError):
    """Another source has this name."""

    code = "catalog.name-taken"


class NoSuchSourceError(NotFoundError):
    """There is no source of this name or identifier."""

    code = "catalog.no-source"


class NoSuchSegmentError(NotFoundError):
    """There is no segment of this identifier."""

    code = "catalog.no-segment"


class DayKeyDiffersError(ConflictError):
    """Another key has been stored for the same source and civil date."""

    code = "catalog.day-key"


class NoVolumeError(NotFoundError):
    """The database is not tied to a storage folder."""

    code = "catalog.no-volume"
