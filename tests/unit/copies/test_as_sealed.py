"""What is copied is held against what the act of sealing binds; what is not that is not copied."""

from dataclasses import replace

import pytest

from rejent.cases.copies.views import Absence
from rejent.catalog import services as catalog_services
from rejent.catalog.services import FinishedSegment
from rejent.formats.content_tree import ContentRoot, read_tree
from rejent.formats.fragment_index import FragmentIndex
from rejent.kernel.intervals import Interval
from rejent.registers import queries as registers
from rejent.streams.cameras.objects import FORMAT
from rejent.vault.age import SealedReader
from tests.unit.cases.application import NOON
from tests.unit.copies.conftest import CopyingOffice
from tests.unit.retention.office import MINUTE

START = NOON + 1.5 * MINUTE
"""Of the half minute that is bound; what the office recorded around it is not."""


def bound(office: CopyingOffice, made: FinishedSegment) -> ContentRoot:
    """What binds the content of an object."""
    keys = office.office.keys
    with office.office.store.open(made.object_name) as sealed:
        content = SealedReader(sealed, [keys.identity_by_recipient(made.recipient)])
        places = FragmentIndex.decode(made.index).places
        return read_tree(content.content_secret, content, places, FORMAT.framed).whole()


@pytest.mark.parametrize("altered", ["", "root", "frame"])
def test_the_act_of_a_copy_says_how_many_of_its_parts_are_as_they_were_sealed(
    pleszew: CopyingOffice, altered: str
) -> None:
    """Another content under the same head counts as what does not open."""
    made = pleszew.office.record(pleszew.camera, START, b"BOUND", seconds=30, book=False)
    content = bound(pleszew, made)
    stated = replace(content, **{altered: bytes(32)}) if altered else content
    catalog_services.book_segments([replace(made, content=stated)], pleszew.office.clock)
    copy = pleszew.copy(pleszew.decided().number)
    (act,) = registers.acts(names=["copy.made"]).acts
    assert act.facts is not None
    assert (len(copy.parts), act.facts["as_sealed"]) == ((3, 0) if altered else (4, 1))
    lacks = [(Interval(START, NOON + 2 * MINUTE), Absence.UNREADABLE)] if altered else []
    assert [(each.interval, each.why) for each in copy.missing] == lacks
