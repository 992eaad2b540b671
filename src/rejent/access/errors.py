"""Refusals of access."""

from rejent.access.rules import Decision
from rejent.kernel.errors import InputRefusedError, NotFoundError, RejentError


class AccessRefusedError(RejentError):
    """A rule forbids it; ``rule`` names it."""

    code = "access-refused"

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.sentence, advice=decision.who, **decision.facts)
        self.rule = decision.rule
        self.decision = decision


class NoSuchViewingError(NotFoundError):
    """There is no such viewing, or it is somebody else's."""

    code = "not-found.viewing"


class NoSuchAuthorisationError(NotFoundError):
    """There is no authorisation of that number."""

    code = "not-found.authorisation"


class AuthorisationRefusedError(InputRefusedError):
    """The authorisation cannot be entered as it stands."""

    code = "input.authorisation"
