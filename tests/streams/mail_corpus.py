"""Messages of a fictional office, made here: ordinary, private, exempt, and such as parsers break on."""

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
