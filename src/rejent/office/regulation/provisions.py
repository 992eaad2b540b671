"""An office's regulation as data: one frozen class for each table of its file.

Defaults are the cautious reading where a regulation is silent. A field without a default must be written down. The
reference is ``docs/ref/regulation.md``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from rejent.kernel.terms import Length, RetentionKind, RetentionRule
from rejent.office.regulation import vocabulary as words
from rejent.office.regulation.forms import Form, FormPaper
from rejent.office.regulation.vocabulary import EXCLUDED_BY_STATUTE, Ground, RoleName


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose of a stream.

    Args:
        ground: what the statute calls it; for calls, which no statute lists, it may be left out.
        position: what the data protection officer says of a purpose outside the statute; lifts its flag.
        basis: its one legal basis, where the stream has several and the statute does not say which; one of the stream's.
    """

    id: str
    text: str
    ground: Ground | None = None
    position: str = ""
    basis: words.LegalBasis | None = None
    retention: RetentionRule | None = None
    protocol_fields: tuple[words.ProtocolField, ...] | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """Reasons that keep recordings beyond their term, and until when."""

    triggers: tuple[words.HoldTrigger, ...] = (words.HoldTrigger.EVIDENCE, words.HoldTrigger.KNOWLEDGE)
    until: words.HoldEnd = words.HoldEnd.PROCEEDINGS_CONCLUDED
    review_days: int = 90
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """Rules of where cameras may be; ``areas`` are the places that the regulation lists by name, where it does."""

    excluded: tuple[words.PlaceKind, ...] = EXCLUDED_BY_STATUTE
    shown: words.PlacesShown = words.PlacesShown.LISTED
    areas: tuple[str, ...] = ()
    clause: str = ""

    @property
    def secret(self) -> bool:
        """Return whether camera places are known only to those with the right to them."""
        return self.shown is words.PlacesShown.SECRET


@dataclass(frozen=True, slots=True)
class Access:
    """Rules of access: who sees what, where, in whose presence, and what that leaves.

    Args:
        live: roles that may be authorised to see the live picture; empty means nobody.
        recordings: roles that may be authorised to see or hear recordings; empty means nobody.
        second_factor: recordings are opened only by who signs in with codes or a passkey, not with a password alone.
        protocol_clause: where the regulation demands a protocol of each viewing; empty where it says nothing of one.
    """

    live: tuple[RoleName, ...] = ()
    recordings: tuple[RoleName, ...] = ()
    authorised_by: RoleName = RoleName.HEAD
    data_set: str = ""
    second_factor: bool = False
    second_person: words.SecondPerson = words.SecondPerson.NEVER
    stations: words.Stations = words.Stations.ANY
    playback_record: words.PlaybackRecord = words.PlaybackRecord.PROTOCOL
    protocol_clause: str = ""
    protocol_fields: tuple[words.ProtocolField, ...] = (
        words.ProtocolField.FINDINGS,
        words.ProtocolField.FOLLOW_UP,
    )
    position: words.Position = words.Position.NONE
    exceptional_only: bool = False
    photographing_forbidden: bool = True
    contractor: words.ContractorAccess = words.ContractorAccess.NEVER
    most_hours_an_hour: int = 24
    most_hours_a_day: int = 120
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
    """Rules of handing recordings over; ``fields`` is what an application of an entitled body must state."""

    recipients: tuple[words.Recipient, ...] = (
        words.Recipient.COURTS,
        words.Recipient.PROSECUTOR,
        words.Recipient.POLICE,
        words.Recipient.OTHER_ENTITLED,
    )
    written_application: bool = False
    decided_by: RoleName = RoleName.HEAD
    deputy_in_absence: bool = False
    documents: tuple[words.HandoverDocument, ...] = (
        words.HandoverDocument.PROTOCOL,
        words.HandoverDocument.REGISTER,
    )
    document_copies: int = 2
    register: tuple[words.DisclosureColumn, ...] = tuple(words.DisclosureColumn)
    public_information: bool = False
    fields: tuple[words.ApplicationField, ...] = (
        words.ApplicationField.APPLICANT,
        words.ApplicationField.DATE,
        words.ApplicationField.LEGAL_BASIS,
        words.ApplicationField.CASE_NUMBER,
    )
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Preservation:
    """Rules of asking for a recording to be kept; ``window``: within how long after the event, none means any time."""

    by: words.Applicant = words.Applicant.ANYONE
    to: RoleName = RoleName.HEAD
    filed_at: words.FilingPlace = words.FilingPlace.OFFICE
    written: bool = False
    window: Length | None = None
    late: words.LatePolicy = words.LatePolicy.ACCEPTED
    posting_date_counts: bool = True
    fields: tuple[words.ApplicationField, ...] = (
        words.ApplicationField.APPLICANT,
        words.ApplicationField.DATE,
    )
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Copies:
    """Rules of copies: label, lifetime and end.

    Args:
        lifetime: how long it is kept; none means that the office must decide for each copy.
        on_preservation: whether a copy is made for whoever asks that a recording be kept, too, not only for an entitled body.
    """

    label: tuple[words.CopyColumn, ...] = tuple(
        column
        for column in words.CopyColumn
        if column not in {words.CopyColumn.SIGNATURE, words.CopyColumn.OUTCOME}
    )
    register: tuple[words.CopyColumn, ...] = tuple(words.CopyColumn)
    lifetime: Length | None = None
    lifetime_from: words.CopyOrigin = words.CopyOrigin.MAKING
    renewable: bool = False
    on_preservation: bool = False
    made_by: tuple[RoleName, ...] = (RoleName.ADMINISTRATOR, RoleName.VIEWER)
    kept_in: str = ""
    commission: int = 2
    maker_counts: bool = False
    action_register: bool = True
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Notices:
    """Rules of informing people.

    Args:
        staff_days: how many full days before the start employees are told.
        new_staff_statement: nobody sees anything before their written statement that they know the regulation is entered.
    """

    channels: tuple[words.NoticeChannel, ...] = tuple(words.NoticeChannel)
    staff_days: int = 14
    marking_days: int = 1
    new_staff_statement: bool = False
    rights: tuple[words.Right, ...] = (
        words.Right.ACCESS,
        words.Right.RECTIFICATION,
        words.Right.ERASURE,
        words.Right.RESTRICTION,
        words.Right.COMPLAINT,
    )
    assurances: tuple[words.Assurance, ...] = (
        words.Assurance.NO_AUTOMATED_DECISIONS,
        words.Assurance.NO_PROFILING,
        words.Assurance.NO_TRANSFER,
    )
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Announcements:
    """Rules of what callers and called hear."""

    incoming: str = ""
    clause_key: str = ""
    outgoing: str = ""
    staying_is_consent: bool = False


@dataclass(frozen=True, slots=True)
class Adopted:
    """A provision that the office's text does not have and its file has all the same: its key below the stream, and why it was adopted."""

    key: str
    why: str


@dataclass(frozen=True, slots=True)
class StreamRules:
    """Rules of one stream.

    Args:
        stream_retention: how long its recordings are kept (key ``retention``); see `retention`.
        round_the_clock: recorded day and night, so that every gap is entered.
    """

    purposes: tuple[Purpose, ...]
    stream_retention: RetentionRule | None = field(default=None, metadata={"key": "retention"})
    clause: str = ""
    legal_basis: tuple[words.LegalBasis, ...] = ()
    round_the_clock: bool = True
    identification: bool = False
    sound: bool = False
    special_categories: bool = False
    directions: tuple[words.CallDirection, ...] = ()
    events: tuple[words.MonitoredEvent, ...] = ()
    forbidden_uses: tuple[words.Use, ...] = ()
    permitted_uses: tuple[words.Use, ...] = ()
    extension: Extension = Extension()
    places: Places = Places()
    access: Access = Access()
    handover: Handover = Handover()
    preservation: Preservation = Preservation()
    copies: Copies = Copies()
    notices: Notices = Notices()
    announcements: Announcements = Announcements()
    forms: tuple[Form, ...] = ()
    adopted: tuple[Adopted, ...] = ()

    def form(self, paper: FormPaper) -> Form | None:
        """Return the annex's form of a paper, or None where the regulation gives none."""
        return next((each for each in self.forms if paper in each.papers), None)

    def source_of(self, key: str) -> tuple[str, str]:
        """Return why a provision was adopted, empty where it is the text's, and where the text has it, as far as it says."""
        why = next((each.why for each in self.adopted if each.key == key), "")
        return why, str(getattr(getattr(self, key.split(".", maxsplit=1)[0]), "clause", "") or self.clause)

    @property
    def retention(self) -> RetentionRule | None:
        """Return the period of the stream's store, else the shortest of its purposes'; None while it stays off."""
        if self.stream_retention is not None:
            return self.stream_retention
        periods = [purpose.retention for purpose in self.purposes]
        if not periods or None in periods:
            return None
        return min((period for period in periods if period is not None), key=_typical_days)


def _typical_days(rule: RetentionRule) -> tuple[int, bool]:
    days = (rule.length.after(_ORDINARY_DAY) - _ORDINARY_DAY).days
    return days, rule.kind is RetentionKind.FIXED


_ORDINARY_DAY = date(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class Regulation:
    """The rules of one office.

    Args:
        address: how the controller is reached, in one line; notices state it.
        email, telephone: the same by e-mail and telephone, for forms that state them.
        contact_telephone: the data protection officer's, for forms that state it.
        municipality: whether the municipal self-government act applies.
        review_percent: how many of a hundred viewings of a week are drawn for review.
        review_least: how many of a week's viewings are drawn at least, as far as there are so many.
        older_material: which term earlier recordings follow under a new version.
    """

    name: str
    title: str
    controller: str
    head: str
    streams: Mapping[str, StreamRules] = field(default_factory=lambda: MappingProxyType({}))
    deputy: str = ""
    contact: str = ""
    address: str = ""
    email: str = ""
    telephone: str = ""
    contact_telephone: str = ""
    municipality: bool = True
    adopted: date | None = None
    supervisors: tuple[RoleName, ...] = (RoleName.PROTECTION_OFFICER,)
    review_percent: int = 5
    review_least: int = 3
    older_material: words.OlderMaterial = words.OlderMaterial.OLD_TERM

    def stream(self, name: str) -> StreamRules | None:
        """Return the rules of a stream, or None."""
        return self.streams.get(name)
