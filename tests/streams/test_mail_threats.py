"""The installed program holds what it receives against rules, lists and a real ClamAV: names and numbers are told, content never."""

import json
import smtplib
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from tests.streams.clamav import daemon
from tests.streams.mail_corpus import BAD, DOMAINS, JOURNAL, PRIVATE, RULE, mixed, page, part
from tests.streams.mail_steps import CASE, CONTROL, NOON
from tests.streams.test_mail import HOUR, NEXT_DAY, REGULATION, MailOffice, shown
from tests.streams.test_mail_postfix import running
from tests.waiting import until

LETTERS = {
    "file": mixed("faktura-tajna-31", part("application/octet-stream; name=f.bin", BAD)),
    "link": page("odnosnik-tajny-32", '<a href="https://panel.zly.example/a">bank</a>'),
    "plain": mixed("zwykla-tajna-33", part("text/plain", b"nic")),
    "private": PRIVATE.replace(b"wynik", BAD),
    "later": mixed("pozniejsza-tajna-34", part("text/plain", b"inny-wzorzec-77")),
    "away": mixed("bez-clamav-35", part("text/plain", b"nic")),
}
ANNA = "anna@urzad.example"


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of six letters; a rule is added in between, and ClamAV ends."""
    folder = tmp_path_factory.mktemp("threats")
    office, port = MailOffice(folder / "office"), free_port()
    rules, hosts = folder / "rules", folder / "hosts"
    rules.mkdir()
    hosts.mkdir()
    (rules / "biuro.yar").write_text(RULE)
    (hosts / "lista.txt").write_text("zly.example\n")
    office.rejent(NOON - HOUR, "init", "--regulation", REGULATION, "--test")
    for role, passphrase in (("case", CASE), ("control", CONTROL)):
        office.rejent(
            NOON - HOUR, "mail key", "--role", role, "--holder", role, "--passphrase-stdin", stdin=f"{passphrase}\n"
        )  # fmt: skip
    source = office.rejent(
        NOON - HOUR, "source add", "--stream", "mail", "--name", "dziennik", "--listen", f"smtp://127.0.0.1:{port}", "--journal", JOURNAL,
        "--domain", DOMAINS,
    ).strip()  # fmt: skip
    told: dict[str, Any] = {"unset": json.loads(office.rejent(NOON, "status", "--json"))["mail_checks"]}
    with daemon(folder / "clamav", BAD) as clamd:
        _state(office.folder, yara_rules=rules, host_lists=hosts, clamd=clamd)
        told["status"] = json.loads(office.rejent(NOON, "status", "--json"))["mail_checks"]
        with running(office, NOON):
            until(lambda: _sent(port, "file"))
            told["taken"] = [_sent(port, each) for each in ("link", "plain", "private")]
            (rules / "nowa.yar").write_text('rule Nowa { strings: $a = "inny-wzorzec-77" condition: $a }')
            until(lambda: _sent(port, "later") and _counted(office, "yara=Nowa"))
    told["away"] = json.loads(office.rejent(NOON, "status", "--json"))["mail_checks"]
    with running(office, NOON + HOUR / 2):
        until(lambda: _sent(port, "away"))
    told["alarms"] = _alarms(office, source)
    office.rejent(NEXT_DAY, "keep", "--once")
    (told["counts"],) = json.loads(office.rejent(NEXT_DAY, "mail counts", "--journal", "dziennik", "--json"))
    told["clean"] = json.loads(office.rejent(NEXT_DAY, "fsck", "--json"))
    told["bytes"] = office.holds(iter(["tajna-3", "tajny-3", "panel.zly", BAD.decode()]))
    return told


def _state(folder: Path, **paths: object) -> None:
    """Say in ``rejent.toml`` what messages are held against."""
    stated = "".join(f'{name} = "{path}"\n' for name, path in paths.items())
    with (folder / "rejent.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[mail]\n{stated}")


def _sent(port: int, name: str) -> bool:
    """Hand a letter over; return whether it was taken."""
    try:
        with smtplib.SMTP("127.0.0.1", port) as client:
            return client.sendmail(ANNA, [JOURNAL], LETTERS[name]) == {}
    except (OSError, smtplib.SMTPException):
        return False


def _counted(office: MailOffice, threat: str) -> bool:
    counts = json.loads(office.rejent(NOON, "mail counts", "--journal", "dziennik", "--json"))
    return any(threat in each["threats"] for each in counts)


def _alarms(office: MailOffice, source: str) -> dict[str, str]:
    """Return the pages of an administrator after a keeper's round."""
    office.rejent(NOON + HOUR, "keep", "--once")
    return {name: shown(page) for name, page in office.step(NOON + HOUR, "sources", source).items()}


def test_what_is_set_is_told_and_nothing_set_is_nothing(life: dict[str, Any]) -> None:
    """With how many rules and hosts, and whether ClamAV answers."""
    assert life["unset"] == {}
    assert life["status"] == {"yara": "1 files", "hosts": "1 hosts", "clamav": "answers"}
    assert life["away"]["clamav"] == "does not answer"


def test_every_message_is_taken_and_what_is_found_is_counted(life: dict[str, Any]) -> None:
    """By rule, list and signature; a rule that is added counts from then on; what ClamAV did not see is not checked; private ones are not looked at."""
    assert life["taken"] == [True] * 3
    counts = life["counts"]
    assert counts["threats"]["yara=Wzorzec"] == counts["threats"]["clamav=Wlasny.Wzorzec.UNOFFICIAL"] >= 1
    assert counts["threats"]["hosts=lista"] == 1
    assert counts["threats"]["yara=Nowa"] >= 1
    assert counts["unchecked"] >= 1
    assert counts["checked"] + counts["unchecked"] == counts["kept"]
    assert counts["private"] == 1


def test_the_administrator_is_told_and_sees_no_content(life: dict[str, Any]) -> None:
    """Names of rules and numbers on the journal's page, and an alarm; no subject, no address, no host stands in any file."""
    listed, journal, start = life["alarms"].values()
    assert "Znaleziono coś w wiadomościach; reguły wymienia strona dziennika" in start
    assert "Odebrano wiadomości, w których nie szukano zagrożeń albo nie w całości" in start
    assert "Zagrożeń szukają reguły YARA urzędu, listy hostów, ClamAV" in journal
    assert "yara=Wzorzec" in journal
    assert life["bytes"] == []
    assert life["clean"] == {"clean": True, "findings": []}
    assert "dziennik" in listed
