"""The key store keeps keys exactly as long as it is told, and leaves nothing of those it destroyed."""

import base64
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from rejent.kernel.clock import ManualClock
from rejent.vault.age import Identity, seal, unseal
from rejent.vault.errors import (
    KeyDestroyedError,
    KeyStoreClosedError,
    KeyStoreError,
    KeyUnknownError,
)
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot, PassphraseRoot, Root, root_kind
from rejent.vault.store.posix import PosixCalls
from tests.unit.vault.key_days import DAY, FILES, START


def test_a_day_key_opens_what_was_sealed_to_it(
    store: KeyStore, new_root: Callable[[], Root], clock: ManualClock
) -> None:
    """What is sealed to the public half of a date opens with its private half, also after a restart."""
    recipient = store.make_keys("cam", [DAY])[DAY]
    sealed = seal(b"picture", [recipient])
    assert unseal(sealed, [store.identity("cam", DAY)]) == b"picture"
    again = KeyStore.open(store.folder, new_root(), clock)
    assert unseal(sealed, [again.identity("cam", DAY)]) == b"picture"


def test_making_keys_twice_gives_the_same_keys(store: KeyStore) -> None:
    """Making keys for dates that have them changes nothing; only missing ones are made."""
    days = [DAY + timedelta(step) for step in range(8)]
    first = store.make_keys("cam", days[:5])
    second = store.make_keys("cam", days)
    assert {day: second[day] for day in days[:5]} == first
    assert len(set(second.values())) == len(store.alive()) == 8
    assert store.make_keys("other", [DAY])[DAY] not in second.values()


def test_a_destroyed_key_is_gone_and_says_when(store: KeyStore, clock: ManualClock) -> None:
    """A destroyed key leaves a tombstone with its public half and instant; asking for it says when it was destroyed."""
    recipient = store.make_keys("cam", [DAY])[DAY]
    (key,) = store.alive()
    clock.advance(timedelta(days=30))
    (destroyed,) = store.destroy([key.id])
    assert (destroyed.recipient, destroyed.destroyed_at) == (recipient, START + timedelta(days=30))
    with pytest.raises(KeyDestroyedError) as refusal:
        store.identity("cam", DAY)
    assert "2026-03-31" in str(refusal.value)
    with pytest.raises(KeyDestroyedError):
        store.make_keys("cam", [DAY])


def test_a_key_is_found_by_its_public_half(store: KeyStore) -> None:
    """The public half in an object's row leads to the key and its record, also after its destruction; a foreign one to none."""
    recipient = store.make_keys("cam", [DAY])[DAY]
    record = store.record_by_recipient(recipient)
    assert record is not None
    assert (record.source_id, record.day) == ("cam", DAY)
    assert store.identity_by_recipient(recipient.text).recipient == recipient
    store.destroy([record.id])
    assert store.record_by_recipient(recipient) == store.record(record.id)
    with pytest.raises(KeyDestroyedError):
        store.identity_by_recipient(recipient.text)
    foreign = Identity.generate().recipient
    assert store.record_by_recipient(foreign) is None
    with pytest.raises(KeyUnknownError):
        store.identity_by_recipient(foreign.text)


def test_destroying_twice_keeps_the_first_tombstone(store: KeyStore, clock: ManualClock) -> None:
    """Destroying a key again gives the tombstone it has."""
    key_id, _ = store.new_key()
    first = store.destroy([key_id])
    clock.advance(timedelta(days=1))
    assert store.destroy([key_id, key_id]) == first


def test_an_unknown_key_stops_the_whole_destruction(store: KeyStore) -> None:
    """If one of the keys was never made, none of them is destroyed."""
    key_id, _ = store.new_key()
    with pytest.raises(KeyUnknownError):
        store.destroy([key_id, "never"])
    assert [record.id for record in store.alive()] == [key_id]
    assert isinstance(store.identity_by_id(key_id), Identity)
    with pytest.raises(KeyUnknownError):
        store.identity("cam", DAY)


def test_survivors_keep_opening_after_a_destruction(store: KeyStore) -> None:
    """A destruction leaves every other key as it was."""
    days = [DAY + timedelta(step) for step in range(30)]
    recipients = store.make_keys("cam", days)
    kept, recipient = store.new_key("hold", "case")
    store.destroy(record.id for record in store.alive() if record.day and record.day < days[10])
    assert store.identity_by_id(kept).recipient == recipient
    for day in days[10:]:
        assert store.identity("cam", day).recipient == recipients[day]
    assert store.damaged() == []


def spellings(identity: Identity) -> list[bytes]:
    """Every way a private key might be written in a file."""
    raw = identity.private
    coded = base64.b64encode(raw).rstrip(b"=")
    texts = [
        raw.hex().encode(),
        raw.hex().upper().encode(),
        coded[:-1],
        base64.urlsafe_b64encode(raw).rstrip(b"=")[:-1],
    ]
    return [raw, raw[::-1], identity.text.encode(), identity.text.lower().encode(), *texts]


def test_nothing_of_a_destroyed_key_is_left_in_the_folder(
    store: KeyStore, clock: ManualClock, new_root: Callable[[], Root]
) -> None:
    """No file of the key store holds a destroyed private key in any spelling, nor the bytes it was wrapped in."""
    store.make_keys("cam", [DAY, DAY + timedelta(1)])
    doomed = store.identity("cam", DAY)
    with sqlite3.connect(store.folder / "keys.db") as database:
        wrapped: bytes = database.execute("SELECT wrapped FROM key ORDER BY day").fetchone()[0]
    database.close()
    old_files = {path.name: path.read_bytes() for path in store.folder.iterdir()}
    assert wrapped in old_files["keys.db"]
    record = store.day_record("cam", DAY)
    assert record is not None
    store.destroy([record.id])
    for path in store.folder.iterdir():
        content = path.read_bytes()
        assert not [spelling for spelling in [*spellings(doomed), wrapped] if spelling in content]
    assert (store.folder / "epoch").read_bytes() != old_files["epoch"]
    (store.folder / "keys.db").write_bytes(old_files["keys.db"])
    with pytest.raises(KeyStoreError):
        KeyStore.open(store.folder, new_root(), clock).identity("cam", DAY)


def test_another_process_follows_a_rotation(
    store: KeyStore, new_root: Callable[[], Root], clock: ManualClock
) -> None:
    """A store opened before a rotation by another process goes on reading and writing after it."""
    recipient = store.make_keys("cam", [DAY])[DAY]
    other = KeyStore.open(store.folder, new_root(), clock)
    store.rotate_epoch()
    store.rotate_epoch()
    assert other.identity("cam", DAY).recipient == recipient
    store.rotate_epoch()
    tomorrow = DAY + timedelta(1)
    assert other.make_keys("cam", [tomorrow])[tomorrow] == store.identity("cam", tomorrow).recipient


def test_a_wrong_passphrase_opens_nothing(tmp_path: Path, clock: ManualClock) -> None:
    """A store under a passphrase opens with that passphrase and no other, and changing it takes effect."""
    folder = tmp_path / "keys"
    store = KeyStore.create(folder, PassphraseRoot("right"), clock)
    key_id, recipient = store.new_key()
    with pytest.raises(KeyStoreClosedError):
        KeyStore.open(folder, PassphraseRoot("wrong"), clock)
    store.rotate_epoch(PassphraseRoot("newer"))
    with pytest.raises(KeyStoreClosedError):
        KeyStore.open(folder, PassphraseRoot("right"), clock)
    assert KeyStore.open(folder, PassphraseRoot("newer"), clock).identity_by_id(key_id).recipient == recipient
    assert root_kind(folder) == "passphrase"
    store.rotate_epoch(FileRoot())
    assert root_kind(folder) == "file"
    assert KeyStore.open(folder, FileRoot(), clock).identity_by_id(key_id).recipient == recipient


def test_the_folder_is_for_its_owner_alone(store: KeyStore) -> None:
    """The folder has mode 0700 and each file in it 0600."""
    store.rotate_epoch()
    assert store.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in store.folder.iterdir()} == {0o600}


def test_a_store_is_not_made_over_another(
    store: KeyStore, new_root: Callable[[], Root], clock: ManualClock, tmp_path: Path
) -> None:
    """Creating a store where one is, or opening one where none is, is refused."""
    key_id, _ = store.new_key()
    with pytest.raises(KeyStoreError):
        KeyStore.create(store.folder, new_root(), clock)
    assert isinstance(store.identity_by_id(key_id), Identity)
    with pytest.raises(KeyStoreError):
        KeyStore.open(tmp_path / "none", new_root(), clock)
    assert not (tmp_path / "none").exists()


def test_keys_past_their_limit_are_found(store: KeyStore) -> None:
    """Asking for keys due by an instant gives those whose limit is not later, the most urgent first."""
    days = [DAY + timedelta(step) for step in range(4)]
    limits = {day: START + timedelta(days=30 - step) for step, day in enumerate(days[:3])}
    store.make_keys("cam", days, limits)
    due = store.alive(due_before=START + timedelta(days=29))
    assert [record.day for record in due] == [days[2], days[1]]
    store.set_destruction_limit([record.id for record in due], None)
    assert store.alive(due_before=START + timedelta(days=29)) == []


def test_a_damaged_row_is_named(store: KeyStore) -> None:
    """A wrapped key moved to another row, as an intruder might, does not open and is named."""
    first, _ = store.new_key()
    second, _ = store.new_key()
    with sqlite3.connect(store.folder / "keys.db") as database:
        (wrapped,) = database.execute("SELECT wrapped FROM key WHERE id = ?", (first,)).fetchone()
        database.execute("UPDATE key SET wrapped = ? WHERE id = ?", (wrapped, second))
    database.close()
    assert store.damaged() == [second]
    with pytest.raises(KeyStoreError):
        store.identity_by_id(second)


class PowerCutError(Exception):
    """The machine stops."""


class PowerCut(PosixCalls):
    """System calls of a machine that stops before the call with a given number."""

    def __init__(self, before: int) -> None:
        self._left = before

    def _tick(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise PowerCutError

    def create(self, path: Path) -> int:
        """Make a file."""
        self._tick()
        return super().create(path)

    def write(self, number: int, content: bytes | bytearray | memoryview) -> int:
        """Append, only half of it if the power goes next."""
        if self._left == 0:
            super().write(number, memoryview(content)[: len(content) // 2])
        self._tick()
        return super().write(number, content)

    def fsync(self, number: int) -> None:
        """Make durable."""
        self._tick()
        super().fsync(number)

    def rename(self, source: Path, target: Path) -> None:
        """Rename."""
        self._tick()
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        """Remove."""
        self._tick()
        super().unlink(path)


FULL_DISK = """
import sys
from datetime import date
from pathlib import Path
from rejent.kernel.clock import SystemClock
from rejent.vault.errors import KeyDestroyedError, StorageFullError
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
keys = Path(sys.argv[1]) / "keys"
store = KeyStore.create(keys, FileRoot(), SystemClock())
days = [date(2026, month, day) for month in range(1, 13) for day in range(1, 28)]
store.make_keys("cam", days)
store = KeyStore.open(keys, FileRoot(), SystemClock())
filler = (Path(sys.argv[1]) / "filler").open("wb", buffering=0)
try:
    while filler.write(bytes(4096)):
        pass
except OSError:
    print("full")
try:
    store.make_keys("other", days)
except StorageFullError as full:
    print(full.code)
store.destroy([store.day_record("cam", days[0]).id])
try:
    store.identity("cam", days[0])
except KeyDestroyedError:
    print("destroyed")
print(len(store.alive()), store.damaged())
"""


def test_keys_die_on_a_full_disk(tmp_path: Path) -> None:
    """On a disk without a free byte no key can be made, but keys are destroyed all the same."""
    shell = 'mount -t tmpfs -o size=4m none "$1" && exec "$2" -c "$3" "$1"'
    enter = ["unshare", "--map-root-user", "--mount"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*enter, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this machine does not let us mount a file system of our own")
    command = [*enter, "sh", "-c", shell, "sh", str(tmp_path), sys.executable, FULL_DISK]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["full", "storage.full", "destroyed", "323 []"]


def test_a_rotation_cut_off_anywhere_loses_no_key(
    tmp_path: Path, new_root: Callable[[], Root], clock: ManualClock
) -> None:
    """Whichever system call the power goes at, it is known what opens the store, every key still opens, and the destruction can be repeated."""
    for before in range(100):
        folder = tmp_path / str(before)
        KeyStore.create(folder, new_root(), clock).make_keys("cam", [DAY])
        failing = KeyStore(folder, new_root(), clock, PowerCut(before))
        doomed = failing.new_key()[0]
        try:
            failing.destroy([doomed])
        except PowerCutError:
            cut = True
        else:
            cut = False
        assert root_kind(folder) == new_root().kind
        store = KeyStore.open(folder, new_root(), clock)
        assert isinstance(store.identity("cam", DAY), Identity)
        assert store.damaged() == []
        store.destroy([doomed])
        with pytest.raises(KeyDestroyedError):
            store.identity_by_id(doomed)
        assert {path.name for path in folder.iterdir()} == {*FILES, "reserve"}
        if not cut:
            break
    assert 8 < before < 99


@pytest.mark.skipif(shutil.which("age") is None, reason="Debian's age program is not installed")
def test_the_age_program_opens_with_a_disclosed_key(store: KeyStore, tmp_path: Path) -> None:
    """The text of a private day key is all the stock program needs."""
    recipient = store.make_keys("cam", [DAY])[DAY]
    (tmp_path / "key.txt").write_text(store.identity("cam", DAY).text)
    command = ["age", "-d", "-i", str(tmp_path / "key.txt")]
    assert (
        subprocess.run(command, input=seal(b"x", [recipient]), capture_output=True, check=True).stdout == b"x"
    )


SEALED_BY_A_PROGRAM = """
import sys
from rejent.vault.age import Identity, Passphrase, seal
from rejent.vault.keys.root_key import PassphraseRoot
for sealed in (seal(b"x", [Passphrase("x")]), PassphraseRoot("x").encode(Identity.generate())):
    sys.stdout.write(sealed.splitlines()[1].decode() + chr(10))
"""


def test_a_program_stretches_every_passphrase_for_a_second() -> None:
    """What the program seals to a passphrase, its root key among it, states the cost of the stock program: 2¹⁸ rounds in 256 MiB."""
    done = subprocess.run(
        [sys.executable, "-c", SEALED_BY_A_PROGRAM], capture_output=True, text=True, check=True
    )
    kinds = [(line.split()[1], line.split()[-1]) for line in done.stdout.splitlines()]
    assert kinds == [("scrypt", "18")] * 2
