"""What a page sends somebody to the server for is a command that is there, with the options it names."""

import re

import pytest
from django.utils import translation

from rejent.web.stream_parts import PAGES
from tests.unit.documents.test_commands import program

WITHOUT_PAGE = [name for name, pages in PAGES.items() if pages.sources.add is None]


def find_options(words: list[str]) -> set[str]:
    """The options of a command, as it takes them."""
    command = program()
    for word in words:
        command = command.commands[word]
    return {option for parameter in command.params for option in parameter.opts}


def test_cameras_are_added_on_a_page() -> None:
    """The kinds whose sources are added by a command are those that take a place of the server."""
    assert WITHOUT_PAGE == ["calls", "mail"]


@pytest.mark.parametrize("stream", WITHOUT_PAGE)
def test_where_no_page_adds_a_source_the_page_says_the_command_and_why(stream: str) -> None:
    """Whole, with options that the command has, in both languages; and that it is about the server's own ports."""
    for language, folder, why in (("en", "DIR", "of the server"), ("pl", "KATALOG", "serwera")):
        with translation.override(language):
            text = str(PAGES.of(stream).sources.empty[1])
        found = re.search(rf"rejent ((?:[a-z]+ )+){folder} (.*?)\.", text)
        assert found is not None
        options = set(re.findall(r"--[a-z-]+", found[2]))
        assert {"--stream", "--name"} < options <= find_options(found[1].split())
        assert f"--stream {stream}" in found[2]
        assert why in text
