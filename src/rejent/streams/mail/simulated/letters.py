"""Letters of an office that does not exist: its own people, firms and citizens, what is private, and what comes from somebody exempt."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from io import BytesIO
from smtplib import SMTP

from rejent.kernel.clock import OFFICE_ZONE

OFFICE = "przykladowo.example"
JOURNAL = f"dziennik@archiwum.{OFFICE}"
LAWYERS = "radcy-przykladowi.example"
EXEMPT = (f"zwiazek@{OFFICE}", f"iod@{OFFICE}", f"sygnalista@{OFFICE}", f"@{LAWYERS}")
"""Union, data protection officer, whistleblowers' channel, and the office's lawyers."""
SERVER = f"poczta.{OFFICE}"
CLERK = f"Pracownik Przykładowy <pracownik@{OFFICE}>"
SECRETARIAT = f"Kancelaria Przykładowa <kancelaria@{OFFICE}>"
INFORMATICS = f"Informatyk Przykładowy <asi@{OFFICE}>"
SUPPLIER = "Papier i Toner Przykład <biuro@papier-toner.example>"
SWINDLER = "Papier i Toner Przykład <biuro@papier-t0ner.example>"
CITIZEN = "Maria Przykładowa <maria@skrzynka.example>"
NEIGHBOUR = "Gmina Sąsiednia Przykładowa <sekretariat@gmina-sasiednia.example>"
ADVERTISER = "Promocje Przykładowe <promocje@reklama.example>"


@dataclass(frozen=True, slots=True)
class DemoLetter:
    """A letter of the demo."""

    sender: str
    to: str
    subject: str
    text: str
    attached: tuple[str, ...] = ()
    markup: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    copies: int = 1

    def hand_over(self, client: SMTP, number: int, at: datetime, journal: str = JOURNAL) -> None:
        """Hand its deliveries to a journal. Raises SMTPException: it did not take them."""
        for content in self.deliveries(number, at):
            client.sendmail(parseaddr(self.sender)[1], [journal], content)

    def deliveries(self, number: int, at: datetime) -> Iterator[bytes]:
        """Yield the messages that a mail server hands over, each with the fields that it adds."""
        sent = self._message(number, at).as_bytes(policy=policy.SMTP)
        for copy in range(1, self.copies + 1):
            stamp = format_datetime(at.astimezone(OFFICE_ZONE))
            way = f"Received: from {SERVER} by skrzynka-{copy}.{OFFICE} id DEMO{number}-{copy}; {stamp}\r\n"
            yield way.encode() + self._verified() + sent

    def _verified(self) -> bytes:
        if self.sender.endswith(f"@{OFFICE}>"):
            return b""
        result = "spf=fail; dmarc=fail" if self.sender == SWINDLER else "spf=pass; dmarc=pass"
        return f"Authentication-Results: {SERVER}; {result}\r\n".encode()

    def _message(self, number: int, at: datetime) -> EmailMessage:
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"], message["Subject"] = self.sender, self.to, self.subject
        message["Date"] = format_datetime(at.astimezone(OFFICE_ZONE))
        message["Message-ID"] = f"<pokaz-{number}-{at:%Y%m%d%H%M%S}@{OFFICE}>"
        for name, value in self.fields:
            message[name] = value
        message.set_content(f"{self.text}\n\n--\nWiadomość z pokazu: osoby, firmy i adresy są zmyślone.\n")
        if self.markup:
            message.add_alternative(self.markup, subtype="html")
        for name in self.attached:
            kind, content = _file(name)
            maintype, _, subtype = kind.partition("/")
            message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
        return message


def _file(name: str) -> tuple[str, bytes]:
    ending = name.rpartition(".")[2]
    if ending == "csv":
        return "text/csv", b"pozycja;sztuk;cena\npapier A4;40;18,90\ntoner czarny;6;212,00\n"
    import segno

    written = BytesIO()
    segno.make("Pokaz: dokument zmyślony").save(written, kind=ending, scale=4)
    return {"pdf": "application/pdf", "png": "image/png"}[ending], written.getvalue()


PAPER = (
    DemoLetter(CLERK, SUPPLIER, "Zapytanie o papier i tonery", "Proszę o ofertę na 40 ryz papieru A4 i 6 tonerów.", ("zapotrzebowanie.csv",)),
    DemoLetter(SUPPLIER, CLERK, "Odp.: Zapytanie o papier i tonery", "W załączeniu oferta na papier i tonery, ważna 14 dni.", ("oferta.pdf", "cennik.csv")),
    DemoLetter(CLERK, SUPPLIER, "Zamówienie na papier", "Zamawiam papier i tonery według oferty. Odbiór w kancelarii.", copies=2),
)  # fmt: skip
INVOICE = (
    DemoLetter(SUPPLIER, CLERK, "Faktura za papier i tonery", "W załączeniu faktura. Numer rachunku bez zmian.", ("faktura.pdf",)),
    DemoLetter(SWINDLER, CLERK, "Faktura – pilna zmiana rachunku", "Faktura do zapłaty dziś, na nowy rachunek z załącznika.", ("faktura.pdf",)),
    DemoLetter(CLERK, INFORMATICS, "Podejrzana faktura", "Druga faktura przyszła z innego adresu. Przekazuję do sprawdzenia.", copies=2),
)  # fmt: skip
TENDER = (
    DemoLetter(NEIGHBOUR, CLERK, "Przetarg na odśnieżanie – wspólny termin", "Czy otwarcie ofert może być tego samego dnia?"),
    DemoLetter(CLERK, NEIGHBOUR, "Odp.: Przetarg na odśnieżanie", "Tak. Kosztorys zostaje u nas do dnia otwarcia ofert.", ("harmonogram.pdf",)),
    DemoLetter(CLERK, "Zimowe Drogi Przykład <oferty@zimowe-drogi.example>", "Przetarg na odśnieżanie", "Odpowiedź na pytanie do przetargu: termin jest w ogłoszeniu.", ("kosztorys.csv",)),
)  # fmt: skip
USUAL = (
    DemoLetter(CITIZEN, SECRETARIAT, "Nieczynna lampa przy ul. Leśnej", "Od tygodnia nie świeci lampa przy ul. Leśnej 7.", ("zdjecie.png",)),
    DemoLetter(SECRETARIAT, CITIZEN, "Odp.: Nieczynna lampa przy ul. Leśnej", "Zgłoszenie przekazano wykonawcy. Naprawa do piątku."),
    DemoLetter(SECRETARIAT, CLERK, "Narada w środę", "Narada w środę o 9:00, sala nr 12. Porządek w załączeniu.", ("porzadek-narady.pdf",)),
    DemoLetter(
        ADVERTISER, CLERK, "Tylko dziś: krzesła biurowe", "Krzesła biurowe taniej o połowę.",
        markup='<html><body style="font-family:sans-serif"><h1>Tylko dziś</h1><p>Krzesła biurowe <b>taniej o połowę</b>.</p>'
        '<p><a href="https://reklama.example/krzesla">Zobacz</a></p><img src="https://reklama.example/piksel.gif" alt=""></body></html>',
    ),
    DemoLetter(CLERK, "Rejestracja <rejestracja@przychodnia.example>", "[prywatne] wizyta", "Proszę o zmianę terminu wizyty."),
    DemoLetter(CLERK, f"Związek zawodowy <zwiazek@{OFFICE}>", "Zebranie", "Będę na zebraniu."),
    DemoLetter(f"Radca Przykładowy <radca@{LAWYERS}>", SECRETARIAT, "Opinia", "Opinia w sprawie umowy w załączeniu.", ("opinia.pdf",)),
    DemoLetter(INFORMATICS, CLERK, "Przerwa w pracy drukarki", "Drukarka na parterze nie pracuje do południa.", fields=(("Importance", "low"),)),
)  # fmt: skip
"""Every day's: one marked private and two of exempt people among them, of which nothing is kept."""
