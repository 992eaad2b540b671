"""Who sees pictures while they are recorded."""

from typing import Protocol

from rejent.capture.video.picture import AccessUnit, ParameterSets


class PictureListener(Protocol):
    """Who shows pictures live. Called in the recorder's own thread: it must not wait for anything."""

    def watched(self) -> bool:
        """Whether anybody watches any camera now."""

    def pictures(self, source_id: str, parameters: ParameterSets, units: list[AccessUnit]) -> None:
        """Whole pictures of one camera as they arrive, with the parameter sets in force."""
