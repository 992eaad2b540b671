"""What is opened for a viewing is the object that was booked, by the digest of its head: of a held one, too."""

from datetime import timedelta
from typing import Any

import pytest

from rejent.catalog import queries as catalog
from rejent.catalog.views import SegmentView
from rejent.content.errors import NotAsEnteredError
from rejent.ops.wiring import open_segment
from rejent.retention import services
from rejent.vault.age.recipients import Recipient
from rejent.vault.age.seal_writer import seal
from rejent.vault.context import VaultContext
from tests.unit.retention.office import MINUTE, RecordingOffice, movie
from tests.unit.retention.test_destruction import FIXED_END, HALF, NOON, hold


class Vault:
    """The store and the keys of an office, as the program opens objects with them."""

    reader = VaultContext.reader

    def __init__(self, office: RecordingOffice) -> None:
        self.keys, self.store = office.keys, office.store


@pytest.fixture
def recorded(elblag: RecordingOffice, settings: Any) -> RecordingOffice:
    """An office with two minutes of a camera."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"first")
    elblag.record(camera, NOON + MINUTE, b"second")
    settings.VAULT = Vault(elblag)
    return elblag


def living(office: RecordingOffice) -> list[SegmentView]:
    """The segments of the camera, as they were entered."""
    (camera,) = office.sources.values()
    found = [catalog.verified_segment(one.id) for one in catalog.segments(camera, NOON, NOON + 2 * MINUTE)]
    return [one for one in found if one is not None]


def replaced(office: RecordingOffice, segment: SegmentView) -> None:
    """Put another film in the place of an object, sealed by somebody who knows the public half alone."""
    content, _ = movie(60, b"fake")
    office.store.remove([segment.object_name])
    with office.store.create(segment.object_name) as writer:
        writer.write(seal(content, [Recipient.parse(segment.recipient)]))
        writer.commit()


def test_another_object_in_the_place_of_one_is_not_opened(recorded: RecordingOffice) -> None:
    """It opens with the same key, and is refused all the same."""
    first, second = living(recorded)
    assert b"first@59" in open_segment(first).read()
    replaced(recorded, first)
    assert b"fake@59" in recorded.content(first)
    with pytest.raises(NotAsEnteredError):
        open_segment(first)
    assert b"second@59" in open_segment(second).read()


def test_what_a_hold_keeps_is_opened_by_the_act_that_sealed_it_anew(recorded: RecordingOffice) -> None:
    """A whole segment with another head, and a part with one of its own; another object in their place is not opened."""
    (camera,) = recorded.sources.values()
    hold(recorded, camera, NOON, NOON + MINUTE + HALF)
    recorded.go_to(FIXED_END + timedelta(minutes=1))
    assert services.keep_once(recorded.keeping).failed == []
    held = living(recorded)
    contents = [open_segment(one).read() for one in held]
    assert (b"first@59" in contents[0], b"second@29" in contents[1], b"second@59" in contents[1]) == (
        True,
        True,
        False,
    )
    for one in held:
        replaced(recorded, one)
        with pytest.raises(NotAsEnteredError):
            open_segment(one)
