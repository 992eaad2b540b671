"""Errors of retention."""

from rejent.kernel.errors import ConflictError, InputRefusedError, IntegrityError, NotFoundError


class HoldRefusedError(InputRefusedError):
    """A hold cannot be placed as it was asked for."""

    code = "retention.hold"


class AlreadyDestroyedError(ConflictError):
    """The recordings to be held are gone."""

    code = "retention.destroyed"


class NoSuchHoldError(NotFoundError):
    """There is no hold of that number."""

    code = "retention.no-hold"


class HoldProvisionalError(ConflictError):
    """The hold waits for the decision on an application."""

    code = "retention.hold-provisional"


class HoldEndedError(ConflictError):
    """The hold has ended before."""

    code = "retention.hold-ended"


class NothingToConfirmError(ConflictError):
    """The clock needs nobody's word."""

    code = "retention.clock"


class NoKeyError(NotFoundError):
    """There is no living key for that source and date."""

    code = "retention.no-key"


class NotSavedError(IntegrityError):
    """Held recordings under a dying key cannot be sealed anew, so that the key may not die."""

    code = "retention.not-saved"


class HoldsForgottenError(IntegrityError):
    """The journal of holds cannot be read, so that nothing may be destroyed."""

    code = "retention.holds-forgotten"


class NotCutShortError(IntegrityError):
    """A segment to be mended was not booked as cut short."""

    code = "retention.not-cut-short"
