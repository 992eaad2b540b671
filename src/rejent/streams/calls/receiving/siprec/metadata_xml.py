"""Parse SIPREC metadata (RFC 7865 §5, §7, §9).

Only entities, document types and excessive size are rejected. Drafts, wrong order and invented elements are tolerated,
with each deviation recorded and foreign elements kept as received.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from rejent.streams.calls.network.sip.header_values import read_address
from rejent.streams.calls.network.sip.message import MAX_MESSAGE, SipError
from rejent.streams.calls.receiving.siprec.metadata import (
    MAX_FOREIGN,
    Association,
    CallSession,
    Group,
    Metadata,
    OriginalCall,
    Participant,
    StatedTime,
    StreamInfo,
    StreamUse,
)

MAX_METADATA = MAX_MESSAGE // 2
MAX_ELEMENTS = 2_000
MAX_DEPTH = 64
"""Nested elements; RFC 7865 needs four, and serialising vendor blocks recurses once per level."""
MAX_NAMESPACE = 255
"""Characters of a namespace name, which is repeated in each of its elements once parsed."""
MAX_REPEATED = 16
MAX_TEXT = 1_024

NAMESPACE = "urn:ietf:params:xml:ns:recording:1"
_ENTITIES = frozenset(
    {"group", "session", "participant", "stream", "sessionrecordingassoc", "participantsessionassoc",
     "participantstreamassoc", "datamode"}
)  # fmt: skip
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\s*([Zz]|[+-]\d\d:?\d\d)?$", re.ASCII
)
_NO_LETTER = re.compile(r"[^a-z]+")

Entity = TypeVar("Entity")


class BrokenMetadataError(SipError):
    """Metadata that cannot be read; ``fault`` is one of `FAULTS`."""

    def __init__(self, fault: str, template: str, /, *, bound: int = 0) -> None:
        super().__init__(template, where="metadata", bound=bound)
        self.fault = fault


FAULTS = ("metadata-too-long", "metadata-no-xml", "metadata-declares", "metadata-too-much")
"""What may be wrong with metadata that cannot be read: its length, its form, a document type or entity, its elements."""


def read_metadata(text: bytes) -> Metadata:
    """Parse metadata, complete or partial; BrokenMetadataError where it is no XML, declares types or entities, or is too large."""
    parser = DefusedXMLParser(target=TreeBuilder(), forbid_dtd=True)
    parser.parser.StartNamespaceDeclHandler = _bound_namespace
    if len(text) > MAX_METADATA:
        raise BrokenMetadataError(FAULTS[0], "The metadata is longer than {bound} bytes.", bound=MAX_METADATA)
    try:
        parser.feed(text.strip())
        root: Element = parser.close()
    except DefusedXmlException:
        raise BrokenMetadataError(FAULTS[2], "The metadata declares a document type or an entity.") from None
    except (ParseError, ValueError, LookupError):
        raise BrokenMetadataError(FAULTS[1], "The metadata is no XML.") from None
    return _Reader(root).read()


def _bound_namespace(_prefix: str | None, name: str | None) -> None:
    """Reject long namespace names, which would multiply in memory, with BrokenMetadataError."""
    if name is not None and len(name) > MAX_NAMESPACE:
        raise BrokenMetadataError(
            FAULTS[3], "The metadata names a namespace with more than {bound} signs.", bound=MAX_NAMESPACE
        )


class _Reader:
    def __init__(self, root: Element) -> None:
        self._root = root
        self._spaces = {_space(root), NAMESPACE}
        self._ours: dict[str, list[Element]] = {}
        self._deviations: dict[str, None] = {}
        self._seen: dict[str, str] = {}
        self._uses: list[StreamUse] = []
        self._memberships: list[Association] = []

    def read(self) -> Metadata:
        """Return the document's metadata; BrokenMetadataError where it has too many elements, or they are nested too deeply."""
        elements = list(self._root.iter())
        if len(elements) > MAX_ELEMENTS:
            raise BrokenMetadataError(
                FAULTS[3], "The metadata has more than {bound} elements.", bound=MAX_ELEMENTS
            )
        if len(elements) > MAX_DEPTH and _deeper_than(self._root, MAX_DEPTH):
            raise BrokenMetadataError(
                FAULTS[3], "The metadata has more than {bound} elements within each other.", bound=MAX_DEPTH
            )
        self._check_root()
        for element in elements:
            if self._is_ours(element):
                self._ours.setdefault(_small(element), []).append(element)
        sessions = self._each("session", self._session)
        groups = self._each("group", lambda one: Group(self._id(one, "group")))
        participants = self._each("participant", self._participant)
        streams = self._each("stream", self._stream)
        recordings = self._each("sessionrecordingassoc", self._association)
        self._memberships += self._each("participantsessionassoc", self._association)
        self._uses += self._each("participantstreamassoc", self._use)
        foreign = self._foreign()
        original = _original(elements)
        return Metadata(
            partial=self._partial(elements),
            groups=tuple(groups),
            sessions=tuple(sessions),
            participants=tuple(participants),
            streams=tuple(streams),
            recordings=tuple(recordings),
            memberships=tuple(self._memberships),
            uses=tuple(self._uses),
            original=original,
            foreign=tuple(foreign),
            deviations=tuple(self._deviations),
        )

    def _deviates(self, name: str) -> None:
        self._deviations[name] = None

    def _check_root(self) -> None:
        if _space(self._root) != NAMESPACE:
            self._deviates("namespace")
        if _local(self._root) != "recording":
            self._deviates("root-element")

    def _partial(self, elements: list[Element]) -> bool:
        for one in elements:
            if _small(one) == "datamode":
                if _local(one) != "datamode":
                    self._deviates("datamode-spelling")
                return _text(one).lower() == "partial"
        written = next((value for name, value in self._root.attrib.items() if name.lower() == "datamode"), "")
        return written.strip().lower() == "partial"

    def _each(self, name: str, read: Callable[[Element], Entity]) -> list[Entity]:
        once = name in {"session", "participant", "stream", "group"}
        found = self._ours.get(name, ())
        return [read(element) for element in found if not once or self._first(element, name)]

    def _is_ours(self, element: Element) -> bool:
        return _space(element) in self._spaces

    def _first(self, element: Element, kind: str) -> bool:
        """Return False for an id used before, whose element is ignored (RFC 7865 §6.10)."""
        known = self._id(element, kind)
        if not known:
            self._deviates(f"{kind}-without-id")
            return True
        if known in self._seen:
            self._deviates("id-twice")
            return False
        self._seen[known] = kind
        return True

    def _id(self, element: Element, kind: str) -> str:
        for name in (f"{kind}_id", f"{kind}-id", f"{kind}id", "id", kind):
            if name in element.attrib:
                if name != f"{kind}_id":
                    self._deviates("id-attribute")
                return element.attrib[name].strip().removeprefix("urn:uuid:")[:255]
        return ""

    def _reference(self, element: Element, kind: str) -> str:
        for name in (f"{kind}_id", f"{kind}-id", f"{kind}id", kind):
            if name in element.attrib:
                return element.attrib[name].strip().removeprefix("urn:uuid:")[:255]
        return ""

    def _session(self, element: Element) -> CallSession:
        return CallSession(
            id=self._id(element, "session"),
            reasons=tuple(_texts(element, "reason")),
            group=next(iter(_texts(element, "group-ref")), "").removeprefix("urn:uuid:"),
            start=self._time(element, ("start-time", "associate-time")),
            stop=self._time(element, ("stop-time", "disassociate-time")),
        )

    def _participant(self, element: Element) -> Participant:
        known = self._id(element, "participant")
        names: list[tuple[str, str]] = []
        for child in element:
            if _small(child) == "nameid":
                aor = child.attrib.get("aor", "").strip() or next(iter(_texts(child, "aor")), "")
                names.append((aor[:MAX_TEXT], next(iter(_texts(child, "name")), "")[:255]))
        if not names:
            names = [(aor, next(iter(_texts(element, "name")), "")) for aor in _texts(element, "aor")[:1]]
        self._draft_associations(element, known)
        mark = next((_text(each).lower() for each in element.iter() if _small(each) == "callingparty"), "")
        return Participant(known, tuple(names[:MAX_REPEATED]), _MARKS.get(mark))

    def _draft_associations(self, element: Element, known: str) -> None:
        """Read streams and times inside the participant, as in drafts before RFC 7865."""
        sends, receives = _ids(element, "send"), _ids(element, "recv")
        if sends or receives:
            self._deviates("streams-in-participant")
            self._uses.append(StreamUse(known, sends, receives, *self._span(element)))
        session = self._reference(element, "session")
        if session:
            self._memberships.append(Association(known, session, *self._span(element)))

    def _stream(self, element: Element) -> StreamInfo:
        label = next(iter(_texts(element, "label")), "")
        return StreamInfo(self._id(element, "stream"), label[:255], self._reference(element, "session"))

    def _association(self, element: Element) -> Association:
        return Association(
            self._reference(element, "participant"), self._reference(element, "session"), *self._span(element)
        )

    def _use(self, element: Element) -> StreamUse:
        sends, receives = _ids(element, "send"), _ids(element, "recv")
        return StreamUse(self._reference(element, "participant"), sends, receives, *self._span(element))

    def _span(self, element: Element) -> tuple[StatedTime | None, StatedTime | None]:
        return self._time(element, ("associate-time",)), self._time(element, ("disassociate-time",))

    def _time(self, element: Element, names: tuple[str, ...]) -> StatedTime | None:
        written = next((text for name in names for text in _texts(element, name)), None)
        if written is None:
            return None
        stated, deviation = read_time(written)
        if deviation:
            self._deviates(deviation)
        return stated

    def _foreign(self) -> list[str]:
        found: list[Element] = []
        waiting = [self._root]
        while waiting and len(found) < MAX_FOREIGN:
            for child in waiting.pop():
                if self._is_ours(child) and (_small(child) in _ENTITIES or _local(child) in _KNOWN):
                    waiting.append(child)
                else:
                    found.append(child)
        return [tostring(child, encoding="unicode").strip() for child in found[:MAX_FOREIGN]]


_KNOWN = frozenset(
    {"nameID", "name", "aor", "label", "send", "recv", "reason", "sipSessionID", "group-ref", "start-time", "stop-time",
     "associate-time", "disassociate-time", "param", "id"}
)  # fmt: skip


def read_time(written: str) -> tuple[StatedTime, str]:
    """Parse an RFC 3339 instant; return it and its deviation, or empty."""
    text = written.strip()[:64]
    found = _TIME.match(text)
    if found is None:
        return StatedTime(text, None), "time-unreadable"
    if found[8] is None:
        return StatedTime(text, None), "time-without-zone"
    zone = "+00:00" if found[8] in "Zz" else found[8]
    second = f"{found[1]}-{found[2]}-{found[3]}T{found[4]}:{found[5]}:{min(int(found[6]), 59):02}"
    fraction = (found[7] or "0")[:6].ljust(6, "0")
    try:
        instant = datetime.fromisoformat(f"{second}.{fraction}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return StatedTime(text, None), "time-unreadable"
    return StatedTime(text, instant), "clock-unset" if instant.year < 2000 else ""


_MARKS = {"true": True, "false": False}
"""Oracle's mark of the calling party, within a participant."""
_ORIGINAL = {
    "from": "caller", "fromheader": "caller", "fromhdr": "caller", "origfrom": "caller",
    "callingparty": "caller", "callingpartynumber": "caller",
    "to": "called", "toheader": "called", "tohdr": "called", "origto": "called",
    "calledparty": "called", "calledpartynumber": "called", "dialeddigits": "dialled",
    "callid": "call_id", "callidheader": "call_id", "origcallid": "call_id",
}  # fmt: skip
"""Elements of Ribbon's, BroadWorks' and Metaswitch's blocks, in small letters and without signs."""
_RECORDED = {
    "origcall": "caller", "originating": "caller", "outgoing": "caller",
    "termcall": "called", "terminating": "called", "incoming": "called",
}  # fmt: skip
"""Whose phone is recorded: an element of BroadWorks' within ``callType``, or its text (Metaswitch)."""


def _original(elements: Iterable[Element]) -> OriginalCall:
    found: dict[str, str] = {}
    for element in elements:
        plain = _NO_LETTER.sub("", _small(element))
        text = _text(element)
        name = _ORIGINAL.get(plain)
        if name and len(element) == 0 and text and text.lower() not in _MARKS:
            found.setdefault(name, read_address(text).uri[:MAX_TEXT] if "<" in text else text[:MAX_TEXT])
        recorded = _RECORDED.get(text.lower() if plain == "calltype" else plain)
        if recorded:
            found.setdefault("recorded", recorded)
    called = found.get("called", "") or found.get("dialled", "")
    return OriginalCall(found.get("caller", ""), called, found.get("call_id", ""), found.get("recorded", ""))


class _Name(NamedTuple):
    space: str
    local: str
    small: str


@lru_cache(maxsize=256)
def _name(tag: str) -> _Name:
    space, _, local = tag.rpartition("}")
    return _Name(space.removeprefix("{"), local, local.lower())


def _deeper_than(root: Element, bound: int) -> bool:
    level = [root]
    for _ in range(bound):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True


def _local(element: Element) -> str:
    return _name(element.tag).local


def _small(element: Element) -> str:
    return _name(element.tag).small


def _space(element: Element) -> str:
    return _name(element.tag).space


def _text(element: Element) -> str:
    return (element.text or "").strip()


def _texts(element: Element, name: str) -> list[str]:
    found = [text[:MAX_TEXT] for child in element if _small(child) == name and (text := _text(child))]
    return found[:MAX_REPEATED]


def _ids(element: Element, name: str) -> tuple[str, ...]:
    """Return the ids in children of this name, or in an ``id`` within them (BroadWorks)."""
    within = [text for child in element if _small(child) == name for text in _texts(child, "id")]
    found = [*_texts(element, name), *within][:MAX_REPEATED]
    return tuple(text.removeprefix("urn:uuid:")[:255] for text in found)


def write_snapshot_request(reason: str) -> bytes:
    """Return a request for a complete snapshot (RFC 7865 §7)."""
    words = reason.replace("&", "&amp;").replace("<", "&lt;")
    text = '<?xml version="1.0" encoding="UTF-8"?>\r\n'
    text += f'<requestsnapshot xmlns="{NAMESPACE}"><requestreason xml:lang="en">{words}</requestreason></requestsnapshot>\r\n'
    return text.encode()
