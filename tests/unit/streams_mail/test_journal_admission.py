"""Who may hand messages over to a journal: by TLS, by a name and a password, from which hosts."""

import smtplib
import socket
import ssl
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rejent.catalog.errors import SourceRefusedError
from rejent.streams.mail.receiving.admission import Admission, require_senders, require_usable, sender_line
from rejent.streams.mail.receiving.listener import Limits
from rejent.streams.mail.sources import FORM, parsed
from tests.certificates import Authority, Signed
from tests.unit.streams_mail.journal import ANNA, JOURNAL, LETTER, journal
from tests.waiting import CEILING_S

PASSWORD, HASH = "haslo serwera poczty", "argon2$argon2id$v=19$m=102400,t=2,p=8$c29s$aGFzaA"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return who signs the certificates of the journals here."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def signed(authority: Authority) -> Signed:
    """Return a certificate and a key that nobody else reads."""
    made = authority.server("127.0.0.1")
    made.key.chmod(0o600)
    return made


def test_messages_are_taken_by_tls_alone(tmp_path: Path, authority: Authority, signed: Signed) -> None:
    """Also long ones, several in a session; in the clear nothing is, and what is injected ends the connection."""
    long = LETTER + b"a" * 76 * 40_000 + b"\r\n"
    terms = Admission(certificate=str(signed.certificate), key=str(signed.key))
    with journal(tmp_path / "store", admission=terms, limits=Limits(handshake_s=5)) as here:
        with here.client() as client:
            assert client.docmd("EHLO", "mx")[0] == 250
            assert client.mail(ANNA)[0] == 530
            assert client.starttls(context=ssl.create_default_context(cafile=str(authority.file)))[0] == 220
            for content in (LETTER, long, LETTER):
                assert client.sendmail(ANNA, [JOURNAL], content) == {}
        with socket.create_connection(("127.0.0.1", here.port), CEILING_S) as between:
            between.sendall(b"EHLO a\r\nSTARTTLS\r\nEHLO b\r\n")
            said = b"".join(iter(lambda: between.recv(4096), b""))
        assert said.endswith(b"421 4.7.0 Something was sent before TLS was begun\r\n")
    assert sorted(len(each.content) for each in here.kept()) == [len(LETTER)] * 2 + [len(long)]
    assert here.counted == {"acknowledged": 3, "refused": 0}


def test_who_never_begins_tls_is_sent_away(tmp_path: Path, signed: Signed) -> None:
    """The handshake has its own time."""
    terms = Admission(certificate=str(signed.certificate), key=str(signed.key))
    with (
        journal(tmp_path / "store", admission=terms, limits=Limits(handshake_s=0.1)) as here,
        socket.create_connection(("127.0.0.1", here.port), CEILING_S) as silent,
    ):
        silent.sendall(b"STARTTLS\r\n")
        said = b"".join(iter(lambda: silent.recv(4096), b""))
    assert said.endswith(b"220 2.0.0 Begin TLS\r\n")


def test_who_comes_from_elsewhere_proves_a_name(tmp_path: Path, authority: Authority, signed: Signed) -> None:
    """By the password that a file knows the hash of; whoever guesses is told to come later, and this machine needs none."""
    senders = tmp_path / "senders"
    senders.write_text(f"{sender_line('postfix', PASSWORD)}\n")
    terms = Admission(certificate=str(signed.certificate), key=str(signed.key), senders=str(senders))
    context = ssl.create_default_context(cafile=str(authority.file))
    with journal(tmp_path / "store", admission=terms) as here:

        def client(address: str) -> smtplib.SMTP:
            made = smtplib.SMTP("127.0.0.1", here.port, timeout=CEILING_S, source_address=(address, 0))
            made.starttls(context=context)
            made.ehlo()
            return made

        with client("127.0.0.9") as known:
            assert known.mail(ANNA)[0] == 530
            assert known.login("postfix", PASSWORD)[0] == 235
            assert known.sendmail(ANNA, [JOURNAL], LETTER) == {}
        guesses = [
            ("postfix", "zgadywane"),
            ("nikt", PASSWORD),
            *[("postfix", "zgadywane")] * 3,
            ("postfix", PASSWORD),
        ]
        told = []
        for name, password in guesses:
            with client("127.0.0.10") as guessing:
                told.append(
                    guessing.docmd("AUTH PLAIN", b64encode(f"\0{name}\0{password}".encode()).decode())[0]
                )
        assert told == [535] * 5 + [421], "whoever guesses is told to come later, with the right one, too"
        with client("127.0.0.1") as same:
            assert same.sendmail(ANNA, [JOURNAL], LETTER) == {}
    assert here.counted == {"acknowledged": 2, "refused": 0}
    assert PASSWORD not in senders.read_text()


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        ("", 0o600, "not those of rejent mail sender"),
        ("postfix:tajne\n", 0o600, "not those of rejent mail sender"),
        (f"postfix:{HASH}\nkot\n", 0o600, "not those of rejent mail sender"),
        (f"postfix:{HASH}\n", 0o644, "Anybody on this machine may read"),
        (f"\npostfix:{HASH}\ninny:{HASH}\n\n", 0o640, ""),
    ],
)
def test_a_file_of_senders_is_tried_when_it_is_named(
    tmp_path: Path, content: str, mode: int, told: str
) -> None:
    """One line says what is wrong with it, and repeats nothing of it."""
    file = tmp_path / "senders"
    file.write_text(content)
    file.chmod(mode)
    if not told:
        require_senders(str(file))
        return
    with pytest.raises(SourceRefusedError, match=told) as refused:
        require_senders(str(file))
    assert "tajne" not in str(refused.value)


def test_another_host_is_refused_at_once_and_counts_nowhere(tmp_path: Path) -> None:
    """The named network and this machine itself are served."""
    with journal(tmp_path / "store", admission=Admission.of({"networks": "127.0.0.8/30,192.0.2.1"})) as here:
        with socket.create_connection(("127.0.0.1", here.port), CEILING_S, ("127.0.0.2", 0)) as stranger:
            assert b"".join(iter(lambda: stranger.recv(4096), b"")).startswith(b"554 ")
        with smtplib.SMTP(
            "127.0.0.1", here.port, timeout=CEILING_S, source_address=("127.0.0.9", 0)
        ) as named:
            assert named.sendmail(ANNA, [JOURNAL], LETTER) == {}
        assert here.send() == 250
    assert here.counted == {"acknowledged": 2, "refused": 0}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("none", ""),
        ("mismatched", "key values mismatch"),
        ("missing", "no such file"),
        ("expired", "is valid from"),
        ("open", "Anybody on this machine may read the key"),
    ],
)
def test_files_of_tls_are_tried_when_they_are_named(
    fault: str, told: str, tmp_path: Path, authority: Authority, signed: Signed
) -> None:
    """One line says what is wrong with them."""
    certificate, key, now = str(signed.certificate), tmp_path / "key", datetime.now(UTC)
    key.write_bytes((authority.server("other") if fault == "mismatched" else signed).key.read_bytes())
    key.chmod(0o644 if fault == "open" else 0o600)
    if fault == "missing":
        key.unlink()
    if fault == "expired":
        now += timedelta(days=3)
    if not told:
        require_usable(certificate, str(key), now)
        return
    with pytest.raises(SourceRefusedError, match=told):
        require_usable(certificate, str(key), now)


@pytest.mark.parametrize(
    ("address", "traits", "told"),
    [
        ("smtp://192.0.2.20:25", {}, "by TLS alone"),
        ("smtp://0.0.0.0:25", {"certificate": "/Etc/a.pem", "key": "/Etc/a.key"}, "by TLS alone"),
        ("smtp://[::]:25", {"networks": "192.0.2.0/24"}, "by TLS alone"),
        ("smtp://127.0.0.1:25", {"certificate": "/Etc/a.pem"}, "named together"),
        ("smtp://127.0.0.1:25", {"certificate": "a.pem", "key": "a.key"}, "whole paths"),
        ("smtp://192.0.2.20:25", {"networks": "0.0.0.0/0"}, "does not belong there"),
        ("smtp://127.0.0.1:25", {"senders": "/Etc/senders"}, "by TLS alone"),
        ("milter://192.0.2.20:25", {}, "of this machine alone"),
        ("milter://127.0.0.1:25", {"networks": "192.0.2.1"}, "neither an address of its own"),
        ("milter://127.0.0.1:25", {"recipients": "a@b.example"}, "neither an address of its own"),
        ("milter://[::1]:25", {"domains": "urzad.example"}, ""),
        ("smtp://[::]:25", {"certificate": "/Etc/a.pem", "key": "/Etc/a.key", "networks": "192.0.2.1"}, ""),
        ("smtp://[::]:25", {"certificate": "/Etc/a.pem", "key": "/Etc/a.key", "senders": "/Etc/senders"}, ""),
    ],
)
def test_beyond_this_machine_a_journal_is_encrypted_and_closed(
    address: str, traits: dict[str, str], told: str
) -> None:
    """Everything else is refused in one line; paths keep their letters."""

    def stated() -> dict[str, str]:
        given = FORM.traits(traits)
        FORM.fits(parsed(address).text, given)
        return given

    if not told:
        assert stated() == traits
        return
    with pytest.raises(SourceRefusedError, match=told):
        stated()
