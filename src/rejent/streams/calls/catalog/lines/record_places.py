"""Where a PBX leaves its call records, and how they are written, as the address of a line tells it."""

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
"""What a column of a table of calls can be; see `rejent.streams.calls.receiving.imported.csv_records`."""


class PbxFormat(StrEnum):
    """Whose files and call records these are."""

    CSV = "csv"
    """A table with a heading, one call a row."""
    ASTERISK = "asterisk"
    """Asterisk and what is built on it (FreePBX, Issabel): ``Master.csv`` of cdr_csv, or CEL."""
    THREE_CX = "3cx"
    YEASTAR = "yeastar"
    SLICAN = "slican"


class RecordZone(StrEnum):
    """Whose clock a time without a zone was read from."""

    LOCAL = "local"
    """The office's."""
    UTC = "utc"


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where call records come from.

    Attributes:
        path: a file that grows, or a folder of such; absolute. Empty where it tells of none.
        form: whose they are.
        zone: what a time without a zone means.
        columns: for `PbxFormat.CSV`, which column means what where its heading does not tell: pairs of meaning and heading.
    """

    path: str
    form: PbxFormat
    zone: RecordZone = RecordZone.LOCAL
    columns: tuple[tuple[str, str], ...] = ()

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """What a line's address says of it."""
        columns = ";".join(f"{meaning}={heading}" for meaning, heading in self.columns)
        said = {"format": self.form.value, "records": quote(self.path), "columns": quote(columns)}
        said["zone"] = "" if self.zone is RecordZone.LOCAL else self.zone.value
        return tuple((name, value) for name, value in said.items() if value)


def record_place(path: str, form: str, zone: str = "", columns: Iterable[str] = ()) -> RecordPlace | None:
    """What people state of a PBX's records; nothing where they name neither a path nor whose they are.

    Args:
        path: a whole path, or nothing.
        form: one of `PbxFormat`.
        zone: one of `RecordZone`; empty for the office's own clock.
        columns: as ``start=Date and time``.

    Raises:
        AddressRefusedError: one of them cannot be what it should be.
    """
    if not path.strip() and not form.strip():
        return None
    told = whole_path(path) if path.strip() else ""
    return RecordPlace(told, pbx_format(form), record_zone(zone), named_columns(columns))


def whole_path(stated: str) -> str:
    """A path from the root on, without a slash at its end.

    Raises:
        AddressRefusedError: it is none.
    """
    path = stated.strip()
    if not path.startswith("/") or not is_plain(path) or "/../" in f"{path}/" or path.strip("/") == "":
        raise AddressRefusedError(
            "A folder or file of the exchange is named by its whole path.",
            advice="Write it as /srv/pbx/monitor",
        )
    return path.rstrip("/")


def pbx_format(stated: str) -> PbxFormat:
    """Whose files these are.

    Raises:
        AddressRefusedError: nobody's we know.
    """
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
    """Whose clock it is; the office's where nothing is stated.

    Raises:
        AddressRefusedError: neither of the two.
    """
    try:
        return RecordZone(stated.strip().lower() or RecordZone.LOCAL)
    except ValueError:
        raise AddressRefusedError(
            "{zone} is no zone of call records.", zone=stated, advice="Use local or utc."
        ) from None


def named_columns(stated: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Which heading means what.

    Raises:
        AddressRefusedError: a pair is none, or names a meaning that is unknown.
    """
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
