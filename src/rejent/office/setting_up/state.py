"""The file ``secrets/setup``: who may set the office up in the browser, and how far the regulation's draft has come.

A one-time code (digest, end, tries) is exchanged for a key that one browser holds (digest, end). The file stands among the
secrets: who can write the database alone opens no set-up with it.
"""

import hmac
import json
import secrets
import threading
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from rejent.kernel.clock import Clock
from rejent.ledger.durable_files import replace_durably
from rejent.office.errors import SetUpRefusedError

FILE = "setup"
CODE_FOR = timedelta(hours=24)
KEY_FOR = timedelta(hours=12)
"""One long evening; a browser left open opens nothing the next day."""
TRIES = 10
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I and O, 0 and 1: a code is read from one screen and typed at another."""
_LENGTH = 16
_GROUP = 4
_ONE = threading.Lock()
"""Tries are counted one by one; the pages of an installation are one process a machine."""


@dataclass(frozen=True, slots=True)
class _State:
    code: str = ""
    code_until: str = ""
    tries: int = 0
    key: str = ""
    key_until: str = ""
    draft: str = ""


class SetUp:
    """The set-up of one installation."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._file = folder / FILE
        self._clock = clock

    def issue_code(self) -> str:
        """Return a new one-time code, as people read it; the former code and the browser that used it open nothing any more."""
        signs = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
        with _ONE:
            kept = self._read() or _State()
            until = (self._clock.now() + CODE_FOR).isoformat()
            self._write(_State(code=_digest(signs), code_until=until, tries=TRIES, draft=kept.draft))
        return "-".join(signs[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))

    def redeem(self, code: str) -> str:
        """Exchange the code for the key of a browser; a wrong try is counted. Raises SetUpRefusedError: wrong, used up or too late."""
        with _ONE:
            kept = self._read()
            if kept is None or not kept.code or not self._before(kept.code_until):
                raise SetUpRefusedError(
                    "The code is used up, or its time is over.",
                    advice="Make a new one with: rejent setup code DIR",
                )
            if not hmac.compare_digest(kept.code, _digest(_read_signs(code))):
                left = kept.tries - 1
                self._write(replace(kept, tries=left) if left > 0 else _State(draft=kept.draft))
                raise SetUpRefusedError(
                    "That is not the code.",
                    advice="Compare it with what rejent init, or rejent setup code, printed.",
                )
            key = secrets.token_urlsafe(32)
            until = (self._clock.now() + KEY_FOR).isoformat()
            self._write(_State(key=_digest(key), key_until=until, draft=kept.draft))
        return key

    @property
    def is_open(self) -> bool:
        """Return whether a code is good, or a browser holds the key."""
        kept = self._read()
        return kept is not None and (
            bool(kept.code and self._before(kept.code_until))
            or bool(kept.key and self._before(kept.key_until))
        )

    def admits(self, key: str) -> bool:
        """Return whether a browser's key is the one that opens set-up now."""
        kept = self._read()
        return bool(
            key
            and kept is not None
            and kept.key
            and self._before(kept.key_until)
            and hmac.compare_digest(kept.key, _digest(key))
        )

    @property
    def draft(self) -> str:
        """Return the draft of the first regulation; empty before there is one."""
        kept = self._read()
        return kept.draft if kept is not None else ""

    def keep_draft(self, text: str) -> None:
        """Keep a draft until it is in force."""
        with _ONE:
            kept = self._read()
            if kept is not None:
                self._write(replace(kept, draft=text))

    def end(self) -> None:
        """End set-up: neither code nor key opens anything."""
        with _ONE:
            self._file.unlink(missing_ok=True)

    def _before(self, until: str) -> bool:
        return self._clock.now() < datetime.fromisoformat(until)

    def _read(self) -> _State | None:
        try:
            return _State(**json.loads(self._file.read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _write(self, state: _State) -> None:
        replace_durably(self._file, json.dumps(asdict(state), ensure_ascii=False).encode(), 0o600)


def _read_signs(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign in _SIGNS)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
