"""What a journal's receiver is told of it, as the catalogue has it."""

from dataclasses import dataclass, field

import structlog

from rejent.catalog.views import RecorderSource
from rejent.recording.contract import Cause, GeneralCause
from rejent.streams.mail.messages.classes import MailRules
from rejent.streams.mail.receiving.admission import Admission
from rejent.streams.mail.receiving.causes import MailCause
from rejent.streams.mail.sources import is_milter, listens_at, read_rules, recipients_of, rules_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class JournalOrder:
    """A journal to be received, as the catalogue has it."""

    source_id: str
    lmtp: bool
    host: str
    port: int
    recipients: frozenset[str]
    rules: MailRules
    admission: Admission = field(default_factory=Admission)
    milter: bool = False
    """A mail server hands messages over as to a milter, and delivers them whatever becomes of them here."""
    lacks: Cause = GeneralCause.NONE
    """Why nothing may be received: who is exempt is not known."""

    @classmethod
    def of(cls, source: RecorderSource) -> "JournalOrder":
        """Return the order of a journal of the catalogue."""
        at, traits = listens_at(source.address), source.traits
        cause: Cause = GeneralCause.NONE
        try:
            rules = read_rules(traits)
        except OSError as error:
            log.error("mail.no-maps", source=source.id, why=error.strerror)  # noqa: TRY400 - one line is enough
            rules, cause = rules_of(traits), MailCause.NO_MAPS
        return cls(
            source.id,
            *at,
            recipients_of(traits),
            rules,
            Admission.of(traits),
            is_milter(source.address),
            cause,
        )
