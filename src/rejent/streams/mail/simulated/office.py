"""The demo of an office that keeps its e-mail: a journal, the keys of two roles, letters, three cases."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from rejent.cli.command_setup import ACTOR, program_clock
from rejent.cli.stream_commands import Demo
from rejent.kernel.clock import ManualClock
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.simulated.letters import EXEMPT, JOURNAL, OFFICE, SERVER

NAME = "Dziennik poczty"
PORT = 18525
SECOND = ("wglad", "Druga Osoba-Przykładowa", "inspektor", ("viewer",))
"""Reads beside the first: messages are opened by two."""
KEYS = "demo-mail-keys.json"
RULES = """
# Pokaz: tego regulamin wzorcowy nie rozstrzyga.
[streams.mail.retention]
count = 30
unit = "days"
kind = "maximum"
reason = "tyle trwa wyjaśnienie zgłoszenia, że narzędzi pracy użyto niewłaściwie"

[streams.mail.copies]
lifetime = { count = 3, unit = "months" }
lifetime_from = "recording"
"""


def make(
    directory: Path, port: int, clock: ManualClock, until: datetime, _minutes: int | None
) -> Iterator[datetime]:
    """Add the journal and the keys of the two roles, then live through what was received, opened and read."""
    from django.conf import settings

    from rejent.catalog import services
    from rejent.office import queries as office
    from rejent.office.services import change_person
    from rejent.retention import services as retention
    from rejent.streams.mail.simulated.past import Past

    keys = _keys(directory, clock)
    for username in ("pracownik", "kancelaria", "asi"):
        person = office.person_by_username(username)
        change_person(person.id, {"email": f"{username}@{OFFICE}"}, clock=clock, actor=ACTOR)
    traits = {
        "recipients": JOURNAL,
        "domains": OFFICE,
        "exempt": ",".join(EXEMPT),
        "authserv": SERVER,
    }
    with retention.keys_with_source(settings.KEEPING):
        source_id = services.add_source(
            stream=StreamName.MAIL,
            name=NAME,
            address=_address(port),
            building=NAME,
            place=NAME,
            kind="office",
            traits=traits,
            clock=clock,
            actor=ACTOR,
            credentials_box=settings.VAULT.credentials,
        )
    yield from Past(source_id, keys, clock).lived(until)


def _keys(directory: Path, clock: ManualClock) -> dict[KeyRole, tuple[int, str]]:
    """Make a key of each role, held by a post, and lay their passphrases down for whoever runs the demo."""
    from rejent.office import queries as office
    from rejent.streams.mail.records.role_keys import make_role_key
    from rejent.streams.mail.simulated.past import HOLDERS

    chosen = {role: f"pokaz-{secrets.token_hex(4)}" for role in KeyRole}
    made = {
        role: (
            make_role_key(
                role, office.person_by_username(HOLDERS[role]).post, passphrase, clock=clock, actor=ACTOR
            ),
            passphrase,
        )
        for role, passphrase in chosen.items()
    }
    path = directory / KEYS
    path.touch(mode=0o600)
    text = [{"role": role, "username": HOLDERS[role], "passphrase": chosen[role]} for role in KeyRole]
    path.write_text(f"{json.dumps(text, ensure_ascii=False, indent=2)}\n", encoding="utf-8")
    return made


def hint(directory: Path) -> str:
    """Return who reads messages together, and who gives which key with which passphrase."""
    keys = json.loads((directory / KEYS).read_text(encoding="utf-8"))
    lines = [f"    {each['passphrase']:<20}{each['role']:<12}{each['username']}\n" for each in keys]
    return f"  Messages are read by podglad and {SECOND[0]} together; two others each give a key where they signed in themselves:\n\n{''.join(lines)}\n"


def reach(port: int) -> None:
    """Change where the journal of the demo listens, where that is elsewhere than last time."""
    from django.conf import settings

    from rejent.catalog import queries, services

    for source in queries.sources(StreamName.MAIL, clock=program_clock()):
        if source.name == NAME and source.address_shown != _address(port):
            services.change_source(
                source.id,
                address=_address(port),
                clock=program_clock(),
                actor=ACTOR,
                credentials_box=settings.VAULT.credentials,
            )


def _address(port: int) -> str:
    return f"smtp://127.0.0.1:{port}"


def simulated(_directory: Path, port: int) -> "subprocess.Popen[bytes]":
    """Start a mail server that hands over a letter every twenty seconds."""
    command = [sys.executable, "-m", "rejent.streams.mail.simulated", "--to", f"127.0.0.1:{port}"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


DEMO = Demo(
    option="--mail-port",
    port=PORT,
    help="Where its journal of e-mail listens.",
    past="letters of a month and three cases about them",
    make=make,
    reach=reach,
    rules=RULES,
    people=(SECOND,),
    simulated=simulated,
    hint=hint,
)
