"""The counters of failed sign-ins, in the database, as JSON that stays until it expires.

Django's own cache keeps pickles: whoever can write the table, such as a recorder that was taken over, would run code in the
process of the pages, which holds the keys. It also drops living entries after three hundred, and so forgets all counts.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import connection

_READ = "SELECT value FROM {table} WHERE cache_key = %s AND expires > %s"
_WRITE = (
    "INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s) "
    "ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires"
)
_IF_FREE = " WHERE {table}.expires <= %s"
_TOUCH = "UPDATE {table} SET expires = %s WHERE cache_key = %s AND expires > %s"
_DELETE = "DELETE FROM {table} WHERE cache_key = %s"
_DELETE_EXPIRED = "DELETE FROM {table} WHERE expires <= %s"
_CLEAR = "DELETE FROM {table}"


class CountersCache(BaseDatabaseCache):
    """A cache of JSON values in the table that ``createcachetable`` makes; tuples come back as lists."""

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(table, params)
        self._named_table = table

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or the default; what is no JSON is none of ours."""
        row = self._run(_READ, [self._named(key, version), self._now()], rows=True)
        try:
            return json.loads(row[0]) if row else default
        except ValueError:
            return default

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value, and drop what has expired."""
        self._run(_DELETE_EXPIRED, [self._now()])
        self._run(_WRITE, self._entry(key, value, timeout, version))

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value if there is none; return whether it was kept. Of several at once exactly one succeeds."""
        entry = self._entry(key, value, timeout, version)
        return bool(self._run(_WRITE + _IF_FREE, [*entry, self._now()]))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Set anew when a value expires."""
        return bool(self._run(_TOUCH, [self._expiry(timeout), self._named(key, version), self._now()]))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value; return whether there was one."""
        return bool(self._run(_DELETE, [self._named(key, version)]))

    def clear(self) -> None:
        """Forget all."""
        self._run(_CLEAR, [])

    def _run(self, statement: str, values: Sequence[Any], *, rows: bool = False) -> Any:
        table = connection.ops.quote_name(self._named_table)
        with connection.cursor() as cursor:
            cursor.execute(statement.format(table=table), values)
            return cursor.fetchone() if rows else cursor.rowcount

    def _entry(self, key: str, value: Any, timeout: Any, version: int | None) -> list[Any]:
        return [self._named(key, version), json.dumps(value), self._expiry(timeout)]

    def _named(self, key: str, version: int | None) -> str:
        return str(self.make_and_validate_key(key, version=version))

    def _expiry(self, timeout: Any) -> Any:
        """Return the end of an entry by the program's clock, to the second, as the column holds it."""
        lasts = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        ends = (
            datetime.max.replace(tzinfo=UTC)
            if lasts is None
            else settings.CLOCK.now() + timedelta(seconds=lasts)
        )
        return _stored(ends)

    def _now(self) -> Any:
        return _stored(settings.CLOCK.now())


def _stored(instant: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(instant.astimezone(UTC).replace(microsecond=0))
