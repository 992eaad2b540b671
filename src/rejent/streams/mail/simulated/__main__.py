"""Run a simulated mail server: ``python -m rejent.streams.mail.simulated --to 127.0.0.1:2525 --every 20``."""

import argparse
import signal
import smtplib
import sys
import threading
from collections.abc import Iterator
from itertools import chain, count, islice, repeat

from rejent.kernel.clock import Clock, SystemClock
from rejent.streams.mail.simulated.letters import INVOICE, JOURNAL, PAPER, TENDER, USUAL, DemoLetter

AGAIN_S = 2.0
"""Seconds until a letter that nobody took is tried again."""
_REPLY_S = 30.0


def exchanged() -> Iterator[DemoLetter]:
    """Yield letters without end: every day's, and in turn those of one matter."""
    for matter in chain.from_iterable(repeat((PAPER, TENDER, INVOICE))):
        yield from USUAL
        yield from matter


def send(to: tuple[str, int], given: argparse.Namespace, stopped: threading.Event, clock: Clock) -> None:
    """Send letters until stopped."""
    for number, letter in zip(count(1), islice(exchanged(), given.letters), strict=False):
        at = clock.now()
        while not stopped.is_set():
            try:
                with smtplib.SMTP(*to, timeout=_REPLY_S) as client:
                    letter.hand_over(client, number, at, given.journal)
            except (OSError, smtplib.SMTPException):
                stopped.wait(AGAIN_S)
            else:
                sys.stdout.write(f"{number}\n")
                sys.stdout.flush()
                break
        if stopped.wait(given.every if number != given.letters else 0):
            return


def main(arguments: list[str] | None = None) -> int:
    """Send the letters asked for on the command line."""
    parser = argparse.ArgumentParser(
        prog="rejent.streams.mail.simulated", description="A simulated mail server."
    )
    parser.add_argument("--to", required=True, help="host and port of the journal")
    parser.add_argument("--journal", default=JOURNAL, help="address of the journal")
    parser.add_argument("--every", type=float, default=20.0, help="seconds from one letter to the next")
    parser.add_argument("--letters", type=int, help="how many; without end if not given")
    given = parser.parse_args(arguments)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    host, _, port = given.to.rpartition(":")
    send((host, int(port)), given, stopped, SystemClock())
    return 0


if __name__ == "__main__":
    sys.exit(main())
