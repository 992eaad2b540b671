"""Noise between messages and frames."""

from rejent.streams.cameras.network.rtsp.message import skip_false_start, skip_noise


def test_noise_before_a_message_is_passed_over():
    """The rest of a body does not hide the next message or frame."""
    assert skip_noise(b"a=rest\r\nRTSP/1.0 200 OK\r\n") == 8
    assert skip_noise(b"\r\n\r\n$\0") == 4
    assert skip_noise(b"rubbish") == 7


def test_noise_that_looks_like_messages_is_passed_over_at_once():
    """Data that only begins like a message is skipped up to the next that may be one, however far that is."""
    noise = b"AAAA " * 2_000
    assert skip_false_start(noise + b"\nRTSP/1.0 200 OK\r\n") == len(noise) + 1
    assert skip_false_start(noise + b"$" + noise) == len(noise)
    assert skip_false_start(noise) >= len(noise) - 5
