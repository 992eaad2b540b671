"""What happened to the letters of a demo office: two cases that are closed, one whose messages may be opened now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from smtplib import SMTP

from django.conf import settings
from django.utils import translation

from rejent.access import queries as access
from rejent.access import services as viewings
from rejent.access.viewings import protocols
from rejent.access.views import ViewingView
from rejent.cases import services as cases
from rejent.cases.copies.services import (
    Asked,
    Handing,
    Written,
    enter_writing,
    hand_over_copy,
    prepare_hand_over,
    sign_hand_over,
)
from rejent.cases.copies.views import Medium, Signing
from rejent.cases.views import Applicant, Application, CaseView, Channel, Kind, State
from rejent.evidence.sealing import note_taken
from rejent.kernel.clock import ManualClock, civil_date, local_midnight
from rejent.kernel.intervals import Interval
from rejent.office import queries as office
from rejent.office.regulation.vocabulary import StreamName
from rejent.office.views import PersonView
from rejent.retention import services as retention
from rejent.streams.mail.messages import giving, reading
from rejent.streams.mail.messages.copying import copy_messages
from rejent.streams.mail.messages.first_keys import GivenKey
from rejent.streams.mail.messages.scope import Ground, Question
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.messages.workspace import ListedMessage
from rejent.streams.mail.records.openings import Wanted, agree, ask_opening, end_opening
from rejent.streams.mail.records.role_keys import open_role_key
from rejent.streams.mail.simulated.letters import INVOICE, OFFICE, PAPER, TENDER, USUAL, DemoLetter
from rejent.streams.mail.simulated.receiving import receiving
from rejent.web.cases.copies.package_page import pack

FROM, EACH = timedelta(hours=8, minutes=7), timedelta(minutes=23)
"""Of a day until its first letter, and from one to the next."""
POLICE = Applicant("Komenda Powiatowa Policji w Przykładowie", "ul. Nowa 1, 00-000 Przykładowo")
UNIT = Applicant("Wydział Organizacyjny")
ANSWERS = {
    Question.NOTIFIED: "Tak: regulamin i pisemna informacja dla każdego pracownika, przed uruchomieniem dziennika.",
    Question.EXTENT: "Korespondencja jednej osoby z jednego dnia, treść; czytają dwie osoby.",
    Question.LESS_INTRUSIVE: "Rozmowa i zestawienie faktur nie wyjaśniły, kto i kiedy pisał do dostawcy.",
    Question.CONSEQUENCES: "Ustalenia służą tylko temu postępowaniu.",
    Question.SAFEGUARDS: "Listy prywatne pozostają zamknięte; pracownik dowie się o wglądzie po 30 dniach.",
}


HOLDERS = {KeyRole.CASE: "sekretarz", KeyRole.CONTROL: "iod"}
"""User names of those whose posts hold the keys."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A case about letters of one employee on one day."""

    kind: Kind
    applicant: Applicant
    channel: Channel
    ground: Ground
    reasons: str
    paper: str
    words: str
    details: Mapping[str, str]


BARGAIN = Matter(
    Kind.INTERNAL, UNIT, Channel.IN_PERSON, Ground.INTERNAL,
    "Zgłoszono, że zamówienie złożono przed zebraniem ofert.", "notatka Sekretarza OR.0142.3.2026", "papier, toner",
    {"purpose": "wyjaśnienie zgłoszenia o zamówieniu"},
)  # fmt: skip
SWINDLE = Matter(
    Kind.DISCLOSURE, POLICE, Channel.E_DELIVERY, Ground.AUTHORITY,
    "Policja prowadzi postępowanie o oszustwo na podstawioną fakturę.", "pismo RSD-31/26 o wydanie wiadomości", "faktur",
    {"purpose": "postępowanie o oszustwo", "legal-basis": "art. 15 ust. 1 pkt 6 ustawy o Policji", "case-number": "RSD-31/26"},
)  # fmt: skip
LEAK = Matter(
    Kind.INTERNAL, UNIT, Channel.IN_PERSON, Ground.INTERNAL,
    "Kosztorys przetargu znano poza urzędem przed otwarciem ofert.", "notatka Sekretarza OR.0142.7.2026", "przetarg, kosztorys",
    {"purpose": "wyjaśnienie, skąd znano kosztorys"},
)  # fmt: skip


@dataclass(slots=True)
class Past:
    """The past of a journal, made day by day."""

    source_id: str
    keys: dict[KeyRole, tuple[int, str]] = field(repr=False)
    clock: ManualClock
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def lived(self, until: datetime) -> Iterator[datetime]:
        """Yield each instant at which the past goes on: a month ago, last week, yesterday."""
        today = civil_date(until)

        def at(back: int, hour: int, minute: int = 0) -> datetime:
            return local_midnight(today - timedelta(days=back)) + timedelta(hours=hour, minutes=minute)

        for matter, letters, back in ((BARGAIN, PAPER, 32), (SWINDLE, INVOICE, 6)):
            yield at(back, 15)
            day = self._receive((*letters, *USUAL))
            yield at(back - 1, 9, 12)
            case, leave = self._asked(matter, day)
            yield at(back - 1, 10, 40)
            if matter is SWINDLE:
                self._decide(case, State.GRANTED, "Wiadomości są potrzebne w prowadzonym postępowaniu.")
            agree(leave, _person("iod"), clock=self.clock)
            yield at(back - 1, 11, 30)
            viewing = self._opened(case)
            found = self._read(viewing)
            if matter is SWINDLE:
                self._hand_over(viewing, found)
            self._close(viewing)
            yield at(back - 1, 12, 20)
            if matter is SWINDLE:
                end_opening(leave, clock=self.clock, actor=str(_person("iod").id))
            else:
                self._decide(
                    case, State.REFUSED, "Oferty zebrano przed zamówieniem; zgłoszenie się nie potwierdziło."
                )
        yield at(2, 15)
        self._receive(USUAL)
        yield at(1, 15)
        day = self._receive((*TENDER, *USUAL))
        yield at(1, 15, 30)
        _, leave = self._asked(LEAK, day)
        yield at(1, 16, 10)
        agree(leave, _person("iod"), clock=self.clock)

    def _receive(self, letters: Sequence[DemoLetter]) -> date:
        retention.keep_once(settings.KEEPING())
        day = civil_date(self.clock.now())
        clock = ManualClock(local_midnight(day) + FROM)
        with receiving(self.source_id, clock) as (_, port), SMTP("127.0.0.1", port) as client:
            for letter in letters:
                letter.hand_over(client, next(self._numbers), clock.now())
                clock.advance(EACH)
        return day

    def _asked(self, matter: Matter, day: date) -> tuple[CaseView, str]:
        """Enter a case about a day, and ask for its opening; return it with the number of the opening."""
        today = civil_date(self.clock.now())
        wanted = Application(
            matter.kind, StreamName.MAIL, matter.channel, today, day, day,
            Interval(local_midnight(day), local_midnight(day + timedelta(days=1))), matter.applicant,
            details=matter.details, source_ids=frozenset([self.source_id]),
        )  # fmt: skip
        clerk = _person("kancelaria")
        case = cases.enter_case(wanted, clock=self.clock, ledger=settings.LEDGER, actor=str(clerk.id))
        leave = ask_opening(
            Wanted(
                case.number, day, day, today + timedelta(days=14), {**ANSWERS, Question.REASONS: matter.reasons},
                matter.ground, matter.paper, f"pracownik@{OFFICE}", matter.words,
            ),
            clerk,
            clock=self.clock,
        )  # fmt: skip
        return case, leave.number

    def _decide(self, case: CaseView, outcome: State, reasons: str) -> None:
        cases.decide_case(
            case.number,
            outcome,
            reasons=reasons,
            basis="ust. 2 pkt 5–7",
            knowledge=outcome is State.GRANTED,
            person=_person("burmistrz"),
            clock=self.clock,
            ledger=settings.LEDGER,
        )

    def _opened(self, case: CaseView) -> ViewingView:
        """Open the messages of a case by two people, with the keys of both roles."""
        interval = case.application.interval
        if interval is None:
            raise AssertionError(case.number)
        reader = _person("podglad")
        viewing = viewings.open_viewing(
            person=reader,
            source_id=self.source_id,
            start=interval.start,
            end=interval.end,
            purpose=next(iter(access.purposes(StreamName.MAIL, clock=self.clock))),
            case=case.number,
            session="",
            clock=self.clock,
            acknowledged=True,
            second=_person("wglad"),
        )
        given = {
            role: self._given(viewing, role, number, passphrase)
            for role, (number, passphrase) in self.keys.items()
        }
        reading.unseal(viewing, given, clock=self.clock, actor=str(_person(HOLDERS[KeyRole.CONTROL]).id))
        return viewing

    def _given(self, viewing: ViewingView, role: KeyRole, number: int, passphrase: str) -> GivenKey:
        """Give a key of a role as its holder does."""
        self.clock.advance(timedelta(minutes=1))
        _, identity = open_role_key(number, passphrase)
        holder = _person(HOLDERS[role])
        given = GivenKey(role, number, identity, holder.id, "", giving.OPENING, self.clock.now())
        giving.enter_given(viewing, given, self.clock)
        return given

    def _read(self, viewing: ViewingView) -> list[ListedMessage]:
        workspace = reading.opened(viewing, self.clock)
        if workspace is None:
            raise AssertionError(viewing.number)
        actor = str(viewing.person_id)
        found = reading.listed(viewing, workspace.messages(), self.clock)
        reading.searched(viewing, workspace, "papier", None, None, clock=self.clock, actor=actor)
        for each in found:
            self.clock.advance(timedelta(minutes=2))
            reading.read(viewing, each.place.name, reading.Look.TEXT, clock=self.clock, actor=actor)
        return found

    def _hand_over(self, viewing: ViewingView, found: Sequence[ListedMessage]) -> None:
        """Copy the swindler's letter, and hand the copy to the police."""
        reader, chosen = _person("podglad"), found[1].place.name
        asked = Asked(
            viewing.case,
            viewing.source_id,
            Interval(viewing.start, viewing.end),
        )
        (made,) = copy_messages(viewing, [chosen], asked, person=reader, keeping=settings.KEEPING())
        with translation.override("pl"):
            pack(made, reader, self.clock).discard()
        package = note_taken(made.number, viewing.case, clock=self.clock, actor=str(reader.id))
        stick = Written(made.number, package, Medium.USB, "pamięć nr 4", place="kancelaria")
        enter_writing(stick, person=reader, clock=self.clock)
        clerk, clock = _person("kancelaria"), self.clock
        handing = Handing(made.number, viewing.case, "asp. Jan Przykładowy", "dzielnicowy", POLICE.name)
        prepared = prepare_hand_over(handing, person=clerk, clock=clock)
        sign_hand_over(prepared.number, Signing.PAPER, civil_date(clock.now()), person=clerk, clock=clock)
        hand_over_copy(prepared.number, clock.now(), person=clerk, clock=clock, ledger=settings.LEDGER)

    def _close(self, viewing: ViewingView) -> None:
        reader = _person("podglad")
        viewings.close_viewing(viewing.id, clock=self.clock, actor=str(reader.id))
        giving.forget(viewing.id)
        if protocols.unfinished(reader.id):
            fields = protocols.protocol(viewing.number).fields
            viewings.finish_protocol(
                viewing.number, dict.fromkeys(fields, "Bez uwag."), person=reader, clock=self.clock
            )


def _person(username: str) -> PersonView:
    return office.person_by_username(username)
