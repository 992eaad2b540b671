"""Applications of a demo office, one of each kind: two that wait for their decision, four that were decided, one of them copied for, one of them an erasure.

The year before has one, too, and is closed.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from django.conf import settings
from django.utils import translation

from rejent.cases import queries as cases
from rejent.cases import services
from rejent.cases.attachments.services import Sent, attach_file
from rejent.cases.attachments.views import Role
from rejent.cases.copies import permission
from rejent.cases.copies import queries as cases_copies
from rejent.cases.copies.errors import CopyRefusedError
from rejent.cases.copies.services import (
    Asked,
    Handing,
    Seen,
    Written,
    appoint_commission,
    confirm_destruction,
    enter_writing,
    hand_over_copy,
    make_copy,
    prepare_hand_over,
    sign_hand_over,
)
from rejent.cases.copies.views import CopyView, Medium, Signing
from rejent.cases.kinds import KINDS, demands_of
from rejent.cases.rules import requested_interval
from rejent.cases.services import issue_paper
from rejent.cases.views import Applicant, Application, CaseView, Channel, Kind, PaperKind, State
from rejent.catalog import queries as catalog
from rejent.documents.papers import Letter, Letterhead, Passage
from rejent.documents.rendering import render_pdf
from rejent.evidence.sealing import note_taken
from rejent.kernel.clock import ManualClock, civil_date, local_midnight
from rejent.kernel.intervals import Interval
from rejent.office import queries as office
from rejent.web.cases.copies.labels import label_paper
from rejent.web.cases.copies.package_page import pack
from rejent.web.cases.copies.papers import hand_over_paper
from rejent.web.registers.books.closing_pages import close_as_it_stands
from rejent.web.registers.books.kinds import register_called

HOUR = timedelta(hours=8, minutes=3)
TEXTS = {
    "place": "hol na parterze, przy okienku podawczym",
    "description": "Ktoś zabrał pozostawioną torbę z dokumentami.",
    "purpose": "zawiadomienie o podejrzeniu przestępstwa",
    "caller-number": "600 000 000",
    "called-number": "10 555 01 00",
    "telephone-number": "600 000 000",
    "legal-basis": "art. 15 ust. 1 pkt 6 ustawy o Policji",
    "case-number": "RSD-17/26",
}
"""What the applicants state, by the names of the fields; the people and the bodies are made up."""
NOT_PUBLIC = "Nagrania z monitoringu nie są informacją publiczną."


def enter_applications(stream: str, clock: ManualClock, until: datetime) -> None:
    """Enter applications of the days before: somebody's and a recorded person's, which wait, and those that the head decided on."""
    clock.advance(max(until - timedelta(minutes=40) - clock.now(), timedelta()))
    today = civil_date(clock.now())
    somebody = Applicant("Anna Przykładowa", "ul. Polna 3, 00-000 Przykładowo", "tel. 600 000 000")
    police = Applicant("Komenda Powiatowa Policji w Przykładowie", "ul. Nowa 1, 00-000 Przykładowo")
    unit = Applicant("Wydział Organizacyjny")
    recorded = Applicant("Maria Przykładowa", "ul. Leśna 7, 00-000 Przykładowo")
    disclosed, asked, internal, waiting, _own = (
        _entered(stream, clock, kind, applicant, channel=channel, day=day)
        for kind, applicant, channel, day in (
            (Kind.DISCLOSURE, police, Channel.E_DELIVERY, today - timedelta(days=5)),
            (Kind.PUBLIC_INFORMATION, _newspaper(), Channel.E_MAIL, today),
            (Kind.INTERNAL, unit, Channel.IN_PERSON, today - timedelta(days=3)),
            (Kind.PRESERVATION, somebody, Channel.IN_PERSON, today - timedelta(days=4)),
            (Kind.RIGHT, recorded, Channel.EPUAP, today - timedelta(days=2)),
        )
    )
    needed = "Nagranie jest potrzebne w prowadzonym postępowaniu."
    _decide(disclosed, State.GRANTED, needed, clock, basis=TEXTS["legal-basis"], knowledge=True)
    _decide(asked, State.REFUSED, NOT_PUBLIC, clock)
    _decide(internal, State.GRANTED, "", clock)
    copy_for(disclosed.number, clock)
    _erase(stream, recorded, clock)
    _scan(waiting.number, somebody.name, clock)


def enter_last_year(stream: str, clock: ManualClock) -> None:
    """Enter a request of the year before, and refuse it."""
    clock.advance(timedelta(days=9))
    today = civil_date(clock.now())
    refused = _entered(
        stream, clock, Kind.PUBLIC_INFORMATION, _newspaper(), channel=Channel.E_MAIL, day=today
    )
    _decide(refused, State.REFUSED, NOT_PUBLIC, clock)


def close_last_year(clock: ManualClock) -> None:
    """Close the registers of the year before that have rows, as the head does."""
    head = office.person_by_username("burmistrz")
    for name in ("applications", "authorisations"):
        year = civil_date(clock.now()).year - 1
        close_as_it_stands(register_called(name), year, clock=settings.CLOCK, actor=str(head.id))


def _newspaper() -> Applicant:
    return Applicant("Redakcja „Głos Przykładowa”", contact="redakcja@glos.example")


def _entered(
    stream: str, clock: ManualClock, kind: Kind, applicant: Applicant, *, channel: Channel, day: date
) -> CaseView:
    received = civil_date(clock.now()) - timedelta(days=1)
    wanted = _application(stream, day, kind=kind, applicant=applicant, channel=channel, received_on=received)
    clerk = office.person_by_username("kancelaria")
    return services.enter_case(wanted, clock=clock, ledger=settings.LEDGER, actor=str(clerk.id))


def _decide(
    case: CaseView,
    outcome: State,
    reasons: str,
    clock: ManualClock,
    *,
    basis: str = "",
    knowledge: bool | None = None,
) -> None:
    services.decide_case(
        case.number,
        outcome,
        reasons=reasons,
        basis=basis or cases.demands_of(case).clause or "regulamin",
        knowledge=knowledge,
        person=office.person_by_username("burmistrz"),
        clock=clock,
        ledger=settings.LEDGER,
    )


def _erase(stream: str, recorded: Applicant, clock: ManualClock) -> None:
    """Enter and grant a recorded person's erasure of a time that nothing else is held of; the keeper carries it out."""
    today = civil_date(clock.now())
    day = today - timedelta(days=6)
    asked = _application(
        stream,
        day,
        kind=Kind.RIGHT,
        applicant=recorded,
        channel=Channel.IN_PERSON,
        received_on=today - timedelta(days=1),
    )
    begin = local_midnight(day) + HOUR
    wanted = replace(asked, right="erasure", interval=Interval(begin, begin + timedelta(minutes=2)))
    clerk = office.person_by_username("kancelaria")
    case = services.enter_case(wanted, clock=clock, ledger=settings.LEDGER, actor=str(clerk.id))
    _decide(case, State.GRANTED, "", clock, basis="art. 17 ust. 1 RODO", knowledge=False)


def _scan(number: str, name: str, clock: ManualClock) -> None:
    title = "Wniosek o zabezpieczenie nagrania"
    letter = Letter(
        letterhead=Letterhead("pl", name, title, clock.now(), ("skan z pokazu",), "{page}/{pages}"),
        dated=f"Przykładowo, {civil_date(clock.now()):%d.%m.%Y}",
        party=(name, "ul. Polna 3, 00-000 Przykładowo"),
        opening="Proszę o zabezpieczenie nagrania zdarzenia opisanego niżej.",
        facts=(),
        parts=(Passage("Opis", (TEXTS["description"],)),),
        signatures=("podpis wnioskodawcy",),
    )
    content = render_pdf(letter)
    sent = Sent(f"case:{number}", Role.APPLICATION, "skan wniosku.pdf", len(content), len(content))
    attach_file(sent, content, person=office.person_by_username("kancelaria"), keeping=settings.KEEPING())


def _application(
    stream: str, day: date, *, kind: Kind, applicant: Applicant, channel: Channel, received_on: date
) -> Application:
    demands = demands_of(office.verified_streams(received_on)[stream], kind)
    about = local_midnight(day) + HOUR
    sources = sorted(catalog.sources(stream), key=lambda one: one.added_at)[:1]
    rules = KINDS[kind]
    asked = [*demands.fields, *(demands.offered if rules.recordings else ())]
    texts = TEXTS | {"letter-day": received_on.isoformat()}
    return Application(
        kind=kind,
        stream=stream,
        channel=channel,
        received_on=received_on,
        event_first=day if rules.recordings else None,
        event_last=day if rules.recordings else None,
        interval=requested_interval(day, day, about, about + timedelta(minutes=6))
        if rules.recordings
        else None,
        applicant=applicant,
        about=about if rules.recordings else None,
        details={field.value: texts[field.value] for field in asked if field.value in texts},
        source_ids=frozenset(one.id for one in sources) if rules.recordings else frozenset(),
        right="access" if rules.of_a_right else "",
        identity="signature" if rules.of_a_right else "",
    )


MEMBERS = ("sekretarz", "kancelaria")
"""The commission: neither is the copy's maker, and both gave the statement that some rules demand of whoever acts."""


def copy_for(number: str, clock: ManualClock) -> None:
    """Make three copies of what is held for a disclosure, where any of it was recorded, and let each come to another stage."""
    today = civil_date(clock.now())
    if not permission.copyable(cases.case(number)):
        return
    with suppress(CopyRefusedError):
        handed = _make_copy(number, today + timedelta(days=60), "płyta nr 1", "BK 000123", clock)
        destroyed = _make_copy(number, today, "płyta nr 2", "BK 000124", clock)
        _make_copy(number, today, "płyta nr 3", "BK 000125", clock)
        _hand_over(handed, clock)
        _destroy(destroyed, clock)


def _make_copy(number: str, until: date, carrier: str, bag: str, clock: ManualClock) -> CopyView:
    """Make a copy, take its package and enter the disc that it was written to."""
    held = permission.copyable(cases.case(number))[0]
    asked = Asked(
        number,
        held.source_id,
        held.interval,
        item=held.item,
        stated=until,
    )
    maker = office.person_by_username("asi")
    copy = make_copy(asked, person=maker, keeping=settings.KEEPING())
    with translation.override("pl"):
        pack(copy, maker, clock).discard()
        package = note_taken(copy.number, number, clock=clock, actor=str(maker.id))
        label = partial(
            issue_paper, f"copy:{copy.number}", PaperKind.LABEL, "pl", clock=clock, actor=str(maker.id)
        )
        label(lambda _number, _at: render_pdf(label_paper(copy, "a7")))
    disc = Written(copy.number, package, Medium.DVD, carrier, bag, "sejf, pokój 12")
    return enter_writing(disc, person=maker, clock=clock)


def _hand_over(copy: CopyView, clock: ManualClock) -> None:
    handing = Handing(
        copy.number,
        copy.case,
        "asp. Jan Przykładowy",
        "dzielnicowy",
        "Komenda Powiatowa Policji w Przykładowie",
    )
    clerk = office.person_by_username("kancelaria")
    prepared = prepare_hand_over(handing, person=clerk, clock=clock)
    with translation.override("pl"):
        paper = hand_over_paper(cases_copies.copy(copy.number), prepared)
        print_it = partial(issue_paper, f"hand-over:{prepared.number}", PaperKind.HAND_OVER, "pl")
        print_it(lambda _number, _at: render_pdf(paper), clock=clock, actor=str(clerk.id))
    sign_hand_over(prepared.number, Signing.PAPER, civil_date(clock.now()), person=clerk, clock=clock)
    hand_over_copy(prepared.number, clock.now(), person=clerk, clock=clock, ledger=settings.LEDGER)


def _destroy(copy: CopyView, clock: ManualClock) -> None:
    members = [office.person_by_username(name) for name in MEMBERS]
    head = office.person_by_username("burmistrz")
    commission = appoint_commission([copy.number], {each.id for each in members}, person=head, clock=clock)
    for member in members:
        confirm_destruction(
            commission.number,
            {one.key: Seen(one.sign, "płytę połamano i pocięto w niszczarce") for one in copy.carriers},
            person=member,
            keeping=settings.KEEPING(),
            ledger=settings.LEDGER,
        )
