"""The draft of an office's first regulation: one of the examples as a pattern, with the office's own name on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rejent.office.regulation.bounded_toml import read_toml
from rejent.office.regulation.loading import EXAMPLES, example
from rejent.office.regulation.writing import set_value, write_regulation

OF_OFFICE = (
    "name", "controller", "address", "email", "telephone", "head", "deputy", "contact", "contact_telephone", "title", "adopted",
)  # fmt: skip
"""Keys of a regulation that say whose it is; the rest is what it says."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """An example to begin with."""

    name: str
    office: str
    title: str
    streams: tuple[str, ...]


def patterns() -> list[Pattern]:
    """Return the examples that come with the program."""
    read = [(name, read_toml(example(name))) for name in EXAMPLES]
    return [Pattern(name, text["name"], text["title"], tuple(text["streams"])) for name, text in read]


def draft_from(pattern: str, office: Mapping[str, Any]) -> str:
    """Return a pattern as the draft of an office: nothing of the other office's own data stays in it. Raises NotFoundError."""
    return with_office(example(pattern), office)


def with_office(text: str, office: Mapping[str, Any]) -> str:
    """Return a draft with the office's data; what is empty is left out."""
    document = read_toml(text)
    for key in OF_OFFICE:
        set_value(document, [key], office.get(key) or None)
    first = {key: document.pop(key) for key in OF_OFFICE if key in document}
    return write_regulation({**first, **document})


def office_in(text: str) -> dict[str, Any]:
    """Return the office's data in a draft; nothing of an empty one."""
    document = read_toml(text) if text else {}
    return {key: document[key] for key in OF_OFFICE if key in document}
