"""Photos of plates: attached files, sealed as all others; whoever looks at plates takes and sees them."""

from rejent.cases.attachments.errors import FileRefusedError
from rejent.cases.attachments.permission import OWNERS, Owner
from rejent.cases.attachments.views import Role
from rejent.notices.plates.queries import plate

PLATE = "plate"


def announce() -> None:
    """Let plates take photos."""
    OWNERS[PLATE] = Owner(
        roles=frozenset({Role.PHOTO}),
        attach="check-plate",
        see="see-notices",
        remove="enter-plate",
        demand_open=_demand_open,
    )


def photos_of(number: str) -> str:
    """Return what the ledger calls a plate that photos belong to."""
    return f"{PLATE}:{number}"


def _demand_open(number: str) -> None:
    if plate(number).down_on is not None:
        raise FileRefusedError("The plate was taken down; no photo is added any more.")
