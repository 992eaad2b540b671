"""Import recordings of a PBX: a file is measured, decided on, sealed unchanged, booked, and then released.

The PBX's file exists until the sealed copy is booked, so every step can be repeated. Ids come from the content: a
recording is entered once, under whatever name.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import structlog
from django.db import DataError

from rejent.catalog.queries import recipient as day_key
from rejent.kernel.clock import Clock, civil_date
from rejent.streams.calls.catalog.lines.addresses import LONGEST_FILE, FolderLine
from rejent.streams.calls.catalog.lines.parts import PbxFormat, RecordZone, Undecided
from rejent.streams.calls.catalog.phone_numbers import canonical_number
from rejent.streams.calls.catalog.queries import pbx as pbx_queries
from rejent.streams.calls.catalog.services import pbx as pbx_services
from rejent.streams.calls.catalog.views import BegunCall, ImportedCall, LookedAt, RecordView
from rejent.streams.calls.player.errors import SoundError, UndecodableSoundError
from rejent.streams.calls.receiving.imported.excerpts import measure_in_parts, read_plain_sound
from rejent.streams.calls.receiving.imported.file_sound import FileSound, is_incomplete_wav
from rejent.streams.calls.receiving.imported.folder import (
    MAX_FILES,
    QUIET_S,
    FileChangedError,
    Folder,
    OpenFile,
    SeenFile,
)
from rejent.streams.calls.receiving.imported.matching import (
    KnownCall,
    known_call,
    match_by_time,
    parse_file_name,
    records_of_call,
)
from rejent.streams.calls.receiving.imported.sealed_copy import (
    TICK_NS,
    Removals,
    SealedCopy,
    identifier,
    length_of,
)
from rejent.streams.calls.receiving.imported.stated_call import StatedCall
from rejent.streams.calls.recorder.parties import in_scope, way_of
from rejent.vault.store.object_store import ObjectStore

log = structlog.get_logger(__name__)

LARGEST = 256 << 20
"""Bytes of a file that cannot be cut, and is decoded in memory; see `rejent.streams.calls.receiving.imported.excerpts`."""
RECORD_WITHIN = timedelta(minutes=10)
UNFINISHED_FOR = timedelta(minutes=10)
LONGEST_LOOK_S = 4.0
"""Seconds after which remaining files wait for the next look, so that the line's state is reported."""
_NEAR = timedelta(minutes=2)
_SAME_CALL = timedelta(seconds=1)
MOST_REJECTED = 10_000
"""Refusals stored per line and day: bounds the catalogue when files are touched repeatedly."""
_TRIES = 3
FIRST_PAUSE_S, LONGEST_PAUSE_S, _TRIES_AT_LENGTH = 15.0, 6 * 3600.0, 20
"""Seconds until a file is tried again whose decoder hung or died; twice as long each time."""
_HEAD = 100
"""Bytes; a smaller file holds only the header of a WAV (44)."""


def no_date(_day: date) -> bool:
    """Of no civil date."""
    return False


@dataclass(frozen=True, slots=True)
class Rules:
    """Current rules of the import.

    ``left_out`` are lines with file names or ids of calls that records leave out, ``refused_calls`` those of them whose
    party refused: no leg of such a call is kept. ``ended`` returns True if recordings of a date are past their term,
    ``unsure`` if that depends on an unconfirmed clock; such files wait.
    """

    directions: frozenset[str]
    refused_numbers: frozenset[str]
    ended: Callable[[date], bool]
    left_out: AbstractSet[tuple[str, str]] = frozenset()
    refused_calls: AbstractSet[tuple[str, str]] = frozenset()
    unsure: Callable[[date], bool] = no_date

    def names_refused(self, *numbers: str) -> bool:
        """Return True if one of these numbers is never recorded."""
        return bool(self.refused_numbers & {canonical_number(each) for each in numbers} - {""})

    def leaves_out(self, call: KnownCall, undecided: Undecided) -> bool:
        """Return True if nothing of a call may be kept."""
        if self.names_refused(call.caller, call.called, *(one.number for one in call.turns)):
            return True
        wanted = in_scope(call.ways, self.directions)
        return not (undecided is Undecided.RECORD if wanted is None else wanted)


@dataclass(slots=True)
class FolderImport:
    """Imports the calls of one line; ``measure`` runs in a confined process (`rejent.streams.calls.player.sound.measured_file`)."""

    source_id: str
    address: FolderLine
    store: ObjectStore
    measure: Callable[[bytes], bytes]
    clock: Clock
    quiet_s: float = QUIET_S
    _folder: Folder = field(init=False)
    _settled: set[str] = field(init=False)
    _awaited: set[str] = field(default_factory=set)
    _removals: Removals = field(init=False)
    _tries: dict[str, int] = field(default_factory=dict)
    _failed: dict[str, tuple[int, float]] = field(default_factory=dict)
    _sounds: dict[str, FileSound] = field(default_factory=dict)
    _attempts: set[str] | None = None
    _reported_too_many: bool = False
    _rejected: Counter[date] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._folder = Folder(self.address.folder, self.clock, self.quiet_s)
        self._settled = pbx_queries.looked_at(self.source_id)
        going = pbx_queries.imported_marks(self.source_id) if self.address.remove else set()
        self._removals = Removals(self.source_id, self._folder, self.store, self.clock, going)

    def look(self, rules: Rules) -> int:
        """Import what can be settled soon; return how many calls. FolderError: no folder. StorageError: everything waits."""
        taken, until = 0, self.clock.monotonic() + LONGEST_LOOK_S
        for file in self._waiting():
            taken += self._tried(file, rules)
            if self.clock.monotonic() > until:
                break
        self._removals.go_on()
        return taken

    @property
    def in_part(self) -> bool:
        """True if a subfolder could not be read at the last look, so that its calls wait unseen."""
        return self._folder.in_part

    def _waiting(self) -> list[SeenFile]:
        files = self._folder.whole(self._settled)
        fresh = {file.mark for file in files} - self._awaited
        self._settled = {*self._folder.still_there, *pbx_queries.looked_at_of(self.source_id, fresh)}
        files = [file for file in files if file.mark not in self._settled]
        self._awaited = {file.mark for file in files}
        self._sounds = {file.mark: found for file in files if (found := self._sounds.get(file.mark))}
        if self._folder.too_many and not self._reported_too_many:
            log.error("import.too-many-files", source=self.source_id, most=MAX_FILES)
        self._reported_too_many = self._folder.too_many
        return sorted(files, key=lambda file: file.mark in self._failed)

    def _tried(self, file: SeenFile, rules: Rules) -> bool:
        try:
            return self._take(file, rules)
        except FileChangedError:
            return False
        except (ArithmeticError, ValueError, DataError):
            return self._reject(file, "unreadable")

    def _take(self, file: SeenFile, rules: Rules) -> bool:
        """Settle a file or leave it for the next look; True if a call was imported."""
        if not file.is_file:
            return self._reject(file, "no-file")
        waited = timedelta(seconds=self._folder.seen_for(file))
        changed = self._changed(file, waited)
        named = parse_file_name(file.name, *self._reading, changed)
        records = self._records(file, named, changed)
        call = known_call(named, records, self.address.numbers, changed)
        names = {(self.source_id, word) for word in (file.name, named.record_id)}
        left_out = rules.leaves_out(call, self.address.undecided) if records else names & rules.left_out
        if left_out or names & rules.refused_calls or self._is_refused(records, rules):
            return self._leave_out(file)
        sound = self._sounds.get(file.mark) or self._measured(file, waited)
        if sound is None:
            return False
        length = length_of(sound)
        if not records:
            near = pbx_queries.records_near(self.source_id, changed - length, _NEAR)
            records = match_by_time(near, named, changed - length, length)
            if self._is_refused(records, rules):
                return self._leave_out(file)
        if not records and self._has_records and waited < RECORD_WITHIN:
            return False
        call = known_call(named, records, self.address.numbers, changed, length)
        return self._decide(file, call, sound, rules)

    def _is_refused(self, records: Sequence[RecordView], rules: Rules) -> bool:
        """Return True if any leg of the call in these records names a number that refused."""
        return any((self.source_id, one.linked_id) in rules.refused_calls for one in records if one.linked_id)

    def _changed(self, file: SeenFile, waited: timedelta) -> datetime:
        first = (self.clock.now() - waited).timestamp()
        return datetime.fromtimestamp(min(max(file.changed / 1e9, 0.0), first), UTC)

    def _decide(self, file: SeenFile, call: KnownCall, sound: FileSound, rules: Rules) -> bool:
        if rules.leaves_out(call, self.address.undecided):
            return self._leave_out(file)
        if length_of(sound) > LONGEST_FILE:
            return self._reject(file, "too-long")
        if rules.unsure(civil_date(call.start)):
            return False
        if rules.ended(civil_date(call.start)):
            return self._reject(file, "past-term")
        with self._folder.opened(file) as content:
            return self._import(file, content, call, sound)

    @property
    def _has_records(self) -> bool:
        return bool(self.address.records and self.address.records.path)

    @property
    def _reading(self) -> tuple[PbxFormat, RecordZone]:
        records = self.address.records
        return (records.form, records.zone) if records else (PbxFormat.CSV, RecordZone.LOCAL)

    def _records(self, file: SeenFile, named: StatedCall, changed: datetime) -> Sequence[RecordView]:
        found = pbx_queries.records_naming(self.source_id, file.name, [named.record_id])
        groups = {one.linked_id for one in found if one.linked_id}
        others = [
            one for group in sorted(groups) for one in pbx_queries.records_of_group(self.source_id, group)
        ]
        return records_of_call(found, [one for one in others if not one.file], changed)

    def _measured(self, file: SeenFile, waited: timedelta) -> FileSound | None:
        failed, again = self._failed.get(file.mark, (0, 0.0))
        if self.clock.monotonic() < again:
            return None
        try:
            with self._folder.opened(file) as content:
                found = self._heard_in(content, file, waited)
        except UndecodableSoundError:
            tries = self._tries[file.mark] = self._tries.get(file.mark, 0) + 1
            if file.size <= _HEAD:
                self._reject(file, "empty")
            elif tries >= _TRIES:
                self._reject(file, "no-sound")
            return None
        except SoundError:
            pause = min(FIRST_PAUSE_S * 2**failed, LONGEST_PAUSE_S)
            self._failed[file.mark] = (min(failed + 1, _TRIES_AT_LENGTH), self.clock.monotonic() + pause)
            log.warning("import.not-measured", source=self.source_id, again_s=pause)
            return None
        if found is not None and found.length < TICK_NS:
            self._reject(file, "empty")
            return None
        if found is not None:
            self._sounds[file.mark] = found
        return found

    def _heard_in(self, content: OpenFile, file: SeenFile, waited: timedelta) -> FileSound | None:
        if is_incomplete_wav(content.read(0, _HEAD), file.size) and waited < UNFINISHED_FOR:
            return None
        if file.size > LARGEST and read_plain_sound(content) is None:
            self._reject(file, "too-large")
            return None
        return measure_in_parts(content, self.measure)

    def _import(self, file: SeenFile, content: OpenFile, call: KnownCall, sound: FileSound) -> bool:
        digest, day = content.digest(), civil_date(call.start)
        call_id = self._call_id(digest, call)
        if pbx_queries.begun_at(call_id) is not None:
            return self._settle(file, "twice")
        key = day_key(self.source_id, day)
        if key is None:
            pbx_services.want_key(self.source_id, day)
            return False
        begun = BegunCall(
            id=call_id,
            source_id=self.source_id,
            day=day,
            start=call.start,
            direction=way_of(call.ways).value,
            caller=call.caller,
            called=call.called,
            profile=self._reading[0].value,
            turns=call.turns,
        )
        attempts = self._discard_attempts(call_id)
        segment = SealedCopy(self.store, begun, key).write(content, digest, sound)
        attempts.add(segment.object_name)
        one_sided = "one-sided" if sound.sides == 2 and min(sound.heard) == 0 < max(sound.heard) else ""
        pbx_services.import_call(
            ImportedCall(
                call=begun,
                end=call.start + length_of(sound),
                segment=segment,
                file=LookedAt(mark=file.mark, name=file.shown, bytes=file.size, day=day, digest=digest),
                records=call.records,
                cause=" ".join(filter(None, (one_sided, sound.head_fault))),
            ),
            clock=self.clock,
        )
        attempts.discard(segment.object_name)
        self._settled.add(file.mark)
        self._removals.going |= {file.mark} if self.address.remove else set()
        return True

    def _discard_attempts(self, call_id: str) -> set[str]:
        """Remove objects of a recording that were never booked; return the remaining attempts."""
        if self._attempts is None:
            stored = {each.name for each in self.store.objects(f"{self.source_id}/")}
            self._attempts = stored - pbx_queries.booked_names(self.source_id)
        if self._attempts:
            keys = pbx_queries.keys_of(self.source_id)
            endings = tuple(f"-{identifier('segment', call_id, key)}.age" for key in keys)
            old = {name for name in self._attempts if name.endswith(endings)}
            self.store.remove(sorted(old), overwrite_heads=True)
            self._attempts -= old
        return self._attempts

    def _call_id(self, digest: str, call: KnownCall) -> str:
        """Return an id determined by the recording; identical silent recordings are distinguished by their records."""
        name = identifier("call", self.source_id, digest)
        begun = pbx_queries.begun_at(name)
        alike = begun is not None and call.assumed == "record" and abs(begun - call.start) > _SAME_CALL
        return identifier("call", self.source_id, digest, str(min(call.records))) if alike else name

    def _leave_out(self, file: SeenFile) -> bool:
        return self._settle(file, "left-out")

    def _reject(self, file: SeenFile, cause: str) -> bool:
        today = civil_date(self.clock.now())
        if not self._rejected[today]:
            self._rejected.clear()
        self._rejected[today] += 1
        if self._rejected[today] > MOST_REJECTED:
            if self._rejected[today] == MOST_REJECTED + 1:
                log.error("import.too-many-refused", source=self.source_id, most=MOST_REJECTED)
            self._settled.add(file.mark)
            return False
        log.warning("import.refused", source=self.source_id, cause=cause, bytes=file.size)
        return self._settle(file, "refused", cause)

    def _settle(self, file: SeenFile, state: str, cause: str = "") -> bool:
        today = civil_date(self.clock.now())
        looked_at = LookedAt(mark=file.mark, name=file.shown, bytes=file.size, day=today)
        pbx_services.note_file(self.source_id, looked_at, state, cause, clock=self.clock)
        self._settled.add(file.mark)
        return False
