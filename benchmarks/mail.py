"""Messages a second that the installed program receives, seals, makes durable and acknowledges, beside two bare sinks; and its memory.

The sinks write each message to a file, sync that and answer, which is the least that a receiver does which answers once a message is
durable: one is an asyncio server that reads to the end of a message, one is ``aiosmtpd``. Senders are processes of their own on
the same machine, and take their share of it.

``python -m benchmarks.mail [--messages 2000] [--senders 16] [--size 75000]``; ``--messages 100000 --size 2000 --alone`` shows whether
memory grows.
"""

import argparse
import asyncio
import multiprocessing
import os
import secrets
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from base64 import encodebytes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psutil
from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.figures import row

JOURNAL, SENDER = "dziennik@archiwum.example", "anna@urzad.example"
PASSPHRASE = "hasło do pomiaru"  # noqa: S105 - of an office that is gone after the run
REGULATION = Path(__file__).parent.parent / "tests" / "streams" / "mail_regulation.toml"
COMMAND = [sys.executable, "-c", "from rejent.ops.command import run; run()"]
SIZE, MUST, GOAL = 75_000, 300, 600
LONGEST_START_S = 60.0


def message(size: int) -> bytes:
    """Return a message of about so many bytes, most of them one attachment."""
    head = (
        f"From: {SENDER}\r\nTo: b@firma.example\r\nSubject: x\r\n"
        "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n"
    )
    return head.encode() + encodebytes(secrets.token_bytes(size * 57 // 78)).replace(b"\n", b"\r\n")


def send(port: int, count: int, size: int, ready: Barrier) -> None:
    """Send messages over one connection; they are prepared before, since the sender is not what is measured."""
    content = message(size) + b".\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        answers = connection.makefile("rb")
        answers.readline()
        ready.wait()
        commands = (f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{JOURNAL}>", "DATA", "")
        for number in range(-1, count * len(commands)):
            command = commands[number % len(commands)] if number >= 0 else f"HELO {SENDER}"
            connection.sendall(content if not command else f"{command}\r\n".encode())
            if answers.readline()[:1] not in {b"2", b"3"}:
                raise SystemExit(1)


def rate(port: int, senders: int, messages: int, size: int) -> float:
    """Return messages a second of several senders at once."""
    each = max(messages // senders, 1)
    ready = multiprocessing.Barrier(senders + 1)
    processes = [multiprocessing.Process(target=send, args=(port, each, size, ready)) for _ in range(senders)]
    for process in processes:
        process.start()
    ready.wait()
    begun = time.perf_counter()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("A sender was refused.")
    return senders * each / (time.perf_counter() - begun)


def _write_synced(content: bytes) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


async def _bare(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 sink\r\n")
    while command := await reader.readline():
        if command.upper() != b"DATA\r\n":
            writer.write(b"221 end\r\n" if command.upper() == b"QUIT\r\n" else b"250 on\r\n")
            continue
        writer.write(b"354 on\r\n")
        _write_synced(await reader.readuntil(b"\r\n.\r\n"))
        writer.write(b"250 on\r\n")
    writer.close()


class _Handler:
    """What ``aiosmtpd`` gives each message to."""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its own name
        """Write it and answer."""
        _write_synced(bytes(envelope.content or b""))
        return "250 on"


def _serve_bare(port: int) -> None:
    async def serve() -> None:
        server = await asyncio.start_server(_bare, "127.0.0.1", port, limit=1 << 20)
        await server.serve_forever()

    asyncio.run(serve())


def _serve_aiosmtpd(port: int) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(_Handler(), hostname="sink"), "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(serve())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def sink(serve: Callable[[int], None]) -> Iterator[int]:
    """Run a sink; yield its port."""
    port = _free_port()
    process = multiprocessing.Process(target=serve, args=(port,))
    process.start()
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.join()


@contextmanager
def program(folder: Path, rules: int = 0) -> Iterator[tuple[int, psutil.Process]]:
    """Run an office that receives e-mail; yield the port of its journal, and the process that receives."""
    port = _free_port()

    def done(command: str, *arguments: str, stdin: str = "") -> None:
        subprocess.run(
            [*COMMAND, *command.split(), str(folder), *arguments], check=True, text=True, input=stdin, stdout=subprocess.DEVNULL
        )  # fmt: skip

    done("init", "--regulation", str(REGULATION), "--test")
    for role, holder in (("case", "Sekretarz"), ("control", "IOD")):
        done(
            "mail key", "--role", role, "--holder", holder, "--passphrase-stdin", stdin=f"{PASSPHRASE}, {role}\n"
        )  # fmt: skip
    done(
        "source add", "--stream", "mail", "--name", "dziennik", "--listen", f"smtp://127.0.0.1:{port}", "--journal", JOURNAL,
        "--domain", "urzad.example",
    )  # fmt: skip
    if rules:
        _set_rules(folder, rules)
    run = [*COMMAND, "run", str(folder), "--listen", f"127.0.0.1:{_free_port()}"]
    process = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port)
        below = psutil.Process(process.pid).children(recursive=True)
        yield port, next(each for each in below if each.cmdline()[-1] == "mail")
    finally:
        process.terminate()
        process.wait()


def _set_rules(folder: Path, count: int) -> None:
    """Hold messages against rules of which none is met."""
    rules = folder.with_name("rules")
    rules.mkdir()
    text = "\n".join(
        f'rule R{each} {{ strings: $a = "{secrets.token_hex(12)}" condition: $a }}' for each in range(count)
    )
    (rules / "r.yar").write_text(text)
    with (folder / "rejent.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[mail]\nyara_rules = "{rules}"\n')


def _await(port: int) -> None:
    """Wait until a message is taken at a port."""
    ends = time.monotonic() + LONGEST_START_S
    while True:
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=LONGEST_START_S) as client:
                client.sendmail(SENDER, [JOURNAL], "Subject: x\r\n\r\nx\r\n")
        except (OSError, smtplib.SMTPException):
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)  # nothing else tells that a process of another program listens
        else:
            return


def main() -> None:
    """Print the rates, what share of each sink's the program reaches, its share of a core, and its memory early and at the end."""
    options = argparse.ArgumentParser()
    options.add_argument("--messages", type=int, default=2000)
    options.add_argument("--senders", type=int, default=16)
    options.add_argument("--size", type=int, default=SIZE)
    options.add_argument("--alone", action="store_true", help="without the sinks")
    options.add_argument("--rules", type=int, default=0, help="YARA rules that each message is held against")
    given = options.parse_args()
    sinks = (
        {} if given.alone else {"a bare asyncio sink": _serve_bare, "a bare aiosmtpd sink": _serve_aiosmtpd}
    )
    others = {}
    for name, serve in sinks.items():
        with sink(serve) as port:
            others[name] = rate(port, given.senders, given.messages, given.size)
    with (
        tempfile.TemporaryDirectory() as folder,
        program(Path(folder) / "office", given.rules) as (port, process),
    ):
        rate(port, given.senders, given.messages // 10, given.size)
        early, used = process.memory_info().rss, sum(process.cpu_times()[:2])
        ours = rate(port, given.senders, given.messages, given.size)
        late, used = process.memory_info().rss, sum(process.cpu_times()[:2]) - used
    limits = f"must {MUST}, goal {GOAL}" if given.size == SIZE else ""
    row(f"messages of {given.size} B a second, sealed to two roles, durable", f"{ours:.0f}", limits)
    for name, other in others.items():
        row(f"{name} with fsync", f"{other:.0f}", f"share {ours / other:.2f}")
    row("time of the receiving process for a message", f"{used / given.messages * 1000:.2f} ms")
    row("memory after a tenth", f"{early >> 20} MiB")
    row("memory at the end", f"{late >> 20} MiB")


if __name__ == "__main__":
    main()
