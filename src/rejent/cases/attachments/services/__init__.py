"""Everything that changes an attached file."""

from rejent.cases.attachments.services.erasing import doom_files, keep_files, remove_file
from rejent.cases.attachments.services.opening import note_opened
from rejent.cases.attachments.services.receiving import (
    Sent,
    attach_file,
    begin_file,
    finish_file,
    take_piece,
)
from rejent.cases.attachments.services.sealing import Unsealed, seal_paper

__all__ = [
    "Sent",
    "Unsealed",
    "attach_file",
    "begin_file",
    "doom_files",
    "finish_file",
    "keep_files",
    "note_opened",
    "remove_file",
    "seal_paper",
    "take_piece",
]
