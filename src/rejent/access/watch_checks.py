"""Watchings of live pictures against the acts that the ledger holds of them."""

from collections.abc import Iterator

from rejent.access.acts import LIVE_STARTED, LIVE_STOPPED
from rejent.access.models import LiveWatch
from rejent.kernel.findings import Finding
from rejent.registers.queries import entered
from rejent.registers.replay import Entered, Facts, Replayed, against, compared, told
from rejent.registers.shapes import Shape, legible, text, texts

_SUBJECT = "access"
_SHAPES: dict[str, Shape] = {
    LIVE_STARTED.name: {"person": text, "sources": texts},
    LIVE_STOPPED.name: {"person": text},
}


def watchings_against_ledger() -> Iterator[Finding]:
    """Every watching that is not what was entered, that no act explains, or whose row is gone.

    Acts of earlier versions do not say which row is theirs: their rows are believed.
    """
    yield from compared(_SUBJECT, _watchings)


def _watchings() -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(entered([LIVE_STARTED.name, LIVE_STOPPED.name]), _SHAPES, stated.odd):
        facts = act.facts or {}
        if act.facts is None or "watch" not in facts:
            stated.erased += act.act == LIVE_STARTED.name
            if act.facts is None and act.act == LIVE_STOPPED.name:
                stated.unsure.add("stopped")
        elif act.act == LIVE_STARTED.name:
            stated.things[str(facts["watch"])] = {
                "person": facts["person"],
                "sources": facts["sources"],
                "started": Entered(act.at),
                "stopped": None,
            }
        else:
            stated.restate(str(facts["watch"]), stopped=Entered(act.at))
    yield from against(_SUBJECT, "watching", stated, told(LiveWatch.objects.all(), _watching, stated))


def _watching(row: LiveWatch) -> tuple[str, Facts]:
    return str(row.pk), {
        "person": str(row.person_id),
        "sources": row.sources,
        "started": row.started_at,
        "stopped": row.stopped_at,
    }
