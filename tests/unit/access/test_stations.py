"""Viewings where the regulation lets recordings be opened at listed stations only."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from rejent.access import checks, queries, services
from rejent.access.errors import AccessRefusedError
from rejent.access.rules.decision import Rule
from rejent.devices import queries as stations
from rejent.devices import services as devices
from rejent.devices.views import THE_MACHINE, UNLISTED, ClientStation, DeviceView, Lack
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.registers import queries as registers
from tests.unit.access.conftest import Issue, People
from tests.unit.access.test_viewings import finished, open_viewing

DIGEST, OTHER = "ab" * 32, "cd" * 32
CLAUSE = "§ 6 ust. 2–3, § 8 ust. 1"
YEAR = timedelta(days=365)


@pytest.fixture
def listed(source: str, clock: ManualClock) -> str:
    """A camera whose recordings are opened at listed stations, as Wałbrzych's regulation has it for calls."""
    text = example("elblag").replace(
        'clause = "ust. 1 pkt 6–7"', f'stations = "listed"\nclause = "{CLAUSE}"', 1
    )
    office.activate_regulation(text, in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return source


@pytest.fixture
def station(listed: str, clock: ManualClock) -> Callable[..., DeviceView]:  # noqa: ARG001 - after the regulation
    """Enrols stations."""

    def enrol(name: str = "Kasa", fingerprint: str = DIGEST) -> DeviceView:
        return devices.enrol_station(
            name=name, place="", address="", fingerprint=fingerprint, expires_at=clock.now() + YEAR, clock=clock,
            actor="",
        )  # fmt: skip

    return enrol


def at(clock: ManualClock, fingerprint: str = DIGEST) -> ClientStation:
    """Where a request with this certificate comes from, now."""
    return stations.client_station(fingerprint, "192.0.2.1", clock=clock)


def test_a_viewing_opens_at_a_listed_station_and_the_ledger_tells_which(
    person: People, issue: Issue, station: Callable[..., DeviceView], listed: str, clock: ManualClock
) -> None:
    """Number of the station in the viewing and in its act; on the machine itself the word for it."""
    viewer, enrolled = person("viewer"), station()
    issue(viewer)
    viewing = open_viewing(viewer, listed, clock, client_station=at(clock))
    assert viewing.station == str(enrolled.id)
    another = person("viewer")
    issue(another)
    assert open_viewing(another, listed, clock, client_station=THE_MACHINE).station == "machine"
    told = [act.facts["station"] for act in registers.acts(names=["viewing.opened"]).acts if act.facts]
    assert told == ["machine", str(enrolled.id)]
    assert (
        queries.open_viewing_for(viewing.id, viewer, "session", clock=clock, client_station=at(clock))
        == viewing
    )
    assert list(checks.findings(clock)) == []


def test_from_no_listed_station_nothing_opens_and_the_attempt_is_entered(
    person: People, issue: Issue, listed: str, clock: ManualClock
) -> None:
    """The refusal names rule and clause; who could open it elsewhere is told so before anything is filled in."""
    viewer, stranger = person("viewer"), person("viewer")
    issue(viewer)
    with pytest.raises(AccessRefusedError) as refused:
        open_viewing(viewer, listed, clock)
    assert refused.value.decision.rule is Rule.STATION_NOT_LISTED
    assert CLAUSE in str(refused.value)
    (entered,) = registers.acts(names=["access.refused"]).acts
    assert entered.facts is not None
    assert entered.facts["rule"] == "station-not-listed"
    barred = queries.barred_here(viewer, UNLISTED, clock=clock)
    assert barred is not None
    assert barred.rule is Rule.STATION_NOT_LISTED
    assert queries.barred_here(viewer, THE_MACHINE, clock=clock) is None
    assert queries.barred_here(stranger, UNLISTED, clock=clock) is None
    assert queries.may(viewer, "recordings", listed, clock=clock).allowed


def test_where_the_regulation_asks_for_no_station_any_computer_will_do(
    person: People, issue: Issue, source: str, clock: ManualClock
) -> None:
    """A viewing opened and continued on unlisted computers is as good, and belongs to no station."""
    viewer = person("viewer")
    issue(viewer)
    viewing = open_viewing(viewer, source, clock)
    assert viewing.station == ""
    for place in (UNLISTED, THE_MACHINE):
        assert (
            queries.open_viewing_for(viewing.id, viewer, "session", clock=clock, client_station=place)
            == viewing
        )
    finished(viewing, viewer, clock)
    assert queries.barred_here(viewer, UNLISTED, clock=clock) is None


def struck_off(enrolled: DeviceView, clock: ManualClock) -> None:
    """The station is struck off."""
    devices.revoke_device(enrolled.id, reason="zgubiony", clock=clock, actor="")


def ended(enrolled: DeviceView, clock: ManualClock) -> None:
    """Its certificate ends."""
    clock.advance(enrolled.expires_at - clock.now())


@pytest.mark.parametrize(("end", "lack"), [(struck_off, Lack.REVOKED), (ended, Lack.EXPIRED)])
def test_what_ends_the_station_ends_the_open_viewing(
    person: People,
    issue: Issue,
    station: Callable[..., DeviceView],
    listed: str,
    clock: ManualClock,
    *,
    end: Callable[[DeviceView, ManualClock], None],
    lack: Lack,
) -> None:
    """The next piece is refused, and the keeper, who sits at no station, closes the viewing with the reason."""
    viewer, enrolled = person("viewer"), station()
    issue(viewer)
    clock.advance(YEAR - timedelta(minutes=1))
    viewing = open_viewing(viewer, listed, clock, client_station=at(clock))
    assert services.close_ended_viewings(clock=clock) == 0
    end(enrolled, clock)
    assert at(clock).lack is lack
    with pytest.raises(AccessRefusedError) as refused:
        queries.open_viewing_for(viewing.id, viewer, "session", clock=clock, client_station=at(clock))
    assert refused.value.decision.rule is Rule.STATION_NOT_LISTED
    assert services.close_ended_viewings(clock=clock) == 1
    (closed,) = registers.acts(names=["viewing.closed"]).acts
    assert closed.facts is not None
    assert closed.facts["reason"] == "station-not-listed"
    assert list(checks.findings(clock)) == []


def test_a_viewing_goes_on_at_its_own_station_only(
    person: People, issue: Issue, station: Callable[..., DeviceView], listed: str, clock: ManualClock
) -> None:
    """A session carried to another listed computer does not carry the viewing along."""
    viewer = person("viewer")
    issue(viewer)
    station()
    station("Sekretariat", OTHER)
    viewing = open_viewing(viewer, listed, clock, client_station=at(clock))
    for place in (at(clock, OTHER), THE_MACHINE, UNLISTED):
        with pytest.raises(AccessRefusedError) as refused:
            queries.open_viewing_for(viewing.id, viewer, "session", clock=clock, client_station=place)
        assert refused.value.decision.rule is Rule.STATION_NOT_LISTED
    assert "another station" in refused.value.decision.now or place is UNLISTED
    assert (
        queries.open_viewing_for(viewing.id, viewer, "session", clock=clock, client_station=at(clock))
        == viewing
    )
