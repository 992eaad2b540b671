"""Errors of cases."""

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError


class ApplicationRefusedError(InputRefusedError):
    """An application cannot be entered as it is stated.

    Attributes:
        part: the field it is about; empty for the whole.
    """

    code = "cases.application"

    def __init__(self, template: str, *, part: str = "", advice: str = "", **facts: object) -> None:
        super().__init__(template, advice=advice, **facts)
        self.part = part


class DecisionRefusedError(InputRefusedError):
    """A decision cannot be entered as it is stated.

    Attributes:
        part: the field it is about; empty for the whole.
    """

    code = "cases.decision"

    def __init__(self, template: str, *, part: str = "", advice: str = "", **facts: object) -> None:
        super().__init__(template, advice=advice, **facts)
        self.part = part


class CaseDecidedError(ConflictError):
    """Somebody, perhaps the same person in another window, decided before."""

    code = "cases.decided"


class NoSuchCaseError(NotFoundError):
    """There is no case of that number."""

    code = "cases.no-case"
