"""Imports of mailboxes into the history of a journal: begun, ended, and held against what is kept."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from django.conf import settings
from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.views import SourceView
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.findings import Finding
from rejent.kernel.views import view_of
from rejent.registers.guard.rows import matching, verified
from rejent.registers.services import enter
from rejent.streams.mail.models import MailImport
from rejent.streams.mail.records.acts import IMPORT_BEGUN, IMPORT_ENDED
from rejent.streams.mail.records.errors import ImportRefusedError
from rejent.streams.mail.sources import HISTORY, is_history

STREAM = "mail"
TRAIT = "import"
"""Trait of a segment: the number of the import that made it."""
_LONGEST_NAME = 100
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import, and what the messages that it found came to.

    Attributes:
        past_term: of days whose term is over; too_early: of days before the stream was allowed to begin.
        undated: state no time from which a term could count.
        not_taken: larger than the archive takes, or nothing of them was handed out when their turn came; a repetition asks for them again.
        shorter: of the kept ones those of which a server handed out less than the size it states.
        doubtful: lines of an mbox that nearly part two messages, and did not.
    """

    id: int
    source_id: str
    form: str
    begun_at: datetime
    ended_at: datetime | None
    found: int
    kept: int
    private: int
    exempt: int
    known: int
    past_term: int
    too_early: int
    undated: int
    not_taken: int
    shorter: int
    doubtful: int


COUNTED = (
    "found", "kept", "private", "exempt", "known", "past_term", "too_early", "undated", "not_taken", "shorter", "doubtful",
)  # fmt: skip


def history_of(journal: SourceView) -> SourceView | None:
    """Return the history of a journal, if a mailbox was imported into it."""
    address = f"{HISTORY}{journal.id}"
    return next((each for each in catalog.sources(STREAM) if each.address_shown == address), None)


def history_for(journal: SourceView, *, clock: Clock, actor: str) -> SourceView:
    """Return the history of a journal, added where it is not there yet. Raises ImportRefusedError."""
    if journal.stream != STREAM or is_history(journal.address_shown) or journal.removed_at is not None:
        raise ImportRefusedError(
            "Mailboxes are imported into the history of a journal.",
            advice="Name the journal; they stand on the page Sources.",
        )
    if (found := history_of(journal)) is not None:
        return found
    name = f"{journal.name[:_LONGEST_NAME]} – import"
    added = catalog_services.add_source(
        stream=STREAM,
        name=name,
        address=f"{HISTORY}{journal.id}",
        building=name,
        place=name,
        kind="office",
        clock=clock,
        actor=actor,
        credentials_box=settings.VAULT.credentials,
    )
    return catalog.source(added)


def begin_import(
    source_id: str, form: str, place: str, state: str, *, again: bool, clock: Clock, actor: str
) -> int:
    """Enter that a mailbox is being imported; return the number of the import.

    Raises:
        ImportRefusedError: it was imported before and is another since, so that its messages could not be distinguished from those that are
            there; ``again`` imports all of it.
    """
    where, how = mark_of(source_id, place), mark_of(source_id, state) if state else ""
    with transaction.atomic():
        before = list(matching(MailImport.objects.filter(source=source_id, place=where).order_by("-pk")))
        if before and all(row.state != how for row in before) and not again:
            raise ImportRefusedError(
                "This mailbox was imported on {day}, and was changed since: what is there already would be kept twice.",
                day=civil_date(before[0].begun_at).isoformat(),
                advice="To keep all of it once more: --again. An opening marks deliveries of one message.",
            )
        row = MailImport(source_id=source_id, form=form, place=where, state=how, begun_at=clock.now())
        row.save()
        record = {"number": row.pk, "source": source_id, "form": form}
        subject = f"source:{source_id}"
        enter(IMPORT_BEGUN, actor=actor, subject=subject, record=record, at=row.begun_at, row=row)
    return row.pk


def end_import(number: int, counted: Counter[str], *, clock: Clock, actor: str) -> ImportView:
    """Enter that all of a mailbox was looked at, and what its messages came to."""
    with transaction.atomic():
        row = verified(MailImport.objects.select_for_update().get(pk=number))
        row.ended_at = clock.now()
        for name in COUNTED:
            setattr(row, name, counted[name])
        row.save()
        record = {"number": row.pk, "source": row.source_id, **{name: counted[name] for name in COUNTED}}
        subject = f"source:{row.source_id}"
        enter(IMPORT_ENDED, actor=actor, subject=subject, record=record, at=row.ended_at, row=row)
    return view_of(ImportView, row)


def imports(source_id: str) -> list[ImportView]:
    """Return the imports into a history, the newest first."""
    rows = matching(MailImport.objects.filter(source=source_id).order_by("-pk"))
    return [view_of(ImportView, row) for row in rows]


def missing_imported(_at: datetime) -> Iterator[Finding]:
    """Yield the imports of which less is kept than was entered, destroyed messages counted."""
    for source in catalog.sources(STREAM, removed=True):
        if not is_history(source.address_shown):
            continue
        held: Counter[object] = Counter()
        for segment in catalog.segments(source.id, _FIRST, _LAST, destroyed=True):
            held[segment.traits.get(TRAIT)] += segment.units
        for one in imports(source.id):
            if one.ended_at is not None and (missing := one.kept - held[one.id]) > 0:
                template = "{count} messages of import {number} into {source} are not kept."
                facts = {"count": missing, "number": one.id, "source": source.id}
                yield Finding("catalog", "mail.import-missing", template, facts)


def mark_of(source_id: str, text: str) -> str:
    """Return the mark of a place, as of where a message lies; it shows whether a place is known, and nothing of what lies there."""
    return blake2b(
        text.encode("utf-8", "surrogateescape"), key=source_id.encode(), digest_size=32
    ).hexdigest()
