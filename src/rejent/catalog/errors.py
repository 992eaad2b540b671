"""What the catalogue refuses."""

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


class NumberRefusedError(InputRefusedError):
    """A number cannot be put on the list of those that are not recorded, or taken off it."""

    code = "catalog.number"


class NoSuchSourceError(NotFoundError):
    """There is no source of this name or identifier."""

    code = "catalog.no-source"


class NoSuchSegmentError(NotFoundError):
    """There is no segment of this identifier."""

    code = "catalog.no-segment"


class NoSuchCallError(NotFoundError):
    """There is no call of this identifier."""

    code = "catalog.no-call"


class DayKeyDiffersError(ConflictError):
    """Another key has been stored for the same source and civil date."""

    code = "catalog.day-key"


class NoVolumeError(NotFoundError):
    """The database is not tied to a storage folder."""

    code = "catalog.no-volume"


class SoundRefusedError(InputRefusedError):
    """The sound cannot be an announcement."""

    code = "catalog.sound"


class NoSuchAnnouncementError(NotFoundError):
    """The line has no such announcement."""

    code = "catalog.no-announcement"


class NoticeRefusedError(InputRefusedError):
    """This call's announcement cannot be confirmed."""

    code = "catalog.notice-refused"
