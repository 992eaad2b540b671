"""The reference of the regulation file names every key and every word."""

import ast
import re
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

import pytest

from rejent.kernel.terms import RetentionRule
from rejent.office.regulation import forms, gates, provisions, vocabulary

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "docs" / "ref" / "regulation.md"
NAMED = set(re.findall(r"`([^`\s]+)`", REFERENCE.read_text(encoding="utf-8")))
TABLES = [
    provisions.Regulation,
    provisions.StreamRules,
    provisions.Purpose,
    provisions.Extension,
    provisions.Places,
    provisions.Access,
    provisions.Handover,
    provisions.Preservation,
    provisions.Copies,
    provisions.Notices,
    provisions.Announcements,
    provisions.Adopted,
    forms.Form,
    forms.FormLine,
    forms.FormColumn,
    RetentionRule,
]
SECTIONS = {
    "streams",
    "purposes",
    "retention",
    "extension",
    "places",
    "access",
    "handover",
    "preservation",
    "copies",
    "forms",
    "adopted",
}


@pytest.mark.parametrize("table", TABLES)
def test_every_key_is_in_the_reference(table):
    """A key that the reader knows is described, or heads a section of its own."""
    keys = {str(field.metadata.get("key", field.name)) for field in fields(table)}
    assert keys - NAMED - SECTIONS - {"notices", "announcements"} == set()


def test_every_key_is_read_by_the_program():
    """No provision stands in an office's file without anything that the program does by it."""
    read = {
        node.attr
        for module in (ROOT / "src" / "rejent").rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    kept = {f"{table.__name__}.{field.name}" for table in TABLES for field in fields(table)}
    assert {key for key in kept if key.partition(".")[2] not in read} == set()


@pytest.mark.parametrize(
    "words",
    [
        kind
        for kind in (*vars(vocabulary).values(), forms.FormPaper)
        if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
    ],
)
def test_every_word_is_in_the_reference(words):
    """A word that a key takes is listed in the reference."""
    assert {word.value for word in words} <= NAMED


def test_every_gate_is_in_the_reference():
    """The conditions of a stream's start are listed by the names the program gives them."""
    names = {kind.value for kind in gates.FactKind}
    assert names | {"retention"} <= NAMED


@pytest.mark.parametrize("paper", forms.CONTENTS)
def test_every_field_of_a_form_is_in_the_reference(paper):
    """What a form may hold stands in the reference, with its placeholders."""
    content = forms.CONTENTS[paper]
    assert content.fields | content.columns <= NAMED
    assert {f"{{{value}}}" for value in content.values} <= NAMED
