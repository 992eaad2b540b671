"""Where a mail server delivers an address on to, by its own source texts: aliases(5) and virtual(5) of Postfix. Pure.

They are read as the server reads them (postalias(1), postmap(1)), so that mail to an alias of somebody exempt is exempt.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from rejent.streams.mail.messages.addresses import domain_of, mailbox_of, normal_address, normal_domain

MOST_TARGETS = 10_000
"""Addresses that one leads to, which are followed: a list of everybody in a large office."""
_INCLUDE = ":include:"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ALIAS = re.compile(rf"(?s)({_QUOTED}|[^\s:\"]+)\s*:\s*(.*)")
_ENTRY = re.compile(rf"(?s)({_QUOTED}|\S+)\s+(.*)")
_TARGET = re.compile(rf"(?:{_QUOTED}|[^,\s\"])+")
_NO_ADDRESS = ("|", "/", '"|', '"/')
"""Beginnings of a command and of a file."""


@dataclass(frozen=True)
class AliasMaps:
    """Maps of a mail server; ``domains`` are the office's own, in which names without a domain lie."""

    domains: frozenset[str] = frozenset()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    virtual: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def expand(self, address: str) -> set[str]:
        """Return an address in normal form, and all that it leads to."""
        found, waiting = {address}, [address]
        while waiting and len(found) < MOST_TARGETS:
            fresh = set(self._targets(waiting.pop())) - found
            found |= fresh
            waiting += fresh
        return found

    def _targets(self, address: str) -> Iterator[str]:
        """Yield where an address leads to at once: by the first key of virtual(5) that is there, and by aliases(5)."""
        local, _, domain = address.rpartition("@")
        plain = mailbox_of(address)
        own = domain in self.domains
        names = [local, plain.rpartition("@")[0]] if own else []
        keys = [address, plain, *names, f"@{domain}"]
        found = next((self.virtual[key] for key in keys if key in self.virtual), ())
        for target in (*found, *next((self.aliases[name] for name in names if name in self.aliases), ())):
            if target.startswith("@"):
                yield f"{local}{target}"
            elif domain_of(target) != target:
                yield target
            else:
                yield from (f"{target}@{each}" for each in ([domain] if own else self.domains))


def read_aliases(text: str, include: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
    """Return the targets of each name of aliases(5); ``include`` returns the text of a file that an entry includes, and may raise OSError."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in _logical_lines(text):
        if (entry := _ALIAS.fullmatch(line)) is not None:
            found[_key(entry[1])] += _targets_of(entry[2], include)
    return {name: tuple(targets) for name, targets in found.items()}


def read_virtual(text: str) -> dict[str, tuple[str, ...]]:
    """Return the targets of each address, name or ``@domain`` of virtual(5)."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in _logical_lines(text):
        if (entry := _ENTRY.fullmatch(line)) is not None:
            found[_key(entry[1])] += _targets_of(entry[2], lambda _: "")
    return {name: tuple(targets) for name, targets in found.items()}


def included_files(text: str) -> list[str]:
    """Return the files that the entries of aliases(5) include."""
    return re.findall(rf"{_INCLUDE}(/[^\s,\"]+)", text)


def _logical_lines(text: str) -> Iterator[str]:
    """Yield entries whole: a line that begins with a blank goes on with the one before; remarks and empty lines are none."""
    held = ""
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0].isspace():
            held += line
            continue
        if held:
            yield held.strip()
        held = line
    if held:
        yield held.strip()


def _key(written: str) -> str:
    """Return a key as it is looked up: an address, a name or ``@domain`` in normal form."""
    plain = (
        re.sub(r"\\(.)", r"\1", written[1:-1])
        if written.startswith('"') and written.endswith('"')
        else written
    )
    if plain.startswith("@"):
        return f"@{normal_domain(plain[1:])}"
    return normal_address(plain)


def _targets_of(written: str, include: Callable[[str], str], depth: int = 0) -> Iterator[str]:
    for target in _TARGET.findall(written):
        if target.startswith(_INCLUDE):
            if depth < 3:
                for line in _logical_lines(include(target.removeprefix(_INCLUDE))):
                    yield from _targets_of(line, include, depth + 1)
        elif target.startswith("@"):
            yield f"@{normal_domain(target[1:])}"
        elif not target.startswith(_NO_ADDRESS):
            yield normal_address(target.removeprefix("\\"))
