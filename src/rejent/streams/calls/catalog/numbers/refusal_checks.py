"""Numbers that are never recorded against the acts that the ledger holds of them: a planted one would silence a line unseen."""

from collections.abc import Iterator

from rejent.kernel.findings import Finding
from rejent.registers.queries import entered
from rejent.registers.replay import Replayed, against, told
from rejent.registers.shapes import Facts, Shape, legible, text, whole
from rejent.streams.calls.catalog.acts import NUMBER_ALLOWED, NUMBER_REFUSED
from rejent.streams.calls.catalog.models import RefusedNumber
from rejent.streams.calls.catalog.numbers.commitments import commitment

_SUBJECT = "catalog"
_SHAPES: dict[str, Shape] = {
    NUMBER_REFUSED.name: {"refusal": whole, "numbers_commitment": text},
    NUMBER_ALLOWED.name: {"refusal": whole},
}


def refusals_against_ledger() -> Iterator[Finding]:
    """Every refusal that is not what was entered, that no act explains, or whose row is gone."""
    stated = Replayed()
    for act in legible(entered([NUMBER_REFUSED.name, NUMBER_ALLOWED.name]), _SHAPES, stated.odd):
        key = act.subject.removeprefix("refusal:")
        if act.act == NUMBER_ALLOWED.name:
            stated.restate(key, stands=False, numbers_commitment="")
        elif act.facts is None:
            stated.lose(begins=True)
        else:
            stated.things[key] = {"stands": True, "numbers_commitment": act.facts["numbers_commitment"]}
    yield from against(_SUBJECT, "refusal", stated, told(RefusedNumber.objects.all(), _refusal, stated))


def _refusal(row: RefusedNumber) -> tuple[str, Facts]:
    bound = commitment(row.salt, row.number) if row.number else ""
    return str(row.pk), {"stands": row.ended_at is None, "numbers_commitment": bound}
