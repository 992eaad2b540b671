"""SIPREC metadata: participants, their streams and calls (RFC 7865 §6)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

MAX_FOREIGN = 32
MAX_ENTITIES = 1_000
"""Entities of one kind per session; partial updates beyond it only change known ones."""
MAX_OPEN_CALLS = 64
TOO_MUCH = "metadata-beyond-limits"


@dataclass(slots=True, frozen=True)
class StatedTime:
    """An instant as stated by the caller, whose clock may be wrong; None where it has no zone or cannot be parsed."""

    written: str
    instant: datetime | None


@dataclass(slots=True, frozen=True)
class Group:
    """A communication session group (RFC 7865 §6.2)."""

    id: str


@dataclass(slots=True, frozen=True)
class CallSession:
    """A communication session, i.e. one call (RFC 7865 §6.3)."""

    id: str
    reasons: tuple[str, ...] = ()
    group: str = ""
    start: StatedTime | None = None
    stop: StatedTime | None = None


@dataclass(slots=True, frozen=True)
class Participant:
    """A participant (RFC 7865 §6.5); ``calls``: whether a vendor marks it as the calling or a called party, None where it does not."""

    id: str
    names: tuple[tuple[str, str], ...] = ()
    calls: bool | None = None


@dataclass(slots=True, frozen=True)
class StreamInfo:
    """A media stream (RFC 7865 §6.7); `label` joins it to an SDP media line."""

    id: str
    label: str = ""
    session: str = ""


@dataclass(slots=True, frozen=True)
class Association:
    """Membership of a call in the recording, or of a participant in a call (RFC 7865 §6.4, §6.6)."""

    participant: str
    session: str
    since: StatedTime | None = None
    until: StatedTime | None = None


@dataclass(slots=True, frozen=True)
class StreamUse:
    """Streams that a participant sends and receives (RFC 7865 §6.8); neither means on hold."""

    participant: str
    sends: tuple[str, ...] = ()
    receives: tuple[str, ...] = ()
    since: StatedTime | None = None
    until: StatedTime | None = None

    @property
    def held(self) -> bool:
        """True if the participant neither sends nor receives."""
        return not self.sends and not self.receives


@dataclass(slots=True, frozen=True)
class OriginalCall:
    """The recorded call as a vendor's block describes it; ``recorded`` is the party whose phone is, where it says so."""

    caller: str = ""
    called: str = ""
    call_id: str = ""
    recorded: str = ""


@dataclass(slots=True, frozen=True)
class Metadata:
    """All metadata of a recording session; ``partial`` updates what is known (RFC 7865 §5.1.2), ``foreign`` are vendor elements as XML."""

    partial: bool = False
    groups: tuple[Group, ...] = ()
    sessions: tuple[CallSession, ...] = ()
    participants: tuple[Participant, ...] = ()
    streams: tuple[StreamInfo, ...] = ()
    recordings: tuple[Association, ...] = ()
    memberships: tuple[Association, ...] = ()
    uses: tuple[StreamUse, ...] = ()
    original: OriginalCall = field(default_factory=OriginalCall)
    foreign: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()

    @property
    def present(self) -> tuple[Participant, ...]:
        """The participants who have not left; where two or more of them take part in a stream, these alone.

        Who is disassociated from every call of theirs that goes on has left (RFC 7865 §6.6), and so has, where memberships are
        named, who has neither one nor a stream. Who neither sends nor receives is on hold, unless others took the place.
        """
        belong = self._belong()
        active = {one.participant for one in self.uses if one.until is None and not one.held}
        here = [one for one in self.participants if belong.get(one.id, not belong or one.id in active)]
        taking_part = [one for one in here if one.id in active]
        return tuple(taking_part if len(taking_part) > 1 else here)

    def _belong(self) -> dict[str, bool]:
        """Return of each participant of whom a membership is named whether any of theirs goes on."""
        closed = {one.id for one in self.sessions if one.stop is not None}
        newest = {(one.participant, one.session): one for one in self.memberships}
        belong: dict[str, bool] = {}
        for (participant, session), one in newest.items():
            belong[participant] = belong.get(participant, False) or (
                one.until is None and session not in closed
            )
        return belong

    def senders(self, label: str) -> tuple[Participant, ...]:
        """Return the participants that send on the media line with this label."""
        return self.feeding().get(label, ())

    def feeding(self) -> dict[str, tuple[Participant, ...]]:
        """Return the senders of each media line by label, in linear time: there may be a thousand of each; nobody who left."""
        belong = self._belong()
        labels: dict[str, set[str]] = {}
        for stream in self.streams:
            labels.setdefault(stream.id, set()).add(stream.label)
        lines: dict[str, set[str]] = {}
        for use in self.uses:
            if use.until is not None or not belong.get(use.participant, True):
                continue
            lines.setdefault(use.participant, set()).update(*(labels.get(each, ()) for each in use.sends))
        found: dict[str, list[Participant]] = {}
        for one in self.participants:
            for label in lines.get(one.id, ()):
                found.setdefault(label, []).append(one)
        return {label: tuple(each) for label, each in found.items()}

    @property
    def carried(self) -> tuple[tuple[str, str], ...]:
        """Ids and group ids of the open calls, at most `MAX_OPEN_CALLS`; group empty where absent."""
        return tuple((one.id, one.group) for one in self.sessions if one.stop is None)[-MAX_OPEN_CALLS:]

    def updated(self, newer: "Metadata") -> "Metadata":
        """Return the metadata after another message: a snapshot replaces, a partial one updates."""
        if not newer.partial:
            return newer
        original = newer.original if newer.original != OriginalCall() else self.original
        merging = _Merging()
        return replace(
            newer,
            groups=merging.merged(self.groups, newer.groups, lambda one: one.id),
            sessions=merging.merged(self.sessions, newer.sessions, lambda one: one.id),
            participants=merging.merged(self.participants, newer.participants, lambda one: one.id),
            streams=merging.merged(self.streams, newer.streams, lambda one: one.id),
            recordings=merging.merged(self.recordings, newer.recordings, lambda one: one.session),
            memberships=merging.merged(
                self.memberships, newer.memberships, lambda one: (one.participant, one.session)
            ),
            uses=merging.merged(self.uses, newer.uses, lambda one: one.participant),
            original=original,
            foreign=tuple(dict.fromkeys((*self.foreign, *newer.foreign)))[-MAX_FOREIGN:],
            deviations=(*newer.deviations, TOO_MUCH) if merging.left_out else newer.deviations,
        )


Entity = TypeVar("Entity")


class _Merging:
    """Merges newer entities into known ones, in order of first appearance; ``left_out`` beyond the limit."""

    def __init__(self) -> None:
        self.left_out = False

    def merged(
        self, old: tuple[Entity, ...], new: tuple[Entity, ...], key: Callable[[Entity], object]
    ) -> tuple[Entity, ...]:
        """Return the merged entities of one kind."""
        found = {key(one): one for one in old}
        for one in new:
            name = key(one)
            if len(found) < MAX_ENTITIES or name in found:
                found[name] = one
            else:
                self.left_out = True
        return tuple(found.values())
