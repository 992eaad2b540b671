"""Messages a second that the installed program receives, seals, makes durable and acknowledges, beside a bare sink.

The sink is an asyncio server that reads a message to its end, writes it to a file, syncs that and answers: the least that any receiver does
which answers once a message is durable. Senders are processes of their own on the same machine, and take their share of it.

``python -m benchmarks.mail [--messages 2000] [--senders 16]``
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import row

JOURNAL, SENDER = "dziennik@archiwum.example", "anna@urzad.example"
REGULATION = Path(__file__).parent.parent / "tests" / "streams" / "mail_regulation.toml"
COMMAND = [sys.executable, "-c", "from rejent.ops.command import run; run()"]
SIZE, MUST = 75_000, 300
LONGEST_START_S = 60.0


def message(size: int) -> bytes:
    """Return a message of about so many bytes, most of them one attachment."""
    head = f"From: {SENDER}\r\nTo: b@firma.example\r\nSubject: x\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n"
    return head.encode() + encodebytes(secrets.token_bytes(size * 57 // 78)).replace(b"\n", b"\r\n")


def send(port: int, count: int) -> None:
    """Send messages over one connection; they are prepared before, since the sender is not what is measured."""
    content = message(SIZE) + b".\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        answers = connection.makefile("rb")
        answers.readline()
        for command in (
            f"HELO {SENDER}",
            *[f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{JOURNAL}>", "DATA", ""] * count,
        ):
            connection.sendall(content if not command else f"{command}\r\n".encode())
            if answers.readline()[:1] not in {b"2", b"3"}:
                raise SystemExit(1)


def rate(port: int, senders: int, messages: int) -> float:
    """Return messages a second of several senders at once."""
    each = messages // senders
    processes = [multiprocessing.Process(target=send, args=(port, each)) for _ in range(senders)]
    begun = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("A sender was refused.")
    return senders * each / (time.perf_counter() - begun)


async def _sink(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 sink\r\n")
    folder = Path(tempfile.gettempdir())
    while command := await reader.readline():
        if command.upper() != b"DATA\r\n":
            writer.write(b"221 end\r\n" if command.upper() == b"QUIT\r\n" else b"250 on\r\n")
            continue
        writer.write(b"354 on\r\n")
        content = await reader.readuntil(b"\r\n.\r\n")
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        writer.write(b"250 on\r\n")
    writer.close()


def _serve_sink(port: int) -> None:
    async def serve() -> None:
        server = await asyncio.start_server(_sink, "127.0.0.1", port, limit=1 << 20)
        await server.serve_forever()

    asyncio.run(serve())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def sink() -> Iterator[int]:
    """Run the bare sink; yield its port."""
    port = _free_port()
    process = multiprocessing.Process(target=_serve_sink, args=(port,))
    process.start()
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.join()


@contextmanager
def program(folder: Path) -> Iterator[int]:
    """Run an office that receives e-mail; yield the port of its journal."""
    port = _free_port()

    def done(command: str, *arguments: str, stdin: str = "") -> None:
        subprocess.run(
            [*COMMAND, *command.split(), str(folder), *arguments], check=True, text=True, input=stdin, stdout=subprocess.DEVNULL
        )  # fmt: skip

    done("init", "--regulation", str(REGULATION), "--test")
    for role in ("case", "control"):
        done("mail key", "--role", role, "--holder", "IOD", "--passphrase-stdin", stdin="hasło do pomiaru\n")
    done(
        "source add", "--stream", "mail", "--name", "dziennik", "--listen", f"smtp://127.0.0.1:{port}", "--journal", JOURNAL,
        "--domain", "urzad.example",
    )  # fmt: skip
    run = [*COMMAND, "run", str(folder), "--listen", f"127.0.0.1:{_free_port()}"]
    process = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.wait()


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
    """Print both rates, and what share of the bare one the program reaches."""
    options = argparse.ArgumentParser()
    options.add_argument("--messages", type=int, default=2000)
    options.add_argument("--senders", type=int, default=16)
    given = options.parse_args()
    with sink() as port:
        bare = rate(port, given.senders, given.messages)
    with tempfile.TemporaryDirectory() as folder, program(Path(folder) / "office") as port:
        ours = rate(port, given.senders, given.messages)
    row("messages of 75 kB, sealed to two roles, durable, a second", f"{ours:.0f}", f"must {MUST}")
    row("a bare asyncio sink with fsync", f"{bare:.0f}")
    row("share", f"{ours / bare:.2f}")


if __name__ == "__main__":
    main()
