"""Who sees pictures while they are recorded."""

from collections.abc import Collection
from typing import Protocol

from rejent.formats.mp4.picture import AccessUnit, ParameterSets


class PictureListener(Protocol):
    """Who shows pictures live. Called in the recorder's own thread: it must not wait for anything."""

    def watched(self) -> Collection[str]:
        """The sources somebody watches now; asked a few times a second."""

    def pictures(self, source_id: str, parameters: ParameterSets, units: list[AccessUnit]) -> None:
        """Whole pictures of one camera as they arrive, with the parameter sets in force."""
