"""Attached files and links of a message held against the office's rules and lists; runs in a confined child process alone."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import yara_x

from rejent.streams.mail.messages.containers import Protection, protection_of
from rejent.streams.mail.messages.parts import MESSAGES, MOST_PARTS, Part, parts_of
from rejent.streams.mail.messages.syntax import unescape_references
from rejent.streams.mail.threats.known import compiled, spelled
from rejent.streams.mail.threats.unpacking import Unpacking
from rejent.streams.mail.threats.verdicts import LARGEST

_LONGEST_TEXT = 2 << 20
_MOST_LINKS = 5000
_ENCRYPTED = frozenset({Protection.SMIME_ENCRYPTED, Protection.OPENPGP_ENCRYPTED})
_RULE_S = 1
"""Seconds that the rules may take for one file."""
_LINK = re.compile(r"(?i)(?:https?|ftp):/{2}(?:[^\s/@\"'<>]{0,200}@)?([^\s/:?#\"'<>\\)\]]{4,253})")


class Examination:
    """Rules and lists, and the messages that are held against them; see `rejent.content.workshop.Course`."""

    def __init__(self, known: bytes) -> None:
        decoded = json.loads(known)
        self._scanner = yara_x.Scanner(compiled(decoded["rules"])) if decoded["rules"] else None
        if self._scanner is not None:
            self._scanner.set_timeout(_RULE_S)
        self._lists: dict[str, frozenset[str]] = {
            name: frozenset(hosts) for name, hosts in decoded["hosts"].items()
        }

    def feed(self, content: bytes) -> bytes:
        """Return, as JSON, what is found in a message, by scanner and name, and which scanners saw a part of it alone."""
        found: dict[str, None] = {}
        unpacking, partly = Unpacking(), set[str]()
        with self._outliving(partly):
            for number, part in enumerate(parts_of(content, LARGEST), start=1):
                with self._outliving(partly):
                    unopened = not part.opened and (
                        part.kind.startswith("multipart/") or part.kind in MESSAGES
                    )
                    if number == MOST_PARTS or unopened or protection_of(part) in _ENCRYPTED:
                        partly.update(self._scanners())
                    for each in self._within(part, unpacking, partly):
                        found[each] = None
        if unpacking.partly and self._scanner is not None:
            partly.add("yara")
        return json.dumps({"found": list(found), "partly": sorted(partly)}).encode()

    @contextmanager
    def _outliving(self, partly: set[str]) -> Iterator[None]:
        """Note that a part was not looked at which cannot be, whatever it does; the other parts and messages are."""
        try:
            yield
        except Exception:  # noqa: BLE001 - an outsider who ends this process would end checking
            partly.update(self._scanners())

    def _within(self, part: Part, unpacking: Unpacking, partly: set[str]) -> Iterator[str]:
        if self._scanner is not None and not part.opened:
            for piece in unpacking.of(part.content()):
                yield from self._matching(piece, partly)
        if self._lists and part.kind.startswith("text/"):
            yield from self._listed(part, partly)

    def finish(self) -> bytes:
        """Return nothing: each message has had its answer."""
        return b""

    def _scanners(self) -> list[str]:
        return [name for name, used in (("yara", self._scanner), ("hosts", self._lists)) if used]

    def _matching(self, piece: bytes, partly: set[str]) -> Iterator[str]:
        if self._scanner is None:
            return
        try:
            for rule in self._scanner.scan(piece).matching_rules:
                yield f"yara={rule.identifier}"
        except (yara_x.ScanError, yara_x.TimeoutError):
            partly.add("yara")

    def _listed(self, part: Part, partly: set[str]) -> Iterator[str]:
        whole = part.text()
        text = unescape_references(whole[:_LONGEST_TEXT])
        if len(whole) > _LONGEST_TEXT:
            partly.add("hosts")
        for number, link in enumerate(_LINK.finditer(text)):
            if number == _MOST_LINKS:
                partly.add("hosts")
                break
            labels = spelled(link[1]).split(".")
            domains = {".".join(labels[first:]) for first in range(len(labels))}
            yield from (f"hosts={name}" for name, hosts in self._lists.items() if domains & hosts)
