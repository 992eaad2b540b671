"""Names of stored objects: folders and a file in plain letters, so that no name leaves the store or clashes with its own files."""

import re

from rejent.vault.errors import ObjectNameError

SUFFIX = ".age"
_WORD = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
_NAME = re.compile(rf"(?:{_WORD}/){{1,4}}{_WORD}\.age")
_PREFIX = re.compile(rf"(?:{_WORD}/){{0,4}}")


def check_name(name: str) -> str:
    """Return the name. Raises ObjectNameError: it is not ``folder/…/word.age``."""
    if not _NAME.fullmatch(name):
        raise ObjectNameError("The store keeps no object of such a name.", advice="Use folder/…/name.age.")
    return name


def check_prefix(prefix: str) -> str:
    """Return the prefix, which names whole folders: empty, or ``folder/…/``. Raises ObjectNameError: it is anything else."""
    if not _PREFIX.fullmatch(prefix):
        raise ObjectNameError("The store keeps no folder of such a name.", advice="Use folder/…/.")
    return prefix


def is_object_name(name: str) -> bool:
    """Return True if an object may have this name."""
    return _NAME.fullmatch(name) is not None
