"""Errors of recorded calls."""

from rejent.formats.errors import ContentError


class NoCallError(ContentError):
    """The content is no recorded call."""

    code = "capture.calls.no-call"

    def __init__(self) -> None:
        super().__init__(
            "What was opened is no recorded call, or not even its beginning is whole.",
            advice="Restore the object from a copy; enter the finding in the record of incidents.",
        )
