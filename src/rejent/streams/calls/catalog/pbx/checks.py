"""Calls that were entered as missing, and files of a PBX that were looked at or removed, against their rows: a gap is not talked away."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from rejent.kernel.clock import civil_date
from rejent.kernel.findings import Finding
from rejent.registers.queries import entered
from rejent.registers.replay import Entered, Replayed, against, told
from rejent.registers.shapes import Facts, Shape, absent_or, instant, legible, text, whole
from rejent.streams.calls.catalog.acts import CALL_FILE_REMOVED, CALL_FILE_SETTLED, CALL_MISSING
from rejent.streams.calls.catalog.pbx.models import CallRecord, PbxFile, RecordState
from rejent.streams.calls.catalog.pbx.taken_records import file_commitment

_SUBJECT = "catalog"
_SHAPES: dict[str, Shape] = {
    CALL_MISSING.name: {
        "source": text,
        "record": whole,
        "cause": text,
        "start": absent_or(instant),
        "seconds": absent_or(whole),
    },
    CALL_FILE_REMOVED.name: {"source": text, "call": text, "bytes": whole},
    CALL_FILE_SETTLED.name: {"source": text, "state": text, "file_commitment": text},
}
_A_MOMENT = timedelta(minutes=1)


def missing_against_ledger() -> Iterator[Finding]:
    """Every record that is not missing as it was entered, that no act explains, or whose row is gone."""
    stated = Replayed()
    for act in legible(entered([CALL_MISSING.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.lose(begins=True)
        else:
            said = {name: act.facts[name] for name in ("source", "cause", "start", "seconds")}
            stated.things[str(act.facts["record"])] = {**said, "entry": act.index, "day": True}
    rows = CallRecord.objects.filter(state=RecordState.MISSING)
    yield from against(_SUBJECT, "call-record", stated, told(rows, _missing, stated))


def removed_against_ledger() -> Iterator[Finding]:
    """Every file that is said to be removed without an act, or of another call or length than was entered."""
    stated = Replayed()
    for act in legible(entered([CALL_FILE_REMOVED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.lose(begins=True)
        else:
            said = {"source": act.facts["source"], "bytes": act.facts["bytes"]}
            stated.things[str(act.facts["call"])] = said
    rows = PbxFile.objects.filter(removed_at__isnull=False)
    yield from against(_SUBJECT, "pbx-file", stated, told(rows, _removed, stated))


def files_against_ledger() -> Iterator[Finding]:
    """Every file that did not become what was entered, that no act explains, or whose row is gone.

    What earlier versions looked at is believed.
    """
    stated = Replayed()
    first: datetime | None = None
    for act in legible(entered([CALL_FILE_SETTLED.name]), _SHAPES, stated.odd):
        first = first or act.at
        if act.facts is None:
            stated.lose(begins=True)
            continue
        said = {"source": act.facts["source"], "state": act.facts["state"]}
        said |= {name: act.facts.get(name) or "" for name in ("cause", "call")}
        when = {"settled": act.index, "looked_at": Entered(act.at), "told": True}
        stated.things[str(act.facts["file_commitment"])] = {**said, **when}
    entered_so = Q(settled__isnull=False)
    if first is not None:
        entered_so |= Q(looked_at__gt=first + _A_MOMENT)
    rows = PbxFile.objects.filter(entered_so)
    yield from against(_SUBJECT, "pbx-file", stated, told(rows, _settled, stated))


def _settled(row: PbxFile) -> tuple[str, Facts]:
    """Its salt goes with its name; what is bound cannot be reckoned again then."""
    forgotten = not (row.salt or row.name or row.digest)
    return row.commitment or f"{row.pk}", {
        "source": row.source_id,
        "state": row.state,
        "cause": row.cause,
        "call": row.call_id or "",
        "settled": row.settled,
        "looked_at": row.looked_at,
        "told": forgotten or row.commitment == file_commitment(row),
    }


def _missing(row: CallRecord) -> tuple[str, Facts]:
    return str(row.pk), {
        "source": row.source_id,
        "cause": row.cause,
        "start": row.start.astimezone(UTC).isoformat() if row.start else None,
        "seconds": round(row.seconds) if row.seconds is not None else None,
        "entry": row.entry,
        "day": row.start is None or row.day == civil_date(row.start),
    }


def _removed(row: PbxFile) -> tuple[str, Facts]:
    return str(row.call_id), {"source": row.source_id, "bytes": row.bytes}
