"""Who speaks on which stream, as the caller of a recording session says (RFC 7865 §6)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

MAX_FOREIGN = 32
"""Elements of vendors kept of one session."""
MAX_KNOWN = 1_000
"""Things of one kind that are known of a session; partial updates add no more of them, and go on changing those there are."""
MAX_CARRIED = 64
"""Calls that are told as carried at once: the newest."""
TOO_MUCH = "metadata-too-much"
"""Deviation of a session of which more was said than is kept."""


@dataclass(slots=True, frozen=True)
class StatedTime:
    """An instant as the caller states it; its clock may be wrong or unset.

    Attributes:
        written: the text as received.
        instant: in UTC; None where no zone is given or the text is no time.
    """

    written: str
    instant: datetime | None


@dataclass(slots=True, frozen=True)
class Group:
    """Calls that belong together (RFC 7865 §6.2)."""

    id: str


@dataclass(slots=True, frozen=True)
class CallSession:
    """One call (RFC 7865 §6.3)."""

    id: str
    sip_ids: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    group: str = ""
    start: StatedTime | None = None
    stop: StatedTime | None = None


@dataclass(slots=True, frozen=True)
class Participant:
    """One who takes part (RFC 7865 §6.5).

    Attributes:
        names: address and displayed name, as often as given; either may be empty.
    """

    id: str
    names: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, frozen=True)
class StreamInfo:
    """One stream (RFC 7865 §6.7); `label` joins it to a media line of the message it came in."""

    id: str
    label: str = ""
    session: str = ""


@dataclass(slots=True, frozen=True)
class Association:
    """How long one belongs to another: a call to the recording, or a participant to a call (RFC 7865 §6.4, §6.6)."""

    participant: str
    session: str
    since: StatedTime | None = None
    until: StatedTime | None = None


@dataclass(slots=True, frozen=True)
class StreamUse:
    """Which streams a participant feeds and hears (RFC 7865 §6.8); none of both means on hold."""

    participant: str
    sends: tuple[str, ...] = ()
    receives: tuple[str, ...] = ()
    since: StatedTime | None = None
    until: StatedTime | None = None

    @property
    def held(self) -> bool:
        """Whether the participant neither sends nor receives."""
        return not self.sends and not self.receives


@dataclass(slots=True, frozen=True)
class Original:
    """What a vendor's block says of the recorded call itself; it knows better than the recording session does."""

    caller: str = ""
    called: str = ""
    call_id: str = ""


@dataclass(slots=True, frozen=True)
class Metadata:
    """All that is known of a recording session.

    Attributes:
        partial: it changes what was said before, and does not replace it (RFC 7865 §5.1.2).
        foreign: elements of vendors, as XML.
        deviations: how it differs from RFC 7865, by stable names.
    """

    partial: bool = False
    groups: tuple[Group, ...] = ()
    sessions: tuple[CallSession, ...] = ()
    participants: tuple[Participant, ...] = ()
    streams: tuple[StreamInfo, ...] = ()
    recordings: tuple[Association, ...] = ()
    memberships: tuple[Association, ...] = ()
    uses: tuple[StreamUse, ...] = ()
    original: Original = field(default_factory=Original)
    foreign: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()

    def senders(self, label: str) -> tuple[Participant, ...]:
        """Who feeds the media line with this label."""
        return self.feeding().get(label, ())

    def feeding(self) -> dict[str, tuple[Participant, ...]]:
        """Who feeds each media line, by its label: found at once, for a session may name a thousand of each kind."""
        labels: dict[str, set[str]] = {}
        for stream in self.streams:
            labels.setdefault(stream.id, set()).add(stream.label)
        lines: dict[str, set[str]] = {}
        for use in self.uses:
            lines.setdefault(use.participant, set()).update(*(labels.get(each, ()) for each in use.sends))
        found: dict[str, list[Participant]] = {}
        for one in self.participants:
            for label in lines.get(one.id, ()):
                found.setdefault(label, []).append(one)
        return {label: tuple(each) for label, each in found.items()}

    @property
    def carried(self) -> tuple[tuple[str, str], ...]:
        """The calls that are not said to be over, `MAX_CARRIED` at most.

        Of each its name, and that of the group it belongs to; empty where there is none.
        """
        return tuple((one.id, one.group) for one in self.sessions if one.stop is None)[-MAX_CARRIED:]

    def updated(self, newer: "Metadata") -> "Metadata":
        """What is known after another message: a snapshot replaces, a partial one adds and changes."""
        if not newer.partial:
            return newer
        original = newer.original if newer.original != Original() else self.original
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
    """Lays what is newer over what is known, in the order in which things were first named.

    Attributes:
        left_out: something was not added, because there is too much.
    """

    def __init__(self) -> None:
        self.left_out = False

    def merged(
        self, old: tuple[Entity, ...], new: tuple[Entity, ...], key: Callable[[Entity], object]
    ) -> tuple[Entity, ...]:
        """Things of one kind."""
        found = {key(one): one for one in old}
        for one in new:
            name = key(one)
            if len(found) < MAX_KNOWN or name in found:
                found[name] = one
            else:
                self.left_out = True
        return tuple(found.values())
