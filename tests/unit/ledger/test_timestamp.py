"""Time stamps from an authority made with the openssl program, behind a small HTTP server on the loopback."""

import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.x509 import load_pem_x509_certificate

from rejent.ledger.errors import TimestampInvalidError, TimestampUnavailableError
from rejent.ledger.timestamp import request_stamp, stamp_covers, stamped_at, verify_stamp

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl program is not installed"
)
DATA = b"office\n5\nroot\n"
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
[req]
distinguished_name = name
[name]
"""


def openssl(folder, *arguments):
    """Run openssl in the authority's folder."""
    return subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True).stdout


def made_authority(folder):
    """A root and a time-stamping certificate under it."""
    (folder / "conf").write_text(CONFIGURATION.format(folder=folder), encoding="ascii")
    (folder / "serial").write_text("01\n", encoding="ascii")
    new = ("req", "-config", "conf", "-new", "-nodes", "-newkey", "rsa:2048")
    openssl(
        folder,
        *new,
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
    openssl(folder, *new, "-subj", "/CN=Stamps", "-keyout", "signer.key", "-out", "signer.csr")
    openssl(
        folder, "x509", "-req", "-in", "signer.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
        "-days", "2", "-extfile", "conf", "-extensions", "signer", "-out", "signer.pem",
    )  # fmt: skip
    return load_pem_x509_certificate((folder / "root.pem").read_bytes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The authority's folder."""
    return tmp_path_factory.mktemp("authority")


@pytest.fixture(scope="module")
def root(folder):
    """The authority's root certificate, made with the rest of it."""
    return made_authority(folder)


@pytest.fixture(scope="module")
def authority(folder, root):  # noqa: ARG001 -- the certificates must stand before the desk opens
    """The running authority's address.

    ``/`` stamps, ``/refuse`` refuses, ``/stale`` answers an earlier question, ``/broken`` is out of order, ``/garbage``
    answers no stamp, and ``/chain`` adds its root's certificate as OpenSSL does, in an order that DER forbids.
    """
    answers = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            if self.path == "/broken":
                self.send_error(503)
                return
            (folder / "query").write_bytes(
                query if self.path != "/refuse" else openssl(folder, "ts", "-query", "-data", "conf", "-md5")
            )
            if self.path == "/stale":
                answer = answers[0]
            elif self.path == "/garbage":
                answer = b"no stamp"
            else:
                chain = ("-chain", "root.pem") if self.path == "/chain" else ()
                answer = openssl(folder, "ts", "-reply", "-config", "conf", "-queryfile", "query", *chain)
                answers.append(answer)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_stamp_is_got_and_verified(authority, root):
    """The authority's stamp verifies under its root and names the instant."""
    token = request_stamp(authority + "/", DATA)
    assert verify_stamp(token, DATA, [root]) == stamped_at(token)
    assert stamp_covers(token, DATA)


def test_openssl_verifies_what_is_kept(authority, folder, tmp_path):
    """What is stored is the raw response, so another program can judge it."""
    (tmp_path / "reply").write_bytes(request_stamp(authority + "/", DATA))
    (tmp_path / "data").write_bytes(DATA)
    said = openssl(
        tmp_path, "ts", "-verify", "-data", "data", "-in", "reply", "-CAfile", str(folder / "root.pem")
    )
    assert b"OK" in said


def test_stamp_that_only_others_can_read_is_kept(authority, folder, tmp_path):
    """A response with certificates out of order is kept as it is, and openssl verifies it."""
    token = request_stamp(authority + "/chain", DATA)
    assert stamp_covers(token, DATA)
    assert not stamp_covers(token, DATA + b"x")
    with pytest.raises(TimestampInvalidError):
        stamped_at(token)
    (tmp_path / "reply").write_bytes(token)
    (tmp_path / "data").write_bytes(DATA)
    said = openssl(
        tmp_path, "ts", "-verify", "-data", "data", "-in", "reply", "-CAfile", str(folder / "root.pem")
    )
    assert b"OK" in said


def test_stamp_of_other_data_does_not_verify(authority, root):
    """A stamp vouches for one sequence of bytes."""
    token = request_stamp(authority + "/", DATA)
    assert not stamp_covers(token, DATA + b"x")
    with pytest.raises(TimestampInvalidError):
        verify_stamp(token, DATA + b"x", [root])


def test_stamp_of_an_unknown_authority_does_not_verify(authority, tmp_path):
    """A root that did not issue the authority's certificate vouches for nothing."""
    token = request_stamp(authority + "/", DATA)
    with pytest.raises(TimestampInvalidError):
        verify_stamp(token, DATA, [made_authority(tmp_path)])


def test_answer_to_another_request_is_refused(authority):
    """A replayed stamp carries another nonce."""
    request_stamp(authority + "/", DATA)
    with pytest.raises(TimestampInvalidError):
        request_stamp(authority + "/stale", DATA)


def test_unreadable_answer_is_refused(authority):
    """What is no time stamp is not kept as one."""
    with pytest.raises(TimestampInvalidError):
        request_stamp(authority + "/garbage", DATA)
    with pytest.raises(TimestampInvalidError):
        stamped_at(b"\x30\x00")


@pytest.mark.parametrize(
    "address", ["ftp://127.0.0.1/", "file:///etc/hostname", "http://127.0.0.1:1/", "http://[bad/"]
)
def test_authority_that_cannot_be_asked(address):
    """A wrong address is named as such, whatever is wrong with it."""
    with pytest.raises(TimestampUnavailableError):
        request_stamp(address, DATA, timeout=2)


@pytest.mark.parametrize("way", ["/broken", "/refuse"])
def test_authority_that_refuses(authority, way):
    """An authority that answers with a refusal gives no stamp."""
    with pytest.raises(TimestampUnavailableError):
        request_stamp(authority + way, DATA)
