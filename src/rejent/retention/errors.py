"""Errors of retention."""

from rejent.kernel.errors import ConflictError, InputRefusedError, IntegrityError, NotFoundError


class HoldRefusedError(InputRefusedError, code="retention.hold"):
    """A hold cannot be placed as it was asked for."""


class AlreadyDestroyedError(ConflictError, code="retention.destroyed"):
    """The recordings to be held are gone."""


class NoSuchHoldError(NotFoundError, code="retention.no-hold"):
    """There is no hold of that number."""


class HoldProvisionalError(ConflictError, code="retention.hold-provisional"):
    """The hold waits for the decision on an application."""


class HoldEndedError(ConflictError, code="retention.hold-ended"):
    """The hold has ended before."""


class NothingToConfirmError(ConflictError, code="retention.clock"):
    """The clock needs nobody's word."""


class NoKeyError(NotFoundError, code="retention.no-key"):
    """There is no living key for that source and date."""


class NotSavedError(IntegrityError, code="retention.not-saved"):
    """Held recordings under a dying key cannot be sealed anew, so that the key may not die."""


class HoldsForgottenError(IntegrityError, code="retention.holds-forgotten"):
    """The journal of holds cannot be read, so that nothing may be destroyed."""


class NotCutShortError(IntegrityError, code="retention.not-cut-short"):
    """A segment to be mended was not booked as cut short."""
