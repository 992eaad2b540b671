"""``kill -9`` at any moment: what is left is sound, and all but the last second is there."""

import subprocess
import sys
from collections import Counter
from contextlib import ExitStack

import pytest

from rejent.formats.content_tree import read_leaves, read_tree
from rejent.formats.mp4.parameters import nal_units
from rejent.formats.mp4.reader import RecoveredSource, recover
from rejent.formats.source import BytesSource
from rejent.recording.sealed_segment import LEAVES_TOGETHER
from rejent.streams.cameras.objects import FORMAT
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Coding
from rejent.vault.age.recipients import Identity
from rejent.vault.age.sealed_reader import SealedReader
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.object_store import Leftover
from rejent.vault.unfinished import recover_unfinished
from tests.cameras.farm import clip, frames, served
from tests.unit.formats.written import heads

RATE = 25
WORTH = {"ordinary": 1.0, "slow": 2.0}
"""Seconds that may be lost of a camera that fills a chunk in less than a second, and of one that takes many."""


def content_of(store, name, identity):
    """What can be opened of an object that was cut short, and the secret of its content."""
    with ExitStack() as opened:
        source = opened.enter_context(store.open(name))
        tails = [opened.enter_context(tail) for tail in store.open_companions(name)]
        reader = SealedReader(source, [identity], truncated=True, tails=tails)
        return reader.read(0, reader.size), reader.content_secret


def leaves_bind(written, secret, content):
    """Whether the leaves beside an object are those of its first fragments, and at most four whole ones and the trimmed one have none."""
    recovery, leaves = recover(BytesSource(content)), read_leaves(written)
    mended = BytesSource(b"".join(RecoveredSource(BytesSource(content), recovery).parts()))
    tree = read_tree(secret, mended, recovery.index.places, FORMAT.framed)
    return leaves == tree.leaves[: len(leaves)] and len(tree.leaves) - len(leaves) <= LEAVES_TOGETHER + 1


def pictures_of(content):
    """The units of every whole picture, and the file as it can be played."""
    recovery = recover(BytesSource(content))
    mended = RecoveredSource(BytesSource(content), recovery)
    movie = b"".join(mended.parts())
    found = []
    for place, head in heads(BytesSource(movie), recovery.index):
        position = place.offset + head.length
        for size in head.run.sizes:
            found.append(tuple(bytes(unit) for unit in nal_units(movie[position : position + size])))
            position += size
    return found, movie


def taken_until_killed(cameras, vault, identity, pictures):
    """Return how many pictures of each camera their recorder had taken when it was killed: so many of each or a few more, once it had said of each that it records."""
    with served(cameras) as farm:
        addresses = [farm.camera(name).address.uri for name in cameras]
        victim = [sys.executable, "-m", "tests.fault.kill_victim", str(vault), identity.recipient.text]
        taken = [f"taken camera{number}\n" for number in range(len(cameras))]
        lines, wanted = Counter(), dict.fromkeys(taken, pictures)
        wanted |= {f"recording camera{number}\n": 1 for number in range(len(cameras))}
        with subprocess.Popen([*victim, *addresses], stdout=subprocess.PIPE, text=True) as recorder:
            for line in recorder.stdout:
                lines[line] += 1
                if all(lines[each] >= count for each, count in wanted.items()):
                    recorder.kill()
    assert all(lines[each] >= count for each, count in wanted.items()), lines
    return dict(zip(cameras, (lines[each] for each in taken), strict=True))


@pytest.mark.parametrize("pictures_taken", [57, 88, 121])
def test_a_killed_recorder_loses_a_second_at_most(pictures_taken, tmp_path):
    """A recorder of two cameras is killed; each has lost no more than it may, and every picture left was sent and decodes."""
    vault = tmp_path / "vault"
    vault.mkdir()
    identity = Identity.generate()
    cameras = {
        "ordinary": SimulatedCamera(clip(Coding(bits=4_000_000, noise=True, group=RATE), 3)),
        "slow": SimulatedCamera(clip(Coding(width=160, height=120, group=RATE), 3)),
    }
    taken = taken_until_killed(cameras, vault, identity, pictures_taken)
    store = DiskStore(vault)
    for leftover in store.unfinished():
        if leftover.kind is Leftover.PART:
            assert recover_unfinished(store, leftover.name) is not None
    names = [stored.name for stored in store.objects()]
    assert not store.unfinished() or all(one.kind is Leftover.TAIL for one in store.unfinished())
    for number, (name, camera) in enumerate(cameras.items()):
        pictures = []
        for at, object_name in enumerate(one for one in names if one.startswith(f"camera{number}/")):
            content, secret = content_of(store, object_name, identity)
            assert leaves_bind(store.read_leaves(object_name), secret, content)
            found, movie = pictures_of(content)
            pictures += found
            path = tmp_path / f"{name}-{at}.mp4"
            path.write_bytes(movie)
            assert frames(path) == (len(found), "")
        known = [picture.units for picture in camera.sent]
        begin = next(place for place in range(len(known)) if known[place : place + len(pictures)] == pictures)
        lost = taken[name] - begin - len(pictures)
        assert lost <= WORTH[name] * RATE, f"{name} lost {lost / RATE} s"
