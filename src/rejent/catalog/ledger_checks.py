"""Sources and segments against the acts that the ledger holds of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rejent.catalog.acts import (
    SEGMENT_RESEALED,
    SEGMENT_SEALED,
)
from rejent.catalog.gap_checks import gaps_against_ledger
from rejent.catalog.models import Segment, SegmentState
from rejent.catalog.stream_parts import SOURCES
from rejent.kernel.findings import Finding
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.replay import (
    compared,
    differing,
    unreadable,
    without_act,
    without_row,
)
from rejent.registers.shapes import Facts, Shape, instant, legible, text, texts, whole

_SUBJECT = "catalog"
_MENDED = "segment.mended"
_DESTROYED = "destruction.done"
"""Acts of retention, which stands above the catalogue: known here by name alone."""

_WITHDRAWAL: Shape = {"digests": texts}
_OBJECT = {"object": text, "bytes": whole, "sha256": text, "recipient": text}
_SHAPES: dict[str, Shape] = {
    SEGMENT_SEALED.name: {"source": text, "start": instant, "end": instant, "units": whole, **_OBJECT},
    SEGMENT_RESEALED.name: {"segment": text, **_OBJECT},
    _MENDED: {"segment": text, "sha256": text, "pictures": whole, "bytes": whole, "end": instant},
    _DESTROYED: {"source": text, "recipient": text},
}

_COLUMNS = (
    "pk",
    "entry",
    "state",
    "source_id",
    "start",
    "end",
    "object_name",
    "bytes",
    "sha256",
    "recipient",
    "units",
    "run",
    "recovered",
)
_AS_STATED = {"object_name": "object", "source_id": "source"}
_CHUNK = 2000


def against_ledger() -> Iterator[Finding]:
    """Every source, segment or gap that is not what was entered last, that no act explains, or whose row is gone."""
    yield from guarded_rows(_SUBJECT)
    yield from compared(_SUBJECT, _segments, gaps_against_ledger)


def _segments() -> Iterator[Finding]:
    """Acts and rows side by side, both in the order of the ledger: neither has to fit into memory."""
    odd: list[int] = []
    later = _LaterWord(odd)
    rows = Segment.objects.order_by("entry").values_list(*_COLUMNS).iterator(_CHUNK)
    row = next(rows, None)
    for act in legible(entered([SEGMENT_SEALED.name]), _SHAPES, odd):
        while row is not None and row[1] < act.index:
            yield without_act(_SUBJECT, f"segment:{row[0]}")
            row = next(rows, None)
        if row is None or row[1] != act.index:
            if act.facts is not None:
                yield without_row(_SUBJECT, f"segment:{act.facts['object']}")
            continue
        yield from _segment(dict(zip(_COLUMNS, row, strict=True)), act, later)
        row = next(rows, None)
    while row is not None:
        yield without_act(_SUBJECT, f"segment:{row[0]}")
        row = next(rows, None)
    yield from unreadable(_SUBJECT, odd)


def _segment(row: dict[str, Any], act: EnteredAct, later: "_LaterWord") -> Iterator[Finding]:
    if act.facts is None or act.subject in later.unsure:
        return
    said = {name: act.facts[name] for name in ("source", "object", "bytes", "sha256", "recipient", "units")}
    said |= {name: datetime.fromisoformat(str(act.facts[name])) for name in ("start", "end")}
    said |= later.changed.get(str(row["pk"]), {})
    if run := said.pop("run", "") or act.facts.get("run"):
        said["run"] = run
    if act.facts.get("recovered"):
        said["recovered"] = True
    held = {_AS_STATED.get(name, name): value for name, value in row.items()}
    held["destroyed"] = row["state"] == SegmentState.DESTROYED
    gone = (said["source"], said["recipient"]) in later.destroyed or said["sha256"] in later.withdrawn
    if not gone:
        said["destroyed"] = False
    yield from differing(_SUBJECT, f"segment:{row['pk']}", said, held)


class _LaterWord:
    """What became of segments after they were sealed: few, as against those that were sealed.

    Args:
        odd: takes the indexes of acts that cannot be read.

    Attributes:
        changed: facts that were entered anew, by segment.
        destroyed: source and recipient of every destruction that is done.
        withdrawn: digests of objects that were taken away singly.
        unsure: subjects of acts whose record was erased; nothing is said of their segments.
    """

    def __init__(self, odd: list[int]) -> None:
        self.changed: dict[str, dict[str, object]] = {}
        self.destroyed: set[tuple[object, object]] = set()
        self.withdrawn: set[object] = set()
        self.unsure: set[str] = set()
        withdrawals = {name: _WITHDRAWAL for form in SOURCES.values() for name in form.withdrawals}
        names = [SEGMENT_RESEALED.name, _MENDED, _DESTROYED, *withdrawals]
        for act in legible(entered(names), _SHAPES | withdrawals, odd):
            if act.facts is None:
                self.unsure.add(act.subject)
            elif act.act == _DESTROYED:
                self.destroyed.add((act.facts["source"], act.facts["recipient"]))
            elif act.act in withdrawals:
                digests = act.facts["digests"]
                self.withdrawn.update(digests if isinstance(digests, list) else ())
            else:
                self.changed.setdefault(str(act.facts["segment"]), {}).update(_anew(act.act, act.facts))


def _anew(name: str, facts: Facts) -> dict[str, object]:
    if name == SEGMENT_RESEALED.name:
        return {fact: facts[fact] for fact in ("recipient", "object", "bytes", "sha256")}
    anew: dict[str, object] = {
        "sha256": facts["sha256"],
        "units": facts["pictures"],
        "bytes": facts["bytes"],
        "end": datetime.fromisoformat(str(facts["end"])),
    }
    return anew | ({"run": facts["run"]} if "run" in facts else {})
