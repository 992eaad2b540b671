"""E-mail from its receipt to its destruction: byte for byte, sealed to two roles, nothing of what is private, opened by two people."""

import hmac
import html
import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.forked import run_module
from tests.installation import Done, environment, rejent
from tests.streams.mail_corpus import DOMAINS, EXEMPT, JOURNAL, REPORTER, SECRET, WITHHELD
from tests.streams.mail_steps import CASE, CONTROL, NOON, SENT

REGULATION = Path(__file__).parent / "mail_regulation.toml"
HOUR = timedelta(hours=1)
NEXT_DAY = NOON + timedelta(days=1)
OVER = NOON + timedelta(days=40)
READ = ("Zamówienie na papier", "Zamowienie", "Tylko dzi", "oferta.pdf", "sledzenie.example", SECRET)
"""Words of messages that were opened, searched and read."""
SAID = ("Jedna osoba, jeden dzie", "Rozmowa nie wystarczy", "notatka OR.7")
"""What an opening says of people."""
DELIVERED = "Nov  2 12:{minute:02}:00 poczta postfix/smtp[1]: q{minute}: to=<{to}>, relay=x, dsn=2.0.0, status=sent (250)\n"
KEPT = len(SENT) - len(WITHHELD)


class MailOffice:
    """An installation that receives e-mail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def done(self, at: datetime, command: str, *arguments: str | Path, stdin: str = "") -> Done:
        """Run a command."""
        clock = {"REJENT_CLOCK": at.isoformat()}
        return rejent(*command.split(), self.folder, *arguments, stdin=stdin, env=clock)

    def rejent(self, at: datetime, command: str, *arguments: str | Path, stdin: str = "") -> str:
        """Run a command that must succeed."""
        done = self.done(at, command, *arguments, stdin=stdin)
        assert done.status == 0, done
        return done.out

    def step(self, at: datetime, step: str, *arguments: str | Path, module: str = "mail_steps") -> Any:
        """Do one of the steps of a module."""
        clock = environment(REJENT_CLOCK=at.isoformat())
        said = run_module(f"tests.streams.{module}", self.folder, step, *arguments, env=clock)
        return json.loads(said) if said else None

    def holds(self, words: Iterator[str]) -> list[str]:
        """Return which words stand in any file of the installation."""
        content = [file.read_bytes() for file in self.folder.rglob("*") if file.is_file()]
        return [word for word in words if any(word.encode() in each for each in content)]


def shown(page: str) -> str:
    """Return the text of a page's main part."""
    found = re.search(r"<main.*?</main>", page, re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", found[0] if found else page)))


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each step of a journal past its term."""
    office = MailOffice(tmp_path_factory.mktemp("mail") / "office")
    office.rejent(NOON - HOUR, "init", "--regulation", REGULATION, "--test")
    for role, holder, passphrase in (("case", "Sekretarz", CASE), ("control", "IOD", CONTROL)):
        office.rejent(
            NOON - HOUR, "mail key", "--role", role, "--holder", holder, "--passphrase-stdin", stdin=f"{passphrase}\n"
        )  # fmt: skip
    source = office.rejent(
        NOON - HOUR, "source add", "--stream", "mail", "--name", "dziennik", "--listen", "smtp://127.0.0.1:2525", "--journal", JOURNAL,
        "--domain", DOMAINS, "--exempt", EXEMPT, "--report-from", REPORTER,
    ).strip()  # fmt: skip
    told: dict[str, Any] = {"recorded": office.step(NOON, "record", source)}
    told["bytes"] = office.holds(
        iter([*re.findall(r"[\w-]+-sekret-\d+", b"".join(WITHHELD).decode()), SECRET])
    )
    beside = MailOffice(office.folder.with_name("copied") / "office")
    shutil.copytree(office.folder, beside.folder)
    told["copied"] = beside.step(NOON + HOUR, "copied", source)
    told["copied_own"] = beside.step(OVER, "own")
    told["stolen"] = office.step(NOON + HOUR, "stolen", source)
    told["one"] = office.step(NOON + HOUR, "view", source, "one")
    told["viewed"] = office.step(NOON + 2 * HOUR, "view", source)
    told["again"] = office.step(NOON + 3 * HOUR, "view", source, "", "first")
    told["own_at_once"] = office.step(NOON + 3 * HOUR, "own")
    told["bytes_read"] = office.holds(iter(READ))
    office.step(NOON + 4 * HOUR, "killed", source)
    told["recovered"] = office.step(NOON + 5 * HOUR, "recover")
    told["sources"] = office.step(NOON + 6 * HOUR, "sources", source)
    told["kept"] = office.rejent(NEXT_DAY, "keep", "--once")
    told["counts"] = json.loads(office.rejent(NEXT_DAY, "mail counts", "--journal", "dziennik", "--json"))
    log = office.folder.with_name("maillog")
    log.write_text("".join(DELIVERED.format(minute=each, to=JOURNAL) for each in range(KEPT + 8)))
    asked = ("--journal", "dziennik", "--log", log, "--json")
    told["too_early"] = json.loads(office.rejent(NOON + HOUR, "mail counts", *asked, "--enter"))
    told["log"] = [
        json.loads(office.rejent(NEXT_DAY, "mail counts", *asked, *more))
        for more in ([], ["--enter"], ["--enter"])
    ]
    told["entered"] = office.step(NEXT_DAY, "log_gaps", source)
    told["clean"] = json.loads(office.rejent(NEXT_DAY, "fsck", "--json"))
    office.rejent(
        NEXT_DAY, "hold add", "--source", "dziennik", "--from", NOON.isoformat(), "--to", (NOON + timedelta(seconds=20)).isoformat(),
        "--case", "OR.2", "--basis", "dowód", "--review", (NOON + timedelta(days=60)).date().isoformat(),
    )  # fmt: skip
    told["over"] = office.rejent(OVER, "keep", "--once")
    told["left"] = office.step(OVER, "view", source)
    told["own"] = office.step(OVER, "own")
    told["said"] = office.holds(iter(SAID))
    told["erased"] = office.step(OVER, "erase")
    office.rejent(OVER, "keep", "--once")
    told["said_after"] = office.holds(iter(SAID))
    told["clean_after"] = json.loads(office.rejent(OVER + HOUR, "fsck", "--json"))
    return told


def test_every_message_is_acknowledged_and_counted(life: dict[str, Any]) -> None:
    """Private and exempt ones among them; a killed receiver leaves one more that nobody acknowledged."""
    assert life["recorded"] == {"taken": len(SENT), "failed": []}
    (counted,) = life["counts"]
    assert {name: counted[name] for name in ("acknowledged", "kept", "private", "exempt", "refused", "missing", "forgotten")} == {
        "acknowledged": len(SENT), "kept": KEPT + 1, "private": 2, "exempt": 3, "refused": 0, "missing": 0, "forgotten": 1,
    }  # fmt: skip


def test_private_and_exempt_messages_leave_no_byte(life: dict[str, Any]) -> None:
    """Neither subject nor text nor counterpart stands in any file; nor does the text of what is kept, which is sealed."""
    assert life["bytes"] == []


def test_what_was_opened_leaves_no_byte_on_the_disk(life: dict[str, Any]) -> None:
    """After two viewings were opened, indexed, searched and read, no file holds a subject, a text or the name of an attachment."""
    assert life["bytes_read"] == []


def test_a_refused_case_ends_its_opening_and_an_erased_one_says_nothing_of_people(
    life: dict[str, Any],
) -> None:
    """Answers, ground and addresses stand in the database until the applicant is erased, and in no file afterwards."""
    assert set(life["said"]) == set(SAID)
    assert life["erased"]["ended"] == [True] * 4
    assert all(
        "Odpowiedzi usunięto razem z danymi wnioskodawcy" in shown(page) for page in life["erased"]["pages"]
    )
    assert life["said_after"] == []


def test_an_employee_is_told_who_read_under_a_case_about_them(life: dict[str, Any]) -> None:
    """Thirty days after it ended, and nobody but whose address the opening has."""
    told = shown(life["own"]["anna"])
    assert told.count("Osoba viewer") == 3
    assert "Odczyty w sprawach, które dotyczą zalogowanej osoby" in told
    assert "Po co przechowujemy korespondencję i na jakiej podstawie" in told
    assert "Prawa osób, które piszą i dostają wiadomości" in told
    for page in (life["own"]["ewa"], *life["own_at_once"].values()):
        assert "Osoba viewer" not in page


def test_one_role_opens_nothing(life: dict[str, Any]) -> None:
    """With database, disk, every day key and the passphrase of one role no message opens; with both each does."""
    assert life["stolen"] == {"both": KEPT}
    assert life["one"]["unsealed"] == 422
    assert "Klucz i hasło do siebie nie pasują" in shown(life["one"]["refused"])
    assert "Zamówienie" not in life["one"]["sealed"] + life["one"]["open"]


def test_two_people_read_what_was_sent(life: dict[str, Any]) -> None:
    """The list tells facts alone until both keys are open; then subjects, and a letter once with its deliveries."""
    viewed = life["viewed"]
    assert "Zamówienie" not in viewed["sealed"]
    assert viewed["unsealed"] == 302
    assert shown(viewed["open"]).count("Zamówienie na papier") == 1
    assert "2 doręczenia tej samej wiadomości" in shown(viewed["open"])
    assert viewed["links"] == KEPT
    assert shown(viewed["searched"]).count("Zamówienie na papier") == 1
    assert "zagniezdzony" not in viewed["searched"]
    assert [SECRET in each for each in viewed["messages"][:3]] == [True, True, False]


def test_nothing_is_opened_before_somebody_of_another_role_agrees(life: dict[str, Any]) -> None:
    """Who asked cannot agree; until the data protection officer does, there is nothing to find; a closed viewing leaves nothing open."""
    viewed = life["viewed"]
    assert [viewed["by-asker"], viewed["agreed"]] == [403, 302]
    assert viewed["waits"] == [False, True], "who may agree is told on the page they start on"
    assert "Żadna sprawa nie otwiera teraz wiadomości" in shown(viewed["before"])
    assert viewed["message-after"] == [403]
    assert [viewed["held"], life["one"]["held"]] == [0, 0]


def test_markup_is_never_executed(life: dict[str, Any]) -> None:
    """HTML becomes text; nothing that lies elsewhere is named in the page, attachments are a list."""
    page = life["viewed"]["messages"][2]
    assert "Tylko dziś" in shown(page)
    assert "oferta.pdf" in shown(page)
    assert "sledzenie.example" not in page
    assert "alert(" not in page


def test_a_private_message_met_by_chance_is_shown_to_nobody_again(life: dict[str, Any]) -> None:
    """Whoever stops closes the viewing; the next one lists one message less, and after a letter of two deliveries neither of these."""
    assert life["viewed"]["private"] == 302
    assert life["viewed"]["after"] == 302
    assert life["again"]["links"] == KEPT - 1
    assert life["again"]["private"] == 302
    assert life["left"]["links"] == 1


def test_a_message_survives_a_kill_before_its_acknowledgement(life: dict[str, Any]) -> None:
    """Durable is durable: what the mail server sends again is a duplicate, and nothing is lost."""
    assert life["recovered"] == {"left": 1, "failed": []}


def test_three_messages_are_found_by_words_read_and_copied_into_packages_that_verify(
    life: dict[str, Any],
) -> None:
    """One first, then two, of which one was ticked on another page: byte for byte, with pages without script; a changed bit is named."""
    copied = life["copied"]
    assert (copied["asked"], copied["paged"]) == ("words=zamow+papier", "page=2")
    assert copied["read"] == [True] * 3
    assert [copied["copied"], copied["ticked"], copied["both"]] == [302, True, 302]
    assert copied["contents"] == [[[0], True], [[1, 2], True]]
    assert (copied["verdicts"], copied["changed"]) == ([0, 0], 1)
    assert copied["told"] == [
        [
            "1 treść wybrana w otwartym przeglądaniu i skopiowana jawnie",
            "treści: 1; pliki dołączone do nich: 1",
        ],
        [
            "2 treści wybrane w otwartym przeglądaniu i skopiowane jawnie",
            "treści: 2; pliki dołączone do nich: 1",
        ],
    ], "the list of envelopes accompanies what was chosen"
    assert SECRET in copied["page"]
    assert "<script" not in copied["page"]
    assert any("skopiowano jawnie w odczycie" in each for each in copied["acts"])
    assert not copied["stated"]


def test_a_copy_tells_envelopes_and_the_ledger_no_digest_of_a_letter(life: dict[str, Any]) -> None:
    """Who has the copy can try each entry by the salt that lies in it; who reads the ledger alone cannot test a letter that they know."""
    entries = " ".join(life["copied"]["acts"])
    for listed, count in zip(life["copied"]["envelopes"], (1, 2), strict=True):
        assert f"Odbiorca w kopercie / Recipient of the envelope: <{JOURNAL}>" in listed
        letters = re.findall(r"SHA-256: ([0-9a-f]{64})\nSól / Salt: ([0-9a-f]{64})", listed)
        assert len(letters) == count
        assert all(digest not in entries for digest, _ in letters)
    digest, salt = letters[0]
    assert hmac.digest(bytes.fromhex(salt), digest.encode(), "sha256").hex() in entries


def test_nobody_copies_alone_or_what_a_case_does_not_open(life: dict[str, Any]) -> None:
    """Not by one person, with one role's key, out of scope, in another's viewing or a closed one, nor another delivery of what turned out private."""
    copied = life["copied"]
    assert copied["alone"] == "access.refused"
    refused = ("sealed", "none", "outside", "unknown", "second", "closed", "left", "copied_then")
    assert {name: copied[name] for name in refused} == {
        "sealed": 404, "none": 422, "outside": 404, "unknown": 404, "second": 404, "closed": 403, "left": 200, "copied_then": 404,
    }  # fmt: skip


def test_the_opening_and_the_employee_are_told_how_many_messages_were_copied(life: dict[str, Any]) -> None:
    """By number and time of each copy; the employee thirty days after the viewing ended."""
    told = shown(life["copied"]["opening"])
    assert "1 wiadomość skopiowana jawnie" in told
    assert "2 wiadomości skopiowane jawnie" in told
    own = shown(life["copied_own"]["anna"])
    assert "skopiowano 1 wiadomość: K-2026-1 z 02.11.2026; skopiowano 2 wiadomości: K-2026-2" in own


def test_a_difference_to_the_log_of_the_mail_server_is_a_gap_of_its_day(life: dict[str, Any]) -> None:
    """On somebody's word, once the day is over and its counts are entered, and once; what was recorded beside it makes it none."""
    more = KEPT + 8 - len(SENT) - 1
    assert [each["entered"] for each in life["too_early"]] == [False]
    assert [[(each["delivered"], each["unaccounted"], each["entered"]) for each in one] for one in life["log"]] == [
        [(KEPT + 8, more, False)], [(KEPT + 8, more, True)], [(KEPT + 8, more, True)],
    ]  # fmt: skip
    ((start, end),) = life["entered"].pop("gaps")
    assert (start, end > NOON.isoformat()) == ("2026-11-01T23:00:00+00:00", True), (
        "the rest of the day is another gap"
    )
    assert life["entered"] == {"acts": [more], "corrected": 0}


def test_pages_of_sources_show_journals(life: dict[str, Any]) -> None:
    """With their counts, and how many messages a killed receiver did not count; a stranger is sent to sign in."""
    listed, of_one, _start = life["sources"].values()
    assert "dziennik" in shown(listed)
    assert JOURNAL in shown(of_one)
    assert "1 wiadomość z tych dni przechowuje się, a nie policzono jej" in shown(of_one)
    assert life["viewed"]["stranger"] == 302


def test_only_what_is_held_outlives_the_term(life: dict[str, Any]) -> None:
    """It is still sealed to both roles, and is opened as before: three messages, of which two were left as private."""
    assert life["left"]["links"] == 1
    assert "Z tego czasu przechowuje się 3 wiadomości" in shown(life["left"]["sealed"])
    assert "failed: []" in life["over"]


def test_nothing_is_amiss_before_and_after(life: dict[str, Any]) -> None:
    """Neither the keepers nor ``fsck`` find anything wrong."""
    assert "failed: []" in life["kept"]
    assert [life["clean"], life["clean_after"]] == [{"clean": True, "findings": []}] * 2
