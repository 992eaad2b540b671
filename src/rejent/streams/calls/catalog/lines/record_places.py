"""Places and formats of a PBX's call records, as the address of a line states them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from rejent.catalog.errors import AddressRefusedError
from rejent.kernel.plain_text import is_plain

_COLUMNS = frozenset(
    {"id", "linked", "start", "answer", "duration", "caller", "called", "outcome", "file", "direction"}
)
"""Meanings of columns in a table of calls (`rejent.streams.calls.receiving.imported.records`)."""


class PbxFormat(StrEnum):
    """Maker of the files and call records."""

    CSV = "csv"
    """A table with a heading, one call a row."""
    ASTERISK = "asterisk"
    """Asterisk and what is built on it (FreePBX, Issabel): ``Master.csv`` of cdr_csv, or CEL."""
    THREE_CX = "3cx"
    YEASTAR = "yeastar"
    SLICAN = "slican"


class RecordZone(StrEnum):
    """Clock by which a time without a zone was read."""

    LOCAL = "local"
    """The office's."""
    UTC = "utc"


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Place of call records: a file that grows, or a folder of such; empty where there are none.

    ``columns`` are pairs of meaning and heading, for `PbxFormat.CSV` where the heading does not show it.
    """

    path: str
    form: PbxFormat
    zone: RecordZone = RecordZone.LOCAL
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def query_fields(self) -> tuple[tuple[str, str], ...]:
        """Return its fields in a line's address."""
        columns = ";".join(f"{meaning}={heading}" for meaning, heading in self.columns)
        fields = {"format": self.form.value, "records": quote(self.path), "columns": quote(columns)}
        fields["zone"] = "" if self.zone is RecordZone.LOCAL else self.zone.value
        return tuple((name, value) for name, value in fields.items() if value)


def record_place(path: str, form: str, zone: str = "", columns: Iterable[str] = ()) -> RecordPlace | None:
    """Return the place of a PBX's records, None where neither path nor format is stated; AddressRefusedError as usual.

    ``zone`` is empty for the office's own clock; ``columns`` are as ``start=Date and time``.
    """
    if not path.strip() and not form.strip():
        return None
    whole = whole_path(path) if path.strip() else ""
    return RecordPlace(whole, pbx_format(form), record_zone(zone), named_columns(columns))


def whole_path(stated: str) -> str:
    """Return an absolute path without a slash at its end."""
    path = stated.strip()
    if not path.startswith("/") or not is_plain(path) or "/../" in f"{path}/" or path.strip("/") == "":
        raise AddressRefusedError(
            "A folder or file of the exchange is named by its whole path.",
            advice="Write it as /srv/pbx/monitor",
        )
    return path.rstrip("/")


def pbx_format(stated: str) -> PbxFormat:
    """Return the maker of the files."""
    try:
        return PbxFormat(stated.strip().lower())
    except ValueError:
        raise AddressRefusedError(
            "{form} is no form of call records that is known.",
            form=stated,
            advice="Known are: {known}.",
            known=" ".join(each.value for each in PbxFormat),
        ) from None


def record_zone(stated: str) -> RecordZone:
    """Return the clock; the office's where nothing is stated."""
    try:
        return RecordZone(stated.strip().lower() or RecordZone.LOCAL)
    except ValueError:
        raise AddressRefusedError(
            "{zone} is no zone of call records.", zone=stated, advice="Use local or utc."
        ) from None


def named_columns(stated: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return pairs of meaning and heading."""
    found = {}
    for each in stated:
        meaning, _, heading = each.partition("=")
        meaning, heading = meaning.strip().lower(), heading.strip()
        if meaning not in _COLUMNS or not heading or re.search(r"[;=&]", heading) or not is_plain(heading):
            raise AddressRefusedError(
                "A column is named by what it means and its heading.",
                advice="Write it as start=Date; known are: {known}.",
                known=" ".join(sorted(_COLUMNS)),
            )
        found[meaning] = heading
    return tuple(sorted(found.items()))
