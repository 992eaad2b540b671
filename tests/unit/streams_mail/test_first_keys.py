"""The first of two keys: how long it waits in memory, for whom, and what is known of one that is gone."""

import gc
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from rejent.kernel.clock import ManualClock
from rejent.streams.mail.messages import held
from rejent.streams.mail.messages.first_keys import KEPT, FirstKeys, GivenKey, Lost
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.records.errors import RoleKeyRefusedError
from rejent.vault.age import Identity
from tests.waiting import CEILING_S

AT = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
VIEWING, ANNA, JAN = uuid4(), uuid4(), uuid4()


class Desks:
    """First keys, with sessions that end and viewings that are over when a test says so."""

    def __init__(self) -> None:
        self.clock = ManualClock(AT)
        self.running = {"anna", "jan"}
        self.over: set[UUID] = set()
        self.may_give = {ANNA, JAN}
        self.keys = FirstKeys(
            self.over.__contains__,
            self.running.__contains__,
            lambda given: given.person_id in self.may_give,
            lambda: self.clock,
        )

    def given(self, person: UUID = ANNA, role: KeyRole = KeyRole.CASE, asked: str = "opening") -> GivenKey:
        """Return a key of a role, opened by somebody now."""
        session = {ANNA: "anna", JAN: "jan"}[person]
        return GivenKey(role, 1, Identity.generate(), person, session, asked, self.clock.now())


@pytest.fixture
def desks(monkeypatch: pytest.MonkeyPatch) -> Desks:
    """Nothing is given yet, and nobody looks from another thread."""
    monkeypatch.setattr(held, "SWEEP_S", 10 * CEILING_S)
    return Desks()


def keys_in_memory() -> int:
    """Return how many opened keys there are in this process, whoever holds them."""
    gc.collect()
    return sum(isinstance(each, GivenKey) for each in gc.get_objects())


def test_the_second_key_meets_the_first(desks: Desks) -> None:
    """It waits, and is there for another person with the other key, until it is given up."""
    first = desks.given()
    assert desks.keys.beside(VIEWING, first) is None
    assert first.until == AT + KEPT
    desks.clock.advance(KEPT - timedelta(seconds=1))
    assert desks.keys.beside(VIEWING, desks.given(JAN, KeyRole.CONTROL)) is first
    desks.keys.forget(VIEWING)
    assert (desks.keys.of(VIEWING), desks.keys.lost(VIEWING)) == (None, None)


@pytest.mark.parametrize(
    ("person", "role"), [(ANNA, KeyRole.CONTROL), (ANNA, KeyRole.CASE), (JAN, KeyRole.CASE)]
)
def test_one_person_or_one_role_opens_nothing(desks: Desks, person: UUID, role: KeyRole) -> None:
    """Neither the same person with the other key nor another with the same one; the first key waits on."""
    first = desks.given()
    desks.keys.beside(VIEWING, first)
    with pytest.raises(RoleKeyRefusedError):
        desks.keys.beside(VIEWING, desks.given(person, role))
    assert desks.keys.of(VIEWING) is first


def test_a_first_key_dies_after_fifteen_minutes_and_says_so(desks: Desks) -> None:
    """The second key that comes too late is the first of a new pair."""
    desks.keys.beside(VIEWING, desks.given())
    desks.clock.advance(KEPT)
    late = desks.given(JAN, KeyRole.CONTROL)
    assert desks.keys.of(VIEWING) is None
    lost = desks.keys.lost(VIEWING)
    assert lost is not None
    assert (lost.person_id, lost.at, lost.why) == (ANNA, AT, Lost.LATE)
    assert desks.keys.beside(VIEWING, late) is None
    assert desks.keys.lost(VIEWING) is None


def test_a_first_key_dies_with_the_session_of_its_giver(desks: Desks) -> None:
    """The second finds none, and it is known why."""
    desks.keys.beside(VIEWING, desks.given())
    desks.running.discard("anna")
    assert desks.keys.beside(VIEWING, desks.given(JAN, KeyRole.CONTROL)) is None
    desks.running.discard("jan")
    assert desks.keys.of(VIEWING) is None
    lost = desks.keys.lost(VIEWING)
    assert lost is not None
    assert (lost.person_id, lost.why) == (JAN, Lost.SIGNED_OUT)


def test_a_first_key_dies_once_its_giver_may_give_it_no_more(desks: Desks) -> None:
    """Whatever their session does: the second finds none, and it is known why."""
    desks.keys.beside(VIEWING, desks.given())
    desks.may_give.discard(ANNA)
    assert desks.keys.beside(VIEWING, desks.given(JAN, KeyRole.CONTROL)) is None
    desks.may_give.discard(JAN)
    assert desks.keys.of(VIEWING) is None
    lost = desks.keys.lost(VIEWING)
    assert lost is not None
    assert (lost.person_id, lost.why) == (JAN, Lost.NOT_THEIRS)


def test_a_key_that_was_given_for_something_else_opens_nothing(desks: Desks) -> None:
    """What another key is given for counts alone."""
    desks.keys.beside(VIEWING, desks.given(asked="a proposal"))
    assert desks.keys.beside(VIEWING, desks.given(JAN, KeyRole.CONTROL)) is None


def test_nobody_has_to_ask_for_a_key_to_be_gone(desks: Desks) -> None:
    """The sweep gives up what is late, and what belongs to a viewing that is over; no private half stays in memory."""
    before, other = keys_in_memory(), uuid4()
    desks.keys.beside(VIEWING, desks.given())
    desks.keys.beside(other, desks.given())
    desks.over.add(other)
    desks.clock.advance(KEPT)
    desks.keys.sweep()
    assert len(desks.keys) == 0
    assert desks.keys.lost(other) is None
    assert keys_in_memory() == before
