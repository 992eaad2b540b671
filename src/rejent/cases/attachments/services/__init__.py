"""Everything that changes an attached file."""

from rejent.cases.attachments.services.erasing import doom_files, keep_files, remove_file
from rejent.cases.attachments.services.receiving import (
    Sent,
    Unsealed,
    attach_file,
    begin_file,
    finish_file,
    note_opened,
    seal_paper,
    take_piece,
)
