"""Sealed objects on an S3 server, with a spool on the local disk.

An object is written into the spool as on any disk and sent whole when it is committed, only if no object of that name is
there. While the server does not answer, finished objects wait in the spool; `S3Store.recover` sends them. A commit whose
answer was lost is recognised by its content.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Self

import obstore
from obstore import exceptions
from obstore.store import S3Store as Bucket

from rejent.vault.age.random_access import Buffer
from rejent.vault.errors import (
    ObjectExistsError,
    ObjectMissingError,
    StorageFailedError,
    StorageUnreachableError,
)
from rejent.vault.store.disk import MARK, DiskStore
from rejent.vault.store.disk_files import COMPANION_SUFFIXES, DiskObject, DiskWriter
from rejent.vault.store.object_store import (
    Leftover,
    OpenObject,
    Space,
    StoredObject,
    UnfinishedObject,
    check_name,
    check_prefix,
    is_object_name,
)

_PIECE = 4 << 20
_DELETE_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket on a server, with a folder ``prefix`` within it; plain HTTP only if ``endpoint`` says ``http://``."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    prefix: str = ""


class S3Object:
    """An object on the server, read by ranges."""

    def __init__(self, bucket: Bucket, key: str, size: int) -> None:
        self._bucket = bucket
        self._key = key
        self.size = size

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the bytes from ``offset``; fewer only at the end."""
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        with server_errors(self._key):
            return bytes(obstore.get_range(self._bucket, self._key, start=offset, length=length))

    def close(self) -> None:
        """Do nothing: no file is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class S3Writer:
    """An object being written into the spool and sent when committed; see `rejent.vault.store.object_store.ObjectWriter`."""

    def __init__(self, store: "S3Store", spooled: DiskWriter, replaces: str | None) -> None:
        self._store = store
        self._spooled = spooled
        self._replaces = replaces
        self.name = spooled.name

    def write(self, content: Buffer) -> None:
        """Append bytes to the spool."""
        self._spooled.write(content)

    def write_companion(self, content: Buffer) -> None:
        """Keep the companion in the spool."""
        self._spooled.write_companion(content)

    def write_leaves(self, leaves: bytes) -> None:
        """Append leaves in the spool."""
        self._spooled.write_leaves(leaves)

    def sync(self) -> None:
        """Make what was written so far survive a power cut of this machine."""
        self._spooled.sync()

    def commit(self) -> None:
        """Make the object durable in the spool, then send it; a new object that the server does not take waits in the spool."""
        if self._replaces is None:
            self._spooled.commit()
            self._store.send(self.name)
        else:
            self._spooled.sync()
            self._store.send_replacement(self.name, self._spooled.part, self._replaces)
            self._spooled.abort()

    def abort(self) -> None:
        """Remove what was written."""
        self._spooled.abort()

    def leave(self) -> None:
        """Keep what was written in the spool, to be recovered."""
        self._spooled.leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abort()


class S3Store:
    """Sealed objects in a bucket, with a spool of this program alone; see `rejent.vault.store.object_store.ObjectStore`."""

    def __init__(self, place: S3Location, spool: DiskStore) -> None:
        self._spool = spool
        self._bucket = Bucket(
            place.bucket,
            prefix=place.prefix or None,
            endpoint=place.endpoint,
            access_key_id=place.access_key,
            secret_access_key=place.secret_key,
            region=place.region,
            client_options={
                "allow_http": place.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=5),
                "timeout": timedelta(seconds=60),
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
        )

    def create(self, name: str, *, into_reserve: bool = False) -> S3Writer:
        """Begin a new object; its name is checked on the server when it is committed."""
        return S3Writer(self, self._spool.create(name, into_reserve=into_reserve), replaces=None)

    def replace(self, name: str) -> S3Writer:
        """Begin new content for an object; committed only if nobody else changed it meanwhile."""
        with server_errors(name):
            tag = obstore.head(self._bucket, check_name(name))["e_tag"]
        return S3Writer(self, self._spool.create_replacement(name), replaces=tag or "")

    def replace_head(self, name: str, length: int, head: bytes) -> None:
        """Replace the first ``length`` bytes by ``head``; the rest passes through the spool, sealed."""
        with self.replace(name) as writer, self.open(name) as source:
            writer.write(head)
            for offset in range(length, source.size, _PIECE):
                writer.write(source.read_at(offset, _PIECE))
            writer.commit()

    def open(self, name: str) -> OpenObject:
        """Open an object for reading, from the spool while it waits there."""
        return self._spooled(name) or self._opened(check_name(name))

    def remove(self, names: Iterable[str], *, overwrite_heads: bool = False) -> int:  # noqa: ARG002 - a server writes nothing over
        """Remove objects with their companions, a thousand a request."""
        wanted = {check_name(name) for name in names}
        found = [
            key for folder in sorted({folder_of(name) for name in wanted}) for key, _ in self._keys(folder)
        ]
        doomed = [key for key in found if _object_of(key) in wanted]
        for start in range(0, len(doomed), _DELETE_AT_ONCE):
            with server_errors(doomed[start]):
                obstore.delete(self._bucket, doomed[start : start + _DELETE_AT_ONCE])
        sent = {key for key in doomed if key in wanted}
        spooled = [stored.name for stored in self._spool.objects() if stored.name in wanted]
        self._spool.remove(wanted)
        return len(sent.union(spooled))

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield the objects in a folder, sorted by name (servers list in orders of their own), those in the spool included."""
        sizes = {key: size for key, size in self._keys(check_prefix(prefix)) if is_object_name(key)}
        sizes |= {stored.name: stored.size for stored in self._spool.objects(prefix)}
        for name in sorted(sizes):
            yield StoredObject(name, sizes[name])

    def space(self) -> Space:
        """Return the space the objects take, added up from a listing of the bucket; servers do not report what is free."""
        return Space(sum(size for _, size in self._keys("")), None, None)

    def disk(self) -> None:
        """Return None: a server does not report it."""

    def open_companions(self, name: str) -> Sequence[OpenObject]:
        """Open the candidates for an object's companion."""
        found: list[OpenObject] = list(self._spool.open_companions(name))
        for suffix in () if found else COMPANION_SUFFIXES:
            with suppress(ObjectMissingError):
                found.append(self._opened(check_name(name) + suffix))
        return found

    def read_leaves(self, name: str) -> bytes:
        """Return the leaves beside an unfinished object in the spool."""
        return self._spool.read_leaves(name)

    def remove_companions(self, name: str) -> None:
        """Remove the companion of an object."""
        self._spool.remove_companions(name)
        for suffix in COMPANION_SUFFIXES:
            with suppress(ObjectMissingError), server_errors(name):
                obstore.delete(self._bucket, check_name(name) + suffix)

    def unfinished(self) -> list[UnfinishedObject]:
        """Return the spool's content: finished objects to send and leftovers of a killed program."""
        waiting = [
            UnfinishedObject(stored.name, Leftover.SPOOLED, stored.size) for stored in self._spool.objects()
        ]
        return waiting + self._spool.unfinished()

    def open_unfinished(self, name: str) -> DiskObject:
        """Open an object that was being written when the program was killed."""
        return self._spool.open_unfinished(name)

    def recover(self, name: str) -> bool:
        """Finish an unfinished object in the spool as it is, and send what waits there under its name."""
        part = True
        try:
            self._spool.recover(name)
        except ObjectMissingError:
            part = False
        spooled = self._spooled(name)
        if spooled is None:
            raise missing(name)
        spooled.close()
        self._send_tails(name)
        self.send(name)
        return part

    def discard(self, name: str, kind: Leftover) -> None:
        """Remove one leftover from the spool, but never a finished object that waits there."""
        self._spool.discard(name, kind)

    def unknown_files(self) -> Iterator[str]:
        """Yield the files in the bucket or the spool that are neither objects nor ours."""
        for key, _ in self._keys(""):
            if key != MARK and not is_object_name(_object_of(key)):
                yield key
        yield from self._spool.unknown_files()

    def read_mark(self) -> bytes | None:
        """Return the mark that ties the bucket to its database, or None."""
        with suppress(ObjectMissingError), server_errors(MARK):
            return bytes(obstore.get(self._bucket, MARK).bytes())
        return None

    def write_mark(self, mark: bytes) -> None:
        """Replace the mark."""
        with server_errors(MARK):
            obstore.put(self._bucket, MARK, mark, mode="overwrite", use_multipart=False)

    def send(self, name: str) -> None:
        """Send a finished object from the spool. Raises ObjectExistsError: another is there, ours is dropped; StorageUnreachableError."""
        path = self._spool.root / name
        try:
            with server_errors(name):
                obstore.put(self._bucket, name, path, mode="create", use_multipart=False)
        except ObjectExistsError:
            if not self._was_sent(name):
                self._spool.remove([name])
                raise
        self._spool.remove([name])

    def send_replacement(self, name: str, part: Path, tag: str) -> None:
        """Replace an object, if it still is the one with this tag."""
        with server_errors(name):
            obstore.put(self._bucket, name, part, mode={"e_tag": tag}, use_multipart=False)

    def _send_tails(self, name: str) -> None:
        for suffix, tail in zip(COMPANION_SUFFIXES, self._spool.open_companions(name), strict=False):
            with tail, server_errors(name):
                content = tail.read_at(0, tail.size)
                obstore.put(self._bucket, name + suffix, content, mode="overwrite", use_multipart=False)

    def _was_sent(self, name: str) -> bool:
        with self._opened(name) as there, self._spool.open(name) as here:
            return there.size == here.size and all(
                there.read_at(offset, _PIECE) == here.read_at(offset, _PIECE)
                for offset in range(0, here.size, _PIECE)
            )

    def _spooled(self, name: str) -> DiskObject | None:
        try:
            return self._spool.open(name)
        except ObjectMissingError:
            return None

    def _opened(self, key: str) -> S3Object:
        with server_errors(key):
            return S3Object(self._bucket, key, obstore.head(self._bucket, key)["size"])

    def _keys(self, folder: str) -> Iterator[tuple[str, int]]:
        with server_errors(folder):
            for page in obstore.list(self._bucket, prefix=folder.rstrip("/") or None):
                for entry in page:
                    yield entry["path"], entry["size"]


def _object_of(key: str) -> str:
    return next((key.removesuffix(suffix) for suffix in COMPANION_SUFFIXES if key.endswith(suffix)), key)


def folder_of(name: str) -> str:
    """Return the folder of an object."""
    return name.rpartition("/")[0] + "/"


def missing(name: str) -> ObjectMissingError:
    """Return the error for an object that is not there."""
    return ObjectMissingError("There is no stored object {name}.", advice="Run rejent fsck.", name=name)


@contextmanager
def server_errors(name: str) -> Iterator[None]:
    """Turn a server's error about ``name`` into one the reader can act on; it never shows the address."""
    try:
        yield
    except (exceptions.NotFoundError, FileNotFoundError):
        raise missing(name) from None
    except exceptions.AlreadyExistsError:
        raise ObjectExistsError(
            "The stored object {name} is there already.", advice="Run rejent fsck.", name=name
        ) from None
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError):
        raise StorageFailedError(
            "The storage server refuses us for {name}.", advice="Check its access key and rights.", name=name
        ) from None
    except exceptions.PreconditionError:
        raise StorageFailedError(
            "The stored object {name} was changed by somebody else meanwhile.", advice="Try again.", name=name
        ) from None
    except exceptions.BaseError:
        raise StorageUnreachableError(
            "The storage server does not answer or failed with {name}.",
            advice="Check the server and the network; what is recorded waits in the spool and is sent later.",
            name=name,
        ) from None
