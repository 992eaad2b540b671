"""A kind of stream: one object that says where each of its parts stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module

from django.apps import AppConfig

from rejent.kernel.stream_parts import AnyStreamPart


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamKind:
    """A kind of stream, by the name in regulations, sources and the ledger.

    ``parts``: for each part that a layer asks kinds for, ``module:attribute`` of this kind's own, imported when first
    used, so that a recorder loads no pages.
    """

    name: str
    parts: Mapping[AnyStreamPart, str] = field(default_factory=dict)

    def register(self) -> None:
        """Let every layer find this kind's parts."""
        for part, place in self.parts.items():
            part.provide(self.name, place)


class StreamConfig(AppConfig):
    """A kind's application of Django: its rows, its translations, its registration.

    The folder holds ``kind.py`` with ``KIND``, loaded once all rows are. Name this class by its module in ``apps.py``:
    of two names there Django takes neither.
    """

    def ready(self) -> None:
        """Register the kind."""
        import_module(f"{self.name}.kind").KIND.register()
