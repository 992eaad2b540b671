"""Authorisations and viewings against the acts that the ledger holds of them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from rejent.access.acts import AUTHORISATION_ISSUED, AUTHORISATION_REVOKED, VIEWING_CLOSED, VIEWING_OPENED
from rejent.access.models import Authorisation, SeenInterval, Viewing
from rejent.access.sworn_authorisations import opened_by_none
from rejent.kernel.findings import Finding, run_checks
from rejent.kernel.intervals import Interval, merged, uncovered
from rejent.office.acts import STATION_ENROLLED, STATION_REVOKED
from rejent.office.views import MACHINE
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.replay import Entered, Facts, Replayed, against, compared, told
from rejent.registers.shapes import Shape, absent_or, instant, legible, stretches, text, texts

_SUBJECT = "access"
_CHUNK = 2000
_PERIOD = {"from": text, "until": absent_or(text)}
_RECORDING = {"source": text, "start": instant, "end": instant}
_SHAPES: dict[str, Shape] = {
    AUTHORISATION_ISSUED.name: {"number": text, "person": text, "acts": text, "stream": text, **_PERIOD,
                                "sources": absent_or(texts)},
    AUTHORISATION_REVOKED.name: {"number": text},
    VIEWING_OPENED.name: {"number": text, "person": text, "purpose": text, "case": text, **_RECORDING},
    VIEWING_CLOSED.name: {"number": text, "seen": stretches},
    STATION_ENROLLED.name: {"until": instant},
}  # fmt: skip


def against_ledger() -> Iterator[Finding]:
    """Every authorisation or viewing that is not what was entered, that no act explains, or whose row is gone."""
    yield from compared(_SUBJECT, _authorisations, _viewings)
    yield from run_checks(_SUBJECT, {"stations": _at_unlisted_stations, "openings": opened_by_none})


def _authorisations() -> Iterator[Finding]:
    stated = Replayed()
    acts = entered([AUTHORISATION_ISSUED.name, AUTHORISATION_REVOKED.name])
    for act in legible(acts, _SHAPES, stated.odd):
        if act.facts is None:
            stated.lose("revoked", "revoked_by", begins=act.act == AUTHORISATION_ISSUED.name)
        elif act.act == AUTHORISATION_ISSUED.name:
            named = ("person", "acts", "stream", "from", "until", "sources")
            besides = {name: act.facts.get(name) or "" for name in ("follows", "in_place_of")}
            stated.things[str(act.facts["number"])] = {
                **{name: act.facts[name] for name in named},
                **besides,
                "issued": Entered(act.at),
                "issued_by": act.facts.get("issuer") or act.actor,
                "revoked": None,
                "revoked_by": "",
            }
        else:
            revoked = {"revoked": Entered(act.at), "revoked_by": act.actor}
            stated.restate(str(act.facts["number"]), **revoked)
    rows = told(Authorisation.objects.prefetch_related("sources"), _authorisation, stated)
    yield from against(_SUBJECT, "authorisation", stated, rows)


def _authorisation(row: Authorisation) -> tuple[str, Facts]:
    return row.number, {
        "person": str(row.person_id),
        "acts": " ".join(row.acts),
        "stream": row.stream,
        "from": row.valid_from.isoformat(),
        "until": row.valid_until.isoformat() if row.valid_until else None,
        "sources": None if row.every_source else sorted(one.source_id for one in row.sources.all()),
        "follows": row.follows,
        "in_place_of": row.in_place_of,
        "issued": row.issued_at,
        "issued_by": row.issued_by,
        "revoked": row.revoked_at,
        "revoked_by": row.revoked_by,
    }


def _viewings() -> Iterator[Finding]:
    stated, seen = Replayed(), dict[str, list[Interval]]()
    for act in legible(entered([VIEWING_OPENED.name, VIEWING_CLOSED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.lose("closed", "seen", begins=act.act == VIEWING_OPENED.name)
        elif act.act == VIEWING_OPENED.name:
            stated.things[str(act.facts["number"])] = _opened(act, act.facts)
        else:
            number = str(act.facts["number"])
            seen[number] = _recorded(act.facts["seen"])
            stated.restate(number, closed=Entered(act.at), seen=True)
    handed_out = SeenInterval.objects.order_by("viewing_id").iterator(_CHUNK)
    parts = {pk: list(rows) for pk, rows in groupby(handed_out, key=attrgetter("viewing_id"))}

    def read(row: Viewing) -> tuple[str, Facts]:
        return _viewing(row, _as_recorded(row, parts.get(row.pk, []), seen.get(row.number, [])))

    yield from against(_SUBJECT, "viewing", stated, told(Viewing.objects.all(), read, stated))


def _at_unlisted_stations() -> Iterator[Finding]:
    """Every viewing that was opened at a station which was not on the list, in the order of the ledger, or had ended."""
    ends: dict[str, datetime | None] = {}
    acts = entered([STATION_ENROLLED.name, STATION_REVOKED.name, VIEWING_OPENED.name])
    for act in legible(acts, _SHAPES, []):
        facts = act.facts or {}
        if act.act == STATION_ENROLLED.name:
            until = facts.get("until")
            ends[act.subject] = datetime.fromisoformat(until) if isinstance(until, str) else None
        elif act.act == STATION_REVOKED.name:
            ends.pop(act.subject, None)
        elif (station := facts.get("station")) and station != MACHINE:
            end = ends.get(f"station:{station}", act.at)
            if end is not None and act.at >= end:
                yield Finding(
                    _SUBJECT,
                    f"{_SUBJECT}.station-unlisted",
                    "Viewing {number} was opened at a station that was not on the list then.",
                    {"number": facts["number"]},
                )


def _opened(act: EnteredAct, facts: Facts) -> dict[str, object]:
    named = {name: facts[name] for name in ("person", "source", "purpose", "case")}
    times = {name: datetime.fromisoformat(str(facts[name])) for name in ("start", "end")}
    there = {name: facts.get(name) or "" for name in ("station", "second", "call")}
    told_end = facts.get("until")
    until = {"until": datetime.fromisoformat(str(told_end))} if instant(told_end) else {}
    return {**named, **times, **there, **until, "opened": Entered(act.at), "closed": None}


def _recorded(stretches: Any) -> list[Interval]:
    return [Interval(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in stretches]


def _viewing(row: Viewing, as_recorded: bool) -> tuple[str, Facts]:
    return row.number, {
        "person": str(row.person_id),
        "source": row.source_id,
        "call": row.item,
        "purpose": row.purpose,
        "case": row.case,
        "start": row.start,
        "end": row.end,
        "station": row.station,
        "second": str(row.second_id or ""),
        "opened": row.opened_at,
        "until": row.expires_at,
        "closed": row.closed_at,
        "seen": as_recorded,
    }


def _as_recorded(viewing: Viewing, rows: list[SeenInterval], recorded: list[Interval]) -> bool:
    """Whether the rows hold what was entered at closing; what was still being handed out then came later."""
    held = [(row.at, Interval(row.start, row.end)) for row in rows if row.end > row.start]
    until_closed = [part for at, part in held if viewing.closed_at is None or at <= viewing.closed_at]
    return _covers(merged(part for _, part in held), recorded) and _covers(recorded, merged(until_closed))


def _covers(whole: list[Interval], parts: list[Interval]) -> bool:
    return not any(uncovered(part, whole) for part in parts)
