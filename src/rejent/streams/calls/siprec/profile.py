"""What kind of caller an INVITE comes from, and what it says of the call outside the metadata."""

from rejent.streams.calls.sip.header_values import NameAddress, read_address, tokens
from rejent.streams.calls.sip.message import Request, readable
from rejent.streams.calls.siprec.events import Profile
from rejent.streams.calls.siprec.metadata import CallSession, Metadata, Participant, StreamInfo, StreamUse

_DRAFT = frozenset({"namespace", "root-element", "streams-in-participant"})


def deviations_of(invite: Request) -> list[str]:
    """How the head of an INVITE differs from RFC 7866 §6.2."""
    contacts = invite.headers.values("Contact")
    contact = read_address(contacts[0]) if contacts else None
    found = [] if "siprec" in tokens(invite.headers, "Require") else ["require-missing"]
    if contact is None or not contact.has("+sip.src"):
        found.append("feature-draft" if contact is not None and contact.has("src") else "feature-missing")
    elif "+sip.src" not in contact.parameters:
        found.append("feature-in-address")
    return found


def profile_of(invite: Request, metadata: Metadata | None, deviations: list[str]) -> Profile:
    """The kind of caller, by its head and its metadata."""
    if is_bridge(invite):
        return Profile.CISCO_BIB
    if metadata is not None and _DRAFT & set(metadata.deviations):
        return Profile.DRAFT
    says_nothing = {"require-missing", "feature-missing"} <= set(deviations)
    if metadata is None and says_nothing:
        return Profile.PLAIN
    return (
        Profile.TOLERANT if deviations or (metadata is not None and metadata.deviations) else Profile.STRICT
    )


def is_bridge(invite: Request) -> bool:
    """Whether Cisco's built-in bridge, or its network-based recording, calls."""
    sender = _sender(invite)
    return sender.has("x-nearend") or sender.has("x-farend")


def bridge_metadata(invite: Request) -> Metadata:
    """Who speaks, as the From of Cisco's built-in bridge says; both calls of a conversation share a group."""
    sender = _sender(invite)
    near = Participant("near", ((readable(sender.parameter("x-nearendaddr")), ""),))
    far = Participant("far", ((readable(sender.parameter("x-farendaddr")), ""),))
    references = sorted(
        one for one in (sender.parameter("x-refci"), sender.parameter("x-farendrefci")) if one
    )
    session = CallSession(sender.parameter("x-refci"), group="+".join(references))
    speaker = "near" if sender.has("x-nearend") else "far"
    return Metadata(
        sessions=(session,),
        participants=(near, far),
        streams=(StreamInfo("call", "", session.id),),
        uses=(StreamUse(speaker, ("call",)),),
    )


def _sender(invite: Request) -> NameAddress:
    return read_address(invite.headers.get("From") or "")
