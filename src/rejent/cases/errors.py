"""Errors of cases."""

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError


class ApplicationRefusedError(InputRefusedError, code="cases.application"):
    """An application cannot be entered as it is stated."""


class DecisionRefusedError(InputRefusedError, code="cases.decision"):
    """A decision cannot be entered as it is stated."""


class CaseDecidedError(ConflictError, code="cases.decided"):
    """Somebody, perhaps the same person in another window, decided before."""


class NoSuchCaseError(NotFoundError, code="cases.no-case"):
    """There is no case of that number."""
