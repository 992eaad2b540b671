"""Whether the versions of the regulation in the database are those that were entered, no more and no fewer."""

from hashlib import sha256

from rejent.office.acts import REGULATION_ACTIVATED
from rejent.office.queries import regulation_versions
from rejent.registers.queries import entered


def regulation_is_entered() -> bool:
    """Whether each version says what it said when it was entered, and from when; what one allows is anybody's word otherwise."""
    held = {
        f"regulation:{each.version}": {
            "sha256": sha256(each.text.encode()).hexdigest(),
            "in_force_from": each.in_force_from.isoformat(),
        }
        for each in regulation_versions()
    }
    said = {act.subject: act.facts or {} for act in entered([REGULATION_ACTIVATED.name], committed_only=True)}
    return said.keys() == held.keys() and all(held[each].items() <= said[each].items() for each in held)
