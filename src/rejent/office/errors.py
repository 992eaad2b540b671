"""Errors of the office."""

from rejent.kernel.errors import ConflictError, InputRefusedError, IntegrityError, NotFoundError, RejentError


class InstallationChangedError(IntegrityError, code="office.installation"):
    """``rejent.toml`` calls an installation a test one whose ledger says that it is real."""


class SetUpRefusedError(InputRefusedError, code="office.set-up"):
    """The code of set-up is wrong or used up, or set-up has nothing left to do."""


class MailServerRefusedError(InputRefusedError, code="office.mail-server"):
    """A mail server cannot be set so; ``part`` names what is wrong."""


class MailRefusedError(ConflictError, code="office.mail-refused"):
    """The mail server did not take a mail."""


class PaperCopyRefusedError(InputRefusedError, code="office.paper-copy"):
    """A paper copy cannot be entered so; ``part`` names what is wrong."""


class NoRegulationError(NotFoundError, code="office.no-regulation"):
    """No regulation is in force on the day in question."""


class ExcludedPlaceError(InputRefusedError, code="office.excluded-place"):
    """The place is of a kind that is never covered; the rule is quoted."""


class PlaceRefusedError(InputRefusedError, code="office.place"):
    """A place like this cannot be entered."""


class PersonRefusedError(InputRefusedError, code="office.person"):
    """A person like this cannot be entered or changed so."""


class NotEntrustedError(PersonRefusedError, code="office.not-entrusted"):
    """Whoever runs the machine would change who decides or supervises."""

    rule = "not-entrusted"


class AbsenceRefusedError(InputRefusedError, code="office.absence"):
    """An absence like this cannot be entered."""


class NoSuchAbsenceError(NotFoundError, code="office.no-absence"):
    """There is no such absence."""


class FaultRefusedError(InputRefusedError, code="office.fault"):
    """A fault cannot be opened or closed with this description."""


class NoSuchFaultError(NotFoundError, code="office.no-fault"):
    """There is no fault of this number."""


class BreachRefusedError(InputRefusedError, code="office.breach"):
    """A breach, or a step about it, cannot be entered so."""


class NoSuchBreachError(NotFoundError, code="office.no-breach"):
    """There is no breach of this number."""


class AgreementRefusedError(InputRefusedError, code="office.agreement"):
    """A processing agreement like this cannot be entered."""


class AgreementEnteredError(ConflictError, code="office.agreement-entered"):
    """An agreement of this number is entered already."""


class NoSuchAgreementError(NotFoundError, code="office.no-agreement"):
    """There is no agreement of this number."""


class StatementRefusedError(InputRefusedError, code="office.statement"):
    """A written statement like this cannot be entered."""


class PasswordRefusedError(InputRefusedError, code="office.password"):
    """The password is too weak; the error says why and never repeats it."""


class SignInRefusedError(InputRefusedError, code="office.sign-in"):
    """A person's means of sign-in cannot be confirmed, or not by this person."""


class NotConfirmerError(SignInRefusedError):
    """Somebody else confirms whose means of signing in these are."""

    rule = "not-confirmer"


class NotAsEnteredError(SignInRefusedError):
    """A person, a role or what signs in as the person is not what was entered."""

    rule = "not-as-entered"


class UserNameTakenError(ConflictError, code="office.user-name"):
    """Another account has this user name."""


class NoSuchPersonError(NotFoundError, code="office.no-person"):
    """There is no such person."""


class IdentityRefusedError(InputRefusedError, code="office.identity"):
    """An identity like this cannot be linked or removed so."""


class IdentityTakenError(ConflictError, code="office.identity-taken"):
    """The identity is another person's, or the person has one of this provider or directory already."""


class WayAwayError(RejentError, code="office.way-away"):
    """An identity provider or a directory does not answer, or cannot be trusted."""


class NotProvenError(InputRefusedError, code="office.not-proven"):
    """An answer of an identity provider or a directory proves no identity."""


class GateRefusedError(InputRefusedError, code="office.gate"):
    """The fact cannot be entered: unknown stream or kind."""


class NoSuchTokenError(NotFoundError, code="office.no-token"):
    """There is no such token, or it was revoked before."""
