"""Messages of a fictional office, made here: ordinary, private, exempt, and such as parsers break on."""

import struct
import subprocess
import zipfile
import zlib
from base64 import encodebytes
from io import BytesIO
from pathlib import Path

from tests.streams.mail_tricks import TRICKS

JOURNAL = "dziennik@archiwum.example"
DOMAINS = "urzad.example"
EXEMPT = "zwiazek@urzad.example,@kancelaria-radcy.example"
SECRET = "hasło-z-tresci-7531"


def letter(sender: str, to: str, subject: str, text: str, *more: str) -> bytes:
    """Return a plain message."""
    head = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        "Date: Mon, 2 Nov 2026 12:00:00 +0100",
        *more,
    ]
    return "\r\n".join(
        [*head, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", text, ""]
    ).encode()


ORDINARY = letter(
    "Anna Przykład <anna@urzad.example>",
    "jan@dostawca.example",
    "Zamówienie na papier",
    f"Proszę o ofertę. {SECRET}",
)
DELIVERED_TWICE = (
    b"Received: from mx1.urzad.example\r\n by dziennik; Mon, 2 Nov 2026 12:00:01 +0100\r\nDelivered-To: a@urzad.example\r\n"
    + ORDINARY
)
HTML = (
    b"From: Obcy <obcy@reklama.example>\r\nTo: anna@urzad.example\r\nSubject: =?utf-8?q?Promocja_=C5=BC=C3=B3=C5=82ta?=\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b'<html><head><style>p{}</style></head><body onload="alert(1)"><p>Tylko dzi&#347;</p>'
    b"<img src=\"https://sledzenie.example/p.gif\"><script>alert('x')</script></body></html>\r\n"
    b'--b\r\nContent-Type: application/pdf; name=oferta.pdf\r\nContent-Disposition: attachment; filename="oferta.pdf"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--b--\r\n"
)
THIRD = letter(
    "Anna Przykład <anna@urzad.example>",
    "jan@dostawca.example",
    "Faktura",
    "Faktura do zamówienia na papier.",
)
PRIVATE = letter(
    "Anna Przykład <anna@urzad.example>",
    "lekarz@przychodnia.example",
    "[PRYWATNE] badania-sekret-91",
    "wynik-sekret-92",
)
SENSITIVE = letter(
    "szef@urzad.example", "ktos@firma.example", "urlop-sekret-93", "powód-sekret-94", "Sensitivity: Personal"
)
UNION = letter(
    "anna@urzad.example", "Zakładowa <zwiazek@urzad.example>", "spór-sekret-95", "postulaty-sekret-96"
)
LAWYER = letter(
    "mec@poczta.kancelaria-radcy.example", "anna@urzad.example", "pozew-sekret-97", "treść-sekret-98"
)
REPORTER = "raporty@urzad.example"
REPORTED = (
    f"From: <{REPORTER}>\r\nTo: {JOURNAL}\r\nX-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary=r\r\n\r\n"
    "--r\r\nContent-Type: text/plain\r\n\r\nSender: anna@urzad.example\r\nTo: jan@dostawca.example\r\n"
    "Bcc: zwiazek@urzad.example\r\n\r\n--r\r\nContent-Type: message/rfc822\r\n\r\n".encode()
    + letter("anna@urzad.example", "jan@dostawca.example", "ukryty-sekret-99", "odbiorca-sekret-90")
    + b"\r\n--r--\r\n"
)
"""A journal report of a letter that somebody exempt got unseen."""
WITHHELD = (PRIVATE, SENSITIVE, UNION, LAWYER, REPORTED)
HARD = (
    b"Subject: bez identyfikatora\r\n\r\nx\r\n",
    b"Message-ID: <" + b"a" * 10_000 + b"@x>\r\nSubject: dlugi\r\n\r\nx\r\n",
    b"Subject: linia\r\n\r\n" + b"a" * 2_000_000 + b"\r\n",
    b"Subject: nul \0\r\n\r\n\0\0\r\n",
    b"Subject: =?x-nic?q?zle?=\r\nContent-Type: text/plain; charset=x-nic\r\n\r\n\xff\xfe\r\n",
    "Subject: zażółć\r\n\r\n".encode("iso-8859-2") + b"x\r\n",
    b"From: a@urzad.example\nSubject: goly LF\n\nx\n.\ny\r\n",
    b"Subject: zagniezdzony\r\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(300))
    + b"\r\nx\r\n",
    b"no head at all",
)

BAD = b"zlowrogi-wzorzec-5512"
RULE = 'rule Wzorzec { strings: $a = "zlowrogi-wzorzec-5512" condition: $a }'
DEEPEST, INVITED, LISTED = "na-samym-dnie", "narada-w-sprawie-budzetu", "umowa-najmu.docx"


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def pixels() -> bytes:
    """Return a small picture, half of it seen through."""
    rows = b"".join(b"\0" + b"\xc8\0\0\xff" * 8 + b"\0\0\0\0" * 8 for _ in range(16))
    head = struct.pack(">IIBBBBB", 16, 16, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


def part(kind: str, content: bytes, *more: str) -> bytes:
    """Return a part in base64."""
    head = "".join(
        f"{each}\r\n" for each in (f"Content-Type: {kind}", "Content-Transfer-Encoding: base64", *more)
    )
    return head.encode() + b"\r\n" + encodebytes(content).replace(b"\n", b"\r\n")


def mixed(subject: str, *parts: bytes, kind: str = "multipart/mixed") -> bytes:
    """Return a message of parts."""
    head = (
        f"From: anna@urzad.example\r\nTo: jan@dostawca.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
    )
    whole = b"".join(b"--granica\r\n" + each + b"\r\n" for each in parts)
    return f"{head}Content-Type: {kind}; boundary=granica\r\n\r\n".encode() + whole + b"--granica--\r\n"


def page(subject: str, markup: str, *parts: bytes) -> bytes:
    """Return a message of HTML with what belongs to it."""
    return mixed(subject, part("text/html; charset=utf-8", markup.encode()), *parts, kind="multipart/related")


def nested(depth: int) -> bytes:
    """Return a message within a message within a message."""
    within = b"".join(
        b"Subject: poziom %d\r\nContent-Type: message/rfc822\r\n\r\n" % each for each in range(depth)
    )
    return within + f"Subject: dno\r\n\r\n{DEEPEST}\r\n".encode()


def winmail(*names: str) -> bytes:
    """Return a container of Outlook (MS-OXTNEF) with the titles of attached files."""
    made = b"\x78\x9f\x3e\x22\x01\x00"
    for name in names:
        title = name.encode("cp1250") + b"\0"
        made += (
            struct.pack("<BII", 2, 0x00018010, len(title)) + title + struct.pack("<H", sum(title) & 0xFFFF)
        )
    return made


def archive(content: bytes, name: str, depth: int = 1) -> bytes:
    """Return an archive of an archive of a file."""
    for level in range(depth):
        held = BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(name if not level else f"{level}.zip", content)
        content = held.getvalue()
    return content


def bomb() -> bytes:
    """Return an archive whose ten archives each hold ten files of ten megabytes of nothing."""
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(10):
            file.writestr(f"{number}.bin", bytes(10 << 20))
    outer = BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(10):
            file.writestr(f"{number}.zip", inner.getvalue())
    return outer.getvalue()


def smime(folder: Path) -> dict[str, bytes]:
    """Return messages that OpenSSL signed, apart and as one, and encrypted."""
    key, certificate, plain = folder / "key.pem", folder / "certificate.pem", folder / "plain"
    plain.write_bytes(b"Content-Type: text/plain\r\n\r\ntresc podpisana\r\n")

    def openssl(*arguments: str) -> bytes:
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout

    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=anna", "-days", "2", "-keyout", str(key), "-out", str(certificate)
    )  # fmt: skip
    by = ("-signer", str(certificate), "-inkey", str(key))
    fields = (
        "-from",
        "anna@urzad.example",
        "-to",
        "jan@dostawca.example",
        "-subject",
        "smime",
        "-crlfeol",
        "-in",
        str(plain),
    )
    return {
        "smime-signed": openssl("smime", "-sign", *by, *fields),
        "smime-opaque": openssl("smime", "-sign", "-nodetach", *by, *fields),
        "smime-streamed": openssl("cms", "-sign", "-nodetach", "-stream", *by, *fields),
        "smime-encrypted": openssl("smime", "-encrypt", "-aes256", *fields, str(certificate)),
    }


def corpus(folder: Path) -> dict[str, bytes]:
    """Return the messages that are shown, by name; each ends with an end of line, as SMTP hands it over."""
    own = '<p style="color:red">Tylko dzis</p><img src="cid:logo@urzad" alt="logo"><img src="http://sledzenie.example/p.gif">'
    made = {f"hard-{number}": each for number, each in enumerate(HARD)}
    tricks = [f"<div>{each}</div><p>po sztuczce {number}.</p>" for number, each in enumerate(TRICKS)]
    made |= {f"trick-{first}": page("sztuczki", "".join(tricks[first::6])) for first in range(6)}
    made |= smime(folder)
    made |= {
        "html": page("wyglad", own, part("image/png", pixels(), "Content-ID: <logo@urzad>")),
        "false-picture": page("podszywa", '<img src="cid:a">', part("image/png", b"<svg onload=alert(1)>", "Content-ID: <a>")),
        "tags": page("piec megabajtow", "<div><b><table>" * 330_000),
        "pictures": mixed("zdjecia", part("image/png", pixels(), "Content-Disposition: attachment; filename=plan.png")),
        "text-file": mixed("notatka", part("text/plain", b"tresc notatki\r\n", "Content-Disposition: attachment; filename=n.txt")),
        "nested": nested(100),
        "winmail": mixed("outlook", part("application/ms-tnef; name=winmail.dat", winmail("..\\" + LISTED, "plan.xlsx"))),
        "torn-winmail": mixed("outlook", part("application/ms-tnef; name=winmail.dat", winmail("plan.xlsx")[:30])),
        "pgp-inline": letter(
            "anna@urzad.example", "jan@dostawca.example", "pgp", "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA1f\r\n-----END PGP MESSAGE-----"
        ),
        "pgp-clear": letter("anna@urzad.example", "jan@dostawca.example", "pgp", "-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\njawne"),
        "pgp-mime": mixed("pgp", part("application/pgp-encrypted", b"Version: 1"), part("application/octet-stream", b"x"), kind="multipart/encrypted"),
        "invitation": mixed("zaproszenie", part("text/calendar; method=REQUEST", f"BEGIN:VCALENDAR\r\nSUMMARY:{INVITED}\r\n".encode())),
        "bare": b"From: anna@urzad.example\rSubject: goly CR\n\nlinia\rlinia\nlinia\r\n",
        "bomb": mixed("archiwum", part("application/zip; name=b.zip", bomb())),
        "tree": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 60_000 + b"\r\n",
        "large": letter("anna@urzad.example", "jan@dostawca.example", "piecdziesiat megabajtow", "znak-wielki " + "x" * (50 << 20)),
    }  # fmt: skip
    return {name: each if each.endswith(b"\r\n") else each + b"\r\n" for name, each in made.items()}
