"""Whether what an object holds is what an act binds of it (docs/design/0031)."""

from uuid import UUID

from rejent.catalog import queries as catalog
from rejent.catalog.acts import SEGMENT_SEALED
from rejent.catalog.views import StoredObject
from rejent.formats.content_tree import read_tree
from rejent.formats.errors import ContentError
from rejent.formats.fragment_index import FragmentIndex
from rejent.registers.queries import EnteredAct, entered_naming
from rejent.retention.acts import SEGMENT_MENDED
from rejent.retention.rounds.round import Keeping
from rejent.retention.stream_parts import OBJECTS
from rejent.vault.age import SealedReader
from rejent.vault.age.random_access import RandomAccess
from rejent.vault.errors import SealedObjectError


def binding_act(object_name: str) -> EnteredAct | None:
    """Return the newest act that binds what an object of a name holds; None where none does."""
    acts = [
        act
        for kind in (SEGMENT_SEALED, SEGMENT_MENDED)
        for act in entered_naming(kind.name, object_name)
        if (act.facts or {}).get("object") == object_name and "content_root" in (act.facts or {})
    ]
    return max(acts, key=lambda act: act.index, default=None)


def is_content_as_bound(keeping: Keeping, stored: StoredObject, sealed: RandomAccess) -> bool:
    """Return whether an open object holds what the newest act binds; also where none does.

    Raises KeyDestroyedError, KeyUnknownError: its key is not there.
    """
    act = binding_act(stored.object_name)
    facts = (act.facts or {}) if act is not None else {}
    if "content_frame" not in facts:
        return True
    segment = catalog.segment(UUID(str(stored.segment_id)))
    framed = OBJECTS.of(catalog.stream_of(segment.source_id)).framed
    try:
        content = SealedReader(sealed, [keeping.keys.identity_by_recipient(stored.recipient)])
        places = FragmentIndex.decode(segment.index).places
        return read_tree(content.content_secret, content, places, framed).whole().is_stated(facts)
    except (ContentError, SealedObjectError):
        return False
