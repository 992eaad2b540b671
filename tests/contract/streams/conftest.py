"""Every kind of stream, one after another."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import pytest

from rejent.kernel.stream_parts import StreamPart
from rejent.streams.kind import StreamKind
from rejent.streams.mail.messages import held
from rejent.streams.mail.messages.giving import FIRST_KEYS
from rejent.streams.mail.messages.reading import WORKSPACES
from rejent.streams.registry import KINDS
from tests.contract.streams.samples import SAMPLES, Sample
from tests.waiting import CEILING_S

T = TypeVar("T")
PROOF = "tests.streams.notes"
"""Is registered in processes of its own alone (`tests.streams.test_notes`); its parts are looked up here by its ``kind.py``."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind, and the folder it stands in."""

    folder: str
    declared: StreamKind

    def __contains__(self, part: StreamPart[Any]) -> bool:
        return part in self.declared.parts

    def of(self, part: StreamPart[T]) -> T:
        """Return a part from the place that the kind states."""
        module, _, attribute = self.declared.parts[part].partition(":")
        found: T = getattr(import_module(module), attribute)
        return found

    @property
    def path(self) -> Path:
        """The folder on the disk."""
        return Path(str(import_module(self.folder).__file__)).parent

    @property
    def sample(self) -> Sample:
        """What the kind brings to these tests."""
        return SAMPLES[self.folder]


FOLDERS = [*KINDS, PROOF]


def kind_of(folder: str) -> Kind:
    """Return the kind of a folder."""
    return Kind(folder, import_module(f"{folder}.kind").KIND)


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.rpartition(".")[2])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of stream."""
    return kind_of(request.param)


@pytest.fixture(scope="module")
def nothing_left_open() -> Iterator[None]:
    """Give opened messages up with the module, after which nobody looks from another thread meanwhile."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(held, "SWEEP_S", 10 * CEILING_S)
        yield
    for each in (WORKSPACES, FIRST_KEYS):
        for viewing in list(each._held):
            each.forget(viewing)
        if each._sweeper is not None:
            each._sweeper.cancel()
            each._sweeper = None
