"""Seconds until the messages of a case are opened and indexed, and of one search among them.

Messages of some kilobytes are sealed to two roles, then opened, held against the scope of a case, and indexed in memory, as the page of a
viewing does; the catalogue and the disk stay out of it.

With ``--trickled`` the program receives messages one at a time, as on an ordinary day, so that each is an object of its own; then they are opened as
a viewing does, catalogue, ledger, keys and disk included.

``python -m benchmarks.mail_opening [--messages 10000] [--trickled 10000]``
"""

import argparse
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from benchmarks.figures import row
from benchmarks.mail import JOURNAL, PASSPHRASE, SENDER, program
from rejent.kernel.intervals import Interval
from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.rendering import digest_of, headers_of
from rejent.streams.mail.messages.scope import Scope
from rejent.streams.mail.messages.sealing import KeyRole, MessageOpener, MessageSealer, OpenedMessage
from rejent.streams.mail.messages.workspace import ListedMessage, MessagePlace, Workspace, in_scope
from rejent.vault.age import Identity

MUST_OPEN_S, MUST_SEARCH_MS = 5.0, 100.0
AT = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
SOURCE: Any = SimpleNamespace(source_id="dziennik")
WORDS = [
    "wniosek",
    "pismo",
    "faktura",
    "zamówienie",
    "umowa",
    "termin",
    "odpowiedź",
    "droga",
    "szkoła",
    "projekt",
    "uchwała",
    "radny",
    "budżet",
    "remont",
    "przetarg",
    "oferta",
]


def letter(number: int) -> bytes:
    """Return an ordinary letter of some three kilobytes, one in ten with an attachment of fifty more."""
    chance = random.Random(number)  # noqa: S311 - the same letters each time
    text = " ".join(chance.choice(WORDS) + str(chance.randrange(500)) for _ in range(300))
    head = f"From: osoba{number % 50}@urzad.example\r\nTo: ktos{number % 900}@firma.example\r\nSubject: {text[:40]}\r\n"
    if number % 10:
        return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()
    whole = f"{head}Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--q\r\n"
    attached = "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return f"{whole}{attached}{'JVBERi0xLjQK' * 4000}\r\n--q--\r\n".encode()


def main(messages: int) -> int:
    """Print the figures; return 1 if one misses its limit."""
    keys = {role: Identity.generate() for role in KeyRole}
    to = {role: [key.recipient] for role, key in keys.items()}
    sealer = MessageSealer(to)
    sealed = [
        sealer.seal(
            OpenedMessage(f"osoba{number % 50}@urzad.example", ("dziennik@a.example",), letter(number))
        )
        for number in range(messages)
    ]
    scope = Scope(Interval(AT, AT + timedelta(days=1)), ("@urzad.example",), ())

    def opened() -> Iterator[Any]:
        """Open each message with the keys of both roles; yield those in scope, with what is searched of them."""
        opener = MessageOpener(keys)
        for number, one in enumerate(sealed):
            message = opener.open(one)
            head = MessageHead(message.content)
            found = in_scope(message, head, scope)
            at = AT + timedelta(seconds=number)
            if found is not None:
                place: Any = MessagePlace(at, at, SOURCE, None)  # type: ignore[arg-type]  # of its segment the source alone is asked for
                facts: Any = None
                yield (
                    ListedMessage(place, facts, headers_of(head), digest_of(message.content)),
                    found,
                )

    begun, used = time.perf_counter(), time.process_time()
    workspace = Workspace(keys, opened())
    took, used = time.perf_counter() - begun, time.process_time() - used
    row(
        "messages opened and indexed",
        f"{len(workspace.messages())} in {took:.2f} s ({used:.2f} s of CPU)",
        f"<= {MUST_OPEN_S:.0f} s for 10 000",
    )
    slowest = 0.0
    for asked in ("faktura1", "zam przetarg2", "osoba7@urzad.example", '"wniosek1"', "nic"):
        begun = time.perf_counter()
        workspace.searched(asked)
        slowest = max(slowest, time.perf_counter() - begun)
    row("slowest search", f"{slowest * 1000:.1f} ms", f"<= {MUST_SEARCH_MS:.0f} ms")
    return int(took * 10_000 / messages > MUST_OPEN_S or slowest * 1000 > MUST_SEARCH_MS)


def trickle(messages: int) -> int:
    """Receive messages one at a time, then open them in a process that serves nothing else; return its exit status."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "office"
        with program(folder) as (port, _), socket.create_connection(("127.0.0.1", port)) as connection:
            answers = connection.makefile("rb")
            answers.readline()
            commands = (f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{JOURNAL}>", "DATA", "")
            for number in range(-1, messages * len(commands)):
                command = commands[number % len(commands)] if number >= 0 else f"HELO {SENDER}"
                content = f"{command}\r\n".encode() if command else letter(number) + b".\r\n"
                connection.sendall(content)
                if answers.readline()[:1] not in {b"2", b"3"}:
                    raise SystemExit(1)
        again = [sys.executable, "-m", "benchmarks.mail_opening", "--open", str(folder)]
        return subprocess.run(again, check=False).returncode


def open_received(folder: Path) -> None:
    """Open what an office received today, as a viewing of it does, and print the time."""
    from rejent.cli.command_setup import Use, open_installation

    open_installation(folder, Use.READING)
    from django.conf import settings

    from rejent.access.views import ViewingView
    from rejent.catalog import queries as catalog
    from rejent.streams.mail.messages.reading import open_in_scope
    from rejent.streams.mail.records.role_keys import open_role_key, role_keys

    now = settings.CLOCK.now()
    (journal,) = (each for each in catalog.sources() if each.stream == "mail")
    day = Interval(now - timedelta(hours=12), now)
    viewing = ViewingView(
        uuid4(), "O/1", uuid4(), journal.id, (journal.id,), day.start, day.end, "", "", now, None, now + timedelta(hours=1), "", None, 0, ""
    )  # fmt: skip
    keys = dict(open_role_key(each.id, f"{PASSPHRASE}, {each.role.value}") for each in role_keys())
    scope = Scope(day, ("@urzad.example",), ())
    begun, used = time.perf_counter(), time.process_time()
    found = len(
        Workspace(keys, open_in_scope(viewing, MessageOpener(keys), scope, settings.CLOCK)).messages()
    )
    took, used = time.perf_counter() - begun, time.process_time() - used
    row(
        "messages that trickled, opened from disk",
        f"{found} in {took:.2f} s ({used:.2f} s of CPU)",
        f"<= {MUST_OPEN_S:.0f} s for 10 000",
    )
    if not found or took * 10_000 / found > MUST_OPEN_S:
        raise SystemExit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--trickled", type=int, default=10_000)
    parser.add_argument("--open", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.open:
        open_received(given.open)
    else:
        raise SystemExit(main(given.messages) | trickle(given.trickled))
