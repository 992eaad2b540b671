"""Announcements, and the evidence that they were heard, against the acts that the ledger holds of them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import cast

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet

from rejent.kernel.findings import Finding
from rejent.registers.errors import NoSuchEntryError
from rejent.registers.queries import act as entered_as
from rejent.registers.queries import entered
from rejent.registers.replay import Replayed, against, told, without_act
from rejent.registers.shapes import Facts, Shape, absent_or, instant, legible, text, whole
from rejent.registers.unreadable import row_unreadable
from rejent.streams.calls.catalog.acts import (
    ANNOUNCEMENT_CONFIRMED,
    ANNOUNCEMENT_HEARD,
    ANNOUNCEMENT_SET,
    ANNOUNCER_SET,
    CALL_ANNOUNCED,
)
from rejent.streams.calls.catalog.models import Announcement, Announcer, CallNotice
from rejent.streams.calls.catalog.numbers.commitments import commitment

_SUBJECT = "catalog"
_SHAPES: dict[str, Shape] = {
    ANNOUNCEMENT_SET.name: {
        "source": text,
        "kind": text,
        "version": whole,
        "text_sha256": text,
        "from": instant,
    },
    ANNOUNCER_SET.name: {"source": text, "digest": text},
    CALL_ANNOUNCED.name: {
        "call": text,
        "kind": text,
        "known": text,
        "announcement": absent_or(whole),
        "start": instant,
        "heard_ms": whole,
    },
}
_STATED = ("call", "kind", "known", "announcement", "start", "heard_ms", "completed")
_SINCE = ("announcement_set", "doubt", "keys_commitment", "likeness_permille")
"""Facts that acts of earlier versions lack, whichever tells of evidence."""
_STATED_SINCE = ("became", "source", "told_by", *_SINCE)
"""The same of the acts that name a call."""
_HEARD_SINCE = ("numbers_commitment", *_SINCE)
"""The same of the acts that tell of evidence before its call is known."""
_VERSION_SINCE = ("language", "made_by")
"""The same of the acts that set a version."""
FORGOTTEN_AFTER = timedelta(days=1)
"""After so long no call is found any more for what was heard, and its numbers go."""
AHEAD = timedelta(hours=1)
"""So far ahead of ours the clock of an exchange may be; what is said to be heard later than that finds no call."""
_LEEWAY = timedelta(hours=1)
"""The keeper may have been off."""
_KEPT = "The database still holds the numbers of {thing}, which was not heard within the last day."
_SOUND_BEFORE = "sha256"
"""What acts of earlier versions call the digest of a sound."""


def notices_against_ledger(now: datetime) -> Iterator[Finding]:
    """Every version, address and piece of evidence that is not what was entered, that no act explains, or whose row is gone; and numbers kept too long."""
    yield from _versions()
    yield from _announcers()
    yield from _evidence()
    yield from _waiting()
    yield from _overdue(now)


def _versions() -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(entered([ANNOUNCEMENT_SET.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.lose(begins=True)
            continue
        known = act.facts
        sound = known.get("sound_sha256", known.get(_SOUND_BEFORE))
        stated.things[f"{known['source']}/{known['kind']}/{known['version']}"] = {
            **{name: known[name] for name in _VERSION_SINCE if name in known},
            "text_sha256": known["text_sha256"],
            "sound_sha256": sound,
            "sha256": sound,
            "from": known["from"],
            "entry": act.index,
            "order": True,
        }
    rows = told(Announcement.objects.all(), _version, stated)
    yield from against(_SUBJECT, "announcement", stated, _ordered(rows))


def _version(row: Announcement) -> tuple[str, Facts]:
    return f"{row.source_id}/{row.kind}/{row.version}", {
        "language": row.language,
        "made_by": row.made_by,
        "text_sha256": sha256(row.text.encode()).hexdigest(),
        "sound_sha256": sha256(bytes(row.sound)).hexdigest(),
        "sha256": row.sha256,
        "from": row.valid_from.isoformat(),
        "entry": int(row.entry),
    }


def _ordered(rows: Iterator[tuple[str, Facts]]) -> Iterator[tuple[str, Facts]]:
    """Whether versions, by the keys under which evidence names them, come in the order in which they were set: none took the place of another."""
    last = -1
    for key, held in rows:
        entry = cast("int", held["entry"])
        yield key, {**held, "order": entry > last}
        last = max(last, entry)


def _announcers() -> Iterator[Finding]:
    """The last word on each line's address counts; an empty digest says that there is none any more."""
    stated = Replayed()
    for act in legible(entered([ANNOUNCER_SET.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.lose("digest", begins=True)
            continue
        stated.things.pop(str(act.facts["source"]), None)
        if act.facts["digest"]:
            stated.things[str(act.facts["source"])] = {"digest": act.facts["digest"]}
    yield from against(_SUBJECT, "announcer", stated, told(Announcer.objects.all(), _announcer, stated))


def _announcer(row: Announcer) -> tuple[str, Facts]:
    return str(row.pk), {"digest": announcer_digest(str(row.pk), row.address)}


def announcer_digest(source_id: str, address: str) -> str:
    """What the ledger knows of where a line's calls are answered; empty where they are nowhere."""
    return sha256(f"{source_id} {address}".encode()).hexdigest() if address else ""


def _evidence() -> Iterator[Finding]:
    """A row stands under the act that told of it; where none did before its call was known, under that of the call."""
    stated = Replayed()
    for act in legible(entered([CALL_ANNOUNCED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.lose(begins=True)
            continue
        key = str(act.facts.get("told_by", act.index))
        known = {name: act.facts[name] for name in _STATED_SINCE if name in act.facts}
        known |= {name: act.facts.get(name) for name in _STATED}
        stated.things[f"{key}/{act.index}" if key in stated.things else key] = {
            **known,
            "by": act.actor,
            "numbers": "",
        }
    rows = _rows().filter(call__isnull=False)
    for entry in rows.filter(call__destroyed=True, by="").values_list("entry", flat=True):
        stated.things.get(str(entry), {}).pop("by", None)
    yield from against(_SUBJECT, "notice", stated, told(rows, _notice, stated))


def _notice(row: CallNotice) -> tuple[str, Facts]:
    told_by = {"source": row.source_id, "by": row.by, "told_by": row.entry}
    left = {"numbers": f"{row.caller}{row.called}"}
    return str(row.entry), {"call": row.call_id, **told_by, **left, **notice_facts(row)}


def _rows() -> QuerySet[CallNotice]:
    """Evidence with its versions, without their sounds."""
    rows = CallNotice.objects.select_related("announcement")
    return rows.defer("announcement__text", "announcement__sound")


def notice_facts(row: CallNotice) -> dict[str, object]:
    """What the ledger is told of a piece of evidence, besides whose it is; of keys a commitment, for they may be a number."""
    return {
        "kind": row.kind,
        "known": row.known_by,
        "announcement": row.announcement_id,
        "announcement_set": row.announcement.entry if row.announcement else None,
        "start": row.start.astimezone(UTC).isoformat(),
        "heard_ms": round(1000 * row.heard_s),
        "completed": row.completed,
        "became": row.outcome,
        "keys_commitment": commitment(row.salt, row.keys),
        "likeness_permille": None if row.score is None else round(1000 * row.score),
        "doubt": row.doubt,
    }


def heard_facts(row: CallNotice) -> dict[str, object]:
    """The same of evidence that waits for its call: bound to the numbers by which that is found."""
    return {**notice_facts(row), "numbers_commitment": commitment(row.salt, row.caller, row.called)}


def _waiting() -> Iterator[Finding]:
    """Evidence that waits for its call, against the act that told of it.

    What an earlier version left waiting names no act; it is not asked about, never joined, and gone with the next round.
    """
    stated = Replayed()
    rows = _rows().filter(call__isnull=True, entry__isnull=False)
    for key, held in told(rows, lambda row: (str(row.pk), {"told": is_told(row)}), stated):
        if not held["told"]:
            yield without_act(_SUBJECT, f"notice:{key}")
    for key, error in stated.unread:
        yield row_unreadable(_SUBJECT, f"notice:{key}", error)


def _overdue(now: datetime) -> Iterator[Finding]:
    """Numbers that are still there though they should have gone, or will not go for long, whether an act tells of them or not."""
    rows = CallNotice.objects.filter(call__isnull=True)
    for pk in rows.exclude(_within(now, _LEEWAY)).order_by("pk").values_list("pk", flat=True):
        yield Finding(_SUBJECT, f"{_SUBJECT}.numbers-kept", _KEPT, {"thing": f"notice:{pk}"})


def may_wait(now: datetime) -> Q:
    """Which evidence may still wait for its call: what an act tells of, heard in the last day."""
    return Q(entry__isnull=False) & _within(now)


def _within(now: datetime, leeway: timedelta = timedelta()) -> Q:
    return Q(start__range=(now - FORGOTTEN_AFTER - leeway, now + AHEAD + leeway))


def is_told(row: CallNotice) -> bool:
    """Whether the ledger was told of evidence before its call was known: of this one, of these numbers, by whom it names, and of no other row."""
    if row.entry is None or CallNotice.objects.filter(entry=row.entry).exclude(pk=row.pk).exists():
        return False
    try:
        act = entered_as(row.entry)
    except NoSuchEntryError:
        return False
    name = ANNOUNCEMENT_CONFIRMED.name if row.by else ANNOUNCEMENT_HEARD.name
    said = act.facts or {}
    try:
        held = {"source": row.source_id, **heard_facts(row)}
    except (ArithmeticError, ValueError, ObjectDoesNotExist):
        return False  # a planted row may hold what is no number, or name what is not there
    return (act.act, act.actor) == (name, row.by) and all(
        said[key] == value if key in said else key in _HEARD_SINCE for key, value in held.items()
    )
