"""The type of a file follows from its content, and nothing in an archive is unpacked to know it."""

import io
import tracemalloc
import zipfile

import pytest

from rejent.formats import file_types as types
from rejent.formats.source import BytesSource

MAIL = b"Return-Path: <a@b.example>\r\nFrom: a@b.example\r\nSubject: Wniosek\r\n\r\nTresc"
SIGNED = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80"


def archive(*names: str, first: bytes = b"") -> bytes:
    """A ZIP file with these names; its first entry may state its type."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        if first:
            made.writestr("mimetype", first, zipfile.ZIP_STORED)
        for name in names:
            made.writestr(name, b"x" * 1000, zipfile.ZIP_DEFLATED)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.7\n", types.PDF),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), types.PNG),
        (b"\xff\xd8\xff\xe0" + bytes(20), types.JPEG),
        (b"RIFF\0\0\0\0WEBPVP8 ", types.WEBP),
        (b"RIFF\0\0\0\0WAVEfmt ", types.WAV),
        (b"II*\0" + bytes(8), types.TIFF),
        (b"\0\0\0\x18ftypisom\0\0", types.MP4),
        (b"\0\0\0\x18ftypheic\0\0", types.HEIC),
        ("Zażółć gęślą jaźń\n".encode(), types.TEXT),
        ("Zażółć gęślą jaźń\n".encode("cp1250"), types.TEXT),
        (MAIL, types.MAIL),
        (b'<?xml version="1.0"?><Potwierdzenie/>', types.XML),
        (SIGNED, types.SIGNED),
        (archive("[Content_Types].xml", "word/document.xml"), types.DOCX),
        (archive("[Content_Types].xml", "xl/workbook.xml"), types.XLSX),
        (archive("content.xml", first=types.ODT.media_type.encode()), types.ODT),
        (archive("a.txt"), types.ZIP),
        (b"<!DOCTYPE html><p>x", None),
        (b"\xef\xbb\xbf  \n<script>alert(1)</script>", None),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="x"/>', None),
        (b" %PDF-1.7 <html>" + bytes(3), None),
        (b"MZ\x90\0\x03", None),
        (b"\x7fELF", None),
        (b"", None),
    ],
)
def test_content_tells(content: bytes, found: types.FileType | None) -> None:
    """Whatever the name says; pages that a browser would run are of no type, programs neither."""
    assert types.file_type(BytesSource(content)) is found


def test_a_bomb_is_not_unpacked() -> None:
    """An archive of a gigabyte of zeros, and one with a directory longer than is looked at, cost nothing."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        made.writestr("[Content_Types].xml", b"")
        with made.open("word/bomb", "w") as bomb:
            for _ in range(64):
                bomb.write(bytes(1 << 20))
    many = archive(*(f"{place:06d}{'x' * 200}" for place in range(5000)))
    tracemalloc.start()
    assert types.file_type(BytesSource(held.getvalue())) is types.DOCX
    assert types.file_type(BytesSource(many)) is types.ZIP
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
