"""Refusals of calls, on disk until the database has entered them: a restart while it is away loses none."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import structlog

from rejent.ledger.durable_files import replace_durably

log = structlog.get_logger(__name__)

_CALL = re.compile(r"[0-9a-f]{32}")


class NotedRefusal(NamedTuple):
    """A party's refusal of a call, ``after_s`` seconds from its beginning; no number is noted."""

    source_id: str
    call_id: str
    how: str
    after_s: float


class RefusalNotes:
    """A folder with a file for each refusal that is not entered yet; used by one process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, exist_ok=True)

    def keep(self, refusal: NotedRefusal) -> None:
        """Note a refusal durably; a disk that cannot take it is logged, for the call is discarded all the same."""
        try:
            replace_durably(self._file(refusal.call_id), json.dumps(refusal._asdict()).encode())
        except OSError as error:
            log.error("calls.refusal-not-noted", source=refusal.source_id, why=error.strerror)  # noqa: TRY400 - one line is enough

    def drop(self, call_id: str) -> None:
        """Forget a refusal that was entered."""
        self._file(call_id).unlink(missing_ok=True)

    def left(self) -> list[NotedRefusal]:
        """Return the refusals that an earlier run did not enter; a file that is none is left aside."""
        found = []
        for file in sorted(self._folder.glob("*.json")):
            try:
                noted = NotedRefusal(**json.loads(file.read_bytes()))
            except (OSError, ValueError, TypeError):
                continue
            if _CALL.fullmatch(str(noted.call_id)) and file == self._file(noted.call_id):
                found.append(noted)
        return found

    def _file(self, call_id: str) -> Path:
        return self._folder / f"{call_id}.json"
