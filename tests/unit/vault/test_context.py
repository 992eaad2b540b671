"""The vault of an installation: its store, its keys and its camera passwords, and what is refused before they open."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rejent.kernel.clock import ManualClock
from rejent.kernel.errors import InputRefusedError
from rejent.vault.age import Identity
from rejent.vault.age.seal_writer import SealWriter
from rejent.vault.context import PASSPHRASE_FILE, S3_SECRET, VaultContext
from rejent.vault.errors import (
    CredentialError,
    FolderMismatchError,
    KeyDestroyedError,
    KeyStoreClosedError,
    KeyStoreError,
    KeyUnknownError,
)
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.s3 import S3Location, S3Store

DAY = date(2026, 11, 21)
NAME = "cam/2026-11-21/one.age"


def house(folder: Path, *, storage: str = "", **environment: str) -> VaultContext:
    """A vault in a folder, as a program would open it at its start."""
    for name in ("vault", "keys", "secrets"):
        (folder / name).mkdir(exist_ok=True)
    clock = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    places = (folder / name for name in ("vault", "keys", "secrets"))
    return VaultContext("0" * 32, *places, storage=storage, clock=clock, environment=environment)


def test_a_vault_is_made_once_and_opened_at_each_start(tmp_path: Path) -> None:
    """The mark says whose it is; a second making is refused and changes nothing."""
    mark = house(tmp_path).create()
    assert (mark.installation, mark.opened) == ("0" * 32, 0)
    assert house(tmp_path).root == "file"
    with pytest.raises((KeyStoreError, FolderMismatchError)):
        house(tmp_path).create()
    assert isinstance(house(tmp_path).store, DiskStore)


def test_a_sealed_object_is_read_with_the_key_it_was_sealed_to(tmp_path: Path) -> None:
    """The reader opens at any place, and not at all once the key is destroyed."""
    made = house(tmp_path)
    made.create()
    recipient = made.keys.make_keys("cam", [DAY])[DAY]
    with made.store.create(NAME) as writer:
        sealer = SealWriter(writer.write, [recipient])
        sealer.write(b"picture" * 20_000)
        sealer.finish()
        writer.commit()
    again = house(tmp_path)
    assert again.reader(NAME, recipient.text).read(70_000, 7) == b"picture"
    again.keys.destroy([again.keys.record_by_recipient(recipient).id])
    with pytest.raises(KeyDestroyedError):
        again.reader(NAME, recipient.text)


def test_a_passphrase_guards_the_keys(tmp_path: Path) -> None:
    """With a passphrase file at the making, each start needs the same passphrase; the folder alone opens nothing."""
    file = tmp_path / "passphrase"
    file.write_text("ołówek pod śniegiem\n", encoding="utf-8")
    file.chmod(0o600)
    house(tmp_path, **{PASSPHRASE_FILE: str(file)}).create()
    assert house(tmp_path).root == "passphrase"
    assert house(tmp_path, **{PASSPHRASE_FILE: str(file)}).keys.make_keys("cam", [DAY])
    with pytest.raises(InputRefusedError, match="closed by a passphrase"):
        assert house(tmp_path).keys
    file.write_text("inny\n", encoding="utf-8")
    with pytest.raises(KeyStoreClosedError):
        assert house(tmp_path, **{PASSPHRASE_FILE: str(file)}).keys


def test_a_passphrase_that_cannot_be_read_never_leaves_the_keys_open(tmp_path: Path) -> None:
    """An empty, missing or unreadable passphrase file is refused; it is not the same as none."""
    for name, content in (("empty", b"\n"), ("binary", b"\xff\xfe")):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    for name in ("empty", "binary", "missing"):
        with pytest.raises(InputRefusedError, match="passphrase is empty or cannot be read"):
            house(tmp_path, **{PASSPHRASE_FILE: str(tmp_path / name)}).create()
    assert list((tmp_path / "keys").iterdir()) == []


def test_a_passphrase_that_everybody_may_read_guards_nothing(tmp_path: Path) -> None:
    """It is refused before keys are made under it, and at every start; a group may stand for an access list."""
    file = tmp_path / "passphrase"
    file.write_text("ołówek pod śniegiem\n", encoding="utf-8")
    file.chmod(0o604)
    with pytest.raises(InputRefusedError, match="may be read by everybody"):
        house(tmp_path, **{PASSPHRASE_FILE: str(file)}).create()
    assert list((tmp_path / "keys").iterdir()) == []
    file.chmod(0o440)
    house(tmp_path, **{PASSPHRASE_FILE: str(file)}).create()


def test_missing_keys_are_told(tmp_path: Path) -> None:
    """Without the root nothing opens, and the error says what to put back."""
    with pytest.raises(KeyStoreError, match="root of the key store is missing"):
        assert house(tmp_path).keys


def test_camera_logins_are_bound_to_their_source(tmp_path: Path) -> None:
    """User and password come back for their own source only, and are not in what is stored."""
    logins = house(tmp_path).credentials
    sealed = logins.seal("cam", "viewer", 'p"ą:@/')
    assert logins.open("cam", sealed) == ("viewer", 'p"ą:@/')
    assert b"viewer" not in sealed
    with pytest.raises(CredentialError):
        logins.open("other", sealed)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("s3+https://me@s3.example/bucket", S3Location("https://s3.example", "bucket", "me", "x")),
        ("s3+http://me@127.0.0.1:8333/b/", S3Location("http://127.0.0.1:8333", "b", "me", "x")),
        ("s3+https://m%40e@[::1]:9/b/a/b/", S3Location("https://[::1]:9", "b", "m@e", "x", prefix="a/b")),
    ],
)
def test_an_s3_address_names_server_bucket_and_folder(
    tmp_path: Path, address: str, place: S3Location
) -> None:
    """The address is read as documented; the secret comes from the environment, and the spool stays in the vault."""
    made = house(tmp_path, storage=address, **{S3_SECRET: "x"})
    assert made.s3_location() == place
    assert isinstance(made.store, S3Store)


@pytest.mark.parametrize(
    "address",
    [
        "s3://bucket/prefix", "s3+https://s3.example/bucket", "s3+https://me@s3.example", "s3+https://me@s3.example/",
        "s3+https://me@s3.example:port/bucket", "s3+https://me:secret@s3.example/bucket", "https://me@s3.example/bucket",
        "s3+https://me@[::1/bucket", "bucket",
    ],
)  # fmt: skip
def test_any_other_storage_address_is_refused(tmp_path: Path, address: str) -> None:
    """What is no such address is refused with how to write it, and without repeating what may hold a secret."""
    with pytest.raises(InputRefusedError, match=r"s3\+https://ACCESS@HOST/BUCKET") as refused:
        assert house(tmp_path, storage=address, **{S3_SECRET: "x"}).store
    assert "secret" not in str(refused.value)


def test_an_s3_server_needs_its_secret(tmp_path: Path) -> None:
    """Without the secret in the environment nothing is tried."""
    with pytest.raises(InputRefusedError, match=S3_SECRET):
        assert house(tmp_path, storage="s3+https://me@s3.example/bucket").store


def test_what_another_key_sealed_is_not_opened(tmp_path: Path) -> None:
    """An object whose recipient is not in the key store has no reader."""
    made = house(tmp_path)
    made.create()
    with pytest.raises(KeyUnknownError):
        made.reader(NAME, Identity.generate().recipient.text)
