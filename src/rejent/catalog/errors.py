"""Errors of the catalogue."""

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError


class AddressRefusedError(InputRefusedError, code="catalog.address"):
    """The address is not one of a source; the error never repeats it, for it may hold a password."""


class SourceRefusedError(InputRefusedError, code="catalog.source-refused"):
    """A source like this cannot be added."""


class SourceNameTakenError(ConflictError, code="catalog.name-taken"):
    """Another source has this name."""


class NoSuchSourceError(NotFoundError, code="catalog.no-source"):
    """There is no source of this name or identifier."""


class NoSuchSegmentError(NotFoundError, code="catalog.no-segment"):
    """There is no segment of this identifier."""


class DayKeyDiffersError(ConflictError, code="catalog.day-key"):
    """Another key has been stored for the same source and civil date."""


class NoVolumeError(NotFoundError, code="catalog.no-volume"):
    """The database is not tied to a storage folder."""
