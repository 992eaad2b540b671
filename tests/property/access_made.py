"""The office that the machine of access begins with: cameras, people and stations, and its regulation as the model has it."""

from datetime import UTC, datetime, timedelta

from rejent.catalog import services as catalog
from rejent.devices import services as devices
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from tests.people import add_person
from tests.property.access_words import Words

START = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
CLAUSE = 'clause = "ust. 1 pkt 6–7"'
PEOPLE, CAMERAS, DIGESTS = range(3), range(2), ("", "ab" * 32, "cd" * 32)


class NoBox:
    """For cameras that need no password."""

    def seal(self, source_id: str, user: str, password: str) -> bytes:
        """Nothing."""
        return f"{source_id}{user}{password}".encode()[:0]


def made() -> tuple[list[str], list[PersonView], dict[int, int]]:
    """Make the office; return its cameras, its people, and the station at each place."""
    clock = ManualClock(START)
    regulate(Words(clock, START), clock)
    cameras = [
        catalog.add_source(
            stream="video", name=f"Kamera {number + 1}", address="rtsp://192.0.2.1/", building="Town hall",
            place=f"place {number}", kind="entrance", clock=clock, actor="", credentials_box=NoBox(),
        )
        for number in CAMERAS
    ]  # fmt: skip
    people = [
        add_person(
            f"Person {number}", post="", roles=["viewer"], username=f"person{number}",
            password="a long and quiet river", clock=clock, actor="",
        )
        for number in PEOPLE
    ]  # fmt: skip
    stations = {
        place: devices.enrol_station(
            name=f"S{place}", place="", address="", fingerprint=DIGESTS[place],
            expires_at=START + timedelta(days=2 * place), clock=clock, actor="",
        ).id
        for place in (1, 2)
    }  # fmt: skip
    return cameras, people, stations


def regulate(words: Words, clock: ManualClock) -> None:
    """Bring a version of the regulation into force that says what the model does."""
    second = "always" if words.two else "for-unauthorised" if words.guests else "never"
    more = f'second_person = "{second}"\nstations = "{"listed" if words.listed else "any"}"\nplayback_record = "entry"\n'
    text = example("elblag").replace(CLAUSE, more + CLAUSE, 1)
    office.activate_regulation(text, in_force_from=civil_date(clock.now()), clock=clock, actor="")
