"""Camera passwords at rest open only with the installation's secret, for the source they belong to."""

from pathlib import Path

import pytest

from rejent.vault.credentials import FILE, SourceLogins
from rejent.vault.errors import CredentialError


def test_a_password_opens_again_after_a_restart(tmp_path: Path) -> None:
    """A sealed password opens with the same folder of secrets, and its bytes show nothing of it."""
    sealed = SourceLogins(tmp_path).seal("cam-1", "anna", "żółw-7")
    assert SourceLogins(tmp_path).open("cam-1", sealed) == ("anna", "żółw-7")
    assert "żółw-7".encode() not in sealed
    assert SourceLogins(tmp_path).seal("cam-1", "anna", "żółw-7") != sealed
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("damage", [b"", b"\x01", b"\x02" + bytes(60), bytes(60)])
def test_what_was_not_sealed_here_is_refused(tmp_path: Path, damage: bytes) -> None:
    """Bytes of another kind, another owner's and another installation's are refused."""
    (tmp_path / "other").mkdir()
    credentials = SourceLogins(tmp_path)
    foreign = SourceLogins(tmp_path / "other").seal("cam-1", "anna", "secret")
    for sealed, owner in (
        (damage, "cam-1"),
        (foreign, "cam-1"),
        (credentials.seal("cam-2", "anna", "secret"), "cam-1"),
    ):
        with pytest.raises(CredentialError):
            credentials.open(owner, sealed)


def test_a_damaged_secret_file_is_named(tmp_path: Path) -> None:
    """A secret file of a wrong length stops everything instead of being replaced."""
    SourceLogins(tmp_path)
    (tmp_path / FILE).write_bytes(b"short")
    with pytest.raises(CredentialError):
        SourceLogins(tmp_path)
    assert (tmp_path / FILE).read_bytes() == b"short"
