"""A public half that the key store never made seals nothing: neither of a day far ahead, nor of one that is over."""

from datetime import timedelta

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.models import DayKey
from rejent.kernel.clock import civil_date
from rejent.retention import services
from rejent.vault.age import Identity
from tests.unit.retention.office import RecordingOffice


def planted(source: str, office: RecordingOffice, days: int) -> str:
    """A stranger's key for a date so many days ahead, which has none yet."""
    recipient = Identity.generate().recipient.text
    day = civil_date(office.clock.now()) + timedelta(days=days)
    DayKey.objects.create(id=f"{source}/{day}", source_id=source, day=day, recipient=recipient)
    return recipient


def test_a_key_planted_for_a_day_far_ahead_seals_nothing_when_it_comes(elblag: RecordingOffice) -> None:
    """It is told and forgotten at once, and the key store makes that day's key in its turn."""
    camera = elblag.add_camera("Hall")
    assert services.keep_once(elblag.keeping).failed == []
    far = civil_date(elblag.clock.now()) + timedelta(days=9)
    thief = planted(camera, elblag, 9)
    (failed,) = services.keep_once(elblag.keeping).failed
    assert far.isoformat() in failed
    for _ in range(3):
        elblag.go_to(elblag.clock.now() + timedelta(days=1))
        assert services.keep_once(elblag.keeping).failed == []
    ours = elblag.keys.day_record(camera, far)
    assert ours is not None
    assert catalog.recipient(camera, far) == ours.recipient.text != thief


def test_keys_of_past_days_are_put_right(elblag: RecordingOffice) -> None:
    """Files of an exchange are sealed to them days later: one that was changed becomes ours again, one that was planted goes."""
    camera = elblag.add_camera("Hall")
    services.keep_once(elblag.keeping)
    elblag.go_to(elblag.clock.now() + timedelta(days=2))
    services.keep_once(elblag.keeping)
    yesterday = civil_date(elblag.clock.now()) - timedelta(days=1)
    before = catalog.recipient(camera, yesterday)
    planted(camera, elblag, -9)
    DayKey.objects.filter(day=yesterday).update(recipient=Identity.generate().recipient.text)
    assert len(services.keep_once(elblag.keeping).failed) == 2
    assert catalog.recipient(camera, yesterday) == before
    assert catalog.recipient(camera, yesterday - timedelta(days=8)) is None
    assert services.keep_once(elblag.keeping).failed == []


def test_a_key_that_nobody_has_is_told_and_another_made(elblag: RecordingOffice) -> None:
    """Also where something was sealed to it: its private half may have been lost with a key store; no more is sealed to it."""
    camera = elblag.add_camera("Hall")
    lost, today = Identity.generate().recipient.text, civil_date(elblag.clock.now())
    catalog_services.store_day_keys(camera, {today: lost}, clock=elblag.clock)
    elblag.record(camera, elblag.clock.now(), b"held")
    (failed,) = services.keep_once(elblag.keeping).failed
    assert camera in failed
    assert catalog.recipient(camera, today) not in {None, lost}
    assert services.keep_once(elblag.keeping).failed == []
