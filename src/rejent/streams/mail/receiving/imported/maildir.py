"""Messages of a maildir and of the folders within it; what is still being delivered (``tmp``) is not looked at."""

import os
import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rejent.streams.mail.receiving.imported.mailbox import LONGEST_HEAD, Found, folder_name, stated_time
from rejent.streams.mail.records.errors import ImportRefusedError

_HOLDS = ("cur", "new")
_DELIVERED = re.compile(r"([0-9]{9,11})\.")
_DEEPEST = 20


class MaildirFolder:
    """A maildir; see `rejent.streams.mail.receiving.imported.mailbox.Mailbox`. Raises ImportRefusedError: it is none."""

    form, state = "maildir", ""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.doubtful: list[int] = []
        if not any((folder / each).is_dir() for each in _HOLDS):
            raise ImportRefusedError(
                "{folder} is no maildir: it has neither cur nor new.",
                folder=folder,
                advice="Name the folder that holds them.",
            )
        self.place = str(folder.resolve())

    def close(self) -> None:
        """Do nothing: nothing is held."""

    def found(self, now: datetime) -> Iterator[Found]:
        """Yield every message of it and of its folders."""
        for place, names, _ in os.walk(self._folder, onerror=self._refuse):
            within = Path(place).relative_to(self._folder)
            if len(within.parts) > _DEEPEST:
                raise ImportRefusedError("{folder} nests too deep.", folder=self._folder)
            names[:] = sorted(each for each in names if each != "tmp" and each not in _HOLDS)
            for each in _HOLDS:
                yield from self._messages(within / each, now)

    def content(self, message: Found) -> bytes | None:
        """Return a message; one whose flags were changed meanwhile is looked for under its unique name."""
        path = self._folder / message.key
        if (content := self._read(path)) is not None:
            return content
        unique, held = path.name.partition(":")[0], (path.parent.parent / hold for hold in _HOLDS)
        moved = (each for hold in held for each in hold.glob("*") if each.name.partition(":")[0] == unique)
        return next(map(self._read, moved), None)

    def _read(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from error

    def _messages(self, within: Path, now: datetime) -> Iterator[Found]:
        try:
            entries = sorted(os.scandir(self._folder / within), key=lambda each: each.name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unreadable(error) from error
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
                if not stat.S_ISREG(status.st_mode) or entry.name.startswith("."):
                    continue
                with Path(entry.path).open("rb") as file:
                    head = file.read(LONGEST_HEAD)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise self._unreadable(error) from error
            unique = entry.name.partition(":")[0]
            yield Found(
                str(within / entry.name),
                f"{self.place} {within.parent}/{unique} {status.st_mtime_ns}",
                stated_time(_delivered(unique, status.st_mtime), head, now),
                status.st_size,
                folder=folder_name(str(within.parent)),
            )

    def _refuse(self, error: OSError) -> None:
        raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> ImportRefusedError:
        return ImportRefusedError(
            "A message of {folder} cannot be read: {why}.", folder=self._folder, why=error.strerror
        )


def _delivered(unique: str, changed: float) -> datetime:
    """Return when a message was delivered: by its name, which begins with the second, or by its file."""
    match = _DELIVERED.match(unique)
    return datetime.fromtimestamp(float(match[1]) if match else max(changed, 0.0), UTC)
