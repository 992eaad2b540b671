"""Calls against the acts that the ledger holds of them, and against what is left of their recordings."""

from collections.abc import Iterator
from datetime import timedelta

from rejent.catalog.models import Segment, SegmentState
from rejent.kernel.clock import civil_date
from rejent.kernel.findings import Finding
from rejent.registers.queries import EnteredAct, committed_facts, entered
from rejent.registers.replay import compared, differing, unreadable, without_act, without_row
from rejent.registers.shapes import Facts, Shape, instant, legible, text
from rejent.streams.calls.catalog.acts import CALL_BEGUN, CALL_ENDED, CALL_REACHES
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.numbers.commitments import commitment
from rejent.streams.calls.catalog.views import REFUSED

_SUBJECT = "catalog"
_CHUNK = 2000
_NAMELESS = "The database names nobody for {thing}, though its recording is not destroyed."
_KEPT = "The database still holds the numbers of {thing}, though its recording is destroyed."
_SHAPES: dict[str, Shape] = {
    CALL_BEGUN.name: {"source": text, "call": text, "direction": text, "start": instant, "profile": text},
    CALL_ENDED.name: {"call": text, "end": instant, "cause": text},
    CALL_REACHES.name: {"call": text, "end": instant},
}


def calls_against_ledger() -> Iterator[Finding]:
    """Every call that is not what was entered, that no act explains, or whose row is gone; and numbers kept too long."""
    yield from compared(_SUBJECT, _calls, _numbers)


def _calls() -> Iterator[Finding]:
    """Acts and rows side by side, both in the order of the ledger; only calls that run at once are in memory together."""
    odd: list[int] = []
    running: dict[str, Call | None] = {}
    reaching = {
        str(act.facts["call"]): act.facts["end"]
        for act in legible(entered([CALL_REACHES.name]), _SHAPES, odd)
        if act.facts is not None
    }
    rows = Call.objects.order_by("entry", "pk").iterator(_CHUNK)
    row = next(rows, None)
    unsure = False
    for act in legible(entered([CALL_BEGUN.name, CALL_ENDED.name]), _SHAPES, odd):
        if act.act == CALL_ENDED.name:
            unsure |= act.facts is None
            if act.facts is not None:
                call = str(act.facts["call"])
                yield from _ended(running.pop(call, None), act.facts, reaching.get(call))
            continue
        while row is not None and row.entry < act.index:
            yield without_act(_SUBJECT, f"call:{row.pk}")
            row = next(rows, None)
        found = row if row is not None and row.entry == act.index else None
        if act.facts is not None:
            running[str(act.facts["call"])] = found
            yield from _begun(found, act)
        if found is not None:
            row = next(rows, None)
    while row is not None:
        yield without_act(_SUBJECT, f"call:{row.pk}")
        row = next(rows, None)
    for left in running.values():
        if left is not None and not unsure:
            yield from differing(_SUBJECT, f"call:{left.pk}", {"end": None, "cause": ""}, _end(left))
    yield from unreadable(_SUBJECT, odd)


def is_as_begun(row: Call) -> bool:
    """Whether a call is still what the ledger was told when it began: of this line, with these numbers, at that time."""
    facts = committed_facts(row.entry, CALL_BEGUN.name)
    if _nameless(row) or not _SHAPES[CALL_BEGUN.name].keys() <= facts.keys():
        return False
    said, held = _at_begin(row, facts)
    return not list(differing(_SUBJECT, f"call:{row.pk}", said, held))


def _begun(row: Call | None, act: EnteredAct) -> Iterator[Finding]:
    facts = act.facts or {}
    if row is None:
        yield without_row(_SUBJECT, f"call:{facts['call']}")
        return
    yield from differing(_SUBJECT, f"call:{row.pk}", *_at_begin(row, facts))


def _at_begin(row: Call, facts: Facts) -> tuple[Facts, Facts]:
    """What the act says of a call, and what the row holds."""
    said = {name: facts[name] for name in ("call", "source", "direction", "start", "profile")}
    held = {
        "call": row.pk,
        "source": row.source_id,
        "direction": row.direction,
        "start": row.start.isoformat(),
        "profile": row.profile,
        "day": row.day,
    }
    if "numbers_commitment" in facts and not row.destroyed and not _nameless(row):
        said["numbers"] = facts["numbers_commitment"]
        held["numbers"] = commitment(row.salt, row.caller, row.called)
    return {**said, "day": civil_date(row.start)}, held


def _nameless(row: Call) -> bool:
    """Whether it named nobody from its end on, because a party refused; what is found of it later is withdrawn unless it is held."""
    return row.ended_by == REFUSED and not (row.salt or row.caller or row.called)


def _ended(row: Call | None, facts: Facts, reaches: object) -> Iterator[Finding]:
    """Its end, or the one farther on to which a keeper found it to reach."""
    if row is not None:
        said = {"end": reaches or facts["end"], "cause": facts["cause"]}
        yield from differing(_SUBJECT, f"call:{row.pk}", said, _end(row))


def _end(row: Call) -> Facts:
    return {"end": row.end.isoformat() if row.end else None, "cause": row.ended_by}


def _numbers() -> Iterator[Finding]:
    """Numbers that are still there though the recording is destroyed, and gone though it is not; day by day."""
    days = Call.objects.order_by("source", "day").values_list("source_id", "day").distinct()
    for source_id, day in days.iterator(_CHUNK):
        near = Segment.objects.filter(source=source_id, day__in=[day, day + timedelta(days=1)])
        states = near.values_list("run", "state").distinct()
        living = {run for run, state in states if state != SegmentState.DESTROYED}
        known = {run for run, _ in states}
        calls = Call.objects.filter(source=source_id, day=day).order_by("pk")
        for pk, destroyed in calls.values_list("pk", "destroyed").iterator(_CHUNK):
            if destroyed and pk in living:
                yield _found("call-nameless", _NAMELESS, pk)
            elif not destroyed and pk in known and pk not in living:
                yield _found("numbers-kept", _KEPT, pk)


def _found(kind: str, template: str, pk: str) -> Finding:
    return Finding(_SUBJECT, f"{_SUBJECT}.{kind}", template, {"thing": f"call:{pk}"})
