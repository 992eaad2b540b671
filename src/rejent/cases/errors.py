"""Errors of cases."""

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError


class ApplicationRefusedError(InputRefusedError):
    """An application cannot be entered as it is stated."""

    code = "cases.application"


class DecisionRefusedError(InputRefusedError):
    """A decision cannot be entered as it is stated."""

    code = "cases.decision"


class CaseDecidedError(ConflictError):
    """Somebody, perhaps the same person in another window, decided before."""

    code = "cases.decided"


class NoSuchCaseError(NotFoundError):
    """There is no case of that number."""

    code = "cases.no-case"
