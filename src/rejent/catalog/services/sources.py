"""Adding, changing, switching and removing sources, and the public halves of their day keys."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Protocol

from django.db import transaction

from rejent.catalog.acts import (
    DAY_KEY_FORGOTTEN,
    DAY_KEY_MADE,
    SOURCE_ADDED,
    SOURCE_CHANGED,
    SOURCE_REMOVED,
    SOURCE_SWITCHED_OFF,
    SOURCE_SWITCHED_ON,
)
from rejent.catalog.addresses import Address
from rejent.catalog.coverage import SWITCHED_OFF
from rejent.catalog.errors import (
    DayKeyDiffersError,
    NoSuchSourceError,
    SourceNameTakenError,
    SourceRefusedError,
)
from rejent.catalog.models import DayKey, Gap, Source
from rejent.catalog.queries.names import is_neutral_name, suggest_neutral_name
from rejent.catalog.services.gaps import end_gap, locked_source, open_gap
from rejent.catalog.stream_parts import SOURCES, SourceForm
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.plain_text import is_plain
from rejent.ledger.canonical import canonical_json
from rejent.office import queries as office
from rejent.office import services as office_services
from rejent.registers.guard.rows import verified
from rejent.registers.services import PendingEntry, enter, enter_many

_LONGEST = 120


class CredentialsBox(Protocol):
    """Seals what a source is opened with; only the recorder's supervisor opens it again."""

    def seal(self, source_id: str, user: str, password: str) -> bytes:
        """Return the credentials, sealed for one source."""


def add_source(
    *,
    stream: str,
    name: str,
    address: str,
    building: str,
    place: str,
    kind: str,
    clock: Clock,
    actor: str,
    credentials_box: CredentialsBox,
    traits: Mapping[str, str] | None = None,
) -> str:
    """Add a source and give its identifier; it records once its stream's gates are open.

    Its stream splits the credentials off ``address``, and they are sealed; ``traits`` is what it says of its sources besides.

    Raises:
        SourceRefusedError: the regulation in force has no such stream, a word is missing, another source listens at this address,
            or the name tells a secret place.
        ExcludedPlaceError: the place is of a kind that is never covered; the rule is quoted.
        AddressRefusedError: the address cannot be one of a source.
        SourceNameTakenError: a source of this name exists.
    """
    called = name.strip()
    require_words(called)
    require_stream(stream, civil_date(clock.now()))
    require_neutral_name(stream, called)
    form = SOURCES.of(stream)
    target, stated = _splitter(form)(address), form.traits({**form.preset, **(traits or {})})
    form.fits(target.text, stated)
    with transaction.atomic():
        place_id = office_services.add_place(building, place, kind, clock=clock, actor=actor)
        require_free_name(called)
        _require_free_address(stream, target.text)
        source_id = uuid.uuid4().hex
        made = Source.objects.create(
            id=source_id,
            stream=stream,
            name=called,
            place_id=place_id,
            address=target.text,
            credentials=_sealed(credentials_box, source_id, target.user, target.password),
            traits=stated,
            added_at=clock.now(),
            position=free_position(),
        )
        enter_added(made, kind, actor)
    return source_id


def rename_source(source_id: str, name: str, *, clock: Clock, actor: str) -> None:
    """Call a source by another name; everything it recorded stays its own.

    Raises:
        SourceRefusedError: the name cannot be one, is the one it has, or tells a secret place.
        SourceNameTakenError: another source has it.
        NoSuchSourceError: there is no such source, or it was removed.
    """
    called = name.strip()
    require_words(called)
    with transaction.atomic():
        row = present_source(source_id)
        if called == row.name:
            raise SourceRefusedError("There is nothing to change.", advice="Give another name.")
        require_neutral_name(row.stream, called)
        require_free_name(called)
        row.name = called
        enter_changed(row, ["name"], clock=clock, actor=actor)


def require_neutral_name(stream: str, called: str) -> None:
    """See that a name tells no place that the regulation keeps secret (R-VID-6). Raises `SourceRefusedError`: it may."""
    if stream in office.secret_places() and not is_neutral_name(stream, called):
        raise SourceRefusedError(
            "The regulation keeps these places secret, and everybody reads a name: it may be a word and a number alone.",
            advice="Call it {suggested}.",
            suggested=suggest_neutral_name(stream),
            part="name",
        )


def require_free_name(called: str) -> None:
    """See that no source that is present has this name. Raises `SourceNameTakenError`: one has."""
    if Source.objects.filter(name=called, removed_at__isnull=True).exists():
        raise SourceNameTakenError(
            "There is a source of this name already.",
            advice="Choose another name, or change the address of that source.",
        )


def _require_free_address(stream: str, address: str, source_id: str = "") -> None:
    """See that no other source that is present is in the way of one with this address. Raises SourceRefusedError: one is."""
    for other in Source.objects.filter(stream=stream, removed_at__isnull=True).exclude(pk=source_id):
        if SOURCES.of(stream).excludes(address, other.address):
            raise SourceRefusedError(
                "{name} listens at this address already.",
                name=other.name,
                advice="Choose another port, or remove that source first.",
            )


def enter_added(made: Source, kind: str, actor: str) -> None:
    """Enter that a source was added, and by a digest how it is reached."""
    record = {
        "source": made.id,
        "stream": made.stream,
        "place": made.place_id,
        "kind": kind,
        **{name: made.traits[name] for name in SOURCES.of(made.stream).entered},
        "digest": way_digest(made),
    }
    subject = f"source:{made.id}"
    enter(SOURCE_ADDED, actor=actor, subject=subject, record=record, at=made.added_at, row=made)


def change_source(
    source_id: str,
    *,
    clock: Clock,
    actor: str,
    credentials_box: CredentialsBox,
    address: str = "",
    traits: Mapping[str, str] | None = None,
) -> None:
    """Reach a source in another way; its name, its place and what it recorded stay.

    ``address`` replaces the old one together with its user and password. What is left out stays as it is. The act names
    what was changed, and neither address nor password.

    Raises:
        SourceRefusedError: nothing is to be changed, or a trait cannot be one.
        AddressRefusedError: an address cannot be one of a source.
        NoSuchSourceError: there is no such source, or it was removed.
    """
    if not address and not traits:
        raise SourceRefusedError("There is nothing to change.", advice="Give another address or transport.")
    with transaction.atomic():
        row = present_source(source_id)
        form = SOURCES.of(row.stream)
        split, stated = _splitter(form), form.traits(traits or {})
        changed = list(stated)
        row.traits |= stated
        if address:
            target = split(address)
            _require_free_address(row.stream, target.text, row.pk)
            row.address = target.text
            row.credentials = _sealed(credentials_box, source_id, target.user, target.password)
            changed += ["address", "credentials"]
        form.fits(row.address, row.traits)
        enter_changed(row, changed, clock=clock, actor=actor)


def enter_changed(row: Source, changed: Iterable[str], *, clock: Clock, actor: str) -> None:
    """Store a source and enter which parts of how it is reached were changed."""
    row.save(update_fields=["name", "address", "credentials", "traits"])
    record = {"source": row.pk, "changed": " ".join(sorted(changed)), "digest": way_digest(row)}
    enter(SOURCE_CHANGED, actor=actor, subject=f"source:{row.pk}", record=record, at=clock.now(), row=row)


def _splitter(form: SourceForm) -> Callable[[str], Address]:
    """Return what splits the address that people give of a source. Raises SourceRefusedError: its stream has none."""
    if form.address is None:
        raise SourceRefusedError(
            "This source is a line.",
            advice="Change it by the options of lines: rejent source change --help lists them.",
        )
    return form.address


def remove_source(source_id: str, *, clock: Clock, actor: str) -> None:
    """Strike a source off: no more is recorded; what was recorded stays until its term ends.

    Raises `NoSuchSourceError`: there is no such source, or it was removed before.
    """
    with transaction.atomic():
        source = present_source(source_id)
        current = Gap.objects.filter(source=source, end__isnull=True).first()
        if current is not None:
            end_gap(current, clock.now(), clock)
        source.removed_at, source.switched_on, source.credentials = clock.now(), False, b""
        source.save(update_fields=["removed_at", "switched_on", "credentials"])
        _enter(SOURCE_REMOVED, source, actor, clock)


def switch_source(source_id: str, *, on: bool, clock: Clock, actor: str) -> None:
    """Switch the recording of a source on or off; the time it is off is a gap of its own cause.

    Raises `NoSuchSourceError`: there is no such source, or it was removed.
    """
    with transaction.atomic():
        source = present_source(source_id)
        if source.switched_on == on:
            return
        source.switched_on = on
        source.save(update_fields=["switched_on"])
        if on:
            current = Gap.objects.filter(source=source, end__isnull=True, cause=SWITCHED_OFF).first()
            if current is not None:
                end_gap(current, clock.now(), clock)
        elif source.started_at is not None:
            open_gap(source_id, clock.now(), SWITCHED_OFF, clock=clock)
        _enter(SOURCE_SWITCHED_ON if on else SOURCE_SWITCHED_OFF, source, actor, clock)


def replace_day_key(source_id: str, day: date, recipient: str, *, clock: Clock) -> None:
    """Let the public half of a source's date be the key store's, whatever stands there."""
    with transaction.atomic():
        DayKey.objects.filter(source=source_id, day=day).delete()
        _make_day_keys(source_id, {day: recipient}, clock)


def store_day_keys(source_id: str, recipients: Mapping[date, str], *, clock: Clock) -> None:
    """Store the public halves of a source's day keys; the same one twice does nothing.

    Raises:
        NoSuchSourceError: there is no such source.
        DayKeyDiffersError: another key is stored for one of the dates; nothing is stored.
    """
    with transaction.atomic():
        locked_source(source_id)
        stored = dict(
            DayKey.objects.filter(source=source_id, day__in=recipients).values_list("day", "recipient")
        )
        for day, recipient in recipients.items():
            if stored.get(day, recipient) != recipient:
                raise DayKeyDiffersError(
                    "Source {source} has another key for {day}.", source=source_id, day=day.isoformat()
                )
        made = {day: recipient for day, recipient in recipients.items() if day not in stored}
        _make_day_keys(source_id, made, clock)


def forget_day_key(source_id: str, day: date, *, clock: Clock) -> None:
    """Forget a public half whose private half was lost, so that another key is made and nothing more is sealed in vain."""
    with transaction.atomic():
        DayKey.objects.filter(source=source_id, day=day).delete()
        row = _day_key(source_id, day, "")
        record = {"source": source_id, "day": day.isoformat()}
        subject, now = f"source:{source_id}", clock.now()
        enter(DAY_KEY_FORGOTTEN, actor="", subject=subject, record=record, at=now, row=row, gone=True)


def _make_day_keys(source_id: str, recipients: Mapping[date, str], clock: Clock) -> None:
    rows = DayKey.objects.bulk_create(_day_key(source_id, *place) for place in recipients.items())
    subject, now = f"source:{source_id}", clock.now()
    records = [{"source": source_id, "day": row.day.isoformat(), "recipient": row.recipient} for row in rows]
    enter_many(
        [
            PendingEntry(DAY_KEY_MADE, "", subject, record, now, row)
            for row, record in zip(rows, records, strict=True)
        ]
    )


def _day_key(source_id: str, day: date, recipient: str) -> DayKey:
    return DayKey(id=f"{source_id}/{day.isoformat()}", source_id=source_id, day=day, recipient=recipient)


def require_words(name: str) -> None:
    """See that a name can be one. Raises `SourceRefusedError`: it is empty, too long or holds what nobody sees."""
    if not name or len(name) > _LONGEST:
        raise SourceRefusedError("A source needs a name of at most {longest} characters.", longest=_LONGEST)
    if not is_plain(name):
        raise SourceRefusedError("A name may hold no invisible characters.", advice="Type it anew.")


def require_stream(stream: str, today: date) -> None:
    """See that the regulation in force prescribes a stream. Raises `SourceRefusedError`: it does not."""
    streams = office.verified_streams(today)
    if stream not in streams:
        raise SourceRefusedError(
            "The regulation in force does not prescribe {stream}.",
            stream=stream,
            advice="It prescribes: {known}.",
            known=", ".join(sorted(streams)),
        )


def free_position() -> int:
    """Return the lowest position that no source holds."""
    taken = set(Source.objects.filter(removed_at__isnull=True).values_list("position", flat=True))
    return next(position for position in range(len(taken) + 1) if position not in taken)


def present_source(source_id: str) -> Source:
    """Return the row of a source that was not removed, locked until the transaction ends. Raises `NoSuchSourceError`: there is none."""
    source = verified(locked_source(source_id))
    if source.removed_at is not None:
        raise NoSuchSourceError("Source {source} was removed.", source=source_id)
    return source


def _sealed(box: CredentialsBox, source_id: str, user: str, password: str) -> bytes:
    return box.seal(source_id, user, password) if user or password else b""


def _enter(act: Act, row: Source, actor: str, clock: Clock) -> None:
    record = {"source": row.pk}
    enter(act, actor=actor, subject=f"source:{row.pk}", record=record, at=clock.now(), row=row)


def way_digest(row: Source) -> str:
    """Return the digest over a source's name, address, traits and sealed credentials; bound to the source."""
    sealed = sha256(bytes(row.credentials)).hexdigest()
    fields = {
        "source": row.pk,
        "name": row.name,
        "address": row.address,
        "traits": row.traits,
        "credentials": sealed,
    }
    return sha256(canonical_json(fields).encode()).hexdigest()
