"""Pages tell how it is known that a call was announced; an employee says so without learning whether there is such a call."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from rejent.kernel.clock import ManualClock
from rejent.registers.queries import entered
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.announcement_wav import plain_wav
from rejent.streams.calls.catalog.models import CallNotice
from rejent.streams.calls.catalog.views import KnownBy, Notice, NoticeKind
from rejent.streams.calls.pages.announcement_words import announced_state, evidence_words, notice_lines
from rejent.web.words.acts import facts_in_words
from rejent.web.words.identifiers import fact_names
from tests.unit.web.conftest import text_of
from tests.unit.web.test_call_pages import CALL, START, search, somebody
from tests.unit.web.test_call_pages import call as call  # noqa: PLC0414 - a fixture
from tests.unit.web.test_call_pages import line as line  # noqa: PLC0414 - a fixture
from tests.unit.web.test_call_pages import opened as opened  # noqa: PLC0414 - a fixture
from tests.unit.web.test_call_pages import viewer as viewer  # noqa: PLC0414 - a fixture
from tests.unit.web.test_call_pages import workshop as workshop  # noqa: PLC0414 - a fixture

FOUND = Notice(
    NoticeKind.INCOMING,
    KnownBy.FOUND,
    START + timedelta(seconds=1),
    9.0,
    completed=True,
    score=0.93,
    keys="*",
)
READ = {"own": "101", "called": "600 100 200"}


@pytest.mark.usefixtures("call")
def test_found_calls_say_what_is_known(viewer: Client, clock: ManualClock) -> None:
    """Of one call its announcement is known, of the other not, and both are told."""
    call_services.record_notices(CALL, [FOUND], clock=clock)
    page = text_of(search(viewer))
    assert page.count("zapowiedziano") == 1
    assert page.count("brak dowodu zapowiedzi") == 1


@pytest.mark.usefixtures("call")
def test_the_page_before_a_call_opens_says_it_too(viewer: Client) -> None:
    """Whoever decides to listen sees it."""
    assert "brak dowodu zapowiedzi" in text_of(viewer.get(reverse("call-open", args=[CALL])))


@pytest.mark.usefixtures("call")
def test_the_evidence_is_one_sentence_and_drawn_on_the_axis(
    opened: tuple[Client, UUID], clock: ManualClock
) -> None:
    """How it is known, from when, how long; each lane bears its party's name and number."""
    client, viewing = opened
    call_services.record_notices(CALL, [FOUND], clock=clock)
    page = text_of(client.get(reverse("viewing", args=[viewing])))
    assert "Zapowiedź słychać w nagraniu od 10:00:01 przez 9\xa0s, do końca." in page
    assert page.count('class="span-notice"') == 1
    assert '"kind": "notice", "start": 1.' in page
    assert '"name": "Strona dzwoni\\u0105ca +48 22 555 01 23"' in page


@pytest.mark.parametrize(
    ("known", "says"),
    [
        (KnownBy.SERVICE, "Zapowiedź odtwarzał ten program od"),
        (KnownBy.PBX, "Centrala podaje, że odtwarzała zapowiedź od"),
        (KnownBy.EMPLOYEE, "Odczytanie zapowiedzi potwierdza Jan, "),
    ],
)
def test_each_kind_of_evidence_has_its_sentence(known: KnownBy, says: str) -> None:
    """The evidence by which a call counts as announced is the one that is told; without any there is no sentence."""
    told = Notice(NoticeKind.INCOMING, known, START, 2.0, completed=False, doubt="nothing-came", by="jan")
    with translation.override("pl"):
        sentence = evidence_words([FOUND, told], known, str.title)
        assert evidence_words([FOUND], known, str.title) == ""
    assert sentence.startswith(says)
    assert sentence.endswith(".")


def test_evidence_is_told_in_a_sentence() -> None:
    """Kind, source, when, how long, to its end, keys, likeness."""
    (line,) = notice_lines([FOUND], str)
    assert line.startswith("Zapowiedź; znaleziona w nagraniu; od ")
    assert line.endswith("do końca; wybrane klawisze: *; podobieństwo 93%")
    left = Notice("clause", "pbx", START, 2.0, completed=False, outcome="hung-up", doubt="beginning-missing")
    assert "rozłączono przed końcem" in notice_lines([left], str)[0]
    assert announced_state("") is None


@pytest.mark.usefixtures("call")
def test_what_an_act_says_of_evidence_is_told_in_words(clock: ManualClock) -> None:
    """The page of an entry names each fact, and the doubt as the call's page does; what was pressed is not there."""
    call_services.record_notices(
        CALL, [replace(FOUND, doubt="beginning-missing", keys="105550188")], clock=clock
    )
    (act,) = entered(["call.announced"])
    assert sorted((act.facts or {}).keys() - fact_names().keys()) == []
    told = dict(facts_in_words(act))
    assert told["co przeciw temu przemawia"] == "początku nie ma w nagraniu"
    assert told["podobieństwo, ‰"] == 930
    assert "105550188" not in str(told)


@pytest.mark.usefixtures("line")
def test_an_employee_says_so_and_learns_nothing(clock: ManualClock) -> None:
    """Whoever is signed in sees what is to be read, and the answer is the same whether or not there is a call."""
    _, client = somebody("guard", clock)
    page = text_of(client.get(reverse("announcement-read")))
    assert "Ta rozmowa jest nagrywana" in page
    answer = client.post(reverse("announcement-read"), READ, follow=True)
    assert "Zapisano." in text_of(answer)
    assert CallNotice.objects.get().caller == "101"
    assert f'href="{reverse("announcement-read")}"' in client.get(reverse("start")).content.decode()


@pytest.mark.usefixtures("line")
@pytest.mark.parametrize(
    "wrong", [{"own": ""}, {"called": ""}, {"called": "zastrzeżony"}, {"own": "<script>"}]
)
def test_what_is_no_number_is_said_so(clock: ManualClock, wrong: dict[str, str]) -> None:
    """With 422 and a sentence; nothing is kept."""
    _, client = somebody("guard", clock)
    answer = client.post(reverse("announcement-read"), READ | wrong)
    assert answer.status_code == 422
    assert not CallNotice.objects.exists()


def test_the_page_of_a_line_tells_what_callers_hear(line: str, clock: ManualClock) -> None:
    """Every version with its wording, the newest first; whoever administers sees it without hearing any call."""
    for text in ("Rozmowa jest nagrywana.", "Rozmowa jest nagrywana od teraz inaczej."):
        call_services.set_announcement(
            line, "incoming", text=text, sound=plain_wav(bytes(48000)), language="pl", made_by="uploaded",
            valid_from=clock.now(), clock=clock, actor="",
        )  # fmt: skip
    _, client = somebody("administrator", clock)
    page = text_of(client.get(reverse("source", args=[line])))
    assert page.index("od teraz inaczej") < page.index("Rozmowa jest nagrywana.")
    assert "wersja 2" in page


@pytest.mark.parametrize(("wrong", "field"), [("own", "own"), ("called", "called")])
@pytest.mark.usefixtures("call")
def test_a_number_that_is_none_is_marked_where_it_was_written(viewer: Client, wrong: str, field: str) -> None:
    """The other one, which is right, is not."""
    answer = viewer.post(reverse("announcement-read"), READ | {wrong: "zastrzeżony"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
