"""A segment written whole, as the recorder's engine writes it."""

from collections.abc import Iterable

from rejent.formats.fragment_index import Fragment
from rejent.formats.mp4.picture import AccessUnit, ParameterSets
from rejent.formats.mp4.writer import FragmentWriter, initialisation


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
