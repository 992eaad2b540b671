"""Errors of copies."""

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError, RejentError


class CopyRefusedError(InputRefusedError):
    """A copy cannot be made, renewed, handed over or destroyed as it is stated."""

    code = "copies.refused"


class CopyStateError(ConflictError):
    """Somebody, perhaps the same person in another window, did it before, or something that rules it out."""

    code = "copies.state"


class NoSuchCopyError(NotFoundError):
    """There is no copy of that number."""

    code = "copies.no-copy"


class NoSuchCommissionError(NotFoundError):
    """There is no commission of that number."""

    code = "copies.no-commission"


class UndecodablePartError(RejentError):
    """A recording of a copy cannot be decoded, so that nothing is derived from it."""

    code = "copies.undecodable"
