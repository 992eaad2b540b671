"""Maps of a mail server, held against Debian's Postfix: what leads to somebody exempt is exempt."""

import re
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest

from rejent.catalog.views import RecorderSource
from rejent.streams.mail.messages.alias_maps import AliasMaps, included_files, read_aliases, read_virtual
from rejent.streams.mail.messages.classes import MailRules, MessageHead, is_exempt
from rejent.streams.mail.receiving.causes import MailCause
from rejent.streams.mail.receiving.orders import JournalOrder
from rejent.streams.mail.sources import files_of, read_rules

ALIASES = """\
# names of this machine
postmaster: root
 # a remark that is none of the entry before
Root:   anna@urzad.example,
\tjan
"skrzynka wspolna": zwiazek, "| /usr/bin/vacation jan"
kolo:
  zwiazek@urzad.example
archiwum: /var/mail/archiwum
lista: :include:/etc/lista, ewa
"""
VIRTUAL = """\
# virtual
kontakt@urzad.example   zwiazek@urzad.example, anna@urzad.example
Sprawy@Urzad.Example
    kolo@urzad.example
"dwa slowa"@urzad.example  jan@urzad.example
@stara.example   @urzad.example
@zwiazkowa.example  zwiazek@urzad.example
anna@zwiazkowa.example  anna@urzad.example
biuro   zwiazek@urzad.example
"""
DOMAINS = frozenset({"urzad.example"})


def ask(command: str, key: str, table: str) -> str | None:
    """Return what Debian's Postfix finds of a key; None where it finds nothing."""
    program = shutil.which(command) or f"/usr/sbin/{command}"
    asked = subprocess.run([program, "-q", key, table], capture_output=True, text=True, check=False)
    return asked.stdout.strip() if asked.returncode == 0 else None


def words(value: str) -> list[str]:
    """Return the addresses of a value that the server gave, in small letters."""
    pieces = re.findall(r'"[^"]*"|[^,\s]+', value)
    return [each.lower() for each in pieces if not each.startswith(('"|', "/", ":include:"))]


@pytest.mark.parametrize("key", ["kontakt@urzad.example", "SPRAWY@urzad.example", "@stara.example", "biuro", "@zwiazkowa.example", "kolo@urzad.example"])  # fmt: skip
def test_virtual_is_read_as_postmap_reads_it(tmp_path: Path, key: str) -> None:
    """Keys, values, entries over several lines, remarks."""
    (tmp_path / "virtual").write_text(VIRTUAL)
    (tmp_path / "main.cf").write_text("compatibility_level = 3.6\n")
    found = ask("postmap", key, f"texthash:{tmp_path / 'virtual'}")
    ours = read_virtual(VIRTUAL).get(key.lower())
    assert (None if found is None else words(found)) == (None if ours is None else list(ours))


@pytest.mark.parametrize("key", ["postmaster", "root", "skrzynka wspolna", "kolo", "archiwum", "nikt"])
def test_aliases_are_read_as_postalias_reads_them(tmp_path: Path, key: str) -> None:
    """Quoted names, commands and files, which are no addresses."""
    source = tmp_path / "aliases"
    source.write_text(ALIASES)
    subprocess.run([shutil.which("postalias") or "/usr/sbin/postalias", f"hash:{source}"], check=True)
    found = ask("postalias", key, f"hash:{source}")
    ours = read_aliases(ALIASES, lambda _: "").get(key)
    assert (None if found is None else [each.lstrip("\\") for each in words(found) if each != "\\"]) == (
        None if ours is None else [each for each in ours if each]
    )


MAPS = AliasMaps(
    DOMAINS, read_aliases(ALIASES, {"/etc/lista": "# osoby\njan, kolo\n"}.__getitem__), read_virtual(VIRTUAL)
)
RULES = MailRules(DOMAINS, frozenset({"zwiazek@urzad.example"}), (), maps=MAPS)


@pytest.mark.parametrize(
    ("address", "exempt"),
    [
        ("kontakt@urzad.example", True),
        ("kontakt+sprawa@urzad.example", True),
        ("sprawy@urzad.example", True),
        ('"skrzynka wspolna"@urzad.example', True),
        ("kolo@urzad.example", True),
        ("lista@urzad.example", True),
        ("biuro@urzad.example", True),
        ("biuro@firma.example", False),
        ("kontakt@stara.example", True),
        ("jan@stara.example", False),
        ("ktokolwiek@zwiazkowa.example", True),
        ("anna@zwiazkowa.example", False),
        ("postmaster@urzad.example", False),
        ("anna@urzad.example", False),
    ],
)
def test_what_leads_to_somebody_exempt_is_exempt(address: str, exempt: bool) -> None:
    """Through aliases of aliases, lists that are included, tags, domains that are rewritten; of several keys the most exact alone."""
    assert is_exempt(MessageHead(f"To: {address}\r\n\r\n".encode()), (), RULES) is exempt
    assert is_exempt(MessageHead(b"\r\n"), (address,), RULES) is exempt


def test_a_circle_of_aliases_ends() -> None:
    """And files that are included are named, so that they can be watched."""
    maps = AliasMaps(DOMAINS, read_aliases("a: b\nb: a\n", lambda _: ""), {})
    assert maps.expand("a@urzad.example") == {"a@urzad.example", "b@urzad.example"}
    assert included_files(ALIASES) == ["/etc/lista"]


def test_a_journal_reads_the_maps_that_it_names(tmp_path: Path) -> None:
    """And the files that they include, which are watched with them; without one that it names it receives nothing."""
    included, aliases, virtual = (tmp_path / name for name in ("lista", "aliases", "virtual"))
    included.write_text("zwiazek\n")
    aliases.write_text(f"wszyscy: :include:{included}\n")
    virtual.write_text("kontakt@urzad.example wszyscy@urzad.example\n")
    traits = {"domains": "urzad.example", "aliases": str(aliases), "virtual": str(virtual)}
    assert "zwiazek@urzad.example" in read_rules(traits).maps.expand("kontakt@urzad.example")
    assert files_of(traits) == (str(aliases), str(virtual), str(included))
    order = partial(RecorderSource, "1", "mail", "dziennik", "smtp://127.0.0.1:2525", traits, b"", None)
    assert not JournalOrder.of(order()).lacks
    included.unlink()
    assert JournalOrder.of(order()).lacks is MailCause.NO_MAPS
