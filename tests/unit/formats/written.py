"""A segment written whole, as the recorder's engine writes it."""

from collections.abc import Iterable, Iterator

from rejent.formats.fragment_index import Fragment, FragmentIndex, FragmentPlace
from rejent.formats.mp4.picture import AccessUnit, ParameterSets
from rejent.formats.mp4.reader import FragmentHead, whole_fragment_at
from rejent.formats.mp4.writer import FragmentWriter, initialisation
from rejent.formats.source import Source


def fragments_of(
    parameters: ParameterSets,
    units: Iterable[AccessUnit],
    *,
    following: AccessUnit | None = None,
    target: float = 1.0,
    writer: FragmentWriter | None = None,
) -> list[Fragment]:
    """All fragments of one segment."""
    writer = writer or FragmentWriter(parameters, target=target)
    made = [writer.add(unit) for unit in units]
    made.append(writer.finish(following))
    return [fragment for fragment in made if fragment is not None]


def content_of(parameters: ParameterSets, fragments: Iterable[Fragment]) -> bytes:
    """The file's content."""
    return initialisation(parameters) + b"".join(b"".join(fragment.parts) for fragment in fragments)


def heads(source: Source, index: FragmentIndex) -> Iterator[tuple[FragmentPlace, FragmentHead]]:
    """The heads of all fragments of an index, in order."""
    return ((place, whole_fragment_at(source, place.offset)) for place in index.places)
