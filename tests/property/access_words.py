"""What the words of promise I5 come to, written without looking at the rules: who may see what in an office at random."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from rejent.kernel.clock import ManualClock, civil_date
from rejent.office.views import PersonView


@dataclass
class Someone:
    """A person: whether they are a viewer still, belong to the office, and what they may see until when."""

    view: PersonView
    viewer: bool = True
    left: bool = False
    rights: dict[str, tuple[frozenset[int], date]] = field(default_factory=dict)
    mail: str = ""


@dataclass
class Seen:
    """A viewing that was opened."""

    id: UUID
    owner: int
    second: int | None
    session: str
    place: int
    camera: int
    until: datetime
    guests: int = 0
    closed: bool = False


@dataclass
class Asked:
    """A second person was asked for."""

    id: UUID
    owner: int
    session: str
    camera: int
    until: datetime
    second: int | None = None
    answered: bool = False
    used: bool = False


@dataclass
class Words:
    """The office as far as the promise speaks of it.

    Attributes:
        begun: when its stations were enrolled; the one at a place ends two days later for each place.
        stations: the station at each place; none at the first.
        two, guests, listed: what the regulation in force says.
    """

    clock: ManualClock
    begun: datetime
    people: list[Someone] = field(default_factory=list)
    stations: dict[int, int | None] = field(default_factory=lambda: {0: None})
    struck: set[int] = field(default_factory=set)
    two: bool = False
    guests: bool = False
    listed: bool = False

    def may_see(self, who: int, camera: int) -> bool:
        """Whether somebody may see a camera's recordings today, wherever they sit."""
        one, today = self.people[who], civil_date(self.clock.now())
        covered = any(camera in cameras and today <= until for cameras, until in one.rights.values())
        return one.viewer and not one.left and covered

    def station(self, place: int) -> int | None:
        """The station at a place, while it is one."""
        ended = self.clock.now() >= self.begun + timedelta(days=2 * place)
        return None if place in self.struck or ended else self.stations[place]

    def may_open(self, who: int, camera: int, place: int) -> bool:
        """Whether somebody at a place may open them, if a second person agrees where two are wanted."""
        return self.may_see(who, camera) and (not self.listed or self.station(place) is not None)

    def two_humans(self, first: int, second: int | None) -> bool:
        """Whether two people share nothing that tells them for one."""
        if second is None or first == second:
            return False
        mail = self.people[first].mail
        return not mail or mail != self.people[second].mail

    def accepted(self, first: int, second: int | None, camera: int) -> bool:
        """Whether nobody else is wanted, or this second person is one."""
        fit = second is not None and self.may_see(second, camera) and self.two_humans(first, second)
        return not self.two or fit

    def goes_on(self, one: Seen, who: int, session: str, place: int) -> bool:
        """Whether a viewing hands out a piece to somebody, in a session, at a place."""
        second = not self.two or (one.second is not None and self.may_see(one.second, one.camera))
        begun_at = self.stations[one.place]
        same = self.station(place) == begun_at if begun_at is not None or self.listed else True
        return (
            (who, session) == (one.owner, one.session)
            and not one.closed
            and self.clock.now() < one.until
            and self.may_open(who, one.camera, place)
            and (same and second)
            and (self.guests or not one.guests)
        )
