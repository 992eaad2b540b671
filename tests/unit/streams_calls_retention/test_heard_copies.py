"""What browsers play of a copy of a call."""

from datetime import UTC, datetime
from io import BytesIO
from wave import open as open_wave

from rejent.cases.copies.stream_parts import COPIES
from rejent.formats.source import BytesSource
from tests.spoken_call import recorded


def test_a_recorded_call_is_heard_as_wav() -> None:
    """Its own container, which browsers do not play, becomes both parties' sound, as long as the call."""
    (kept,) = recorded("call-1", datetime(2026, 11, 2, 11, 0, tzinfo=UTC), 8)
    form = COPIES.of("calls")
    assert form.playable is not None
    assert form.playable.needed(BytesSource(kept.content))
    with open_wave(BytesIO(form.playable.made(BytesSource(kept.content)))) as wav:
        assert wav.getnchannels() == 2
        assert round(wav.getnframes() / wav.getframerate()) == 8
    assert form.playable.media_type == "audio/wav"
