"""Everything that changes a copy."""

from rejent.cases.copies.services.appointing import (
    appoint_commission,
    dissolve_commission,
    require_appointable,
)
from rejent.cases.copies.services.delivering import Delivered, enter_delivery
from rejent.cases.copies.services.destroying import (
    Seen,
    confirm_destruction,
    finish_destructions,
    require_carriers,
)
from rejent.cases.copies.services.handing import (
    Handing,
    hand_over_copy,
    prepare_hand_over,
    sign_hand_over,
    withdraw_hand_over,
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
from rejent.cases.copies.services.renewing import find_renewable, find_renewed, is_in_renewed, renew_copy
from rejent.cases.copies.services.writing import Written, enter_writing, withdraw_writing
