"""Errors of access."""

from rejent.access.rules.decision import Decision
from rejent.kernel.errors import ConflictError, InputRefusedError, IntegrityError, NotFoundError, RejentError


class AccessRefusedError(RejentError, code="access.refused"):
    """A rule forbids it; the sentence says which, the advice who can change that."""

    def __init__(self, decision: Decision, *, entered: bool = False) -> None:
        super().__init__(decision.sentence, advice=decision.advice, **decision.facts)
        self.decision = decision
        self.rule = decision.rule.value
        self.entered = entered


class RegulationEditedError(IntegrityError, code="access.regulation"):
    """The regulation in the database was never entered."""


class AuthorisationRefusedError(InputRefusedError, code="access.authorisation"):
    """An authorisation like this cannot be issued."""


class ViewingRefusedError(InputRefusedError, code="access.viewing"):
    """A viewing cannot be opened with what is stated."""


class ProtocolRefusedError(InputRefusedError, code="access.protocol"):
    """A protocol cannot be written like this; ``part`` is a field of it, the position or the note."""


class ProtocolFinishedError(ConflictError, code="access.protocol-finished"):
    """Somebody, perhaps the same person in another window, finished it before."""


class NoSuchProtocolError(NotFoundError, code="access.no-protocol"):
    """There is no such protocol."""


class AnswerRefusedError(ConflictError, code="access.second-answer"):
    """Somebody who asks for a second person was answered before, or it is too late."""


class RenewedError(ConflictError, code="access.renewed"):
    """The authorisation was renewed already."""


class NoSuchAuthorisationError(NotFoundError, code="access.no-authorisation"):
    """There is no authorisation of this number."""


class NoSuchViewingError(NotFoundError, code="access.no-viewing"):
    """There is no such viewing."""


class ReviewRefusedError(InputRefusedError, code="access.review"):
    """A review cannot be entered like this."""
