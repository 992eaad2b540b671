"""Refusals of the catalogue for lines and calls."""

from rejent.kernel.errors import InputRefusedError, NotFoundError


class NumberRefusedError(InputRefusedError):
    """A number cannot be put on the list of those that are not recorded, or taken off it."""

    code = "catalog.number"


class NoSuchCallError(NotFoundError):
    """There is no call of this identifier."""

    code = "catalog.no-call"


class SearchRefusedError(InputRefusedError):
    """Too little is known of a call to look for it."""

    code = "catalog.search"


class SoundRefusedError(InputRefusedError):
    """The sound cannot be an announcement."""

    code = "catalog.sound"


class NoSuchAnnouncementError(NotFoundError):
    """The line has no such announcement."""

    code = "catalog.no-announcement"


class NoticeRefusedError(InputRefusedError):
    """This call's announcement cannot be confirmed."""

    code = "catalog.notice-refused"
