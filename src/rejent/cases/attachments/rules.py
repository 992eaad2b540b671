"""Rules of attached files: their names, their types, how long an unfinished one is waited for."""

import re
import unicodedata
from datetime import timedelta

from rejent.cases.attachments.errors import FileRefusedError
from rejent.formats.file_types import PICTURES, FileType, ending_of, file_type, type_by_name
from rejent.formats.source import Source
from rejent.kernel.plain_text import is_plain

PIECE = 2 << 20
"""Bytes of each piece but the last: what the intake lets through with room to spare."""
PATIENCE = timedelta(days=1)
"""After its beginning, at which a keeper removes what never came whole."""
MOST_ARRIVING = 8
"""Files that one person sends at a time."""
LARGEST_PICTURE = 32 << 20
LONGEST_NAME = 120
LONGEST_REASON = 300
_READ = 4096
_MARKS = re.compile(r"([\u0300-\u036f]{2})[\u0300-\u036f]+")


def inert_name(given: str) -> str:
    """Return a file's name as it is kept: the last part of a path, visible signs alone, so long at most; its ending is spared."""
    last = re.split(r"[\\/\u2044\u2215\uff0f]", given[-_READ:])[-1]
    seen = (" " if sign.isspace() else sign for sign in unicodedata.normalize("NFC", last))
    plain = "".join(sign for sign in seen if unicodedata.category(sign)[0] != "C")
    name = " ".join(_MARKS.sub(r"\1", plain).split()).strip(". ")
    if len(name) <= LONGEST_NAME:
        return name
    ending = ending_of(name)[:12]
    return f"{name[: LONGEST_NAME - len(ending) - 2]}….{ending}" if ending else f"{name[: LONGEST_NAME - 1]}…"


def removal_reason(given: str) -> str:
    """Return why a file is removed, as the ledger keeps it. Raises FileRefusedError: nothing is said, too much, or what cannot be seen."""
    reason = " ".join(given.split())
    if not reason:
        raise FileRefusedError("Say why the file is removed.")
    if len(reason) > LONGEST_REASON:
        raise FileRefusedError("The text is longer than {longest} characters.", longest=LONGEST_REASON)
    if not is_plain(reason):
        raise FileRefusedError("The text may hold no invisible characters.", advice="Type it anew.")
    return reason


def download_name(name: str, kind: FileType | None) -> str:
    """Return the name under which a file is saved: of the ending of its content."""
    endings = kind.endings if kind else ("bin",)
    name = name or "plik"
    return name if ending_of(name) in endings else f"{name}.{endings[0]}"


def require_size(size: int, largest: int) -> None:
    """Raise FileRefusedError for a file that is empty or larger than the office takes."""
    if size <= 0:
        raise FileRefusedError("The file is empty.", advice="Choose another file.")
    if size > largest:
        raise FileRefusedError(
            "The file has {size} MiB; the office takes files of at most {largest} MiB.",
            size=(size + (1 << 20) - 1) >> 20,
            largest=largest >> 20,
            advice="Hand it in on a carrier, or let whoever runs the system set largest_attachment_mib higher.",
        )


def require_type(content: Source, name: str, *, picture: bool) -> FileType:
    """Return the type of a file by its content. Raises FileRefusedError: it is not taken, or the name says another."""
    found, stated = file_type(content), type_by_name(name)
    if found is None:
        raise FileRefusedError(
            "Such a file is not taken: its content is no document, picture, recording or mail that the program knows.",
            advice="Save it as PDF, or print and scan it.",
        )
    if stated is not None and stated is not found:
        raise FileRefusedError(
            "The name of the file says {stated}, its content is {found}.",
            stated=stated.endings[0].upper(),
            found=found.endings[0].upper(),
            advice="Ask whoever sent it, or save it anew.",
        )
    if picture and found not in PICTURES:
        raise FileRefusedError("A photo is a picture: JPEG, PNG or WebP.", advice="Choose another file.")
    return found
