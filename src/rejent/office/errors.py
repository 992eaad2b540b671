"""What can be wrong with what is entered about the office."""

from rejent.kernel.errors import ConflictError, InputRefusedError, NotFoundError


class ExcludedPlaceError(InputRefusedError):
    """The statute forbids monitoring in such a place."""

    code = "input.excluded-place"


class UnknownPlaceKindError(InputRefusedError):
    """The kind of place is not one of the list."""

    code = "input.place-kind"


class UnknownRoleError(InputRefusedError):
    """The role is not one of the list."""

    code = "input.role"


class PasswordRefusedError(InputRefusedError):
    """The password is too easy."""

    code = "input.password"


class NameTakenError(ConflictError):
    """The name is in use."""

    code = "conflict.name"


class NoSuchPersonError(NotFoundError):
    """Nobody is entered under that identifier or user name."""

    code = "not-found.person"


class NoRegulationError(NotFoundError):
    """No regulation is in force yet."""

    code = "not-found.regulation"
