"""The closed lists a regulation chooses from. The values are what an office writes in its file."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rejent.office.regulation.law import EXCLUDED_ROOMS, MUNICIPAL_ROOMS, UNION_ROOMS, Rule


class StreamName(StrEnum):
    """A stream of recordings."""

    VIDEO = "video"
    CALLS = "calls"
    MAIL = "mail"
    ACTIVITY = "activity"
    NETWORK = "network"


UNRECORDED = frozenset({StreamName.ACTIVITY, StreamName.NETWORK})
"""Streams that regulations name and nothing records: other forms of monitoring (Labour Code art. 22³), of events of a closed list."""
UNRECORDED_WORDS: dict[str, str | Promise] = {
    StreamName.ACTIVITY: _("activity at workstations"),
    StreamName.NETWORK: _("network use"),
}


class PlaceKind(StrEnum):
    """The kind of a place; six kinds are never covered."""

    ENTRANCE = "entrance"
    CORRIDOR = "corridor"
    STAIRS = "stairs"
    HALL = "hall"
    OFFICE = "office"
    SERVICE_POINT = "service-point"
    MEETING = "meeting"
    OUTSIDE = "outside"
    ARCHIVE = "archive"
    TOILET = "toilet"
    CHANGING = "changing"
    CANTEEN = "canteen"
    SOCIAL = "social"
    SMOKING = "smoking"
    UNION = "union"

    @property
    def excluded(self) -> bool:
        """Return whether no camera may cover it."""
        return self.rule is not None

    @property
    def rule(self) -> Rule | None:
        """Return the provision that excludes it, or None."""
        return _EXCLUDED.get(self)


_EXCLUDED = {
    PlaceKind.TOILET: EXCLUDED_ROOMS,
    PlaceKind.CHANGING: EXCLUDED_ROOMS,
    PlaceKind.CANTEEN: EXCLUDED_ROOMS,
    PlaceKind.SMOKING: EXCLUDED_ROOMS,
    PlaceKind.SOCIAL: MUNICIPAL_ROOMS,
    PlaceKind.UNION: UNION_ROOMS,
}
EXCLUDED_BY_STATUTE = tuple(_EXCLUDED)


class RoleName(StrEnum):
    """A role in the office."""

    HEAD = "head"
    DEPUTY = "deputy"
    SECRETARY = "secretary"
    PROTECTION_OFFICER = "iod"
    ADMINISTRATOR = "administrator"
    IT_UNIT = "it-unit"
    VIEWER = "viewer"
    """A person the head authorised, of whatever post."""
    GUARD = "guard"
    GUARD_SUPERVISOR = "guard-supervisor"
    CONTRACTOR = "contractor"
    CLERK = "clerk"


class Ground(StrEnum):
    """The statute's word for a purpose."""

    EMPLOYEE_SAFETY = "employee-safety"
    PROPERTY = "property"
    PRODUCTION_CONTROL = "production-control"
    SECRECY = "secrecy"
    PUBLIC_ORDER = "public-order"
    CITIZEN_SAFETY = "citizen-safety"
    FIRE_AND_FLOOD = "fire-and-flood"
    WORKING_TIME = "working-time"
    PROPER_USE = "proper-use"
    OUTSIDE_STATUTE = "outside-statute"


class Use(StrEnum):
    """A use of recordings that a regulation forbids or allows by name."""

    WORK_SUPERVISION = "work-supervision"
    TRAINING = "training"
    QUALITY = "quality"
    PROCEDURES = "procedures"


class LegalBasis(StrEnum):
    """GDPR art. 6(1), letters a to e."""

    CONSENT = "gdpr-6-1-a"
    CONTRACT = "gdpr-6-1-b"
    LEGAL_OBLIGATION = "gdpr-6-1-c"
    VITAL_INTERESTS = "gdpr-6-1-d"
    PUBLIC_TASK = "gdpr-6-1-e"


class CallDirection(StrEnum):
    """Calls that are recorded, by direction."""

    INCOMING = "incoming"
    """From outside the office."""
    OUTGOING = "outgoing"
    INTERNAL = "internal"


class MonitoredEvent(StrEnum):
    """An event of work on computers and in the network; no other can be recorded."""

    DUTIES = "duties"
    SUSPICIOUS_NETWORK = "suspicious-network"
    SUSPICIOUS_DEVICE = "suspicious-device"
    MALWARE_PACKETS = "malware-packets"
    VISITED_PAGES = "visited-pages"
    INVENTORY = "inventory"
    CONNECTED_DEVICES = "connected-devices"
    DATA_LEAKS = "data-leaks"


class HoldTrigger(StrEnum):
    """A reason to lengthen retention."""

    EVIDENCE = "evidence"
    KNOWLEDGE = "knowledge"
    """The office learned that the recording may be evidence."""
    AUTHORITY_APPLICATION = "authority-application"
    PERSON_APPLICATION = "person-application"


class HoldEnd(StrEnum):
    """The end of a lengthened retention."""

    PROCEEDINGS_CONCLUDED = "proceedings-concluded"
    PROCEEDINGS_NEED = "proceedings-need"


class PlacesShown(StrEnum):
    """Publication of camera places."""

    LISTED = "listed"
    GENERAL = "general"
    SECRET = "secret"  # noqa: S105 - a word of the regulation, not a password


class SecondPerson(StrEnum):
    """Cases in which a second person must be present at a viewing."""

    NEVER = "never"
    FOR_UNAUTHORISED = "for-unauthorised"
    """A person without authorisation sees a recording only together with somebody who has one."""
    ALWAYS = "always"


class Stations(StrEnum):
    """The computers that recordings are opened on."""

    ANY = "any"
    LISTED = "listed"


class PlaybackRecord(StrEnum):
    """The record a viewing leaves, besides its entry in the ledger."""

    PROTOCOL = "protocol"
    ENTRY = "entry"


class ProtocolField(StrEnum):
    """A field of the protocol of a viewing; who, when, what and why stand in it already."""

    EVENT_TIME = "event-time"
    PARTIES = "parties"
    PLACE = "place"
    BREACH = "breach"
    CAUSES = "causes"
    ACTIONS = "actions"
    PROCEEDINGS = "proceedings"
    FINDINGS = "findings"
    FOLLOW_UP = "follow-up"


class Position(StrEnum):
    """The person who states a position on the protocol of a viewing after the viewer has finished it."""

    NONE = "none"
    HEAD = "head"
    HEAD_OR_DEPUTY = "head-or-deputy"


class ContractorAccess(StrEnum):
    """Cases in which the maintenance contractor may reach recordings."""

    NEVER = "never"
    ON_FAULT = "on-fault"


class Recipient(StrEnum):
    """A recipient of recordings."""

    COURTS = "courts"
    PROSECUTOR = "prosecutor"
    POLICE = "police"
    INVESTIGATING_BODIES = "investigating-bodies"
    OTHER_ENTITLED = "other-entitled"


class HandoverDocument(StrEnum):
    """A document that proves a hand-over."""

    PROTOCOL = "protocol"
    RECEIPT = "receipt"
    REGISTER = "register"


class Applicant(StrEnum):
    """A person who may ask for a recording to be preserved."""

    ANYONE = "anyone"
    PARTICIPANT = "participant"
    NOT_ENTITLED_BODY = "not-entitled-body"
    INTERESTED_PERSON = "interested-person"


class FilingPlace(StrEnum):
    """The place where an application is filed."""

    OFFICE = "office"
    SECRETARIAT = "secretariat"
    FILING_OFFICE = "filing-office"
    HEAD = "head"


class LatePolicy(StrEnum):
    """The treatment of an application filed late."""

    ACCEPTED = "accepted"
    NOT_CONSIDERED = "not-considered"
    NO_GUARANTEE = "no-guarantee"


class ApplicationField(StrEnum):
    """A field of an application."""

    APPLICANT = "applicant"
    DATE = "date"
    PLACE = "place"
    EXACT_TIME = "exact-time"
    APPROXIMATE_TIME = "approximate-time"
    DESCRIPTION = "description"
    PURPOSE = "purpose"
    CALLER_NUMBER = "caller-number"
    CALLED_NUMBER = "called-number"
    TELEPHONE_NUMBER = "telephone-number"
    """Of either party, where the form has room for one (S1, annex 3)."""
    LEGAL_BASIS = "legal-basis"
    CASE_NUMBER = "case-number"
    """The sign under which an entitled body conducts its proceedings."""
    LETTER_DAY = "letter-day"
    """The day that the letter itself bears; an ISO date."""


class CopyColumn(StrEnum):
    """A column of a copy's label or of the register of copies."""

    NUMBER = "number"
    PERIOD = "period"
    SOURCE = "source"
    CALLER_NUMBER = "caller-number"
    CALLED_NUMBER = "called-number"
    MADE_ON = "made-on"
    MAKER = "maker"
    SIGNATURE = "signature"
    OUTCOME = "outcome"


class DisclosureColumn(StrEnum):
    """A column of the register of disclosed recordings."""

    NUMBER = "number"
    APPLICANT = "applicant"
    FILED_ON = "filed-on"
    PURPOSE = "purpose"
    OUTCOME = "outcome"
    RECEIVER_SIGNATURE = "receiver-signature"
    ISSUER_SIGNATURE = "issuer-signature"
    REMARKS = "remarks"


class CopyOrigin(StrEnum):
    """The day a copy's lifetime is counted from."""

    RECORDING = "recording"
    MAKING = "making"


class NoticeChannel(StrEnum):
    """A way to inform people."""

    PLATE = "plate"
    NOTICE_BOARD = "notice-board"
    WEBSITE = "website"
    BULLETIN = "bip"
    ANNOUNCEMENT = "announcement"
    WRITTEN_INFORMATION = "written-information"
    STATEMENT = "statement"


class Right(StrEnum):
    """A right of the person recorded, as the clause names it."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"
    COMPLAINT = "complaint"


class Assurance(StrEnum):
    """An assurance of the clause that something is not done."""

    NO_AUTOMATED_DECISIONS = "no-automated-decisions"
    NO_PROFILING = "no-profiling"
    NO_TRANSFER = "no-third-country-transfer"


class OlderMaterial(StrEnum):
    """The term of earlier recordings when a new version of the regulation comes into force."""

    OLD_TERM = "old-term"
    SHORTER_TERM = "shorter-term"
