"""What every kind of stream registers: the parts that layers ask every kind for, of the declared types, in words."""

import builtins
import re
from collections import ChainMap, defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from django.utils import translation

import rejent
from rejent.access.stream_parts import ITEM_SOURCE
from rejent.cases.copies.stream_parts import COPIES
from rejent.cases.stream_parts import FINDER
from rejent.catalog.stream_parts import SOURCES
from rejent.cli.stream_parts import FIGURES
from rejent.kernel.acts import Act
from rejent.kernel.stream_parts import StreamPart
from rejent.notices.stream_parts import SAYINGS
from rejent.office.stream_parts import SECTIONS
from rejent.recording.contract import Cause
from rejent.retention.stream_parts import OBJECTS, WHOLE_ITEM
from rejent.streams.registry import KINDS
from rejent.web.stream_parts import OWN_DATA, PAGES, ROUTES
from rejent.web.words.stream_parts import WORDS
from tests.contract.streams.conftest import PROOF, Kind
from tests.contract.streams.samples import SAMPLES

OF_EVERY_KIND = {SECTIONS, SOURCES, OBJECTS, FINDER, COPIES, FIGURES, PAGES, ROUTES, WORDS, SAYINGS, OWN_DATA}
OF_KINDS_WITH_ITEMS = {ITEM_SOURCE, WHOLE_ITEM}


def test_every_kind_brings_samples() -> None:
    """A kind that is registered without any, or a sample of none, fails."""
    assert set(SAMPLES) == {*KINDS, PROOF}


def test_what_is_asked_of_every_kind_is_listed_here() -> None:
    """A layer that looks up one part more of a stream by its name makes these tests demand it of every kind."""
    named = {name: part for _, name, part in _parts()}
    package = Path(rejent.__file__).parent
    asked = {
        named[name]
        for path in package.rglob("*.py")
        for name in re.findall(r"\b([A-Z_]+)\.of\(", path.read_text(encoding="utf-8"))
        if name in named
    }
    assert asked <= OF_EVERY_KIND | OF_KINDS_WITH_ITEMS


def test_a_kind_has_every_part_that_is_asked_of_every_kind(kind: Kind) -> None:
    """None is left to a default, for there is none."""
    assert {part.name for part in OF_EVERY_KIND if part not in kind} == set()


def test_every_place_holds_what_its_layer_declares(kind: Kind) -> None:
    """Each is imported, and is of the type of its part."""
    declared = {id(part): _type_of(module, name) for module, name, part in _parts()}
    wrong = [
        place
        for part, place in kind.declared.parts.items()
        if not isinstance(kind.of(part), declared[id(part)])
    ]
    assert wrong == []


RECORDS = "rejent.retention.record_objects:FORMAT"


def test_every_place_stands_in_the_folder_of_its_kind(kind: Kind) -> None:
    """A kind is one folder; objects of records alone are of one format for every kind."""
    elsewhere = [place for place in kind.declared.parts.values() if not place.startswith(f"{kind.folder}.")]
    assert elsewhere in ([], [RECORDS])


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_cause_of_a_kind_has_words_and_advice(kind: Kind, language: str) -> None:
    """Whatever its recorder says why nothing is recorded, a page says it, and what to do about it, in the reader's language."""
    words = kind.of(WORDS)
    causes = [cause for module in _modules(kind, "(Cause)") for cause in _causes(module)]
    assert [cause for cause in causes if cause.value not in words.causes] == []
    assert set(words.planned) <= set(words.causes)
    with translation.override("en"):
        english = {name: tuple(map(str, said)) for name, said in words.causes.items()}
    with translation.override(language):
        said = {name: tuple(map(str, said)) for name, said in words.causes.items()}
    assert all(all(each) for each in said.values())
    assert [name for name in said if (said[name] == english[name]) is (language == "pl")] == []


def test_every_act_of_a_kind_has_a_noun(kind: Kind) -> None:
    """The register of acts names each in the reader's language, and names none that there is not."""
    acts = {
        each.name
        for module in _modules(kind, " = Act(")
        for each in vars(module).values()
        if isinstance(each, Act)
    }
    nouns = kind.of(WORDS).nouns
    assert acts - nouns.keys() == set()
    assert all(map(str, nouns.values()))
    own = kind.of(WORDS).peoples_own
    assert [begin for begin in own if not any(name.startswith(begin) for name in acts)] == []


def test_every_kind_is_named(kind: Kind) -> None:
    """In the words of its pages, and by no name of another's."""
    assert str(kind.of(WORDS).name)
    others = [import_module(f"{each}.kind").KIND.name for each in (*KINDS, PROOF) if each != kind.folder]
    assert kind.declared.name not in others


def _parts() -> Iterator[tuple[ModuleType, str, StreamPart[Any]]]:
    """Yield every part that a layer declares: its module, its constant and itself."""
    package = Path(rejent.__file__).parent
    for path in package.rglob("stream_parts.py"):
        module = import_module(".".join(("rejent", *path.relative_to(package).with_suffix("").parts)))
        for name, each in vars(module).items():
            if isinstance(each, StreamPart):
                yield module, name, each


def _type_of(module: ModuleType, name: str) -> type:
    """Return the type of a part; a name that is imported for the type check alone stands for any object."""
    seen = ChainMap(vars(module), vars(builtins), defaultdict(lambda: object))
    (declared,) = get_args(get_type_hints(module, localns=seen)[name])
    return get_origin(declared) or declared


def _modules(kind: Kind, holding: str) -> Iterator[ModuleType]:
    """Import the modules of a kind in whose text something stands."""
    for path in sorted(kind.path.rglob("*.py")):
        if holding in path.read_text(encoding="utf-8"):
            yield import_module(".".join((kind.folder, *path.relative_to(kind.path).with_suffix("").parts)))


def _causes(module: ModuleType) -> Iterator[Cause]:
    for each in vars(module).values():
        if isinstance(each, type) and issubclass(each, Cause) and each.__module__ == module.__name__:
            yield from each
