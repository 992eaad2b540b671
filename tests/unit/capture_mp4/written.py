"""A segment written whole, as the recorder's engine writes it."""

from collections.abc import Iterable

from rejent.capture.contract import Fragment
from rejent.capture.video.mp4.writer import FragmentWriter, initialisation
from rejent.capture.video.picture import AccessUnit, ParameterSets


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
