"""A time-stamping authority made with the openssl program, behind a small HTTP server on the loopback."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificate

CONFIGURATION = """
[tsa]
default_tsa = here
[here]
dir = {folder}
serial = {folder}/serial
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[seal]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature, nonRepudiation
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[req]
distinguished_name = name
[name]
"""


def openssl(folder: Path, *arguments: str) -> bytes:
    """Run openssl in a folder; gives what it says."""
    return subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True).stdout


def made(folder: Path) -> Certificate:
    """Make a root and a time-stamping certificate under it; gives the root."""
    (folder / "conf").write_text(CONFIGURATION.format(folder=folder), encoding="ascii")
    (folder / "serial").write_text("01\n", encoding="ascii")
    new = ("req", "-config", "conf", "-new", "-nodes", "-newkey", "rsa:2048")
    root = (
        "-x509",
        "-days",
        "2",
        "-subj",
        "/CN=Root",
        "-extensions",
        "root",
        "-keyout",
        "root.key",
        "-out",
        "root.pem",
    )
    openssl(folder, *new, *root)
    _issue(folder, "Stamps", "signer")
    return load_pem_x509_certificate((folder / "root.pem").read_bytes())


def seal_made(folder: Path, passphrase: str) -> Path:
    """Make an office's seal under the root of a folder; gives its PKCS #12 file."""
    _issue(folder, "Office", "seal")
    packed = ("-certfile", "root.pem", "-passout", f"pass:{passphrase}", "-out", "seal.p12")
    openssl(folder, "pkcs12", "-export", "-in", "seal.pem", "-inkey", "seal.key", *packed)
    (folder / "seal.p12").chmod(0o600)
    return folder / "seal.p12"


def _issue(folder: Path, name: str, kind: str) -> None:
    new = ("req", "-config", "conf", "-new", "-nodes", "-newkey", "rsa:2048")
    openssl(folder, *new, "-subj", f"/CN={name}", "-keyout", f"{kind}.key", "-out", f"{kind}.csr")
    issued = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "2", "-extfile", "conf")
    given = ("-in", f"{kind}.csr", *issued, "-extensions", kind, "-out", f"{kind}.pem")
    openssl(folder, "x509", "-req", *given)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run the authority of a folder; gives its address.

    ``/`` stamps, ``/refuse`` refuses, ``/stale`` answers an earlier question, ``/broken`` is out of order, ``/garbage``
    answers no stamp, and ``/chain`` adds its root's certificate as OpenSSL does, in an order that DER forbids.
    """
    earlier: list[bytes] = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a query, give the stamp its path asks for."""
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            if self.path == "/broken":
                self.send_error(503)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(self._answer(query))

        def _answer(self, query: bytes) -> bytes:
            if self.path == "/garbage":
                return b"no stamp"
            if self.path == "/stale":
                return earlier[0]
            if self.path == "/refuse":
                query = openssl(folder, "ts", "-query", "-data", "conf", "-md5")
            (folder / "query").write_bytes(query)
            chain = ("-chain", "root.pem") if self.path == "/chain" else ()
            earlier.append(openssl(folder, "ts", "-reply", "-config", "conf", "-queryfile", "query", *chain))
            return earlier[-1]

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
