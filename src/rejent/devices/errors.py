"""Errors of devices."""

from rejent.kernel.errors import ConflictError, InputRefusedError, IntegrityError, NotFoundError


class DeviceRefusedError(InputRefusedError, code="devices.refused"):
    """A device like this cannot be enrolled or struck off."""


class DeviceListedError(ConflictError, code="devices.listed"):
    """A device of this name is on the list already."""


class NoSuchDeviceError(NotFoundError, code="devices.none"):
    """There is no such device."""


class AuthorityError(IntegrityError, code="devices.authority"):
    """The key or the certificate that devices' certificates are signed with cannot be used."""


class BatchRefusedError(InputRefusedError, code="devices.batch-refused"):
    """A batch that will never be taken, such as one whose term is over."""


class BatchDelayedError(ConflictError, code="devices.batch-delayed"):
    """A batch that cannot be taken now, such as while the store is full."""
