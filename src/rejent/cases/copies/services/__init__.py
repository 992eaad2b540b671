"""Everything that changes a copy."""

from rejent.cases.copies.services.destroying import (
    appoint_commission,
    confirm_destruction,
    demand_appointable,
    dissolve_commission,
    finish_destructions,
)
from rejent.cases.copies.services.handing import (
    Delivered,
    Handing,
    enter_delivery,
    hand_over_copy,
    renew_copy,
)
from rejent.cases.copies.services.making import (
    Asked,
    begin_copy,
    copy_chosen,
    finish_copies,
    finish_copy,
    make_copy,
)
from rejent.cases.copies.services.redacting import begin_derived, save_plan
