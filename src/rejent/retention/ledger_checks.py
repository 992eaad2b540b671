"""Holds and destructions against the acts that the ledger holds of them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count

from rejent.kernel.findings import Finding
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.replay import Between, Entered, Facts, Replayed, against, compared, told
from rejent.registers.shapes import instant, legible, text, whole
from rejent.retention.acts import (
    DESTRUCTION_DECIDED,
    DESTRUCTION_DONE,
    DESTRUCTION_KEY,
    HOLD_ENDED,
    HOLD_PLACED,
    HOLD_REVIEWED,
)
from rejent.retention.models import Destruction, DestructionStage, Hold, Survivor

_SUBJECT = "retention"
_LONGEST_CASE = 120
"""Earlier versions entered a longer sign whole and kept its beginning."""
_TOLD_LATER = {HOLD_REVIEWED.name: {"review_on"}, HOLD_ENDED.name: {"ended", "ended_by", "reason"}}
_BEYOND = {DestructionStage.KEY_DYING, DestructionStage.KEY_DEAD, DestructionStage.DONE}
_KEY = {"key": text, "recipient": text}
_PROOF = {"digest": text, "segments": whole, "bytes": whole, "survivors": whole, **_KEY}
_SUMMED = ("segments", "bytes")
"""What came late, after a destruction was done, is entered for itself and added in the row."""
_TIMES = {"key_dead", "done", "saved"}
_NUMBER = {"number": text}
_PLACED = {"source": text, "start": instant, "end": instant, "case": text, "basis": text, "review_on": text}
_SHAPES = {
    HOLD_PLACED.name: {**_NUMBER, **_PLACED},
    HOLD_REVIEWED.name: {**_NUMBER, "review_on": text},
    HOLD_ENDED.name: {**_NUMBER, "reason": text},
    DESTRUCTION_DECIDED.name: {**_NUMBER, "source": text, "day": text, "rule": text},
    DESTRUCTION_KEY.name: {**_NUMBER, **_KEY},
    DESTRUCTION_DONE.name: {**_NUMBER, **_PROOF},
}


def against_ledger() -> Iterator[Finding]:
    """Every hold or destruction that is not what was entered, that no act explains, or whose row is gone."""
    yield from compared(_SUBJECT, _holds, _destructions)


def _holds() -> Iterator[Finding]:
    stated = Replayed()
    acts = entered([HOLD_PLACED.name, HOLD_REVIEWED.name, HOLD_ENDED.name])
    for act in legible(acts, _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased += act.act == HOLD_PLACED.name
            stated.unsure |= _TOLD_LATER.get(act.act, set())
        elif act.act == HOLD_PLACED.name:
            number = str(act.facts["number"])
            stated.things[f"{number}/{act.index}" if number in stated.things else number] = _placed(
                act, act.facts
            )
        elif act.act == HOLD_REVIEWED.name:
            stated.restate(str(act.facts["number"]), review_on=act.facts["review_on"])
        else:
            said = {"ended": act.at, "ended_by": act.actor, "reason": act.facts["reason"]}
            stated.restate(str(act.facts["number"]), **said)
    yield from against(_SUBJECT, "hold", stated, told(Hold.objects.all(), _hold, stated))


def _placed(act: EnteredAct, facts: Facts) -> dict[str, object]:
    return {
        "placed": Entered(act.at),
        "placed_by": act.actor,
        "source": facts["source"],
        "start": datetime.fromisoformat(str(facts["start"])),
        "end": datetime.fromisoformat(str(facts["end"])),
        "case": str(facts["case"])[:_LONGEST_CASE],
        "basis": facts["basis"],
        "review_on": facts["review_on"],
        "call": facts.get("call", ""),
        "ended": None,
        "ended_by": "",
    }


def _hold(row: Hold) -> tuple[str, Facts]:
    return row.number, {
        "placed": row.placed_at,
        "placed_by": row.placed_by,
        "source": row.source_id,
        "start": row.start,
        "end": row.end,
        "case": row.case,
        "basis": row.basis,
        "review_on": row.review_on.isoformat(),
        "call": row.item,
        "ended": row.ended_at,
        "ended_by": row.ended_by,
        "reason": row.end_reason,
    }


def _destructions() -> Iterator[Finding]:
    stated, sums = Replayed(), defaultdict[tuple[str, str], int](int)
    begun, first = dict[str, datetime](), dict[str, datetime]()
    acts = entered([DESTRUCTION_DECIDED.name, DESTRUCTION_KEY.name, DESTRUCTION_DONE.name])
    for act in legible(acts, _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased += act.act == DESTRUCTION_DECIDED.name
            stated.unsure |= (
                set() if act.act == DESTRUCTION_DECIDED.name else {"beyond", "done_entry", *_TIMES, *_PROOF}
            )
        elif act.act == DESTRUCTION_DECIDED.name:
            stated.things[str(act.facts["number"])] = _decided(act, act.facts)
        elif act.act == DESTRUCTION_KEY.name:
            key = {name: act.facts[name] for name in ("key", "recipient")}
            begun[str(act.facts["number"])] = act.at
            stated.restate(str(act.facts["number"]), beyond=True, **key)
        else:
            number, proof = str(act.facts["number"]), {name: act.facts[name] for name in _PROOF}
            for name in _SUMMED:
                sums[number, name] += int(str(proof[name]))
                proof[name] = sums[number, name]
            first.setdefault(number, act.at)
            times = {"key_dead": Between(begun.get(number, act.at), first[number]), "done": Entered(act.at)}
            stated.restate(number, done_entry=act.index, saved=proof["survivors"], **times, **proof)
    kept = Survivor.objects.filter(booked=True, lost=False).values_list("destruction__number")
    saved = dict(kept.annotate(Count("pk")).order_by())
    rows = told(Destruction.objects.all(), lambda row: _destruction(row, saved.get(row.number, 0)), stated)
    yield from against(_SUBJECT, "destruction", stated, rows)


def _decided(act: EnteredAct, facts: Facts) -> dict[str, object]:
    return {
        "source": facts["source"],
        "day": facts["day"],
        "rule": facts["rule"],
        "decided": Entered(act.at),
        **({"due": datetime.fromisoformat(str(facts["due"]))} if "due" in facts else {}),
        "decided_entry": act.index,
        "beyond": False,
        "done_entry": None,
    }


def _destruction(row: Destruction, saved: int) -> tuple[str, Facts]:
    return row.number, {
        "source": row.source_id,
        "day": row.day.isoformat(),
        "rule": row.rule,
        "decided": row.decided_at,
        "due": row.due_at,
        "key_dead": row.key_dead_at,
        "done": row.done_at,
        "saved": saved,
        "decided_entry": row.decided_entry,
        "beyond": row.stage in _BEYOND,
        "done_entry": row.done_entry if row.stage == DestructionStage.DONE else None,
        **{name: getattr(row, name) for name in _PROOF},
    }
