"""Errors of access."""

from rejent.access.rules.decision import Decision
from rejent.kernel.errors import ConflictError, InputRefusedError, IntegrityError, NotFoundError, RejentError


class AccessRefusedError(RejentError):
    """A rule forbids it; the sentence says which, the advice who can change that."""

    code = "access.refused"

    def __init__(self, decision: Decision, *, entered: bool = False) -> None:
        super().__init__(decision.sentence, advice=decision.advice, **decision.facts)
        self.decision = decision
        self.rule = decision.rule.value
        self.entered = entered


class RegulationEditedError(IntegrityError):
    """The regulation in the database was never entered."""

    code = "access.regulation"


class AuthorisationRefusedError(InputRefusedError):
    """An authorisation like this cannot be issued."""

    code = "access.authorisation"


class ViewingRefusedError(InputRefusedError):
    """A viewing cannot be opened with what is stated."""

    code = "access.viewing"


class ProtocolRefusedError(InputRefusedError):
    """A protocol cannot be written like this.

    Attributes:
        part: the field of the protocol, the position or the note; empty for the whole.
    """

    code = "access.protocol"

    def __init__(self, template: str, *, part: str = "", advice: str = "", **facts: object) -> None:
        super().__init__(template, advice=advice, **facts)
        self.part = part


class ProtocolFinishedError(ConflictError):
    """Somebody, perhaps the same person in another window, finished it before."""

    code = "access.protocol-finished"


class NoSuchProtocolError(NotFoundError):
    """There is no such protocol."""

    code = "access.no-protocol"


class AnswerRefusedError(ConflictError):
    """Somebody who asks for a second person was answered before, or it is too late."""

    code = "access.second-answer"


class RenewedError(ConflictError):
    """The authorisation was renewed already."""

    code = "access.renewed"


class NoSuchAuthorisationError(NotFoundError):
    """There is no authorisation of this number."""

    code = "access.no-authorisation"


class NoSuchViewingError(NotFoundError):
    """There is no such viewing."""

    code = "access.no-viewing"


class ReviewRefusedError(InputRefusedError):
    """A review cannot be entered like this."""

    code = "access.review"
