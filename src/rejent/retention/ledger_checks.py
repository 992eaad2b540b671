"""Holds and destructions against the acts that the ledger holds of them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count

from rejent.kernel.findings import Finding
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.replay import Between, Entered, Replayed, against, compared, told
from rejent.registers.shapes import Facts, legible, text, whole
from rejent.retention.acts import (
    DESTRUCTION_DECIDED,
    DESTRUCTION_DONE,
    DESTRUCTION_KEY,
)
from rejent.retention.models import Destruction, DestructionStage, Survivor

_SUBJECT = "retention"
_BEYOND = {DestructionStage.KEY_DYING, DestructionStage.KEY_DEAD, DestructionStage.DONE}
_KEY = {"key": text, "recipient": text}
_PROOF = {"digest": text, "segments": whole, "bytes": whole, "survivors": whole, **_KEY}
_SUMMED = ("segments", "bytes")
"""What came late, after a destruction was done, is entered for itself and added in the row."""
_TIMES = {"key_dead", "done", "saved"}
_NUMBER = {"number": text}
_SHAPES = {
    DESTRUCTION_DECIDED.name: {**_NUMBER, "source": text, "day": text, "rule": text},
    DESTRUCTION_KEY.name: {**_NUMBER, **_KEY},
    DESTRUCTION_DONE.name: {**_NUMBER, **_PROOF},
}


def against_ledger() -> Iterator[Finding]:
    """Yield every hold or destruction that is not what was entered, that no act explains, or whose row is gone."""
    yield from guarded_rows(_SUBJECT)
    yield from compared(_SUBJECT, _destructions)


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
