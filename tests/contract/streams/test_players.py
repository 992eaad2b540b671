"""What the player of every kind gives, to whom, and how it is entered: what was recorded, under an open viewing, and nothing else."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from rejent.access import authorisation_queries, queries, services
from rejent.access.services.viewings import LONGEST
from rejent.access.viewings import volume
from rejent.access.views import ViewingView
from rejent.cases import services as cases
from rejent.cases.views import State
from rejent.kernel.clock import civil_date
from rejent.kernel.intervals import Interval, uncovered
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.retention import queries as retention
from rejent.retention.services import end_hold, keep_once
from rejent.streams.calls.player import workshop as sounds
from rejent.web.signing_in.sessions import kept_as
from rejent.web.stream_parts import PAGES
from tests.contract.streams.conftest import FOLDERS, Kind, kind_of
from tests.contract.streams.players import PLAYERS, Piece, Unit
from tests.contract.streams.samples import NOON
from tests.people import add_person

BY_INTERVAL = [folder for folder in PLAYERS if kind_of(folder).of(PAGES).by_interval]
AFTERWARDS = NOON + timedelta(hours=2)
PEOPLE = {"viewer": "viewer", "other": "viewer", "second": "viewer", "iod": "iod", "head": "head"}
"""Roles by user names; whoever is a viewer may open recordings of the kind."""


class Showing:
    """An office with a recording of one kind, and people who may open it."""

    def __init__(self, kind: Kind, folder: Path, settings: Any) -> None:
        self.stream, self.player = kind.declared.name, PLAYERS[kind.folder]
        self.by_interval = kind.of(PAGES).by_interval
        self.recorded = self.player.recorded(folder, settings)
        self.office, self.clock = self.recorded.office, self.recorded.office.clock
        self.people = {name: self._entered(name, role) for name, role in PEOPLE.items()}
        self.office.go_to(AFTERWARDS)

    def _entered(self, name: str, role: str) -> PersonView:
        person = add_person(
            f"Osoba {name}", post="", roles=[role], username=name, password="długie hasło do nagrań", clock=self.clock, actor="",
        )  # fmt: skip
        if role == "viewer":
            services.issue_authorisation(
                person_id=person.id, acts=["recordings"], stream=self.stream, source_ids=None, valid_from=civil_date(NOON),
                valid_until=None, clock=self.clock, actor="",
            )  # fmt: skip
        return person

    def browser(self, name: str) -> Client:
        """Return a new browser in which somebody is signed in."""
        client = Client(headers={"host": "localhost", "accept": "application/json"})
        client.force_login(get_user_model().objects.get(person_id=self.people[name].id))
        return client

    def opened(
        self, name: str = "viewer", interval: Interval | None = None, item: str | None = None
    ) -> tuple[Client, ViewingView]:
        """Open the recording, or another time or item of its source, for somebody; where two have to, beside the second."""
        client, time = self.browser(name), interval or self.recorded.interval
        provisions = queries.provisions(self.stream, civil_date(self.clock.now()))
        assert provisions is not None
        viewing = services.open_viewing(
            person=self.people[name], source_id=self.recorded.source_id, start=time.start, end=time.end, clock=self.clock,
            item=self.recorded.item if item is None else item, acknowledged=True,
            purpose=next(iter(queries.purposes(self.stream, clock=self.clock))),
            case=self.player.case(self.recorded.source_id, client, self.browser("iod")),
            session=kept_as(str(client.session.session_key)),
            second=self.people["second"] if provisions.second_person else None,
        )  # fmt: skip
        self.player.unlocked(client, self.browser("iod"), viewing)
        return client, viewing

    def given(self, client: Client, viewing: ViewingView, pieces: list[Piece]) -> list[Unit]:
        """Ask for pieces in a viewing; return the units that are given, each once, and see that all else is refused in a sentence."""
        found: dict[Unit, None] = {}
        for piece in pieces:
            answer = client.get(piece.of(viewing))
            if answer.status_code == 200:
                found |= dict.fromkeys(self.player.units(answer.content, piece))
            else:
                self.see_refused(answer, viewing)
        return list(found)

    def see_refused(self, answer: Any, viewing: ViewingView) -> None:
        """See that an answer is a sentence for its reader, or for a page the way to the viewing's protocol, and holds nothing recorded."""
        if answer.status_code == 302:
            assert answer["Location"].startswith(f"/protocols/{viewing.number}/")
        else:
            assert answer.status_code in {403, 404, 500}
            said = answer.json()["error"]
            assert said
            assert "\n" not in said
        assert not [unit for unit in self.recorded.units if unit.content in answer.content]

    def release(self) -> None:
        """Grant every application that holds the recording, and end its hold."""
        head, clock = self.people["head"], self.clock
        for hold in retention.holds():
            cases.decide_case(
                hold.case, State.GRANTED, reasons="", basis="§ 6", knowledge=True, person=head, clock=clock, ledger=None,
            )  # fmt: skip
        for hold in retention.holds():
            end_hold(hold.number, reason="Sprawa skończona.", clock=clock, ledger=None, actor=str(head.id))

    def needed(self, interval: Interval) -> list[Unit]:
        """Return the units that show an interval: those within, and what has to be shown before the first of them."""
        units = self.recorded.units
        within = [number for number, unit in enumerate(units) if unit.at.overlaps(interval)]
        if not within:
            return []
        first = within[0]
        while not units[first].by_itself:
            first -= 1
        return units[first : within[-1] + 1]

    @property
    def part(self) -> Interval:
        """From the middle of a unit that is not shown by itself, where there are such, to the middle of a later one."""
        units = self.recorded.units
        first, last = (units[len(units) * number // 3 + 2].at for number in (1, 2))
        return Interval(first.start + first.length / 2, last.start + last.length / 2)


@pytest.fixture
def showing(
    kind: Kind, db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch  # noqa: ARG001 - asked for its effect
) -> Showing:  # fmt: skip
    """An office of each kind; one that this process does not register is known to it for the test alone."""
    for part in kind.declared.parts:
        monkeypatch.setattr(part, "_places", dict(part._places))
        monkeypatch.setattr(part, "_loaded", dict(part._loaded))
    kind.declared.register()
    settings.BACKGROUND = lambda work: work()
    return Showing(kind, tmp_path, settings)


@pytest.fixture(scope="module", autouse=True)
def _ended_with_the_module(nothing_left_open: None) -> Iterator[None]:  # noqa: ARG001 - gives opened messages up
    """End the processes that decode sound."""
    yield
    sounds.workshop().close()
    sounds.workshop.cache_clear()


def test_the_player_of_every_kind_is_asked() -> None:
    """A kind that is registered without one fails, and so does one of no kind."""
    missing, foreign = set(FOLDERS) - set(PLAYERS), set(PLAYERS) - set(FOLDERS)
    assert not missing, f"Add a player of {missing} to PLAYERS in tests/contract/streams/players.py."
    assert not foreign, f"No kind stands in {foreign}, of which there is a player in PLAYERS."


def test_a_viewing_shows_what_was_recorded(showing: Showing) -> None:
    """Its page opens, and its pieces give every unit once, byte for byte and at its time."""
    client, viewing = showing.opened()
    assert client.get(f"/viewings/{viewing.id}").status_code == 200
    given = showing.given(client, viewing, showing.player.pieces(client, viewing))
    assert showing.recorded.units
    assert given == showing.recorded.units


@pytest.mark.parametrize("kind", BY_INTERVAL, indirect=True)
def test_a_viewing_of_a_part_shows_that_part(showing: Showing) -> None:
    """Whatever is asked for in it: beside the part only what a picture in it is made of."""
    pieces = showing.player.pieces(*showing.opened())
    client, viewing = showing.opened("other", showing.part)
    given = showing.given(client, viewing, pieces)
    assert given == showing.needed(showing.part)
    assert 0 < len(given) < len(showing.recorded.units)


def test_another_viewing_of_the_same_source_shows_nothing_of_it(showing: Showing) -> None:
    """Neither one of another time nor one of another item."""
    pieces = showing.player.pieces(*showing.opened())
    client, viewing = showing.opened("other", *showing.recorded.empty)
    assert pieces
    assert showing.given(client, viewing, pieces) == []
    assert queries.seen(viewing.id) == []


def test_all_that_is_given_is_entered(showing: Showing) -> None:
    """The whole of each unit stands in the record, noted when it is given, and in the act of closing, whose protocol is then owed."""
    client, viewing = showing.opened(interval=showing.part if showing.by_interval else None)
    pieces = showing.player.pieces(client, viewing)
    showing.clock.advance(timedelta(minutes=1))
    given = showing.given(client, viewing, pieces)
    noted = [
        Interval(one.start, one.end) for one in queries.seen(viewing.id) if one.at == showing.clock.now()
    ]
    assert given
    assert [unit.at for unit in given if uncovered(unit.at, noted)] == []
    services.close_viewing(viewing.id, clock=showing.clock, actor="")
    (closed,) = registers.entered(["viewing.closed"])
    assert closed.facts is not None
    noted = [Interval(*map(datetime.fromisoformat, pair)) for pair in closed.facts["seen"]]
    assert [unit.at for unit in given if uncovered(unit.at, noted)] == []


def test_nobody_else_is_given_anything(showing: Showing) -> None:
    """A stranger signs in first; another person, and the person's other browser, learn of no such viewing; nothing counts as shown."""
    client, viewing = showing.opened()
    pieces = showing.player.pieces(client, viewing)
    before = queries.seen(viewing.id)
    assert pieces
    for name in ("other", "second", "iod"):
        assert showing.given(showing.browser(name), viewing, pieces) == []
    assert showing.given(showing.browser("viewer"), viewing, pieces) == []
    for piece in pieces:
        answer = Client(headers={"host": "localhost"}).get(piece.of(viewing))
        assert (answer.status_code, "next=" in answer["Location"]) == (302, True)
    assert queries.seen(viewing.id) == before
    assert showing.given(client, viewing, pieces) == showing.recorded.units


def _close(showing: Showing, viewing: ViewingView) -> None:
    services.close_viewing(viewing.id, clock=showing.clock, actor="")


def _revoke(showing: Showing, viewing: ViewingView) -> None:
    (held,) = authorisation_queries.authorisations(viewing.person_id)
    services.revoke_authorisation(held.number, clock=showing.clock, actor="")


def _outlast(showing: Showing, _viewing: ViewingView) -> None:
    showing.clock.advance(LONGEST)


def _exhaust(showing: Showing, viewing: ViewingView) -> None:
    limit = volume.limit_of(showing.stream, clock=showing.clock)
    assert limit is not None
    end = viewing.start + timedelta(hours=limit.an_hour)
    services.note_seen(viewing.id, viewing.start, end, "clip", clock=showing.clock)


@pytest.mark.parametrize("lose", [_close, _revoke, _outlast, _exhaust])
def test_who_lost_the_right_is_given_nothing_more(
    showing: Showing, lose: Callable[[Showing, ViewingView], None]
) -> None:
    """The viewing was closed or is over, the authorisation was revoked, or the person was given too much of late."""
    client, viewing = showing.opened()
    pieces = showing.player.pieces(client, viewing)
    lose(showing, viewing)
    before = queries.seen(viewing.id)
    assert pieces
    assert showing.given(client, viewing, pieces) == []
    assert queries.seen(viewing.id) == before


def test_what_does_not_lie_as_it_was_sealed_is_not_given(showing: Showing) -> None:
    """A changed, shortened, foreign or missing object is refused in a sentence and not noted as shown; once it is back it is given."""
    client, viewing = showing.opened()
    pieces = showing.player.pieces(client, viewing)
    before = queries.seen(viewing.id)
    (segment,) = showing.office.living(viewing.source_id, viewing.start, viewing.end)
    path = showing.office.folder / "vault" / segment.object_name
    sealed, content = path.read_bytes(), showing.office.content(segment)
    for damaged in (
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
        sealed[:-20],
        showing.office.sealed(content, segment.recipient),
        None,
    ):
        path.unlink() if damaged is None else path.write_bytes(damaged)
        assert showing.given(client, viewing, pieces) == []
    assert queries.seen(viewing.id) == before
    path.write_bytes(sealed)
    assert showing.given(client, viewing, pieces) == showing.recorded.units


def test_past_its_term_nothing_is_given(showing: Showing) -> None:
    """Neither before the keepers come nor once they destroyed it, though the viewing goes on; no hold keeps it any more."""
    term = retention.term(showing.recorded.source_id, civil_date(NOON), showing.clock)
    assert term is not None
    showing.office.go_to(term.key_dead_by - timedelta(minutes=30))
    client, viewing = showing.opened()
    pieces = showing.player.pieces(client, viewing)
    assert showing.given(client, viewing, pieces) == showing.recorded.units
    showing.release()
    showing.clock.advance(timedelta(minutes=60))
    assert showing.given(client, viewing, pieces) == []
    keep_once(showing.office.keeping)
    assert showing.office.living(viewing.source_id, viewing.start, viewing.end) == []
    assert showing.given(client, viewing, pieces) == []
