"""What an installation says of its calls, read strictly."""

from pathlib import Path

import pytest

from rejent.kernel.errors import InputRefusedError
from rejent.office.installation import read_installation
from rejent.streams.calls.settings import CallsSettings, calls_settings
from tests.unit.office.test_installation import SOUND, written


def settings_in(directory: Path) -> CallsSettings:
    """What the file in a folder says of calls."""
    return calls_settings(read_installation(directory))


def test_the_ports_of_speech_are_a_range_of_at_least_one_call(tmp_path: Path) -> None:
    """A range is read, the usual one stands where none is stated, and what is no range is refused."""
    assert settings_in(written(tmp_path, SOUND)).rtp_ports == (20_000, 29_999)
    file = tmp_path / "rejent.toml"
    sound = file.read_text()
    file.write_text(f"{sound}\n[calls]\nrtp_ports = [30000, 30003]\n")
    assert settings_in(tmp_path).rtp_ports == (30_000, 30_003)
    for wrong in ("[30000]", "[30000, 30002]", "[1000, 2000]", "[30000, 65536]", "['a', 'b']", "30000"):
        file.write_text(f"{sound}\n[calls]\nrtp_ports = {wrong}\n")
        with pytest.raises(InputRefusedError):
            settings_in(tmp_path)


def test_what_recording_sessions_are_taken_with_is_read(tmp_path: Path) -> None:
    """Certificate and key stand together; authorities of callers only beside them."""
    file = written(tmp_path, SOUND) / "rejent.toml"
    sound = file.read_text()
    pair = 'tls_certificate = "a.pem"\ntls_key = "a.key"\n'
    file.write_text(f'{sound}\n[calls]\n{pair}tls_client_authorities = "ca.pem"\n')
    read = settings_in(tmp_path)
    assert (read.certificate, read.key, read.authorities) == ("a.pem", "a.key", "ca.pem")
    for wrong in (
        'tls_key = "a.key"',
        'tls_certificate = "a.pem"',
        'tls_client_authorities = "ca.pem"',
        "tls_key = 1",
    ):
        file.write_text(f"{sound}\n[calls]\n{wrong}\n")
        with pytest.raises(InputRefusedError, match=r"calls\.tls_"):
            settings_in(tmp_path)
