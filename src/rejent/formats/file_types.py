"""The type of a file by its content: magic numbers of what an office is sent; names prove nothing.

Archives are looked at by their directory of names alone; nothing in them is unpacked. Sources: RFC 8118 (PDF), W3C PNG,
TIFF 6.0, ISO/IEC 14496-12 (ftyp), APPNOTE.TXT 4.3 (ZIP), OASIS ODF 1.3 part 2 § 3.3, ECMA-376 part 2, RFC 5322, RFC 5652.
"""

import re
from dataclasses import dataclass

from rejent.formats.source import Source

_HEAD = 64 << 10
_END_OF_DIRECTORY = b"PK\x05\x06"
_DIRECTORY = b"PK\x01\x02"
_LARGEST_DIRECTORY = 1 << 20
"""Bytes of an archive's directory that are looked at; a longer one is that of no office document."""


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file: its registered name, how names of such files end (the usual ending first), and whether browsers show it safely."""

    media_type: str
    endings: tuple[str, ...]
    shown: bool = False


PDF = FileType("application/pdf", ("pdf",), shown=True)
PNG = FileType("image/png", ("png",), shown=True)
JPEG = FileType("image/jpeg", ("jpg", "jpeg", "jpe"), shown=True)
WEBP = FileType("image/webp", ("webp",), shown=True)
GIF = FileType("image/gif", ("gif",), shown=True)
TIFF = FileType("image/tiff", ("tif", "tiff"))
HEIC = FileType("image/heic", ("heic", "heif"))
TEXT = FileType("text/plain", ("txt", "csv", "log"), shown=True)
XML = FileType("application/xml", ("xml", "xades"))
MAIL = FileType("message/rfc822", ("eml",))
MP4 = FileType("video/mp4", ("mp4", "m4v", "m4a", "mov"))
MATROSKA = FileType("video/x-matroska", ("mkv", "mka", "webm"))
WAV = FileType("audio/wav", ("wav",))
OGG = FileType("audio/ogg", ("ogg", "oga", "opus"))
MP3 = FileType("audio/mpeg", ("mp3",))
AVI = FileType("video/x-msvideo", ("avi",))
SIGNED = FileType("application/pkcs7-mime", ("p7m", "p7s", "sig"))
ZIP = FileType("application/zip", ("zip",))
ASIC = FileType("application/vnd.etsi.asic-e+zip", ("asice", "sce", "asics"))
OLE = FileType("application/x-ole-storage", ("doc", "xls", "ppt", "msg"))
ODT = FileType("application/vnd.oasis.opendocument.text", ("odt",))
ODS = FileType("application/vnd.oasis.opendocument.spreadsheet", ("ods",))
ODP = FileType("application/vnd.oasis.opendocument.presentation", ("odp",))
DOCX = FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx", "docm"))
XLSX = FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx", "xlsm"))
PPTX = FileType("application/vnd.openxmlformats-officedocument.presentationml.presentation", ("pptx",))

TYPES = (
    PDF, PNG, JPEG, WEBP, GIF, TIFF, HEIC, TEXT, XML, MAIL, MP4, MATROSKA, WAV, OGG, MP3, AVI, SIGNED, ZIP, ASIC, OLE,
    ODT, ODS, ODP, DOCX, XLSX, PPTX,
)  # fmt: skip
BY_MEDIA_TYPE = {each.media_type: each for each in TYPES}
PICTURES = frozenset({PNG, JPEG, WEBP})

_MAGIC = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"\x1aE\xdf\xa3", MATROSKA),
    (b"OggS", OGG),
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
    (b"\xff\xf3", MP3),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
)
_RIFF = {b"WEBP": WEBP, b"WAVE": WAV, b"AVI ": AVI}
_HEIF = {b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis"}
_IN_ZIP = (("word/", DOCX), ("xl/", XLSX), ("ppt/", PPTX))
_STATED_IN_ZIP = {each.media_type.encode(): each for each in (ODT, ODS, ODP, ASIC)}
_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|svg|iframe|title|style|table|img|a|div|p|h1|br|meta|link|object|embed)\b",
    re.IGNORECASE,
)
_HEADER = re.compile(
    rb"(?im)^(from|to|subject|date|received|return-path|message-id|mime-version|delivered-to):[ \t]"
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LEAST_HEADERS = 2


def file_type(content: Source) -> FileType | None:
    """Return the type of a file; None for one that is not known, and for pages that a browser would run."""
    head = content.read(0, min(_HEAD, content.size))
    if head.startswith(b"PK\x03\x04"):
        return _archived(content, head)
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return HEIC if head[8:12] in _HEIF else MP4
    if head[:1] == b"\x30" and _SIGNED_DATA in head[:32]:
        return SIGNED
    return _written(head)


def ending_of(name: str) -> str:
    """Return how a name ends, in small letters; empty where it has no ending."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""


def type_by_name(name: str) -> FileType | None:
    """Return the type that a name claims; None where it claims none that is known."""
    ending = ending_of(name)
    return next((each for each in TYPES if ending in each.endings), None)


def _archived(content: Source, head: bytes) -> FileType | None:
    length, extra = int.from_bytes(head[26:28], "little"), int.from_bytes(head[28:30], "little")
    begin = 30 + length + extra
    if head[30 : 30 + length] == b"mimetype":
        stated = head[begin : begin + int.from_bytes(head[18:22], "little")]
        return _STATED_IN_ZIP.get(stated.strip(), ZIP)
    names = _names(content)
    if "[Content_Types].xml" in names:
        return next((found for folder, found in _IN_ZIP if any(one.startswith(folder) for one in names)), ZIP)
    return ZIP


def _names(content: Source) -> list[str]:
    start = max(0, content.size - (_HEAD + 22))
    tail = content.read(start, content.size - start)
    place = tail.rfind(_END_OF_DIRECTORY)
    if place < 0 or len(tail) < place + 22:
        return []
    size, offset = (int.from_bytes(tail[place + at : place + at + 4], "little") for at in (12, 16))
    if size > _LARGEST_DIRECTORY or offset + size > content.size:
        return []
    listed, names, at = content.read(offset, size), list[str](), 0
    while listed[at : at + 4] == _DIRECTORY:
        lengths = [int.from_bytes(listed[at + field : at + field + 2], "little") for field in (28, 30, 32)]
        names.append(listed[at + 46 : at + 46 + lengths[0]].decode("utf-8", "replace"))
        at += 46 + sum(lengths)
    return names


def _written(head: bytes) -> FileType | None:
    """Return the type of a text: a mail, XML or plain; None for markup that browsers run, and for what is no text."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    if not text or _CONTROL.search(text):
        return None
    begins = text.lstrip()
    if _MARKUP.search(begins[:4096]) and begins.startswith(b"<"):
        return None
    if begins.startswith(b"<"):
        return XML if begins.startswith(b"<?xml") else None
    headers = {found.group(1).lower() for found in _HEADER.finditer(text[:8192].partition(b"\n\n")[0])}
    return MAIL if len(headers) >= _LEAST_HEADERS else TEXT
