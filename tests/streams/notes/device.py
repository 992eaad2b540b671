"""A device that writes notes and sends them when it can: ``python -m tests.streams.notes.device SPOOL STEP ARGUMENT…``.

Everything it has to remember lies in one SQLite file; it may be killed at any point. It prints a line for each receipt.
"""

import http.client
import json
import secrets
import sqlite3
import ssl
import sys
import time
from base64 import b64encode
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rejent.devices.codes import OneTimeCode, authority_mark

NO_CHECK_TIME = 0x200000
"""``X509_V_FLAG_NO_CHECK_TIME`` of OpenSSL."""
NOTES_A_BATCH = 7
PATIENCE_S = 2.0
"""Seconds that it waits for an answer; a gateway that is frozen gives none."""
_TABLES = (
    "CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, line TEXT)",
    "CREATE TABLE IF NOT EXISTS said (name TEXT PRIMARY KEY, value TEXT)",
)


class Device:
    """What a device has: its key, its certificate, its notes and how far they were taken."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.rows = sqlite3.connect(folder / "spool.db", isolation_level=None)
        self.rows.execute("PRAGMA synchronous = FULL")
        for table in _TABLES:
            self.rows.execute(table)

    def say(self, **values: object) -> None:
        """Remember values."""
        self.rows.executemany(
            "INSERT OR REPLACE INTO said VALUES (?, ?)", [(k, json.dumps(v)) for k, v in values.items()]
        )

    def said(self, name: str, default: Any = None) -> Any:
        """Return what was remembered."""
        row = self.rows.execute("SELECT value FROM said WHERE name = ?", [name]).fetchone()
        return json.loads(row[0]) if row else default

    def enrol(self, address: str, code: str) -> None:
        """Make a key, and have it signed for by the office of a one-time code."""
        given, key = OneTimeCode.read(code), ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        status, answer = _ask(address, _no_trust(), "GET", "/v1/authority")
        authority = x509.load_pem_x509_certificate(answer["certificate"].encode())
        assert status == 200
        assert authority_mark(authority.public_bytes(serialization.Encoding.DER)) == given.authority
        (self.folder / "authority.pem").write_text(answer["certificate"])
        request = (
            x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
        )
        csr = request.public_bytes(serialization.Encoding.DER)
        headers = {"Rejent-Code": given.public, "Rejent-Proof": b64encode(given.prove(csr)).decode()}
        trust = _trust(self.folder / "authority.pem")
        while (asked := _ask(address, trust, "POST", "/v1/enrol", csr, headers=headers))[0] == 202:
            time.sleep(0.2)
        assert asked[0] == 200, asked
        (self.folder / "key.pem").write_bytes(pem + asked[1]["certificate"].encode())
        self.say(address=address)

    def write(self, first: int, count: int, begun: datetime, apart_s: float) -> None:
        """Write notes down, numbered from ``first``, by a clock that shows ``begun`` at the first."""
        boot = self.said("boot") or secrets.token_hex(8)
        self.say(boot=boot)
        lines = [
            (_line(begun + timedelta(seconds=apart_s) * at, f"Notatka {first + at}", boot, first + at),)
            for at in range(count)
        ]
        self.rows.execute("BEGIN IMMEDIATE")
        self.rows.executemany("INSERT INTO note (line) VALUES (?)", lines)
        self.rows.execute("COMMIT")

    def send(self, source: str) -> None:
        """Send until nothing is left; every batch is remembered before it goes, and again until its receipt has come."""
        while (batch := self._batch()) is not None:
            with suppress(OSError, http.client.HTTPException):
                status, answer = self.ask(
                    "POST", f"/v1/batches/notes/{source}", batch["body"].encode(), batch
                )
                if status == 200 and answer["receipt"] == sha256(batch["body"].encode()).hexdigest():
                    self._take_receipt(batch, answer)
                    print(batch["number"], flush=True)  # noqa: T201 - for who watches
                    continue
                if status == 409:
                    self.say(number=answer["number"], chain=answer["chain"], pending=None)
                    continue
                assert status in {429, 503}, (status, answer)
            time.sleep(0.2)

    def ask(self, method: str, path: str, body: bytes = b"", batch: Any = None) -> tuple[int, dict[str, Any]]:
        """Ask the gateway as a device that is listed."""
        trust = _trust(self.folder / "authority.pem")
        trust.load_cert_chain(self.folder / "key.pem")
        said = {"Rejent-Version": "1.0", "Rejent-Clock": datetime.now(UTC).isoformat()}
        if batch:
            said |= {"Rejent-Number": str(batch["number"]), "Rejent-Previous": batch["previous"]}
        return _ask(self.said("address"), trust, method, path, body, headers=said)

    def _batch(self) -> Any:
        pending = self.said("pending")
        if pending is None:
            found = self.rows.execute(
                "SELECT id, line FROM note ORDER BY id LIMIT ?", [NOTES_A_BATCH]
            ).fetchall()
            if not found:
                return None
            pending = {
                "number": self.said("number", 0) + 1, "previous": self.said("chain", "0" * 64),
                "body": "".join(line for _, line in found), "last": found[-1][0],
            }  # fmt: skip
            self.say(pending=pending)
        return pending

    def _take_receipt(self, batch: Any, answer: Any) -> None:
        self.rows.execute("BEGIN IMMEDIATE")
        self.rows.execute("DELETE FROM note WHERE id <= ?", [batch["last"]])
        self.say(number=answer["number"], chain=answer["chain"], pending=None)
        self.rows.execute("COMMIT")


def _trust(authority: Path) -> ssl.SSLContext:
    """Trust the office's authority alone; when its certificates begin and end goes by the clock of the test's office."""
    context = ssl.create_default_context(cafile=authority)
    context.verify_flags |= NO_CHECK_TIME
    return context


def _line(at: datetime, text: str, boot: str, number: int) -> str:
    return json.dumps({"at": at.isoformat(), "text": text, "boot": boot, "number": number}) + "\n"


def _no_trust() -> ssl.SSLContext:
    """Trust nobody: what is read so is held against the one-time code."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _ask(
    address: str, trust: ssl.SSLContext, method: str, path: str, body: bytes = b"", *, headers: Any = None
) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPSConnection(address, context=trust, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def main(folder: str, step: str, *given: str) -> None:
    """Do one step."""
    device = Device(Path(folder))
    match step:
        case "enrol":
            device.enrol(*given)
        case "write":
            device.write(int(given[0]), int(given[1]), datetime.fromisoformat(given[2]), float(given[3]))
        case "send":
            device.send(*given)


if __name__ == "__main__":
    main(*sys.argv[1:])
