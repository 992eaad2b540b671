"""Every command that a document shows is one that the program takes."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from rejent.cli import main
from rejent.ops.commands import every
from rejent.streams import registry

ROOT = Path(__file__).parents[3]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^ *```[a-z]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(rejent [^`]+)`")
LEFT_OUT = "…"
TARGET = re.compile(r"^[\w-]+(?= *:(?!=))", re.MULTILINE)


@cache
def program() -> Any:
    """The whole command."""
    return typer.main.get_command(main.assemble(registry.commands(), every.COMMANDS))


def shown() -> Iterator[tuple[str, str]]:
    """Every line that a document shows of the command, and which document."""
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        lines = [
            line.strip()
            for block in FENCED.findall(text)
            for line in block.replace("\\\n", " ").splitlines()
            if re.search(r"(^|[|/] ?)rejent [a-z-]", line.strip()) and "─" not in line
        ]
        for line in [*lines, *INLINE.findall(FENCED.sub("", text))]:
            yield str(document.relative_to(ROOT)), line


def words(line: str) -> list[str]:
    """The arguments of the command in a line: without what pipes into it, what it prints to, and any remark."""
    given = shlex.split(re.sub(r"[][]", "", re.split(r" {3,}", line)[0]), comments=True)
    start = next(place for place, word in enumerate(given) if word.rpartition("/")[2] == "rejent") + 1
    end = next((place for place in range(start, len(given)) if given[place] in {">", "|", "&&"}), len(given))
    return [word.partition("|")[0] for word in given[start:end]]


def checked(given: list[str]) -> None:
    """Let the command read the arguments; where some are left out, only see that command and options are there."""
    command, path = program(), ["rejent"]
    while hasattr(command, "commands") and given and not given[0].startswith("-"):
        path.append(given[0])
        command = command.commands.get(given[0])
        assert command is not None, path
        given = given[1:]
    options = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    assert {word for word in given if word.startswith("--")} <= options | {"--help"}, path
    if given and given != ["--version"] and not any(LEFT_OUT in word for word in given):
        command.make_context(" ".join(path), ["0" if word == "INDEX" else word for word in given])


def test_a_document_that_shows_commands_is_read() -> None:
    """The search itself finds what it is for."""
    assert len({line for document, line in shown() if document == "README.md"}) >= 8


@pytest.mark.parametrize(("document", "line"), sorted(set(shown())))
def test_a_command_that_is_shown_is_taken(document: str, line: str) -> None:
    """A renamed command, a missing option or a missing argument in a document fails."""
    checked(words(line))
    assert document


def test_the_targets_that_are_shown_are_there() -> None:
    """Every `make` target that a document names is one of the Makefile."""
    known = set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        spoken = [*re.findall(r"`make ([a-z]+)`", text)]
        spoken += [
            name
            for block in FENCED.findall(text)
            for name in re.findall(r"^make ([a-z]+)", block, re.MULTILINE)
        ]
        assert set(spoken) <= known, document
