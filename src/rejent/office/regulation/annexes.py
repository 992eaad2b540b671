"""An office's annex as a file of its own: its forms take the place of those that its regulation has for the same papers."""

from dataclasses import replace
from typing import Any

from rejent.kernel.errors import InputRefusedError
from rejent.office.regulation.bounded_toml import NotTomlError, read_toml
from rejent.office.regulation.findings import Finding, Severity
from rejent.office.regulation.loading import check
from rejent.office.regulation.toml_lines import Path, lines_of_keys


class AnnexRefusedError(InputRefusedError, code="input.annex"):
    """A file that cannot be loaded as an annex, with the line of the first mistake."""


def with_annex(regulation: str, annex: str) -> str:
    """Return the text of a regulation with the forms of an annex, which is checked with it.

    Raises AnnexRefusedError: as `examine_annex`, or a form cannot be printed.
    """
    whole, findings = examine_annex(regulation, annex)
    for finding in findings:
        if finding.severity is Severity.ERROR:
            raise AnnexRefusedError(
                "The annex, line {line}: {sentence}", line=finding.line, sentence=finding.sentence
            )
    return whole


def examine_annex(regulation: str, annex: str) -> tuple[str, list[Finding]]:
    """Return the text of a regulation with the forms of an annex, and what is found in these, at their lines of the annex.

    Raises AnnexRefusedError: it is no TOML, or holds something else than forms.
    """
    try:
        given = _forms(read_toml(annex))
    except NotTomlError as refused:
        raise AnnexRefusedError(
            "The annex, line {line}: {sentence}", line=refused.line, sentence=str(refused.sentence)
        ) from None
    kept = _remove_forms(regulation, given).rstrip("\n") + "\n\n"
    whole = kept + annex
    before = kept.count("\n")
    found = (each for each in check(whole) if each.line > before)
    return whole, [replace(each, line=each.line - before) for each in found]


def _forms(document: dict[str, Any]) -> dict[str, set[str]]:
    """Return the papers that an annex gives forms of, by stream."""
    given = document.get("streams")
    streams: dict[str, Any] = given if isinstance(given, dict) else {}
    parts = list(streams.values())
    if set(document) != {"streams"} or not all(
        isinstance(part, dict) and set(part) == {"forms"} for part in parts
    ):
        raise AnnexRefusedError("An annex holds forms and nothing else: tables [[streams.NAME.forms]].")
    return {
        name: {str(paper) for form in part["forms"] for paper in _papers(form)}
        for name, part in streams.items()
    }


def _papers(form: Any) -> list[Any]:
    papers = form.get("papers") if isinstance(form, dict) else None
    return papers if isinstance(papers, list) else []


def _remove_forms(regulation: str, given: dict[str, set[str]]) -> str:
    """Return a regulation without its forms of these papers."""
    document, keys = read_toml(regulation), lines_of_keys(regulation)
    lines = regulation.splitlines()
    gone: set[int] = set()
    for stream, papers in given.items():
        for place, form in enumerate(document.get("streams", {}).get(stream, {}).get("forms", [])):
            replaced = {*_papers(form)} & papers
            if replaced and not {*_papers(form)} <= papers:
                raise AnnexRefusedError(
                    "The regulation has one form for {papers}: the annex gives it for all of these, or for none.",
                    papers=", ".join(_papers(form)),
                )
            if replaced:
                gone.update(_lines_of(("streams", stream, "forms", place), keys, lines))
    return "\n".join(line for number, line in enumerate(lines, 1) if number not in gone)


def _lines_of(path: Path, keys: dict[Path, int], lines: list[str]) -> range:
    """Return the lines of a table, without the remarks above what follows it."""
    first = keys[path]
    later = [line for other, line in keys.items() if line > first and other[: len(path)] != path]
    last = min(later, default=len(lines) + 1)
    while last - 1 > first and (not lines[last - 2].strip() or lines[last - 2].startswith("#")):
        last -= 1
    return range(first, last)
