"""An office in which people lose and get rights at random, against a model that knows the words of I5 and no rules.

Nobody sees content without a valid authorisation, a listed station where one is demanded, and the second person where
the regulation wants two; what an open viewing hands out is asked for anew each time.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rejent.access import checks, queries, services
from rejent.access.rules.decision import Statement
from rejent.devices import queries as stations
from rejent.devices import services as devices
from rejent.devices.views import ClientStation
from rejent.kernel.clock import ManualClock, civil_date, local_midnight
from rejent.kernel.errors import RejentError
from rejent.office import services as office
from tests.examples import examples
from tests.prepared import prepared
from tests.property.access_made import CAMERAS, DIGESTS, PEOPLE, START, made, regulate
from tests.property.access_words import Asked, Seen, Someone, Words

RECORDED = START - timedelta(hours=1)
MINUTE, TWO_HOURS = timedelta(minutes=1), timedelta(hours=2)
WHO, WHERE = st.integers(0, 2), st.integers(0, 2)
WHICH = st.integers(0, 99)
LAST = st.sampled_from([0, 0, 0, 1, 2])
"""Counted from the last one back."""


class AccessMachine(RuleBasedStateMachine):
    """Rights, roles, stations, regulations and second persons come and go; every attempt ends as the model says."""

    opened_ever = refused_ever = pieces = 0

    def __init__(self) -> None:
        super().__init__()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        self.clock = ManualClock(START)
        self.cameras, people, stations = prepared(__name__, made)
        self.words = Words(self.clock, START, [Someone(view) for view in people], {0: None} | stations)
        for who in PEOPLE:
            self.authorise_all(who, 3)
        self.seen: list[Seen] = []
        self.asked: list[Asked] = []

    def teardown(self) -> None:
        """Leave nothing behind."""
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)

    # --- What happens --------------------------------------------------------------------------------------------------

    @initialize(two=st.booleans(), listed=st.booleans(), which=st.integers(0, 999))
    def begin(self, two: bool, listed: bool, which: int) -> None:
        """The office's first regulation, and a first viewing under it."""
        self.regulate(two, guests=False, listed=listed)
        self.open_as_it_should_be(which)

    @rule(two=st.booleans(), guests=st.booleans(), listed=st.booleans())
    def regulate(self, two: bool, guests: bool, listed: bool) -> None:
        """A new version of the regulation comes into force at once."""
        self.words.two, self.words.guests, self.words.listed = two, guests and not two, listed
        regulate(self.words, self.clock)

    @rule(who=WHO, days=st.integers(1, 3))
    def authorise_all(self, who: int, days: int) -> None:
        """Somebody is authorised for every camera."""
        self.authorise(who, set(CAMERAS), days)

    @rule(who=WHO, cameras=st.sets(st.integers(0, 1), min_size=1), days=st.integers(0, 2))
    def authorise(self, who: int, cameras: set[int], days: int) -> None:
        """Somebody is authorised for some cameras until a day."""
        one, today = self.words.people[who], civil_date(self.clock.now())
        until = today + timedelta(days=days)
        issue = partial(
            services.issue_authorisation, person_id=one.view.id, acts=["recordings"], stream="video",
            source_ids=[self.cameras[number] for number in cameras], valid_from=today, valid_until=until,
            clock=self.clock, actor="",
        )  # fmt: skip
        issued = self._attempt(issue, one.viewer and not one.left)
        if issued is not None:
            one.rights[issued.number] = (frozenset(cameras), until)

    @rule(who=WHO, which=WHICH)
    def revoke(self, who: int, which: int) -> None:
        """One of somebody's authorisations is revoked."""
        rights = self.words.people[who].rights
        if rights:
            number = sorted(rights)[which % len(rights)]
            services.revoke_authorisation(number, clock=self.clock, actor="")
            del rights[number]

    @precondition(lambda self: self.seen)
    @rule(second=st.booleans())
    def revoke_in_mid_view(self, second: bool) -> None:
        """Whoever opened the last viewing, or the second person of it, loses every right."""
        one = self.seen[-1]
        who = one.second if second and one.second is not None else one.owner
        while self.words.people[who].rights:
            self.revoke(who, 0)

    @rule(who=WHO, viewer=st.booleans())
    def change_role(self, who: int, viewer: bool) -> None:
        """Somebody becomes a guard, or a viewer again."""
        office.set_roles(
            self.words.people[who].view.id, ["viewer" if viewer else "guard"], clock=self.clock, actor=""
        )
        self.words.people[who].viewer = viewer

    @precondition(lambda self: sum(one.left for one in self.words.people) == 0)
    @rule(who=st.just(2))
    def leave(self, who: int) -> None:
        """Somebody leaves the office."""
        office.person_left(self.words.people[who].view.id, clock=self.clock, actor="")
        self.words.people[who].left = True

    @rule(who=WHO, mail=st.sampled_from(["", "a@example.org", "B@example.org"]))
    def take_an_address(self, who: int, mail: str) -> None:
        """An account gets an address, perhaps one that another has too."""
        person = self.words.people[who]
        get_user_model().objects.filter(person_id=person.view.id).update(email=mail)
        person.mail = mail

    @rule(place=st.integers(1, 2))
    def strike(self, place: int) -> None:
        """A station is struck off."""
        station = self.words.stations[place]
        assert station is not None
        devices.revoke_device(station, reason="zgubione", clock=self.clock, actor="")
        self.words.struck.add(place)

    @rule(step=st.sampled_from([MINUTE, 9 * MINUTE, timedelta(hours=1), timedelta(days=1)]))
    def wait(self, step: timedelta) -> None:
        """Time passes."""
        self.clock.advance(step)

    @rule(before=st.sampled_from([timedelta(), timedelta(microseconds=1)]))
    def wait_for_midnight(self, before: timedelta) -> None:
        """Time passes up to midnight, or to the instant before it."""
        midnight = local_midnight(civil_date(self.clock.now()) + timedelta(days=1))
        self.clock.advance(max(midnight - before - self.clock.now(), timedelta()))

    @rule(
        who=WHO,
        second=st.none() | WHO,
        camera=st.integers(0, 1),
        place=WHERE,
        known=st.sampled_from([True, True, False]),
    )
    def open(self, who: int, second: int | None, camera: int, place: int, *, known: bool) -> None:
        """Somebody opens a recording, alone or with somebody who proves at the form who they are."""
        expected = (
            known and self.words.may_open(who, camera, place) and self.words.accepted(who, second, camera)
        )
        viewing = self._attempt(
            partial(
                services.open_viewing, person=self.words.people[who].view, source_id=self.cameras[camera],
                start=RECORDED, end=START, purpose=self._purpose(), case="OR.1", session=f"{who}-0",
                clock=self.clock, client_station=self._from(place), acknowledged=known,
                second=None if second is None else self.words.people[second].view,
            ),
            expected,
        )  # fmt: skip
        if viewing is not None:
            self._opened(viewing.id, Asked(viewing.id, who, f"{who}-0", camera, START, second), place)

    @rule(which=st.integers(0, 999))
    def open_as_it_should_be(self, which: int) -> None:
        """One of the openings that the model knows to be right."""
        seats = product(PEOPLE, (None, *PEOPLE), CAMERAS, range(3))
        right = [
            (who, second, camera, place)
            for who, second, camera, place in seats
            if self.words.may_open(who, camera, place) and self.words.accepted(who, second, camera)
        ]
        if right:
            self.open(*right[which % len(right)], known=True)

    @rule(who=WHO, which=st.integers(0, 999))
    def open_at_once(self, who: int, which: int) -> None:
        """Somebody is authorised, and one of the right openings follows."""
        self.authorise_all(who, 2)
        self.open_as_it_should_be(which)

    @rule(who=WHO, camera=st.integers(0, 1), place=WHERE)
    def ask(self, who: int, camera: int, place: int) -> None:
        """Somebody asks for a second person from elsewhere."""
        asked = self._attempt(
            partial(
                services.ask_second, person=self.words.people[who].view, source_id=self.cameras[camera],
                interval=(RECORDED, START), position=RECORDED, session=f"{who}-1", clock=self.clock,
                statement=Statement(self._purpose(), "OR.1", acknowledged=True), client_station=self._from(place),
            ),
            self.words.may_open(who, camera, place),
        )  # fmt: skip
        if asked is not None:
            now = self.clock.now()
            for earlier in self.asked:
                if earlier.owner == who:
                    earlier.until = min(earlier.until, now)
            self.asked.append(Asked(asked.id, who, f"{who}-1", camera, now + 10 * MINUTE))

    @precondition(lambda self: self.asked)
    @rule(which=LAST, who=WHO, session=st.integers(0, 2), agrees=st.sampled_from([True, True, False]))
    def answer(self, which: int, who: int, session: int, agrees: bool) -> None:
        """Somebody agrees or declines, from a session of their own or from the one that asked."""
        asked = self.asked[-1 - which % len(self.asked)]
        own = f"{who}-{session}" if session < 2 else asked.session
        fit = (
            self.words.may_see(who, asked.camera)
            and self.words.two_humans(asked.owner, who)
            and own != asked.session
        )
        expected = fit and not asked.answered and self.clock.now() < asked.until
        answer = partial(
            services.answer_second, asked.id, second=self.words.people[who].view, session=own, agrees=agrees,
            clock=self.clock,
        )  # fmt: skip
        if self._known(asked) and self._attempt(answer, expected) is not None:
            asked.answered, asked.second = True, who if agrees else None

    @precondition(lambda self: self.asked)
    @rule(which=LAST, stranger=st.none() | WHO, session=st.integers(0, 1), place=WHERE)
    def use(self, which: int, stranger: int | None, session: int, place: int) -> None:
        """Who asked opens what was agreed to, in the session that asked; or anybody else tries to."""
        asked = self.asked[-1 - which % len(self.asked)]
        who = asked.owner if stranger is None else stranger
        session = 1 if stranger is None else session
        expected = (
            (who, f"{who}-{session}") == (asked.owner, asked.session)
            and asked.second is not None
            and not asked.used
            and self.clock.now() < asked.until
            and self.words.may_open(who, asked.camera, place)
            and self.words.accepted(who, asked.second, asked.camera)
        )
        use = partial(
            services.open_agreed, asked.id, person=self.words.people[who].view, session=f"{who}-{session}",
            clock=self.clock, client_station=self._from(place),
        )  # fmt: skip
        viewing = self._attempt(use, expected) if self._known(asked) else None
        if viewing is not None:
            asked.used = True
            self._opened(viewing.id, asked, place)

    @precondition(lambda self: self.seen)
    @rule(which=WHICH, who=WHO, place=WHERE)
    def enter_guest(self, which: int, who: int, place: int) -> None:
        """Somebody enters a guest in a viewing, their own or not."""
        one = self.seen[which % len(self.seen)]
        session = one.session if who == one.owner else f"{who}-0"
        expected = self.words.guests and one.guests < 20 and self.words.goes_on(one, who, session, place)
        guest = partial(
            services.enter_guest, one.id, person=self.words.people[who].view, session=session, name="Gość",
            function="świadek", reason="rozpoznaje", clock=self.clock, client_station=self._from(place),
        )  # fmt: skip
        if self._attempt(guest, expected) is not None:
            one.guests += 1

    @precondition(lambda self: self.seen)
    @rule(which=WHICH)
    def close(self, which: int) -> None:
        """A viewing is ended by its person."""
        one = self.seen[which % len(self.seen)]
        services.close_viewing(one.id, clock=self.clock, actor="")
        one.closed = True

    @rule()
    def keep(self) -> None:
        """The keeper closes what has ended and nothing else, and everything entered is as the rows hold it."""
        ending = [
            one
            for one in self.seen
            if not one.closed and not self.words.goes_on(one, one.owner, one.session, one.place)
        ]
        assert services.close_ended_viewings(clock=self.clock) == len(ending)
        for one in ending:
            one.closed = True
        assert list(checks.findings(self.clock)) == []

    @invariant()
    def every_piece_is_asked_for_anew(self) -> None:
        """Of the last viewing, whoever asks in whatever session and from wherever gets a piece or not as the model says.

        Of the one before, its owner.
        """
        for age, one in enumerate(reversed(self.seen[-2:])):
            seats = [(one.owner, 0, place) for place in range(3)]
            if not age:
                seats += [(one.owner, 1, place) for place in range(3)]
                seats += [(who, 0, 0) for who in PEOPLE if who != one.owner]
            for who, number, place in seats:
                session = f"{who}-{number}"
                piece = partial(
                    queries.open_viewing_for, one.id, self.words.people[who].view, session, clock=self.clock,
                    client_station=self._from(place),
                )  # fmt: skip
                self._attempt(piece, self.words.goes_on(one, who, session, place))
                type(self).pieces += 1

    # --- How it is done ------------------------------------------------------------------------------------------------

    def _attempt(self, act: Callable[[], Any], expected: bool) -> Any:
        """Do something that must succeed or be refused; what it gave."""
        given, refused = None, None
        try:
            given = act()
        except RejentError as error:
            refused = error
        assert (refused is None) is expected, (act, refused)
        type(self).refused_ever += refused is not None
        return given

    def _known(self, asked: Asked) -> bool:
        """Whether the row of an asking is certainly there yet; a later asking takes old ones away."""
        return self.clock.now() - asked.until < timedelta(hours=20)

    def _opened(self, viewing: UUID, asked: Asked, place: int) -> None:
        """A viewing was opened with what was asked for, by who asked."""
        begun_at = place if self.words.station(place) is not None else 0
        until = self.clock.now() + TWO_HOURS
        one = Seen(viewing, asked.owner, asked.second, asked.session, begun_at, asked.camera, until)
        self.seen.append(one)
        type(self).opened_ever += 1

    def _from(self, place: int) -> ClientStation:
        return stations.client_station(DIGESTS[place], "192.0.2.1", clock=self.clock)

    def _purpose(self) -> str:
        return next(iter(queries.purposes("video", clock=self.clock)))


@pytest.mark.usefixtures("db")
def test_nobody_ever_sees_more_than_the_words_of_the_promise_allow() -> None:
    """Whatever is authorised, revoked, struck off, agreed to and waited for: what is handed out is what the model says."""
    run_state_machine_as_test(
        AccessMachine,
        settings=settings(
            max_examples=examples(20, least=12),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert min(AccessMachine.opened_ever, AccessMachine.refused_ever, AccessMachine.pieces) >= 20
