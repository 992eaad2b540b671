"""Refusals of the catalogue for lines and calls."""

from rejent.kernel.errors import InputRefusedError, NotFoundError


class NumberRefusedError(InputRefusedError, code="catalog.number"):
    """A number cannot be put on the list of those that are not recorded, or taken off it."""


class NoSuchCallError(NotFoundError, code="catalog.no-call"):
    """There is no call of this identifier."""


class SearchRefusedError(InputRefusedError, code="catalog.search"):
    """Too little is known of a call to look for it."""


class SoundRefusedError(InputRefusedError, code="catalog.sound"):
    """The sound cannot be an announcement."""


class NoSuchAnnouncementError(NotFoundError, code="catalog.no-announcement"):
    """The line has no such announcement."""


class NoticeRefusedError(InputRefusedError, code="catalog.notice-refused"):
    """This call's announcement cannot be confirmed."""
