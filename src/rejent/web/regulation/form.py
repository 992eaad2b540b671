"""The form of a regulation's parameters: read from its text, written into it, held against the statute."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext

from rejent.office.regulation.bounded_toml import read_toml
from rejent.office.regulation.findings import Finding, Severity
from rejent.office.regulation.loading import examine
from rejent.office.regulation.writing import set_value, value_at, write_regulation
from rejent.web.pages.plain_form import PlainForm
from rejent.web.regulation.finding_words import word_findings
from rejent.web.regulation.parameters import Parameter, Words, parameters_of, purpose_fields
from rejent.web.words.identifiers import in_words

_LENGTHS = (("retention",), ("preservation", "window"), ("copies", "lifetime"))
"""Tables that stand whole or not at all: without a count there is none."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of the form with the findings beside it."""

    field: BoundField
    findings: list[Finding]

    @property
    def group(self) -> bool:
        """Return whether it is a group of boxes."""
        return isinstance(self.field.field, forms.MultipleChoiceField)

    @property
    def box(self) -> bool:
        """Return whether it is one box."""
        return isinstance(self.field.field, forms.BooleanField)


@dataclass(frozen=True, slots=True)
class Part:
    """A titled part of the form."""

    title: Words
    rows: list[list[Shown]]


class RegulationForm(PlainForm):
    """Parameters of a regulation as fields; `text` is the regulation with what was filled in."""

    def __init__(self, *args: Any, began: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._document = read_toml(began)
        self._read = examine(began)[0]
        self._keys: dict[str, str] = {}
        for stream in self.streams:
            self._add_purposes(stream)
            for __, group in parameters_of(stream):
                for one in group:
                    name = f"{stream}-{one.name}"
                    self.fields[name] = one.field()
                    self.fields[name].initial = self._read_stated(stream, one)
                    self._keys[name] = ".".join(("streams", stream, *one.path))

    @property
    def streams(self) -> list[str]:
        """Return the streams that the text provides for."""
        return list(self._document.get("streams", {}))

    @property
    def text(self) -> str:
        """Return the regulation with the fields of a valid form written into it."""
        document = copy.deepcopy(self._document)
        for stream in self.streams:
            table = document["streams"][stream]
            table["purposes"] = list(self._purposes_given(stream, table.get("purposes", [])))
            for __, group in parameters_of(stream):
                for one in group:
                    self._write(table, stream, one)
            for path in _LENGTHS:
                if value_at(table, (*path, "count")) is None:
                    set_value(table, path, None)
        return write_regulation(document)

    def parts(
        self, findings: list[Finding]
    ) -> tuple[list[tuple[Words, list[Part]]], list[tuple[str, Finding]]]:
        """Return streams with their parts, each finding beside the field it is about; and those that are about none, each with the name of its stream."""
        beside: dict[str, list[Finding]] = {}
        others: list[tuple[str, Finding]] = []
        for finding in word_findings(findings):
            if name := self._field_of(finding):
                beside.setdefault(name, []).append(finding)
            else:
                others.append((_stream_of(finding), finding))
        shown = {name: Shown(self[name], beside.get(name, [])) for name in self.fields}
        return [(_title(stream), self._parts_of(stream, shown)) for stream in self.streams], others

    def _parts_of(self, stream: str, shown: Mapping[str, Shown]) -> list[Part]:
        purposes = [
            Part(
                title,
                [
                    [shown[f"{name}-text"]],
                    [shown[f"{name}-ground"], shown[f"{name}-basis"]],
                    [shown[f"{name}-position"]],
                ],
            )
            for name, title in self._title_purposes(stream)
        ]
        parts = [
            Part(title, [[shown[f"{stream}-{one.name}"] for one in row] for row in _rows(group)])
            for title, group in parameters_of(stream)
        ]
        return [*purposes, *parts]

    def _title_purposes(self, stream: str) -> Iterator[tuple[str, str]]:
        """Yield the beginning of the names of each purpose's fields, with the heading above them."""
        last = self._purpose_count(stream) - 1
        for index in range(last + 1):
            title = (
                gettext("Purpose %(n)s") % {"n": index + 1} if index < last else gettext("One more purpose")
            )
            yield f"{stream}-purposes-{index}", title

    def _field_of(self, finding: Finding) -> str:
        """Return the field whose key a finding names, else the first one within it, else one that it lies in."""
        found, near = "", ""
        for name, key in self._keys.items():
            if finding.key == key:
                return name
            if not found and key.startswith((f"{finding.key}.", f"{finding.key}[")):
                found = name
            if not near and finding.key.startswith(f"{key}."):
                near = name
        return found if finding.key.count(".") > 1 and found else near

    def _purpose_count(self, stream: str) -> int:
        """Return how many purposes are shown: those there are, and one to add."""
        return len(self._document["streams"][stream].get("purposes", [])) + 1

    def _add_purposes(self, stream: str) -> None:
        given = self._document["streams"][stream].get("purposes", [])
        for index in range(self._purpose_count(stream)):
            purpose = given[index] if index < len(given) else {}
            for key, field in purpose_fields().items():
                name = f"{stream}-purposes-{index}-{key}"
                field.initial = purpose.get(key, "")
                self.fields[name] = field
                self._keys[name] = f"streams.{stream}.purposes[{index}].{key}"

    def _purposes_given(self, stream: str, before: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        taken = {str(purpose.get("id", "")) for purpose in before}
        for index in range(self._purpose_count(stream)):
            kept = dict(before[index]) if index < len(before) else {}
            given = {key: self.cleaned_data[f"{stream}-purposes-{index}-{key}"] for key in purpose_fields()}
            if not given["text"]:
                continue
            if "id" not in kept:
                kept["id"] = _new_id(taken)
            for key, value in given.items():
                set_value(kept, [key], value or None)
            yield kept

    def _read_stated(self, stream: str, one: Parameter) -> Any:
        """Return what the text says, or means where it says nothing."""
        written = value_at(self._document, ("streams", stream, *one.path))
        if written is not None:
            return written
        value: Any = self._read.streams.get(stream) if self._read else None
        for key in one.path:
            value = getattr(value, key, None)
        if isinstance(value, tuple):
            return [str(each) for each in value]
        return str(value) if isinstance(value, StrEnum) else value

    def _write(self, table: dict[str, Any], stream: str, one: Parameter) -> None:
        """Write what was filled in; what the text leaves out and the form leaves as it is stays out."""
        given = self.cleaned_data[f"{stream}-{one.name}"]
        if value_at(table, one.path) is None and given == self._read_stated(stream, one):
            return
        set_value(table, one.path, None if given in (None, "") else given)


def _rows(group: list[Parameter]) -> Iterator[list[Parameter]]:
    """Yield the parameters as they stand beside one another: a number with its unit, all others alone."""
    for (table, last), row in groupby(group, lambda one: (one.path[:-1], one.path[-1] in {"count", "unit"})):
        together = list(row)
        yield from [together] if last and table in _LENGTHS else ([one] for one in together)


def _stream_of(finding: Finding) -> str:
    """Return the name of the stream that a finding is about, empty where it is the whole office's."""
    streams, _, rest = finding.key.partition(".")
    return _title(rest.partition(".")[0].partition("[")[0]) if streams == "streams" and rest else ""


def _title(stream: str) -> str:
    title = in_words("stream", stream) or stream
    return title[0].upper() + title[1:]


def _new_id(taken: set[str]) -> str:
    number = next(number for number in range(1, len(taken) + 2) if f"cel-{number}" not in taken)
    taken.add(f"cel-{number}")
    return f"cel-{number}"


def count_errors(findings: list[Finding]) -> int:
    """Return how many findings keep a regulation from being loaded."""
    return sum(finding.severity is Severity.ERROR for finding in findings)
