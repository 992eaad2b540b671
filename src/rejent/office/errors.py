"""Errors of the office."""

from rejent.kernel.errors import ConflictError, InputRefusedError, IntegrityError, NotFoundError, RejentError


class InstallationChangedError(IntegrityError):
    """``rejent.toml`` calls an installation a test one whose ledger says that it is real."""

    code = "office.installation"


class NoRegulationError(NotFoundError):
    """No regulation is in force on the day in question."""

    code = "office.no-regulation"


class ExcludedPlaceError(InputRefusedError):
    """The place is of a kind that is never covered; the rule is quoted."""

    code = "office.excluded-place"


class PlaceRefusedError(InputRefusedError):
    """A place like this cannot be entered."""

    code = "office.place"


class StationRefusedError(InputRefusedError):
    """A station like this cannot be enrolled or struck off."""

    code = "office.station"


class StationListedError(ConflictError):
    """A station of this name is on the list already."""

    code = "office.station-listed"


class NoSuchStationError(NotFoundError):
    """There is no such station."""

    code = "office.no-station"


class StationAuthorityError(IntegrityError):
    """The key or the certificate that stations' certificates are signed with cannot be used."""

    code = "office.station-authority"


class PersonRefusedError(InputRefusedError):
    """A person like this cannot be entered or changed so."""

    code = "office.person"


class NotEntrustedError(PersonRefusedError):
    """Whoever runs the machine would change who decides or supervises."""

    code = "office.not-entrusted"
    rule = "not-entrusted"


class AbsenceRefusedError(InputRefusedError):
    """An absence like this cannot be entered."""

    code = "office.absence"


class NoSuchAbsenceError(NotFoundError):
    """There is no such absence."""

    code = "office.no-absence"


class FaultRefusedError(InputRefusedError):
    """A fault cannot be opened or closed with this description."""

    code = "office.fault"


class NoSuchFaultError(NotFoundError):
    """There is no fault of this number."""

    code = "office.no-fault"


class BreachRefusedError(InputRefusedError):
    """A breach, or a step about it, cannot be entered so."""

    code = "office.breach"


class NoSuchBreachError(NotFoundError):
    """There is no breach of this number."""

    code = "office.no-breach"


class AgreementRefusedError(InputRefusedError):
    """A processing agreement like this cannot be entered."""

    code = "office.agreement"


class AgreementEnteredError(ConflictError):
    """An agreement of this number is entered already."""

    code = "office.agreement-entered"


class NoSuchAgreementError(NotFoundError):
    """There is no agreement of this number."""

    code = "office.no-agreement"


class StatementRefusedError(InputRefusedError):
    """A written statement like this cannot be entered."""

    code = "office.statement"


class PasswordRefusedError(InputRefusedError):
    """The password is too weak; the error says why and never repeats it."""

    code = "office.password"


class SignInRefusedError(InputRefusedError):
    """A person's means of sign-in cannot be confirmed, or not by this person."""

    code = "office.sign-in"


class NotConfirmerError(SignInRefusedError):
    """Somebody else confirms whose means of signing in these are."""

    rule = "not-confirmer"


class NotAsEnteredError(SignInRefusedError):
    """A person, a role or what signs in as the person is not what was entered."""

    rule = "not-as-entered"


class UserNameTakenError(ConflictError):
    """Another account has this user name."""

    code = "office.user-name"


class NoSuchPersonError(NotFoundError):
    """There is no such person."""

    code = "office.no-person"


class IdentityRefusedError(InputRefusedError):
    """An identity like this cannot be linked or removed so."""

    code = "office.identity"


class IdentityTakenError(ConflictError):
    """The identity is another person's, or the person has one of this provider or directory already."""

    code = "office.identity-taken"


class WayAwayError(RejentError):
    """An identity provider or a directory does not answer, or cannot be trusted."""

    code = "office.way-away"


class NotProvenError(InputRefusedError):
    """An answer of an identity provider or a directory proves no identity."""

    code = "office.not-proven"


class GateRefusedError(InputRefusedError):
    """The fact cannot be entered: unknown stream or kind."""

    code = "office.gate"


class NoSuchTokenError(NotFoundError):
    """There is no such token, or it was revoked before."""

    code = "office.no-token"
