"""Cases as people see them, and the closed lists of their values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from rejent.kernel.intervals import Interval
from rejent.office.regulation.vocabulary import ApplicationField


class Kind(StrEnum):
    """A kind of application."""

    PRESERVATION = "preservation"
    """Somebody asks that a recording be kept from destruction."""
    DISCLOSURE = "disclosure"
    """A body entitled by law asks for a recording."""
    RIGHT = "right"
    """Somebody recorded uses a right of theirs (GDPR art. 15 to 22)."""
    PUBLIC_INFORMATION = "public-information"
    """Somebody asks for a recording as public information."""
    INTERNAL = "internal"
    """The office itself has a matter that a recording may prove."""


class State(StrEnum):
    """The state of a case."""

    WAITING = "waiting"
    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """The applicant took it back."""


class Identity(StrEnum):
    """How the office saw who asks."""

    DOCUMENT = "document"
    SIGNATURE = "signature"
    """Signed electronically: qualified, personal, or by a trusted profile."""
    KNOWN = "known"
    """Known to whoever took the application."""
    NOT_SHOWN = "not-shown"


class Despite(StrEnum):
    """Ground on which a recording is used although somebody recorded had its use restricted (GDPR art. 18(2))."""

    CONSENT = "consent"
    CLAIMS = "claims"
    RIGHTS = "rights"
    INTEREST = "interest"


class Channel(StrEnum):
    """A way on which an application came."""

    IN_PERSON = "in-person"
    POST = "post"
    E_DELIVERY = "e-delivery"
    EPUAP = "epuap"
    E_MAIL = "e-mail"
    ORAL = "oral"


class PaperKind(StrEnum):
    """A paper of a case, a copy, a hand-over or a commission."""

    APPLICATION = "application"
    """The application on the office's form, to be signed."""
    RECEIPT = "receipt"
    """The confirmation that it was received."""
    PROLONGATION = "prolongation"
    """The letter that says why the answer comes later."""
    DECISION = "decision"
    NOTICE = "notice"
    """What the recipients of a recording are told of a right that was granted (GDPR art. 19)."""
    HAND_OVER = "hand-over"
    """Protocol or receipt of a copy's hand-over, to be signed."""
    LABEL = "label"
    """What is stuck on the carrier of a copy."""
    SIGNED_ON_SCREEN = "on-screen"
    """The same, with the signatures that were drawn on the screen."""
    DESTRUCTION = "destruction"
    """The protocol of a commission."""


OF_CASES = (
    PaperKind.APPLICATION,
    PaperKind.RECEIPT,
    PaperKind.PROLONGATION,
    PaperKind.DECISION,
    PaperKind.NOTICE,
)


@dataclass(frozen=True, slots=True)
class Applicant:
    """The person or body that applied. ``person``: the identifier of an applicant who is of the office; else empty."""

    name: str = field(repr=False)
    address: str = field(default="", repr=False)
    contact: str = field(default="", repr=False)
    person: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """An application as it was filed.

    ``posted_on``: the day of the postmark, where it came by post and that is known; ``about``: an instant near the event, where its hour is
    known; ``details``: texts by the regulation's names of fields; ``right``: the right that is used, by its name in the regulation; empty
    of other kinds; ``identity``: how it was seen who asks; empty where that does not matter.

    What concerns no recording has neither days nor a time.
    """

    kind: Kind
    stream: str
    channel: Channel
    received_on: date
    event_first: date | None
    event_last: date | None
    interval: Interval | None
    applicant: Applicant
    about: datetime | None = None
    posted_on: date | None = None
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    source_ids: frozenset[str] = frozenset()
    right: str = ""
    identity: str = ""

    @property
    def letter_day(self) -> date | None:
        """Return the day that the letter itself bears; None where it is not known."""
        day = self.details.get(ApplicationField.LETTER_DAY)
        return date.fromisoformat(day) if day else None


@dataclass(frozen=True, slots=True)
class Lost:
    """A recording that was destroyed before the application came: of which source, and the reason in a sentence's parts."""

    source_id: str
    template: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision.

    ``knowledge``: whether the office now knows that the recording may be evidence, None where it was not asked; ``in_place_of``: the head
    in whose place the deputy decided; ``despite`` is a `Despite` or empty.
    """

    at: datetime
    by: str
    in_place_of: str
    reasons: str
    basis: str
    knowledge: bool | None
    despite: str


@dataclass(frozen=True, slots=True)
class ProlongedView:
    """The answer was put off, for these reasons."""

    at: datetime
    by: str
    reasons: str


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """A correction, with what stood there before by the names of the fields; None once that is erased."""

    place: int
    at: datetime
    by: str
    reason: str
    before: Mapping[str, str] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case.

    ``filed_on``: the day that counts as the day of filing; ``last_day``: on which it could be filed; None where the regulation sets no
    term; ``holidays``: the table of holidays by which that day was counted; ``decide_by``: the last day to decide: of the answer where the
    law sets a term for it, else of the provisional hold.
    """

    number: str
    state: State
    application: Application
    version: int
    filed_on: date
    last_day: date | None
    holidays: str
    late: bool
    decide_by: date
    holds: tuple[str, ...]
    lost: tuple[Lost, ...]
    entered_at: datetime
    entered_by: str
    decision: DecisionView | None
    prolonged: "ProlongedView | None" = None
    withdrawn_on: date | None = None
    corrections: int = 0
    erased_at: datetime | None = None
