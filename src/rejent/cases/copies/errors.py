"""Errors of copies."""

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError, RejentError


class CopyRefusedError(InputRefusedError, code="copies.refused"):
    """A copy cannot be made, renewed, handed over or destroyed as it is stated."""


class CopyStateError(ConflictError, code="copies.state"):
    """Somebody, perhaps the same person in another window, did it before, or something that rules it out."""


class NoSuchCopyError(NotFoundError, code="copies.no-copy"):
    """There is no copy of that number."""


class NoSuchCommissionError(NotFoundError, code="copies.no-commission"):
    """There is no commission of that number."""


class UndecodablePartError(RejentError, code="copies.undecodable"):
    """A recording of a copy cannot be decoded, so that nothing is derived from it."""
