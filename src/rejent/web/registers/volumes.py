"""The paper of a register: one file, or an archive of volumes where it is longer than one paper holds."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile, ZipInfo

from django.utils.translation import gettext

from rejent.documents.papers import Book
from rejent.documents.rendering import render_pdf

ROWS_A_VOLUME = 2000
"""Rows of a printed book; docs/ref/documents.md says how long they take."""
MOST_PRINTED = 10 * ROWS_A_VOLUME
"""Rows that are printed at all: what is longer nobody reads on paper."""


def volume_words() -> str:
    """Return what each volume says of itself, with places for its number and its rows."""
    return gettext("Volume {volume} of {volumes}: rows {first} to {last}.")


def in_volumes(count: int) -> bool:
    """Return whether so many rows are printed in volumes."""
    return count > ROWS_A_VOLUME


def printed(book: Book, words: str) -> bytes:
    """Return a book as one PDF file, or as a ZIP archive of volumes: the same book gives the same bytes.

    Args:
        book: whole.
        words: what a volume says of itself (`volume_words`).
    """
    if not in_volumes(len(book.rows)):
        return render_pdf(book)
    archive = BytesIO()
    with ZipFile(archive, "w") as opened:
        for place, volume in enumerate(_volumes(book, words), 1):
            opened.writestr(ZipInfo(f"{place:02}.pdf"), render_pdf(volume))
    return archive.getvalue()


def _volumes(book: Book, words: str) -> Iterator[Book]:
    starts = range(0, len(book.rows), ROWS_A_VOLUME)
    for place, start in enumerate(starts, 1):
        rows = book.rows[start : start + ROWS_A_VOLUME]
        said = words.format(volume=place, volumes=len(starts), first=start + 1, last=start + len(rows))
        yield replace(book, rows=rows, remarks=(*book.remarks, said))
