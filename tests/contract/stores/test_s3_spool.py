"""What the S3 store does while its server is away, refuses us, or was changed by somebody else."""

import dataclasses
import uuid
from pathlib import Path

import obstore
import pytest

from rejent.vault.errors import ObjectExistsError, StorageFailedError, StorageUnreachableError
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.object_store import Leftover, UnfinishedObject
from rejent.vault.store.s3 import S3Location, S3Store
from tests.contract.stores.conftest import bucket_of
from tests.ports import free_port

pytestmark = pytest.mark.s3
NAME = "cam-1/2026-03-29/0001.age"


@pytest.fixture
def place(s3_server: S3Location) -> S3Location:
    """A folder of the bucket that is empty."""
    return dataclasses.replace(s3_server, prefix=uuid.uuid4().hex)


@pytest.fixture
def spool(tmp_path: Path) -> DiskStore:
    """An empty spool."""
    return DiskStore(tmp_path)


def test_what_is_recorded_while_the_server_is_away_is_sent_later(place: S3Location, spool: DiskStore) -> None:
    """A commit without the server says so, keeps the object readable in the spool, and recovery sends it, twice if need be."""
    away = S3Store(dataclasses.replace(place, endpoint=f"http://127.0.0.1:{free_port()}"), spool)
    with away.create(NAME) as writer:
        writer.write(b"recorded")
        with pytest.raises(StorageUnreachableError):
            writer.commit()
    with away.open(NAME) as waiting:
        assert waiting.read_at(0, 100) == b"recorded"
    back = S3Store(place, spool)
    assert back.unfinished() == [UnfinishedObject(NAME, Leftover.SPOOLED, 8)]
    assert [stored.name for stored in back.objects()] == [NAME]
    assert back.recover(NAME) is False
    assert back.unfinished() == []
    with S3Store(place, spool).open(NAME) as sent:
        assert sent.read_at(0, 100) == b"recorded"


def test_an_object_sent_twice_is_recognised_by_its_content(place: S3Location, spool: DiskStore) -> None:
    """If the server's answer was lost, sending again succeeds; a different object of that name is refused and stays."""
    store = S3Store(place, spool)
    for content in (b"the same", b"the same"):
        with store.create(NAME) as writer:
            writer.write(content)
            writer.commit()
    with store.create(NAME) as writer:
        writer.write(b"another!")
        with pytest.raises(ObjectExistsError):
            writer.commit()
    with store.open(NAME) as stored:
        assert stored.read_at(0, 100) == b"the same"
    assert store.unfinished() == []


def test_a_replacement_never_covers_somebody_elses(place: S3Location, spool: DiskStore) -> None:
    """If the object was changed since the replacement began, the replacement is refused and dropped."""
    store = S3Store(place, spool)
    with store.create(NAME) as writer:
        writer.write(b"first")
        writer.commit()
    with store.replace(NAME) as writer:
        writer.write(b"ours")
        obstore.put(bucket_of(place), f"{place.prefix}/{NAME}", b"theirs", use_multipart=False)
        with pytest.raises(StorageFailedError):
            writer.commit()
    with store.open(NAME) as stored:
        assert stored.read_at(0, 100) == b"theirs"
    assert store.unfinished() == []


def test_a_refused_key_is_reported_without_showing_it(place: S3Location, spool: DiskStore) -> None:
    """A wrong secret is told from a server that is away, and appears in no message."""
    store = S3Store(dataclasses.replace(place, secret_key="not-the-secret"), spool)
    with pytest.raises(StorageFailedError) as refusal:
        store.read_mark()
    assert "not-the-secret" not in str(refusal.value) + repr(place)
    assert refusal.value.advice
