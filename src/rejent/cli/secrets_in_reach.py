"""Secrets of the office that lie where a recorder reads: one that was taken over by what a camera sends would read them, too."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

from rejent.office.installation import Installation
from rejent.vault.context import PASSPHRASE_FILE
from rejent.vault.landlock import is_read_by_programs

_NAMED_BY = frozenset({"tls_key", "passphrase_file"})
"""Keys of any section of ``rejent.toml`` that name a file with a secret; ``seal.file``, which holds one, besides."""


def secrets_in_reach(installation: Installation) -> list[str]:
    """Return the files of secrets, as this command's environment and ``rejent.toml`` name them, that every recorder can read."""
    named = dict.fromkeys(_find_files(installation))
    return [str(file) for file in named if file.exists() and is_read_by_programs(file)]


def _find_files(installation: Installation) -> Iterator[Path]:
    if file := os.environ.get(PASSPHRASE_FILE):
        yield Path(file)
    stated = tomllib.loads((installation.directory / "rejent.toml").read_text(encoding="utf-8"))
    for section, values in stated.items():
        for key, value in values.items() if isinstance(values, dict) else ():
            if isinstance(value, str) and value and (key in _NAMED_BY or (section, key) == ("seal", "file")):
                yield installation.directory / value
