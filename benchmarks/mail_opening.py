"""Seconds until the messages of a case are opened and indexed, and of one search among them.

Messages of some kilobytes are sealed to two roles, then opened, held against the scope of a case, and indexed in memory, as the page of a
viewing does; the catalogue and the disk stay out of it.

``python -m benchmarks.mail_opening [--messages 10000]``
"""

import argparse
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.figures import row
from rejent.kernel.intervals import Interval
from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.rendering import digest_of, headers_of
from rejent.streams.mail.messages.scope import Scope
from rejent.streams.mail.messages.sealing import KeyRole, MessageOpener, MessageSealer, OpenedMessage
from rejent.streams.mail.messages.workspace import ListedMessage, MessagePlace, Workspace, in_scope
from rejent.vault.age import Identity

MUST_OPEN_S, MUST_SEARCH_MS = 5.0, 100.0
AT = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
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


def main(messages: int) -> None:
    """Print the figures."""
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
                place: Any = MessagePlace(at, at, None, None)  # type: ignore[arg-type]  # no segment: none is opened
                facts: Any = None
                yield (
                    ListedMessage(place, facts, headers_of(head), digest_of(message.content)),
                    found,
                )

    begun = time.perf_counter()
    workspace = Workspace(keys, opened())
    took = time.perf_counter() - begun
    row(
        "messages opened and indexed",
        f"{len(workspace.messages())} in {took:.2f} s",
        f"<= {MUST_OPEN_S:.0f} s for 10 000",
    )
    slowest = 0.0
    for asked in ("faktura1", "zam przetarg2", "osoba7@urzad.example", '"wniosek1"', "nic"):
        begun = time.perf_counter()
        workspace.searched(asked)
        slowest = max(slowest, time.perf_counter() - begun)
    row("slowest search", f"{slowest * 1000:.1f} ms", f"<= {MUST_SEARCH_MS:.0f} ms")
    if took * 10_000 / messages > MUST_OPEN_S or slowest * 1000 > MUST_SEARCH_MS:
        raise SystemExit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    main(parser.parse_args().messages)
