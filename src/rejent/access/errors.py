"""What access refuses."""

from rejent.access.rules import Decision
from rejent.kernel.errors import InputRefusedError, NotFoundError, RejentError


class AccessRefusedError(RejentError):
    """A rule forbids it; the sentence says which, the advice who can change that.

    Attributes:
        decision: the decision behind it.
    """

    code = "access.refused"

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.sentence, advice=decision.advice, **decision.facts)
        self.decision = decision


class AuthorisationRefusedError(InputRefusedError):
    """An authorisation like this cannot be issued."""

    code = "access.authorisation"


class ViewingRefusedError(InputRefusedError):
    """A viewing cannot be opened with what is stated."""

    code = "access.viewing"


class NoSuchAuthorisationError(NotFoundError):
    """There is no authorisation of this number."""

    code = "access.no-authorisation"


class NoSuchViewingError(NotFoundError):
    """There is no such viewing."""

    code = "access.no-viewing"
