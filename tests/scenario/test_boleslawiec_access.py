"""Bolesławiec records calls only: nobody sees a picture, and the words on who hears calls are decided as they stand.

The rules are `001_2417da493a250573.txt`, § 3 ust. 1–3, § 4 and annex 2. Calls cannot be recorded or played yet; so what its people do is
walked in a browser as far as pages go, and the rest is asked of the decision and of what it demands.

> § 3 ust. 1: Odsłuchanie zarejestrowanych rozmów możliwe jest tylko do realizacji celu określonego w §1 ust.2 niniejszego zarządzenia w wyjątkowych i uzasadnionych przypadkach.
> § 3 ust. 2: Odsłuchania rozmów […] dokonują osoby upoważnione przez Prezydenta Miasta Bolesławiec, wskazane do zbioru danych „Rejestracja rozmów telefonicznych”.
> § 3 ust. 3: Ze wszystkich czynności podjętych w trakcie odsłuchiwania treści nagrania sporządza się protokół, który zostaje dołączony do akt sprawy.
> § 4: Sekretarz Miasta sprawuje nadzór nad właściwym wykorzystaniem rejestrowanych połączeń telefonicznych
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from rejent.access import queries
from rejent.access.rules.decision import Grant, Request, Rule, SeeingAct, Statement, decide
from rejent.access.viewings import protocols
from rejent.devices.views import ClientStation
from rejent.kernel.clock import SystemClock, civil_date
from rejent.office import services
from rejent.office.queries import verified_streams
from rejent.office.regulation.forms import FormPaper
from rejent.office.regulation.loading import example
from rejent.office.regulation.vocabulary import ProtocolField
from tests.printed import words_of
from tests.scenario import story
from tests.scenario.regulated import Regulated, regulated

PEOPLE = {
    "prezydent": ("head", ""),
    "kancelaria": ("clerk", ""),
    "upowazniona": ("viewer", "recordings"),
    "sekretarz": ("secretary", ""),
    "informatyk": ("administrator", ""),
}
DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regulated]:
    """The town hall."""
    with regulated(tmp_path_factory.mktemp("town"), "boleslawiec", PEOPLE) as office:
        yield office


@pytest.mark.browser
def test_where_only_calls_are_prescribed_nobody_sees_a_picture(town: Regulated) -> None:
    """Not the President, not the holder of an authorisation for calls, not whoever runs the machine: wall and search say why."""
    for name in ("prezydent", "upowazniona", "informatyk", "sekretarz"):
        town.person(name).is_refused_the_live_picture("nie przewiduje tego rodzaju monitoringu: kamery")
        town.person(name).is_offered_no_recording("nie przewiduje tego rodzaju monitoringu: kamery")
    assert town.acts("live.started") == town.acts("viewing.opened") == 0


@pytest.mark.browser
def test_the_presidents_authorisation_stands_in_the_register_and_the_secretary_supervises(
    town: Regulated,
) -> None:
    """§ 3 ust. 2, § 4: the register names who may hear calls; the Secretary reads use and register, and hears nothing."""
    town.person("prezydent").reads("/authorisations", "Osoba upowazniona")
    secretary = town.person("sekretarz")
    secretary.reads("/authorisations", "Osoba upowazniona")
    for page in ("/viewings", "/supervision", "/ledger", "/protocols"):
        secretary.reads(page)
    secretary.is_refused("/authorisations/new")
    for page in ("/viewings", "/supervision", "/ledger"):
        town.person("informatyk").is_refused(page)
    assert town.acts("authorisation.issued") == 1
    assert town.acts("viewing.opened") == 0


@pytest.fixture
def in_force(db: None, settings: object) -> None:  # noqa: ARG001 - a database
    """The rules are in force in an office of this test."""
    settings.CLOCK = SystemClock()
    services.activate_regulation(
        example("boleslawiec"), in_force_from=date(2026, 1, 1), clock=settings.CLOCK, actor=""
    )


@pytest.mark.usefixtures("in_force")
def test_calls_are_heard_for_the_stated_purpose_by_the_authorised_only() -> None:
    """§ 3 ust. 1–2: a purpose of § 1 ust. 2 and a case; curiosity, no case, no authorisation or one for pictures open nothing."""
    asked = Request(
        act=SeeingAct.RECORDINGS,
        stream="calls",
        source_id="switchboard",
        day=DAY,
        active=True,
        roles=frozenset({"viewer"}),
        grants=(Grant("U-2026-1", frozenset({"recordings"}), "calls", None, DAY, DAY),),
        provisions=queries.provisions("calls", DAY),
        statement=Statement("jakosc-obslugi", "OR.0051.174.2026", acknowledged=True),
        client_station=ClientStation("1", "Komputer ASI", None),
    )
    assert decide(asked).rule is Rule.AUTHORISED
    stated = {
        Rule.PURPOSE_NOT_LISTED: Statement("ciekawosc", "OR.1", acknowledged=True),
        Rule.PURPOSE_MISSING: Statement("", "OR.1", acknowledged=True),
        Rule.CASE_MISSING: Statement("jakosc-obslugi", "", acknowledged=True),
    }
    for rule, statement in stated.items():
        assert decide(replace(asked, statement=statement)).rule is rule
    for_pictures = Grant("U-2026-2", frozenset({"recordings"}), "video", None, DAY, DAY)
    assert decide(replace(asked, grants=(for_pictures,))).rule is Rule.NOT_AUTHORISED
    assert decide(replace(asked, unfinished="O-2026-1")).rule is Rule.PROTOCOL_UNFINISHED
    for role in ("head", "secretary", "administrator"):
        assert decide(replace(asked, roles=frozenset({role}))).rule is Rule.ROLE_NOT_NAMED


@pytest.mark.usefixtures("in_force")
def test_every_hearing_leaves_the_protocol_of_the_second_annex() -> None:
    """§ 3 ust. 3: its fields are those of annex 2, whatever the purpose, and the President states a position."""
    form = verified_streams(DAY)["calls"].form(FormPaper.PLAYBACK)
    assert form is not None
    printed = [field for field in form.named if field in set(ProtocolField)]
    for purpose in ("bezpieczenstwo-informacji", "jakosc-obslugi", "ochrona-rozmowcow"):
        demanded = protocols.demanded("calls", purpose, DAY)
        assert demanded is not None
        assert list(demanded.fields) == printed
        assert demanded.position == "head"
    assert len(printed) == 6


@pytest.mark.browser
def test_a_call_is_handed_to_a_body_under_annexes_3_and_4(town: Regulated) -> None:
    """§ 3 ust. 4: the application of annex 3, the President's consent, the copy, and the protocol of annex 4 in two copies.

    > § 3 ust. 4: Zapisy rozmów telefonicznych mogą być udostępniane wyłącznie za zgodą Prezydenta Miasta Bolesławiec uprawnionym instytucjom czy organom ścigania […]. Nośnik z materiałem może być przekazany na ich pisemny wniosek, stanowiący załącznik nr 3 do niniejszego zarządzenia, potwierdzony protokołem przekazania, stanowiącym załącznik nr 4 do niniejszego zarządzenia.
    > Załącznik 3: Dane wnioskodawcy · Data · z dnia … · numer telefonu · Uzasadnienie · Podpis wnioskodawcy · Decyzja Prezydenta Miasta: Wyrażam zgodę / nie wyrażam zgody · Podpis
    > Załącznik 4: Data · Nr telefonu · Czas nagrania · wyłącznie do celów określonych w pisemnym wniosku · w dwóch jednobrzmiących egzemplarzach · Przekazujący · Przyjmujący
    """
    clerk, president, runs = (town.person(name) for name in ("kancelaria", "prezydent", "informatyk"))
    asked = story.asked_for(clerk, "disclosure")
    for field in ("Wnioskodawca", "Dzień zdarzenia", "Numer telefonu", "Cel"):
        assert field in asked
    day = f"{civil_date(SystemClock().now()) - timedelta(days=1):%d.%m.%Y}"
    wanted = {
        "Dzień zdarzenia": "wczoraj",
        "Numer telefonu": "74 555 01 00",
        "Cel": "postępowanie RSD-17/26",
        "Data pisma": day,
    }
    number = story.enter(
        clerk, "disclosure", {**story.POLICE, **wanted, "Od albo około": "8:00"}, camera=False
    )
    story.decide(president, number, "zgoda w części", kept=story.held(clerk, number)[:1], Uzasadnienie="Druga rozmowa nie dotyczy sprawy.")  # fmt: skip
    story.issued(
        clerk,
        number,
        "Formularz wniosku",
        "numer telefonu 74 555 01 00",
        f"Data {day}",
        "Decyzja Prezydenta Miasta",
        "Wyrażam zgodę w części",
    )
    until = civil_date(SystemClock().now()) + timedelta(days=30)
    copy = story.copy(runs, number, {"Przechowywana do": f"{until:%d.%m.%Y}"})
    story.write(runs, copy)
    story.print_paper(runs, copy, copy, "+48 22 555 01 23")
    story.hand_over(clerk, f"/cases/{number}", on_screen=copy)
    story.handed_paper(
        clerk, copy, "Protokół przekazania na nośniku elektronicznym", f"wniosku z dnia {day}", "Nr telefonu", "Czas nagrania", "tylko do celów",
        "dwa jednobrzmiące egzemplarze", "Przekazujący", "Przyjmujący",
    )  # fmt: skip
    signed = clerk.page.locator("main a[href*='/files/']").first
    paper = clerk.page.request.get(f"{clerk.base}{signed.get_attribute('href')}").body()
    assert "Podpisano na ekranie" in words_of(paper)
    assert story.row(clerk, "/registers/disclosures", copy)["Cel udostępnienia"].startswith(
        "postępowanie RSD-17/26"
    )
    assert (
        "Komenda Powiatowa Policji"
        in story.row(runs, "/copies", copy)["Informacje o udostępnieniu lub zniszczeniu"]
    )


@pytest.mark.browser
def test_whom_no_law_entitles_is_refused_by_the_president_with_reasons(town: Regulated) -> None:
    """§ 3 ust. 4: „uprawnionym instytucjom czy organom ścigania” alone; the refusal has its reasons on paper, and what was held goes its ordinary way."""
    clerk, president = town.person("kancelaria"), town.person("prezydent")
    wanted = {
        "Wnioskodawca": "Redakcja Przykładowa", "Podstawa prawna organu": "brak", "Znak sprawy organu": "brak",
        "Dzień zdarzenia": "wczoraj", "Numer telefonu": "74 555 01 00", "Cel": "artykuł",
    }  # fmt: skip
    number = story.enter(clerk, "disclosure", wanted, camera=False)
    story.decide(
        president,
        number,
        "odmowa",
        evidence="nie, nic",
        Uzasadnienie="Redakcja nie jest uprawnioną instytucją.",
    )
    story.issued(clerk, number, "Rozstrzygnięcie", "odmowa", "Redakcja nie jest uprawnioną instytucją.")
    clerk.is_told("Wstępne zabezpieczenie")
    assert "Redakcja" not in story.text(clerk, "/registers/disclosures")
