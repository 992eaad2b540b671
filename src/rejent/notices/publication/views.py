"""Publications, and what the statement of accessibility says, as people see them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from rejent.office.regulation.vocabulary import NoticeChannel

PUBLISHED = (NoticeChannel.WEBSITE, NoticeChannel.BULLETIN, NoticeChannel.NOTICE_BOARD)
"""Channels on which an office publishes; the others reach people one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationView:
    """A publication of the office's notices.

    ``editions`` has the digest of what was published about each stream; ``address`` is that of the page, or where the board hangs.
    """

    number: str
    channel: NoticeChannel
    address: str
    editions: Mapping[str, str]
    version: int
    published_on: date
    entered_at: datetime
    entered_by: str
    ended_on: date | None

    def stands(self, day: date) -> bool:
        """Return whether it is published on a day."""
        return self.published_on <= day and (self.ended_on is None or self.ended_on > day)


class Assessed(StrEnum):
    """Whose assessment a statement of accessibility rests on."""

    OFFICE = "office"
    OTHERS = "others"


class Conformance(StrEnum):
    """How far pages are as accessible as the law demands (WCAG 2.1 AA)."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accessibility:
    """What the statement of accessibility says, as the office stated it (Act of 4 April 2019, art. 10).

    ``site``: what the statement is about, as the office calls it; ``published_on`` and ``changed_on``: of the page; the second is the last
    change that matters; ``assessed``: who assessed it, ``assessed_by`` names them where it was not the office; ``made_on`` and
    ``reviewed_on``: of the statement; it is reviewed each year by 31 March. What is not stated is empty, and is said nowhere.
    """

    site: str = ""
    published_on: date | None = None
    changed_on: date | None = None
    conformance: Conformance | None = None
    lacking: str = ""
    assessed: Assessed | None = None
    assessed_by: str = ""
    made_on: date | None = None
    reviewed_on: date | None = None
    contact: str = ""
    phone: str = ""
    mail: str = ""
    building: str = ""
    entered_at: datetime | None = field(default=None, compare=False)

    @property
    def lacks(self) -> tuple[str, ...]:
        """Return the names of the facts that the law demands and the office has not stated."""
        needless = {"entered_at"}
        if self.conformance is Conformance.FULL:
            needless.add("lacking")
        if self.assessed is not Assessed.OTHERS:
            needless.add("assessed_by")
        return tuple(
            each.name for each in fields(self) if each.name not in needless and not getattr(self, each.name)
        )

    def review_by(self) -> date | None:
        """Return the last day for the next review: 31 March of the year after the last one."""
        last = self.reviewed_on or self.made_on
        return date(last.year + 1, 3, 31) if last else None


_DAYS = frozenset({"published_on", "changed_on", "made_on", "reviewed_on"})


def as_facts(stated: Accessibility) -> dict[str, str]:
    """Return it as JSON values; what is not stated is empty."""
    facts = asdict(stated)
    del facts["entered_at"]
    return {
        name: value.isoformat() if isinstance(value, date) else str(value or "")
        for name, value in facts.items()
    }


def as_accessibility(facts: Mapping[str, str]) -> Accessibility:
    """Return it as a view."""
    days = {name: date.fromisoformat(facts[name]) for name in _DAYS if facts.get(name)}
    rest = {name: value for name, value in facts.items() if name not in {*_DAYS, "conformance", "assessed"}}
    chosen = {
        "conformance": Conformance(facts["conformance"]) if facts["conformance"] else None,
        "assessed": Assessed(facts["assessed"]) if facts["assessed"] else None,
    }
    values: dict[str, Any] = {**rest, **days, **chosen}
    return Accessibility(**values)
