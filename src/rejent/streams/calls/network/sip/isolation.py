"""Isolation of faults: one session's exception does not keep the others from being served."""

from collections.abc import Iterator
from contextlib import contextmanager


class FaultCollector:
    """Collects exceptions and raises them together."""

    def __init__(self) -> None:
        self._met: list[Exception] = []

    @contextmanager
    def isolated(self) -> Iterator[None]:
        """Run the block; keep its exception for `raise_all`."""
        try:
            yield
        except Exception as fault:  # noqa: BLE001 - raised by `raise_all`
            self._met.append(fault)

    def raise_all(self) -> None:
        """Raise the collected exceptions, if any, as an ExceptionGroup."""
        if self._met:
            raise ExceptionGroup("Some could not be served.", self._met)
