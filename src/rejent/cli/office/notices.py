"""``rejent notices``: the documents that tell people of monitoring, and what they still lack."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rejent.cli.command_setup import (
    Directory,
    Json,
    Use,
    acting,
    civil_day,
    open_installation,
    program_clock,
    today,
)
from rejent.cli.output import print_rows
from rejent.cli.speaking import synthesize_speech
from rejent.kernel.errors import InputRefusedError

if TYPE_CHECKING:
    from rejent.notices.documents.truth import Truth
    from rejent.notices.documents.views import Document

app = typer.Typer(
    help="Plates, clauses, announcements, statements: made from the regulation and the inventory."
)


class DocumentLanguage(StrEnum):
    """A language of the documents."""

    PL = "pl"
    EN = "en"


Spoken = Annotated[bool, typer.Option("--spoken", help="Also as sound what callers hear; needs espeak-ng.")]
InLanguage = Annotated[DocumentLanguage, typer.Option("--language", help="Language of the documents.")]


@app.command("write")
def write_command(
    directory: Directory,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="An empty or new folder.")],
    language: InLanguage = DocumentLanguage.PL,
    spoken: Spoken = False,
) -> None:
    """Write every document as it is today, each as PDF and as HTML; plates as A3, A4 and A5."""
    open_installation(directory, Use.READING)
    from django.conf import settings

    from rejent.documents.rendering import render_pdfs
    from rejent.notices.documents.paper import SIZES, page, paper_of
    from rejent.notices.documents.views import DocumentKind
    from rejent.notices.queries import documents_in_force

    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise InputRefusedError("{folder} is not empty.", folder=to, advice="Choose a new folder.")
    test = settings.INSTALLATION.test
    found = documents_in_force(language.value, clock=program_clock())
    papers, files = {}, dict[str, bytes]()
    for each in found:
        name = _unused(file_name(each), files)
        files[f"{name}.html"] = page(each).encode()
        is_plate = each.kind is DocumentKind.PLATE
        for size in SIZES if is_plate else ("A4",):
            papers[f"{name}.{size}.pdf" if is_plate else f"{name}.pdf"] = paper_of(each, size=size, test=test)
        if spoken and each.kind is DocumentKind.ANNOUNCEMENT and not each.missing:
            files |= _sounds(each, name)
    files |= dict(zip(papers, render_pdfs(list(papers.values())), strict=True))
    to.mkdir(parents=True, exist_ok=True)
    for name, content in sorted(files.items()):
        (to / name).write_bytes(content)
    lacking = sum(len(each.missing) for each in found)
    typer.echo(f"{len(files)} files in {to}; {lacking} items missing.")
    if spoken and any(each.missing for each in found if each.kind is DocumentKind.ANNOUNCEMENT):
        typer.echo("An announcement that lacks something was not spoken: a sound bears no mark of a draft.")


def file_name(document: "Document") -> str:
    """Return the name of a document's files, without their endings."""
    return re.sub(r"[^\w.-]+", "-", document.name).strip("-.").lower()


def _unused(name: str, files: Mapping[str, bytes]) -> str:
    """Return a name, with a number after it where another document has it: two buildings may be written alike."""
    number = 2
    found = name
    while f"{found}.html" in files:
        found, number = f"{name}-{number}", number + 1
    return found


def _sounds(document: "Document", name: str) -> dict[str, bytes]:
    parts = {section.key: " ".join(section.text) for section in document.sections}
    heard = {key: parts.get(key, "") for key in ("announcement-incoming", "clause")}
    return {
        f"{name}.{key}.wav": synthesize_speech(text, document.language) for key, text in heard.items() if text
    }


@app.command("check")
def check_command(
    directory: Directory, language: InLanguage = DocumentLanguage.PL, as_json: Json = False
) -> int:
    """List what the law demands of each document and it does not say yet; 1 while there is anything."""
    open_installation(directory, Use.READING)
    from rejent.notices.queries import documents_in_force

    rows: list[dict[str, object]] = [
        {"document": each.name, "provision": item.provision, "demand": item.demand, "missing": item.why}
        for each in documents_in_force(language.value, clock=program_clock())
        for item in each.missing
    ]
    print_rows(rows, as_json=as_json, empty="Nothing is missing.")
    return 1 if rows else 0


@app.command("differences")
def differences_command(directory: Directory, as_json: Json = False) -> int:
    """List where plates, inventory, regulation and publications differ; 1 while there is anything."""
    open_installation(directory, Use.READING)
    from rejent.notices.agreement.queries import found

    rows: list[dict[str, object]] = [
        {
            "difference": each.kind.value,
            "stream": each.stream,
            "since": each.since,
            "law": each.rule.source,
            "act": each.act,
            "says": str(each.sentence),
        }
        for each in found(program_clock())
    ]
    print_rows(rows, as_json=as_json, empty="Nothing differs.")
    return 1 if rows else 0


@app.command("publish")
def publish_command(
    directory: Directory,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="An empty or new folder.")],
) -> None:
    """Write the pages and documents for the website and the BIP; entered in the ledger with their digest."""
    open_installation(directory)
    from django.conf import settings

    from rejent.notices.publication import services
    from rejent.notices.publication.bundle import digest_of
    from rejent.notices.publication.queries import bundle_of_today

    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise InputRefusedError("{folder} is not empty.", folder=to, advice="Choose a new folder.")
    files = bundle_of_today().files()
    digest = digest_of(files)
    services.note_bundle(len(files), digest, ledger=settings.LEDGER, **acting())
    for name, content in files:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_bytes(content)
    typer.echo(f"{len(files)} files in {to}; SHA-256 over all of them {digest}.")


@app.command("word")
def word_command(
    directory: Directory,
    passage: Annotated[
        str, typer.Argument(metavar="PASSAGE", help="Its name; see: rejent notices passages DIR")
    ],
    stream: Annotated[str, typer.Option("--stream", help="Kind of monitoring.")],
    text: Annotated[
        str,
        typer.Option(
            "--text", help="The office's own words with their placeholders; empty for the program's again."
        ),
    ],
    language: InLanguage = DocumentLanguage.PL,
    in_force_from: Annotated[str, typer.Option("--from", help="The first day; today if left out.")] = "",
) -> None:
    """Enter the office's own wording of a passage."""
    open_installation(directory)
    from rejent.notices.wording import enter_wording

    day: date = civil_day(in_force_from, "--from") if in_force_from else today()
    number = enter_wording(_truth(stream, language), passage, text, in_force_from=day, **acting())
    typer.echo(f"Wording {number}, in force from {day.isoformat()}.")


@app.command("passages")
def passages_command(
    directory: Directory,
    stream: Annotated[str, typer.Option("--stream", help="Kind of monitoring.")],
    language: InLanguage = DocumentLanguage.PL,
    as_json: Json = False,
) -> None:
    """List the passages that the office may word itself, as they are told now."""
    open_installation(directory, Use.READING)
    from django.utils import translation

    from rejent.notices.wording import passages_of

    truth = _truth(stream, language)
    with translation.override(language.value):
        rows: list[dict[str, object]] = [
            {
                "passage": each.name,
                "own": name in truth.wordings,
                "wording": truth.wordings.get(name) or str(each.wording),
            }
            for name, each in sorted(passages_of(truth).items())
        ]
    print_rows(rows, as_json=as_json, empty="No passages.")


def _truth(stream: str, language: DocumentLanguage) -> "Truth":
    from rejent.notices.queries import truth_of

    return truth_of(stream, language.value, clock=program_clock())
