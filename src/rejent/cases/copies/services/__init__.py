"""Everything that changes a copy."""

from rejent.cases.copies.services.destroying import (
    appoint_commission,
    confirm_destruction,
    dissolve_commission,
    finish_destructions,
)
from rejent.cases.copies.services.handing import Handing, hand_over_copy, renew_copy
from rejent.cases.copies.services.making import MOST_PARTS, Asked, finish_copies, make_copy

__all__ = [
    "MOST_PARTS",
    "Asked",
    "Handing",
    "appoint_commission",
    "confirm_destruction",
    "dissolve_commission",
    "finish_copies",
    "finish_destructions",
    "hand_over_copy",
    "make_copy",
    "renew_copy",
]
