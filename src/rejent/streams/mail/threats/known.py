"""Rules and lists of hosts that the office keeps as files in folders on this machine; read as text, bounded."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rejent.kernel.errors import InputRefusedError

if TYPE_CHECKING:
    import yara_x

MOST_BYTES = 32 << 20
"""Of all rules, and of all lists."""
_MOST_FILES = 200
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_RULES, _LISTS = (".yar", ".yara"), (".txt", ".hosts")
_NOWHERE = frozenset({"0.0.0.0", "127.0.0.1", "::", "::1"})  # noqa: S104 - how lists for hosts files begin their lines
_HOST = re.compile(r"(?=.{4,253}\Z)[^\s/@:]+\.[^\s/@:.]+")

Stamps = frozenset[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Known:
    """What messages are held against: rules by file, hosts by list."""

    rules: dict[str, str]
    hosts: dict[str, list[str]]


def read_known(rules: str, hosts: str) -> Known:
    """Read the files of two folders, of which either may be none. Raises InputRefusedError."""
    read = Known(
        {name: _text(file) for name, file in _files(rules, _RULES).items()},
        {name: _listed(_text(file)) for name, file in _files(hosts, _LISTS).items()},
    )
    try:
        compiled(read.rules)
    except ValueError as error:
        raise InputRefusedError(
            "A rule for threats cannot be used: {why}.", why=error, advice="Mend the file."
        ) from None
    return read


def compiled(rules: dict[str, str]) -> "yara_x.Rules":
    """Return rules as the engine uses them. Raises ValueError: the name of the first file that does not compile, and why, in one line."""
    import yara_x

    compiler = yara_x.Compiler()
    compiler.enable_includes(False)
    for name, text in rules.items():
        compiler.new_namespace(name)
        try:
            compiler.add_source(text)
        except yara_x.CompileError as error:
            raise ValueError(f"{name}: {str(error).splitlines()[0]}") from None
    return compiler.build()


def stamps_of(*folders: str) -> Stamps:
    """Return what changes when a file of these folders does; nothing of what cannot be read."""
    found = set()
    for folder in filter(None, folders):
        try:
            for file in Path(folder).iterdir():
                stat = file.stat()
                found.add((str(file), stat.st_mtime_ns, stat.st_size))
        except OSError:
            continue
    return frozenset(found)


def _files(folder: str, endings: Iterable[str]) -> dict[str, Path]:
    if not folder:
        return {}
    try:
        found = sorted(each for each in Path(folder).iterdir() if each.suffix in endings)
        size = sum(each.stat().st_size for each in found)
    except OSError as error:
        raise InputRefusedError(
            "The folder {folder} cannot be read: {why}.",
            folder=folder,
            why=error.strerror,
            advice="See its rights.",
        ) from None
    if not found:
        raise InputRefusedError(
            "The folder {folder} holds no file that ends in {endings}.", folder=folder, endings=" or ".join(endings), advice="Put one there, or take the folder out of rejent.toml."
        )  # fmt: skip
    if len(found) > _MOST_FILES or size > MOST_BYTES:
        raise InputRefusedError(
            "The folder {folder} holds more than {most} files or {bytes} MiB.", folder=folder, most=_MOST_FILES, bytes=MOST_BYTES >> 20, advice="Keep fewer."
        )  # fmt: skip
    for each in found:
        if _NAME.fullmatch(each.stem) is None:
            raise InputRefusedError(
                "A file of the folder {folder} has a name with other signs than letters, digits, dot, hyphen and underscore.", folder=folder, advice="Rename it."
            )  # fmt: skip
    return {each.stem: each for each in found}


def _text(file: Path) -> str:
    try:
        return file.read_bytes()[:MOST_BYTES].decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputRefusedError(
            "The file {file} cannot be read as text in UTF-8.", file=file, advice="Mend it, or take it away."
        ) from None


def _listed(text: str) -> list[str]:
    """Return the hosts of a list: one a line, also as in a file of hosts; what is none is passed over."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words[:1] and words[0] in _NOWHERE:
            words = words[1:]
        found |= {spelled(each): None for each in words[:1] if _HOST.fullmatch(each)}
    return list(found)


def spelled(host: str) -> str:
    """Return a host as lists spell it."""
    plain = host.strip().strip(".").lower()
    try:
        return plain if plain.isascii() else plain.encode("idna").decode("ascii")
    except UnicodeError:
        return plain
