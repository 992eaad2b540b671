"""Every sentence of the ledger and the registers is said in Polish, with the same places to fill."""

import ast
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

import rejent
from rejent.kernel.acts import all_acts
from rejent.registers.acts import (
    ENTRIES_ACCEPTED,
    ENTRIES_LOST,
    ENTRY_ERASED,
    ENTRY_LOST,
    REGISTER_CLOSED,
    REGISTER_EXPORTED,
    ROLLBACK_ACCEPTED,
)

PACKAGE = Path(rejent.__file__).parent
SAYING = ("Error", "_found", "Finding", "_finding")


def sentences():
    """The templates and the advice given to errors and findings in the sources."""
    folders = ("ledger", "documents", "registers")
    for module in sorted(path for folder in folders for path in (PACKAGE / folder).rglob("*.py")):
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).rstrip(")").endswith(SAYING):
                said = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "advice")]
                for constant in (inner for argument in said for inner in ast.walk(argument)):
                    if (
                        isinstance(constant, ast.Constant)
                        and isinstance(constant.value, str)
                        and " " in constant.value
                    ):
                        yield constant.value


def places(template):
    """The named places of a template."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.fixture(scope="module")
def polish():
    """The Polish catalogue of the registers."""
    with (PACKAGE / "registers/locale/pl/LC_MESSAGES/django.po").open("rb") as text:
        return {message.id: message.string for message in read_po(text, locale="pl") if message.id}


def test_every_sentence_has_its_polish(polish):
    """No error, advice, finding or act is left in English, and none is translated that nobody says."""
    with translation.override("en"):
        acts = {
            str(act.sentence)
            for act in (
                ENTRY_ERASED,
                ENTRY_LOST,
                ENTRIES_LOST,
                ENTRIES_ACCEPTED,
                REGISTER_CLOSED,
                REGISTER_EXPORTED,
                ROLLBACK_ACCEPTED,
            )
        }
    said = {*sentences(), *acts, "Registers"}
    assert said - polish.keys() == set()
    assert polish.keys() - said == set()


def test_translations_fill_the_same_places(polish):
    """A place that the original does not have would stop the page."""
    assert {
        template for template, translated in polish.items() if places(template) != places(translated)
    } == set()


def test_acts_of_the_registers_are_told():
    """The registers' own act is in the list of all acts."""
    assert "registers.entry-erased" in all_acts()
