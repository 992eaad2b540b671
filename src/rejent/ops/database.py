"""Django's database settings from an address."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from rejent.kernel.errors import InputRefusedError


def database_settings(address: str, file: Path) -> dict[str, Any]:
    """Return settings for SQLite in ``file``, or for the PostgreSQL server of ``address``. Raises InputRefusedError: another kind.

    SQLite runs with a write-ahead log, ``synchronous=FULL`` (an acknowledged act survives a power cut), writers that queue
    instead of failing, overwritten free pages, and triggers that see a row that ``REPLACE`` would delete.
    """
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(file),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                    "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768;"
                ),
            },
        }
    parts = urlsplit(address)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise InputRefusedError(
            "The database address is of an unknown kind: {scheme}.",
            scheme=parts.scheme,
            advice="Leave it empty for SQLite or write postgresql://…",
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "rejent",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
    }
