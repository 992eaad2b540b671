"""Content of a message that is read by slices: bytes, or what lies sealed on disk while it is received."""

from typing import Protocol, TypeVar


class Content(Protocol):
    """What has a length and slices; a slice of all of it is the whole."""

    def __len__(self) -> int:
        """Count its bytes."""

    def __getitem__(self, wanted: slice, /) -> bytes:
        """Return bytes of it."""


C_co = TypeVar("C_co", bound=Content, covariant=True)
