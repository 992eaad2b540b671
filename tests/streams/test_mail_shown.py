"""The whole corpus of e-mail, as it is received, opened, shown, searched and copied; nothing of it runs, and nothing leaves."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from tests.streams.mail_corpus import DEEPEST, DOMAINS, EXEMPT, INVITED, JOURNAL, LISTED, corpus
from tests.streams.mail_steps import CASE, CONTROL, NOON
from tests.streams.mail_tricks import TRICKS
from tests.streams.test_mail import HOUR, REGULATION, MailOffice

LOOKED = frozenset({"html", "false-picture", "tags"})
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The corpus."""
    return corpus(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, sent: dict[str, bytes]) -> dict[str, Any]:
    """What came of it."""
    folder = tmp_path_factory.mktemp("shown")
    office, messages = MailOffice(folder / "office"), folder / "messages"
    messages.mkdir()
    for name, content in sent.items():
        (messages / name).write_bytes(content)
    office.rejent(NOON - HOUR, "init", "--regulation", REGULATION, "--test")
    for role, passphrase in (("case", CASE), ("control", CONTROL)):
        office.rejent(
            NOON - HOUR, "mail key", "--role", role, "--holder", role, "--passphrase-stdin", stdin=f"{passphrase}\n"
        )  # fmt: skip
    source = office.rejent(
        NOON - HOUR, "source add", "--stream", "mail", "--name", "dziennik", "--listen", "smtp://127.0.0.1:2525", "--journal", JOURNAL,
        "--domain", DOMAINS, "--exempt", EXEMPT,
    ).strip()  # fmt: skip

    def step(at: datetime, name: str) -> dict[str, Any]:
        return dict(office.step(at, name, source, messages, module="mail_shown_steps"))

    return {**step(NOON, "record"), **step(NOON + timedelta(hours=1), "show")}


def test_every_message_is_taken_and_copied_byte_for_byte(
    life: dict[str, Any], sent: dict[str, bytes]
) -> None:
    """Whatever it is: 250 for each, and the copy's package has exactly these bytes."""
    assert set(life["taken"].values()) == {250}
    assert (life["unsealed"], life["copied"]) == (302, 302)
    assert sorted(life["kept"]) == sorted(sha256(each).hexdigest() for each in sent.values())


def test_every_message_has_every_page(life: dict[str, Any], sent: dict[str, bytes]) -> None:
    """As text, where it is HTML as it looked, and each file that is shown; a file that is none is not found."""
    assert set(life["shown"]) == set(sent)
    assert life["missing"] == [404, 404]
    for name, shown in life["shown"].items():
        assert set(shown["statuses"]) == {200}
        assert shown["looked"] == [200 if name in LOOKED or name.startswith("trick") else 404] * 2, name


def test_the_document_of_a_message_may_do_nothing(life: dict[str, Any]) -> None:
    """Its policy allows styles and pictures in it alone; nothing keeps it; a page of ours frames it without its origin."""
    policy, cache, framing, referrer = life["shown"]["html"]["policy"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox;")
    assert (cache, framing, referrer) == ("no-store", "SAMEORIGIN", "no-referrer")
    assert life["shown"]["html"]["framed"] is True


def test_a_message_is_shown_as_it_looked(life: dict[str, Any]) -> None:
    """Its own picture is made anew, one of elsewhere has a place that says so; what only calls itself a picture is none."""
    markup = life["shown"]["html"]["markup"]
    assert '<p style="color:red">Tylko dzis</p><img src="data:image/jpeg;base64,' in markup
    assert "sledzenie.example" not in markup
    assert "Nie wczytano 1 rzeczy z zewnątrz." in markup
    assert "obrazek z zewnątrz, niewczytany" in markup
    assert "obrazek, którego nie można pokazać" in life["shown"]["false-picture"]["markup"]
    assert "<svg" not in life["shown"]["false-picture"]["markup"]


def test_in_chromium_nothing_runs_and_nothing_leaves(life: dict[str, Any]) -> None:
    """Neither in the frame nor alone nor by a click; the trap itself works."""
    browsed = life["browsed"]
    assert (browsed["came"], browsed["said"], browsed["windows"]) == ([], [], 1)
    assert {each for each in browsed["asked"] if not each.startswith("data:image/jpeg;base64,")} == {
        "http://localhost"
    }
    assert browsed["trap"] > 0
    inside = " ".join(browsed["inside"].values())
    assert [number for number in range(len(TRICKS)) if f"po sztuczce {number}." not in inside] == []


def test_nobody_is_barred_from_the_pages_of_a_message(life: dict[str, Any]) -> None:
    """Axe finds nothing, and nothing is pushed sideways on a telephone: text, frame, picture, messages within, a container."""
    assert life["browsed"]["barred"] == []


def test_attached_files_are_shown_inert_or_not_at_all(life: dict[str, Any]) -> None:
    """A picture anew, a text as text, an invitation too; of any other kind, size and digest."""
    shown = life["shown"]
    assert 'src="data:image/jpeg;base64,' in shown["pictures"]["files"][0]
    assert "tresc notatki" in shown["text-file"]["files"][0]
    assert INVITED in shown["invitation"]["files"][0]
    assert shown["bomb"]["files"] == []
    assert "application/zip" in shown["bomb"]["text"]
    assert "SHA-256" in shown["bomb"]["text"]


def test_that_nothing_looked_for_threats_is_said(life: dict[str, Any]) -> None:
    """This office set no scanner: no message is called free of them."""
    assert all("przy odbiorze nic ich nie szukało" in each["text"] for each in life["shown"].values())


def test_messages_within_are_text(life: dict[str, Any]) -> None:
    """A hundred deep too."""
    assert DEEPEST in life["shown"]["nested"]["text"]
    assert "poziom 99" in life["shown"]["nested"]["text"]


def test_containers_are_named_and_not_opened(life: dict[str, Any]) -> None:
    """Outlook's with the files in it as far as they can be read; signed and encrypted ones as claims, never as valid."""
    shown = life["shown"]
    assert LISTED in shown["winmail"]["text"]
    for name in ("winmail", "torn-winmail"):
        assert "Kontener programu Outlook, nieotwierany" in shown[name]["text"]
    told = {
        "smime-signed": "Podpisana przez S/MIME; podpisu nie sprawdzono",
        "smime-opaque": "Podpisana przez S/MIME; podpisu nie sprawdzono",
        "smime-streamed": "Podpisana przez S/MIME; podpisu nie sprawdzono",
        "smime-encrypted": "Zaszyfrowana przez S/MIME",
        "pgp-inline": "Zaszyfrowana przez OpenPGP",
        "pgp-mime": "Zaszyfrowana przez OpenPGP",
        "pgp-clear": "Podpisana przez OpenPGP; podpisu nie sprawdzono",
    }
    for name, words in told.items():
        assert words in shown[name]["text"], name
    for name in ("smime-signed", "smime-opaque", "smime-streamed"):
        assert "tresc podpisana" in shown[name]["text"], name


def test_what_is_deep_large_or_listed_is_found(life: dict[str, Any]) -> None:
    """By words of a message within, of fifty megabytes, and none by what stands nowhere."""
    assert life["searched"] == {"umowa-najmu": 0, "na-samym-dnie": 1, "znak-wielki": 1, "nie ma": 0}


def test_each_look_is_entered_and_nobody_else_looks(life: dict[str, Any], sent: dict[str, bytes]) -> None:
    """Text, as it looked, each file; another person finds nothing, a closed viewing shows nothing."""
    assert life["looks"]["mail.message-read text"] == len(sent)
    assert life["looks"]["mail.message-read markup"] == 2 * sum(
        len(LOOKED & {each}) or each.startswith("trick") for each in sent
    )
    assert life["looks"]["mail.message-file text"] == sum(
        len(each["files"]) for each in life["shown"].values()
    )
    assert life["others"] == [404, 404, 404]
    assert life["closed"] == [403, 403, 403]
