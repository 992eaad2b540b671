"""What every store of sealed objects promises, run on each of them."""

from collections.abc import Callable

import pytest

from rejent.vault.age import CHUNK, Identity, SealedReader, SealWriter, read_header, rewrap, seal
from rejent.vault.errors import (
    FolderMismatchError,
    ObjectExistsError,
    ObjectMissingError,
    ObjectNameError,
    SealingStoppedError,
)
from rejent.vault.store.object_store import Leftover, ObjectStore, StoredObject
from rejent.vault.store.volume_identity import (
    KnownVolume,
    adopt,
    begin_opening,
    complete_opening,
    read_identity,
    verify_identity,
)
from rejent.vault.unfinished import recover_unfinished

Reopen = Callable[[], ObjectStore]
NAME = "cam-1/2026-03-29/0001.age"
KEY = Identity.generate()


def put(store: ObjectStore, name: str, content: bytes) -> None:
    """Write and commit an object."""
    with store.create(name) as writer:
        writer.write(content)
        writer.commit()


def got(store: ObjectStore, name: str) -> bytes:
    """Everything in an object."""
    with store.open(name) as stored:
        return stored.read_at(0, stored.size)


def test_a_committed_object_reads_back_at_any_place(store: ObjectStore) -> None:
    """After commit the object is listed with its size and each range of it reads as it was written."""
    content = bytes(range(256)) * 4000
    with store.create(NAME) as writer:
        for start in range(0, len(content), 300_000):
            writer.write(memoryview(content)[start : start + 300_000])
        writer.sync()
        writer.commit()
    assert list(store.objects()) == [StoredObject(NAME, len(content))]
    with store.open(NAME) as stored:
        assert stored.size == len(content)
        assert stored.read_at(70_001, 5) == content[70_001:70_006]
        assert stored.read_at(len(content) - 3, 100) == content[-3:]
        assert stored.read_at(len(content), 1) == b""


def test_an_uncommitted_object_is_invisible(store: ObjectStore) -> None:
    """While an object is written, and after it is aborted, nobody sees it and nothing is left."""
    with store.create(NAME) as writer:
        writer.write(b"half")
        assert list(store.objects()) == []
        with pytest.raises(ObjectMissingError):
            store.open(NAME)
    assert list(store.objects()) == []
    assert store.unfinished() == []


def test_an_object_is_never_overwritten(store: ObjectStore) -> None:
    """A second object of the same name is refused at the latest at commit, and the first stays as it is."""
    put(store, NAME, b"first")
    with pytest.raises(ObjectExistsError):
        put(store, NAME, b"second")
    assert got(store, NAME) == b"first"
    assert store.unfinished() == []


def test_two_writers_of_one_name_do_not_mix(store: ObjectStore) -> None:
    """While an object is being written, nobody else can begin one of the same name."""
    with store.create(NAME) as writer:
        with pytest.raises(ObjectExistsError):
            store.create(NAME)
        writer.write(b"mine")
        writer.commit()
    assert got(store, NAME) == b"mine"


def test_nothing_is_written_after_the_end(store: ObjectStore) -> None:
    """After commit or abort the writer takes nothing more."""
    with store.create(NAME) as writer:
        writer.commit()
        with pytest.raises(SealingStoppedError):
            writer.write(b"late")
    with store.create("cam-1/2026-03-29/0002.age") as writer:
        writer.abort()
        with pytest.raises(SealingStoppedError):
            writer.commit()


BAD_FOLDERS = ["", "a.age", "/a/b.age", "a/../b.age", "a/./b.age", "a//b.age", "a/.b.age", "identity.json"]
BAD_WORDS = ["a/b", "a/b.age/", "a/b.age.part", "a/ż.age", "a/b\n.age", "a/b.age\n", "a/" + "x" * 65 + ".age"]


@pytest.mark.parametrize("name", [*BAD_FOLDERS, *BAD_WORDS])
def test_a_name_cannot_leave_the_store(store: ObjectStore, name: str) -> None:
    """A name with anything but plain folders and words is refused by every method."""
    for act in (
        store.create,
        store.replace,
        store.open,
        store.open_companions,
        store.open_unfinished,
        store.recover,
    ):
        with pytest.raises(ObjectNameError):
            act(name)
    with pytest.raises(ObjectNameError):
        store.remove([name])


def test_objects_are_listed_in_order_by_folder(store: ObjectStore) -> None:
    """Listing gives the objects of a folder in the order of their names, and no others."""
    names = [
        "a/2026-01-02/1.age",
        "a/2026-01-01/2.age",
        "a/2026-01-01/1.age",
        "a-b/2026-01-01/1.age",
        "ab/2026-01-01/1.age",
    ]
    for name in names:
        put(store, name, b"x")
    assert [stored.name for stored in store.objects()] == sorted(names)
    assert [stored.name for stored in store.objects("a/")] == sorted(names)[1:4]
    assert [stored.name for stored in store.objects("a/2026-01-02/")] == ["a/2026-01-02/1.age"]
    assert list(store.objects("nobody/")) == []


def test_removal_counts_what_was_there(store: ObjectStore) -> None:
    """Objects are removed with their companions; those already gone are no error and not counted."""
    names = [f"cam-1/2026-03-{day}/{number}.age" for day in (28, 29) for number in range(3)]
    for name in names[1:]:
        put(store, name, b"x")
    part = store.create(names[0])
    part.write_companion(b"companion")
    part.leave()
    store.recover(names[0])
    assert len(store.open_companions(names[0])) == 1
    assert store.remove([*names[:4], "cam-1/2026-03-30/9.age"]) == 4
    assert store.remove(names[:4]) == 0
    assert [stored.name for stored in store.objects()] == names[4:]
    assert not store.open_companions(names[0])
    assert list(store.unknown_files()) == []


def test_a_replacement_shows_at_commit(store: ObjectStore) -> None:
    """Until commit the object stays as it is, then it is the new one; a missing object cannot be replaced."""
    put(store, NAME, b"old")
    with store.replace(NAME) as writer:
        writer.write(b"new content")
        assert got(store, NAME) == b"old"
        writer.commit()
    assert got(store, NAME) == b"new content"
    with store.replace(NAME) as writer:
        writer.write(b"never mind")
    assert got(store, NAME) == b"new content"
    assert store.unfinished() == []
    with pytest.raises(ObjectMissingError):
        store.replace("cam-1/2026-03-29/none.age")


def test_a_held_object_gets_another_key_by_its_head_alone(store: ObjectStore) -> None:
    """Replacing the head moves an object to a hold key; its payload stays byte for byte."""
    hold = Identity.generate()
    sealed = seal(bytes(3 * CHUNK), [KEY.recipient])
    put(store, NAME, sealed)
    with store.open(NAME) as stored:
        head, _ = read_header(stored)
    store.replace_head(NAME, len(head), rewrap(head, [KEY], [hold.recipient]))
    assert got(store, NAME)[len(head) :] == sealed[len(head) :]
    with store.open(NAME) as stored:
        assert SealedReader(stored, [hold]).read() == bytes(3 * CHUNK)
    with pytest.raises(ObjectMissingError):
        store.replace_head("cam-1/2026-03-29/none.age", 1, b"")


def left_behind(store: ObjectStore, content: bytes, kept: int, *, tail: bool) -> None:
    """Write an object as a recorder that is killed after ``kept`` sealed bytes would leave it."""
    sealed = bytearray()
    writer = SealWriter(sealed.extend, [KEY.recipient])
    writer.write(content)
    part = store.create(NAME)
    part.write(sealed[:kept])
    if tail:
        part.write_companion(writer.companion())
    part.leave()


def test_a_killed_recorder_loses_nothing_but_the_unfinished_chunk(store: ObjectStore, reopen: Reopen) -> None:
    """What a killed recorder left is found, made visible without any key, and readable to its last whole chunk."""
    content = bytes(range(256)) * 1000
    left_behind(store, content, 10**9, tail=False)
    store = reopen()
    assert [(left.name, left.kind) for left in store.unfinished()] == [(NAME, Leftover.PART)]
    recovered = recover_unfinished(store, NAME)
    assert recovered is not None
    assert (recovered.chunks, recovered.tail) == (3, False)
    assert store.unfinished() == []
    with store.open(NAME) as stored:
        assert SealedReader(stored, [KEY], truncated=True).read() == content[: 3 * CHUNK]


def test_a_companion_gives_the_unfinished_chunk_back(store: ObjectStore, reopen: Reopen) -> None:
    """With a companion nothing is lost; the keeper seals both as one proper object."""
    content = bytes(range(256)) * 1000
    left_behind(store, content, 10**9, tail=True)
    store = reopen()
    recovered = recover_unfinished(store, NAME)
    assert recovered is not None
    assert recovered.tail
    tails = store.open_companions(NAME)
    with store.open(NAME) as stored, store.replace(NAME) as writer:
        writer.write(seal(SealedReader(stored, [KEY], truncated=True, tails=tails).read(), [KEY.recipient]))
        writer.commit()
    store.remove_companions(NAME)
    assert not store.open_companions(NAME)
    with store.open(NAME) as stored:
        assert SealedReader(stored, [KEY]).read() == content


def test_an_outdated_companion_is_dropped(store: ObjectStore, reopen: Reopen) -> None:
    """A companion of another chunk than the one that is missing is removed, without any key."""
    left_behind(store, bytes(3 * CHUNK + 10), 2 * CHUNK, tail=True)
    store = reopen()
    recovered = recover_unfinished(store, NAME)
    assert recovered is not None
    assert (recovered.chunks, recovered.tail) == (1, False)
    assert not store.open_companions(NAME)


@pytest.mark.parametrize("kept", [0, 10, 150])
def test_a_leftover_without_content_is_discarded(store: ObjectStore, reopen: Reopen, kept: int) -> None:
    """An unfinished object whose head is not even whole is removed, and no object appears."""
    left_behind(store, b"", kept, tail=False)
    assert recover_unfinished(reopen(), NAME) is None
    assert reopen().unfinished() == []
    assert list(reopen().objects()) == []


def test_commit_removes_the_companion(store: ObjectStore) -> None:
    """The companion goes when the object is committed."""
    with store.create(NAME) as writer:
        for companion in (b"one", b"two", b"three, which is longer", b"four"):
            writer.write_companion(companion)
        tails = store.open_companions(NAME)
        assert {tail.read_at(0, tail.size) for tail in tails} == {b"three, which is longer", b"four"}
        writer.commit()
    assert not store.open_companions(NAME)


def test_space_counts_what_is_used(store: ObjectStore) -> None:
    """The store tells how much it holds, and how much is free where that can be known."""
    put(store, NAME, bytes(10_000))
    space = store.space()
    assert space.used >= 10_000
    assert space.total is None or space.total >= space.used
    disk = store.disk()
    assert (disk is None) == (space.total is None)
    assert disk is None or disk.total == space.total


def test_the_mark_ties_the_place_to_its_database(store: ObjectStore, reopen: Reopen) -> None:
    """A place is adopted once, known again, and refused for another installation, volume or state of the database."""
    assert read_identity(store) is None
    with pytest.raises(FolderMismatchError):
        verify_identity(store, KnownVolume("office", "volume", 0))
    volume = adopt(store, "office").volume
    with pytest.raises(FolderMismatchError):
        adopt(store, "office")
    for opened in range(3):
        assert begin_opening(reopen(), KnownVolume("office", volume, opened)) == opened + 1
        assert verify_identity(reopen(), KnownVolume("office", volume, opened)).opened == opened
        complete_opening(reopen(), KnownVolume("office", volume, opened + 1))
    assert verify_identity(store, KnownVolume("office", volume, 3)).volume == volume
    for wrong in (("shop", volume, 3), ("office", "other", 3), ("office", volume, 2), ("office", volume, 4)):
        with pytest.raises(FolderMismatchError):
            verify_identity(store, KnownVolume(*wrong))


def test_only_an_empty_place_is_adopted(store: ObjectStore) -> None:
    """A place that holds anything but no mark is not taken over."""
    put(store, NAME, b"somebody's")
    with pytest.raises(FolderMismatchError):
        adopt(store, "office")
    assert read_identity(store) is None
