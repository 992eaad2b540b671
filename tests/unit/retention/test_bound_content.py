"""What acts bind of plain content, when a keeper seals anew what was cut short, and when ``fsck`` opens what is held."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rejent.catalog import services as catalog_services
from rejent.formats.content_tree import ContentRoot, read_tree
from rejent.formats.fragment_index import FragmentIndex
from rejent.registers import queries as registers
from rejent.retention import services
from rejent.streams.cameras.objects import FORMAT
from rejent.vault.age import SealedReader
from tests.unit.retention.office import MINUTE, RecordingOffice, movie
from tests.unit.retention.test_checks import END, NOON, codes, hold
from tests.unit.retention.test_rounds import cut_short


def content_of(
    office: RecordingOffice, name: str, recipient: str, index: FragmentIndex
) -> tuple[ContentRoot, ContentRoot | None]:
    """What binds a stored object's content: the whole, and the first five fragments."""
    with office.store.open(name) as sealed:
        tails = office.store.open_companions(name)
        identity = office.keys.identity_by_recipient(recipient)
        reader = SealedReader(sealed, [identity], truncated=True, tails=tails)
        whole = read_tree(reader.content_secret, reader, index.places[:7], FORMAT.framed)
        return whole.whole(), whole.begun(5)


@pytest.mark.parametrize("bound", ["five", "none", "others"])
def test_what_is_mended_says_how_much_of_it_is_as_it_was_bound_when_it_was_taken(
    elblag: RecordingOffice, bound: str
) -> None:
    """The new object is bound anew, for it has another secret; the act says of how many fragments the keeper saw that they are the same."""
    camera = elblag.add_camera("Hall")
    services.keep_once(elblag.keeping)
    whole, index = movie(60, b"crash")
    left = cut_short(elblag, camera, whole[: whole.index(b"crash@40") + 3])
    _, five = content_of(elblag, left.object_name, left.recipient, index)
    assert five is not None
    given = {"five": five, "none": None, "others": replace(five, root=bytes(32))}[bound]
    catalog_services.book_segments([replace(left, content=given)], elblag.clock)
    assert services.keep_once(elblag.keeping).mended == 1
    (act,) = registers.acts(names=["segment.mended"]).acts
    (row,) = elblag.living(camera, NOON, NOON + MINUTE)
    assert act.facts is not None
    assert act.facts["unchanged"] == (5 if bound == "five" else 0)
    with elblag.store.open(row.object_name) as sealed:
        reader = SealedReader(sealed, [elblag.keys.identity_by_recipient(row.recipient)])
        places = FragmentIndex.decode(row.index).places
        anew = read_tree(reader.content_secret, reader, places, FORMAT.framed).whole()
    assert anew.is_stated(act.facts)


@pytest.mark.parametrize("true", [True, False])
def test_fsck_opens_what_is_held_and_holds_it_against_the_act_of_its_sealing(
    elblag: RecordingOffice, *, true: bool
) -> None:
    """Its file key is the one it was sealed with, so that the tree is the same under the key of the hold."""
    camera = elblag.add_camera("Hall")
    made = elblag.record(camera, NOON, b"held", book=False)
    with elblag.store.open(made.object_name) as sealed:
        reader = SealedReader(sealed, [elblag.keys.identity_by_recipient(made.recipient)])
        places = FragmentIndex.decode(made.index).places
        content = read_tree(reader.content_secret, reader, places, FORMAT.framed).whole()
    stated = content if true else replace(content, frame=bytes(32))
    catalog_services.book_segments([replace(made, content=stated)], elblag.clock)
    hold(elblag, camera, NOON, NOON + MINUTE)
    elblag.go_to(END + timedelta(seconds=1))
    assert services.keep_once(elblag.keeping).survivors == 1
    assert codes(elblag) == ([] if true else ["held-content"])
