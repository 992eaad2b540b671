"""Bags (BagIt, RFC 8493): reading their lists, and comparing these with the files. Versions from 0.93 on are read; 1.0 is written."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import Callable, Iterable, Mapping, Sequence

from rejent.evidence.verifier.archive import Finding, UnreadableError
from rejent.evidence.verifier.form import read_number
from rejent.evidence.verifier.trees import Tree, folded, is_inside

DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
ALGORITHMS = ("sha256", "sha512")
"""Of the lists that are written."""
_READ = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_SYSTEM_FILES = {".ds_store", "thumbs.db", "desktop.ini"}
Digests = Mapping[str, str]
"""Hexadecimal digits by algorithm."""
Digest = Callable[[str, Sequence[str]], Digests]
"""Hashes a file of the tree with some algorithms."""


@dataclass
class Bag:
    """The lists of a bag, as read.

    ``payload``: by algorithm, the digest of each file below ``data/``; ``tags``: by algorithm, those of other files.
    """

    version: tuple[int, int] = (0, 0)
    encoding: str = "utf-8"
    payload: dict[str, dict[str, str]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def manifest(digests: Iterable[tuple[str, str]]) -> str:
    """Return a list of digests as a bag holds it: by name, two blanks between."""
    return "".join(f"{digest}  {_escaped(name)}\n" for name, digest in sorted(digests))


def check_bag(tree: Tree, digest: Digest) -> list[Finding]:
    """Return what is wrong with a bag, as far as it says itself."""
    bag = Bag(findings=list(tree.findings))
    try:
        _read_declaration(tree, bag)
        _read_lists(tree, bag)
        _read_info(tree, bag)
    except UnreadableError as error:
        return [*bag.findings, error.finding]
    for name in (name for name in tree.sizes if name.startswith("data/")):
        if any(name not in listed for listed in bag.payload.values()):
            bag.findings.append(Finding("unlisted", name))
        if name.rpartition("/")[2].lower() in _SYSTEM_FILES:
            bag.findings.append(Finding("system-file", name, remark=True))
    _compare(tree, bag, digest)
    return bag.findings


def _read_declaration(tree: Tree, bag: Bag) -> None:
    declared = tree.text("bagit.txt")
    found = re.fullmatch(
        rb"BagIt-Version: (\d)\.(\d+)\r?\nTag-File-Character-Encoding: ([A-Za-z0-9_-]+)(\r?\n)?", declared
    )
    if found is None:
        raise UnreadableError("bag-declaration", "bagit.txt")
    bag.encoding = found.group(3).decode()
    try:
        bag.version, known = (
            (int(found.group(1)), read_number(found.group(2))),
            codecs.lookup(bag.encoding).name,
        )
    except (LookupError, ValueError):
        known = ""
    if not (0, 93) <= bag.version <= (1, 0) or known not in {"utf-8", "utf-16", "iso8859-1", "ascii"}:
        raise UnreadableError("bag-declaration", "bagit.txt")


def _read_lists(tree: Tree, bag: Bag) -> None:
    for name in sorted(tree.sizes):
        found = re.fullmatch(r"(tag)?manifest-([a-z0-9]+)\.txt", name)
        if found is not None and found.group(2) in _READ:
            lists = bag.tags if found.group(1) else bag.payload
            lists[found.group(2)] = _read_list(tree, bag, name, payload=not found.group(1))
        elif found is not None:
            raise UnreadableError("bag-algorithm", name)
    if not bag.payload:
        raise UnreadableError("missing", "manifest-sha256.txt")
    if "fetch.txt" in tree.sizes:
        for line in _lines(tree, bag, "fetch.txt"):
            parts = line.split(None, 2)
            if len(parts) != 3 or not _is_payload(parts[2]):
                raise UnreadableError("path", line[:200])


def _read_list(tree: Tree, bag: Bag, name: str, *, payload: bool) -> dict[str, str]:
    listed: dict[str, str] = {}
    seen: dict[str, str] = {}
    for line in _lines(tree, bag, name):
        found = re.fullmatch(r"([0-9A-Fa-f]+)[ \t]+(\*?)(\./)?(.+)", line)
        if found is None:
            raise UnreadableError("bag-line", f"{name}: {line[:80]}")
        path, digits = _unescaped(found.group(4)), found.group(1).lower()
        if found.group(2) or found.group(3):
            bag.findings.append(Finding("bag-line", f"{name}: {line[-80:]}", remark=True))
        if not is_inside(path) or (payload and not _is_payload(path)):
            raise UnreadableError("path", path)
        double = seen.setdefault(folded(path), path)
        if path in listed:
            remark = listed[path] == digits and bag.version < (1, 0)
            bag.findings.append(Finding("twice", f"{name}: {path}", remark=remark))
        elif double != path:
            bag.findings.append(Finding("twice", f"{name}: {path}", remark=True))
        listed[path] = digits
    return listed


def _read_info(tree: Tree, bag: Bag) -> None:
    name = "bag-info.txt" if bag.version >= (0, 96) else "package-info.txt"
    if name not in tree.sizes:
        return
    for line in _lines(tree, bag, name):
        key, colon, value = line.partition(":")
        if not colon and not line[0].isspace():
            bag.findings.append(Finding("bag-line", f"{name}: {line[:80]}"))
        if key.strip().lower() == "payload-oxum" and re.fullmatch(r"\s*\d{1,20}\.\d{1,9}\s*", value):
            count, size = _payload(tree)
            if value.strip() != f"{size}.{count}":
                bag.findings.append(Finding("oxum", value.strip()))


def _payload(tree: Tree) -> tuple[int, int]:
    sizes = [size for name, size in tree.sizes.items() if name.startswith("data/")]
    return len(sizes), sum(sizes)


def _compare(tree: Tree, bag: Bag, digest: Digest) -> None:
    wanted: dict[str, dict[str, str]] = {}
    for lists in (bag.payload, bag.tags):
        for algorithm, listed in lists.items():
            for name, digits in listed.items():
                wanted.setdefault(name, {})[algorithm] = digits
    for name in sorted(wanted):
        if name not in tree.sizes:
            bag.findings.append(Finding("missing", name))
            continue
        try:
            found = digest(name, sorted(wanted[name]))
        except OSError:
            bag.findings.append(Finding("unreadable-file", name))
            continue
        if any(found[algorithm] != digits for algorithm, digits in wanted[name].items()):
            bag.findings.append(Finding("changed", name))


def _lines(tree: Tree, bag: Bag, name: str) -> list[str]:
    try:
        text = tree.text(name).decode(bag.encoding)
    except UnicodeError:
        raise UnreadableError("bag-encoding", name) from None
    return [line for line in re.split(r"\r\n|\r|\n", text) if line.strip()]


def _is_payload(name: str) -> bool:
    return (
        is_inside(name[2:] if name.startswith("./") else name) and re.match(r"(\./)?data/.", name) is not None
    )


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _unescaped(name: str) -> str:
    return re.sub("%(0[AaDd]|25)", lambda found: bytes.fromhex(found.group(1)).decode(), name)
