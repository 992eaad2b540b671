"""Parts that every kind of stream provides to a layer; a layer names what it needs and never who provides it."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Generic, TypeVar, cast

from rejent.kernel.errors import InputRefusedError

T = TypeVar("T")


class UnknownStreamError(InputRefusedError):
    """A stream of which no kind provides what is needed."""


class StreamPart(Generic[T]):
    """One part that every kind of stream provides under this field of the kind, such as its object format; there is no default."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._places: dict[str, str] = {}
        self._loaded: dict[str, T] = {}

    def provide(self, stream: str, place: str) -> None:
        """Let a stream's part be what stands at ``module:attribute``, imported when first used. Raises `ValueError`: it has another."""
        if self._places.setdefault(stream, place) != place:
            raise ValueError(f"two kinds of stream are named {stream}")

    def of(self, stream: str) -> T:
        """Return the part of one stream. Raises `UnknownStreamError` if no kind of this name provides it."""
        if stream not in self._loaded:
            if stream not in self._places:
                raise UnknownStreamError("No stream is named {stream}.", stream=stream)
            module, _, attribute = self._places[stream].partition(":")
            self._loaded[stream] = cast("T", getattr(import_module(module), attribute))
        return self._loaded[stream]

    def __contains__(self, stream: str) -> bool:
        return stream in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def values(self) -> Iterator[T]:
        """Yield each stream's part."""
        return map(self.of, self._places)

    def items(self) -> Iterator[tuple[str, T]]:
        """Yield each stream's name with its part."""
        return ((stream, self.of(stream)) for stream in self._places)


AnyStreamPart = StreamPart[Any]
