"""Everything that changes the register of publications and the statement of accessibility."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max

from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.kernel.plain_text import is_plain
from rejent.ledger.location import LedgerLocation
from rejent.notices.acts import ACCESSIBILITY_STATED, BUNDLE_MADE, NOTICES_PUBLISHED, PUBLICATION_ENDED
from rejent.notices.errors import NoSuchPublicationError, PublicationRefusedError
from rejent.notices.models import AccessibilityFacts, Publication
from rejent.notices.publication.lacking import require_finished
from rejent.notices.publication.queries import SERIES, publication_view
from rejent.notices.publication.views import PUBLISHED, Accessibility, PublicationView, as_facts
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import NoticeChannel
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.rows import first_verified
from rejent.registers.services import enter, take_number
from rejent.retention.services import sign_at_once

_MARK = "OG"
LONGEST_ADDRESS = 300
LONGEST_FACT = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPublication:
    """A publication as it was made; ``editions`` has the digest of what was published about each stream."""

    channel: NoticeChannel
    address: str
    editions: Mapping[str, str]
    published_on: date


def enter_publication(
    new: NewPublication, *, clock: Clock, ledger: LedgerLocation | None, actor: str
) -> PublicationView:
    """Enter that the office published its notices; what was there before ends by `end_publication`.

    Raises PublicationRefusedError: channel, address or day cannot be, nothing was published, or something unfinished; NoRegulationError: no regulation is in
    force.
    """
    clock = FrozenClock(clock)
    today = civil_date(clock.now())
    address = " ".join(new.address.split())
    if new.channel not in PUBLISHED:
        raise PublicationRefusedError("Nothing is published that way.", part="channel")
    if not address or len(address) > LONGEST_ADDRESS or not is_plain(address):
        raise PublicationRefusedError(
            "Enter the address of the page, or where the board hangs.", part="address"
        )
    if new.published_on > today:
        raise PublicationRefusedError(
            "{day} has not come yet.", day=new.published_on.isoformat(), part="published_on"
        )
    if not new.editions:
        raise PublicationRefusedError("Choose about what was published.", part="streams")
    require_finished(clock, new.editions)
    row = Publication(
        channel=new.channel.value,
        address=address,
        editions=dict(sorted(new.editions.items())),
        version=office.version_in_force(today).version,
        published_on=new.published_on,
        entered_at=clock.now(),
        entered_by=actor,
    )
    with transaction.atomic():
        row.number = written_number(_MARK, today.year, take_number(SERIES, today.year))
        row.save(force_insert=True)
        record = {"number": row.number, "channel": row.channel, "published_on": row.published_on.isoformat()}
        subject = f"publication:{row.number}"
        enter(NOTICES_PUBLISHED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    sign_at_once(ledger, clock)
    return publication_view(row)


def end_publication(
    number: str, on: date, *, clock: Clock, ledger: LedgerLocation | None, actor: str
) -> PublicationView:
    """Enter that a publication was taken away, or that another one stands in its place.

    Raises NoSuchPublicationError: there is none; PublicationRefusedError: it ended before, or the day cannot be.
    """
    clock = FrozenClock(clock)
    with transaction.atomic():
        rows = Publication.objects.select_for_update().filter(number=number)
        absent = NoSuchPublicationError("There is no publication {number}.", number=number)
        row = first_verified(rows, absent)
        if row.ended_on is not None:
            raise PublicationRefusedError("The publication ended before.")
        if not row.published_on <= on <= civil_date(clock.now()):
            raise PublicationRefusedError(
                "A publication ends after it began, and not later than today.", part="ended_on"
            )
        row.ended_on = on
        record = {"number": number, "ended_on": on.isoformat()}
        subject = f"publication:{number}"
        enter(PUBLICATION_ENDED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
        row.save()
    sign_at_once(ledger, clock)
    return publication_view(row)


def state_accessibility(
    stated: Accessibility, *, clock: Clock, ledger: LedgerLocation | None, actor: str
) -> None:
    """Enter the office's facts for its statement of accessibility; what is left empty stays asked for.

    Raises `PublicationRefusedError` for a text that is too long or holds what nobody sees, or for days out of order.
    """
    clock = FrozenClock(clock)
    facts = as_facts(stated)
    for name, value in facts.items():
        lines = value.splitlines() or [""]
        if len(value) > LONGEST_FACT or not all(map(is_plain, lines)):
            raise PublicationRefusedError(
                "The text is longer than {longest} characters, or holds invisible ones.",
                longest=LONGEST_FACT,
                part=name,
            )
    if stated.made_on and stated.reviewed_on and stated.reviewed_on < stated.made_on:
        raise PublicationRefusedError("A review follows the statement.", part="reviewed_on")
    with transaction.atomic():
        last = AccessibilityFacts.objects.aggregate(last=Max("number"))["last"] or 0
        row = AccessibilityFacts(number=last + 1, facts=facts, entered_at=clock.now(), entered_by=actor)
        row.save(force_insert=True)
        record = {"number": row.number}
        subject = f"accessibility:{row.number}"
        enter(ACCESSIBILITY_STATED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    sign_at_once(ledger, clock)


def note_bundle(files: int, digest: str, *, clock: Clock, ledger: LedgerLocation | None, actor: str) -> None:
    """Enter that the bundle for publication is handed out. Raises PublicationRefusedError: something that it must say is missing."""
    require_finished(clock)
    with transaction.atomic():
        record = {"files": files, "sha256": digest}
        enter(BUNDLE_MADE, actor=actor, subject="publication", record=record, at=clock.now())
    sign_at_once(ledger, clock)
