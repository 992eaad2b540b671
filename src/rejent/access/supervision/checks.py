"""Each sample is drawn again, out of the signed state of the ledger that closed its week."""

from base64 import b64encode
from collections.abc import Iterator

from rejent.access.acts import SAMPLE_DRAWN, VIEWING_OPENED
from rejent.access.supervision.samples import CLOSES_AFTER, drawn, sample_size, seed
from rejent.access.supervision.weeks import Week, WeekRefusedError
from rejent.kernel.findings import Finding
from rejent.registers.damage import Facts, Shape, legible, text, texts, whole
from rejent.registers.queries import entered
from rejent.registers.signing.states import acts_within, closing_state

_SUBJECT = "access"
_SHAPES: dict[str, Shape] = {
    SAMPLE_DRAWN.name: {"week": text, "size": whole, "root": text, "population": whole, "percent": whole,
                        "least": whole, "numbers": texts},
}  # fmt: skip


def sample_findings() -> Iterator[Finding]:
    """Yield every sample that the lots did not give."""
    for act in legible(entered([SAMPLE_DRAWN.name], committed_only=True), _SHAPES, []):
        if act.facts is not None and not _by_lot(act.facts):
            yield Finding(
                _SUBJECT,
                f"{_SUBJECT}.sample-not-by-lot",
                "The sample of week {week} is not what its signed state draws.",
                {"week": act.facts["week"]},
            )


def _by_lot(said: Facts) -> bool:
    """Return whether drawing again gives the same; what rests on records that were erased since is believed."""
    try:
        week = Week.read(str(said["week"]))
    except WeekRefusedError:
        return False
    state = closing_state(week.interval.end + CLOSES_AFTER)
    if state is None or (state.size, b64encode(state.root).decode()) != (said["size"], said["root"]):
        return False
    opened = list(
        acts_within((VIEWING_OPENED.name,), week.interval.start, week.interval.end, size=state.size)
    )
    if any(act.facts is None for act in opened):
        return True
    numbers = [str(act.facts["number"]) for act in opened if act.facts]
    count = sample_size(len(numbers), _number(said["percent"]), _number(said["least"]))
    return said["population"] == len(numbers) and said["numbers"] == drawn(
        numbers, seed(week, state.size, state.root), count
    )


def _number(fact: object) -> int:
    return fact if isinstance(fact, int) else 0
