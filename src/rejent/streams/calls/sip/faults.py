"""Faults in one of many, which must not keep the others from what is due to them."""

from collections.abc import Iterator
from contextlib import contextmanager


class Faults:
    """Faults met one by one and told together, once everybody had their turn."""

    def __init__(self) -> None:
        self._met: list[Exception] = []

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Do something for one; a fault in it is kept for `tell`."""
        try:
            yield
        except Exception as fault:  # noqa: BLE001 - told by `tell`
            self._met.append(fault)

    def tell(self) -> None:
        """Raise what was met, if anything was.

        Raises:
            ExceptionGroup: all of it.
        """
        if self._met:
            raise ExceptionGroup("Some could not be served.", self._met)
