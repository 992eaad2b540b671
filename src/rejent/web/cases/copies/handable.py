"""The applications under which a copy can be handed over, or could be were it shorter."""

from rejent.cases import queries as cases
from rejent.cases.copies import permission
from rejent.cases.copies.services.handing import handable_under
from rejent.cases.copies.views import CopyView
from rejent.cases.views import CaseView


def handable_cases(copy: CopyView) -> list[CaseView]:
    """Return the disclosures that a copy can be handed over under: its own, or later ones of the same recording."""
    own = cases.case(copy.case)
    found = [own] if handable_under(copy, own) else []
    others = cases.granted_disclosures(copy.source_kind, copy.interval)
    return [*found, *(each for each in others if each.number != own.number and handable_under(copy, each))]


def narrower_cases(copy: CopyView) -> list[CaseView]:
    """Return the disclosures that were consented to of a part of a copy alone: it is not handed over under these."""
    found = cases.granted_disclosures(copy.source_kind, copy.interval)
    return [each for each in found if not handable_under(copy, each) and _keeps_part(each, copy)]


def _keeps_part(case: CaseView, copy: CopyView) -> bool:
    return any(
        hold.source_id == copy.source_id
        and hold.item in {"", copy.item}
        and hold.interval.start < copy.interval.end
        and copy.interval.start < hold.interval.end
        for hold in permission.copyable(case)
    )
