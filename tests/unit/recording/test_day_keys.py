"""The public halves that a recorder seals to are those that stand in the catalogue now; of yesterday's, the last that stood there."""

from datetime import timedelta

from rejent.catalog import services
from rejent.kernel.clock import ManualClock, civil_date
from rejent.recording.day_keys import DayKeys
from rejent.vault.age.recipients import Identity, Recipient


def test_a_key_that_was_put_right_is_followed(source: str, recipient: Recipient, clock: ManualClock) -> None:
    """A recorder that runs seals to no key that is nobody's, nor to one that was taken away; what is no key changes nothing."""
    today, keys = civil_date(clock.now()), DayKeys(clock.now)
    tomorrow, strangers = today + timedelta(days=1), Identity.generate().recipient
    services.store_day_keys(source, {tomorrow: strangers.text}, clock=clock)
    keys.look_ahead([source])
    assert (keys(source, today), keys(source, tomorrow)) == (recipient, strangers)
    services.replace_day_key(source, tomorrow, recipient.text, clock=clock)
    services.replace_day_key(source, today, "no key", clock=clock)
    keys.look_ahead([source])
    assert (keys(source, today), keys(source, tomorrow)) == (recipient, recipient)
    services.forget_day_key(source, tomorrow, clock=clock)
    keys.look_ahead([source])
    assert keys(source, tomorrow) is None
    clock.advance(timedelta(days=1))
    keys.look_ahead([source])
    assert keys(source, today) == recipient
    clock.advance(timedelta(days=1))
    keys.look_ahead([source])
    assert keys(source, today) is None
