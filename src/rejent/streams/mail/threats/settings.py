"""Section ``[mail]`` of ``rejent.toml``: what messages are held against when they are received."""

from dataclasses import dataclass
from pathlib import Path

from rejent.office.installation import Installation, Table

_LONGEST_PATH = 1000


@dataclass(frozen=True, slots=True)
class MailSettings:
    """What checks messages; nothing where all are empty."""

    yara_rules: str = ""
    host_lists: str = ""
    clamd: str = ""

    @property
    def checks(self) -> bool:
        """Return whether anything is set."""
        return bool(self.yara_rules or self.host_lists or self.clamd)


def read(section: Table) -> MailSettings:
    """Read the section; InputRefusedError where a value is no whole path on this machine."""
    return MailSettings(*(_path(section, key) for key in ("yara_rules", "host_lists", "clamd")))


def mail_settings(installation: Installation) -> MailSettings:
    """Return what an installation says of its mail."""
    return read(installation.section("mail"))


def _path(section: Table, key: str) -> str:
    path = section.of(str, key, "")
    if path and not (Path(path).is_absolute() and path.isprintable() and len(path) <= _LONGEST_PATH):
        raise section.misstated(key)
    return path
