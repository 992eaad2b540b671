"""What subjects and kinds of stream put on a person's desk: what waits for them, what does not work, what they look for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.utils.functional import Promise

from rejent.access.rules.decision import may_administer
from rejent.kernel.clock import civil_date
from rejent.office.views import PersonView

LEAST_GROUPED = 4
"""Lines of a kind that stand in one, with a list of them behind it; three are still read one by one."""


class Counted(Protocol):
    """Words with a place for a number, as `ngettext_lazy` gives them."""

    def __mod__(self, named: Any, /) -> str:
        """Return the words with the number in them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the start page.

    Attributes:
        kind: a state of `rejent.web.words.states`.
        words, more: what it is, and a second sentence.
        address: where it is dealt with; empty for what only informs.
        button: the verb of the button that leads there.
        due: the day until which it is to be done; None where nothing sets one.
        until: on that day the moment after which it cannot be done any more, where there is one.
        alike: what many such lines are called together; those with the same one are of a kind.
        behind: the lines that this one stands for.
    """

    kind: str
    words: str
    more: str
    address: str
    button: str | Promise = ""
    due: date | None = None
    until: datetime | None = None
    alike: Counted | None = None
    behind: tuple["Line", ...] = ()


def group_alike(lines: Iterable[Line]) -> list[Line]:
    """Return the lines with those of one kind, state and day in one where there are many, in the place of the first."""
    kinds: dict[object, list[Line]] = {}
    for place, line in enumerate(lines):
        known_by = place if line.alike is None else (id(line.alike), line.kind, line.due)
        kinds.setdefault(known_by, []).append(line)
    return [shown for of_a_kind in kinds.values() for shown in _join(of_a_kind)]


def _join(lines: list[Line]) -> list[Line]:
    first = lines[0]
    if first.alike is None or len(lines) < LEAST_GROUPED:
        return lines
    words = first.alike % {"n": len(lines)}
    return [Line(first.kind, words, "", "", due=first.due, behind=tuple(lines))]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What does not work, and who is told: those who can do something about it."""

    line: Line
    told: Callable[[PersonView], bool]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the start page, in which session, and when."""

    person: PersonView
    session: str
    now: datetime

    @property
    def today(self) -> date:
        """Return the civil date."""
        return civil_date(self.now)

    def may(self, act: str) -> bool:
        """Return whether the person's roles carry an act."""
        return may_administer(self.person.roles, act).allowed


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for: words, or a number as books spell it."""

    person: PersonView
    words: str

    def may(self, act: str) -> bool:
        """Return whether the person's roles carry an act."""
        return may_administer(self.person.roles, act).allowed

    def names(self, *texts: str) -> bool:
        """Return whether texts name every word."""
        known = " ".join(texts).casefold()
        return all(word in known for word in self.words.casefold().split())


@dataclass(frozen=True, slots=True)
class Found:
    """Something that was found.

    Attributes:
        kind: the heading it stands under.
        words, more: what it is called, and what distinguishes it.
        address: its page, to which ``sent`` is posted where something may stand in no address.
        exact: whether it is what was looked for by its number.
    """

    kind: str | Promise
    words: str
    more: str
    address: str
    exact: bool = False
    sent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A subject's part of the start page, and of the search.

    Attributes:
        waits: what this person is to do; nothing that is another's to do.
        wrong: everything that does not work, whoever looks, so that a page knows whether it may say that all does.
        notes: what holds for this person now and asks nothing of them.
        finds: what fits of that which this person may see anyway.
    """

    waits: Callable[[Reader], Iterable[Line]] = lambda _: ()
    wrong: Callable[[datetime], Iterable[Trouble]] = lambda _: ()
    notes: Callable[[Reader], Iterable[Line]] = lambda _: ()
    finds: Callable[[Sought], Iterable[Found]] = lambda _: ()


def whoever_may(*acts: str) -> Callable[[PersonView], bool]:
    """Return what says whether a person's roles carry one of these acts."""
    return lambda person: any(may_administer(person.roles, act).allowed for act in acts)
