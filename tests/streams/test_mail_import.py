"""Mailboxes are imported as what they are, history: under the terms of the days that they state, once, and nothing of what is private."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.streams.dovecot import PASSWORD, USER, Dovecot, dovecot
from tests.streams.mail_corpus import DOMAINS, EXEMPT, HARD, JOURNAL, PRIVATE, UNION, letter
from tests.streams.mail_steps import CASE, CONTROL, NOON
from tests.streams.test_mail import HOUR, REGULATION, MailOffice, shown
from tests.unit.streams_mail.imap_server import MESSAGE, ImapScript, imap_server

ANNA, JAN = "anna@urzad.example", "jan@dostawca.example"
IN_TERM, PAST_TERM, BEFORE = (NOON - timedelta(days=each) for each in (10, 40, 91))
OLD = "minione-sekret-41"
QUOTED = letter(JAN, ANNA, "cytat", "From my window\n\nFrom the sea\n>From Jan Mon\n").replace(b"\r\n", b"\n")
BIG = letter(JAN, ANNA, "duży", "x" * (50 << 20))


class ImportOffice(MailOffice):
    """An office made sixty days ago, whose monitoring was allowed to begin thirty days before that."""

    def history(self, at: datetime = NOON) -> list[dict[str, Any]]:
        """Return what the history holds, opened with both keys."""
        return self.import_step(at, "opened")

    def import_step(self, at: datetime, step: str, *arguments: str | Path) -> list[dict[str, Any]]:
        """Do one of the steps of imports."""
        return list(self.step(at, step, *arguments, module="import_steps") or [])

    def imported(self, *arguments: str | Path, at: datetime = NOON, stdin: str = "") -> dict[str, int]:
        """Import a mailbox and return what its messages came to, of what is not nothing."""
        told = json.loads(
            self.rejent(at, "mail import", "--journal", "dziennik", "--json", *arguments, stdin=stdin)
        )
        return {name: count for name, count in told[0].items() if isinstance(count, int) and count and name != "import"}  # fmt: skip

    def refused(self, *arguments: str | Path, stdin: str = "") -> str:
        """Return the one line with which an import is refused."""
        done = self.done(NOON, "mail import", "--journal", "dziennik", *arguments, stdin=stdin)
        assert (done.status, done.err.count("\n"), done.out) == (1, 1, ""), done
        return done.err

    def is_clean(self, at: datetime = NOON) -> bool:
        """Return whether ``fsck`` finds nothing."""
        return bool(self.done(at, "fsck", "--json").json["clean"])


def new_office(folder: Path) -> ImportOffice:
    """Make the office."""
    office = ImportOffice(folder)
    office.rejent(NOON - timedelta(days=60), "init", "--regulation", REGULATION, "--test")
    for role, passphrase in (("case", CASE), ("control", CONTROL)):
        office.rejent(
            NOON - HOUR, "mail key", "--role", role, "--holder", role, "--passphrase-stdin", stdin=f"{passphrase}\n"
        )  # fmt: skip
    office.rejent(
        NOON - HOUR, "source add", "--stream", "mail", "--name", "dziennik", "--listen", "smtp://127.0.0.1:2525", "--journal", JOURNAL,
        "--domain", DOMAINS, "--exempt", EXEMPT,
    )  # fmt: skip
    return office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> ImportOffice:
    """An office that nothing was imported into."""
    return new_office(tmp_path_factory.mktemp("import") / "office")


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """A Dovecot with three folders."""
    with dovecot() as running:
        running.put("INBOX", [(IN_TERM, letter(JAN, ANNA, "raz", "x")), (IN_TERM, PRIVATE)])
        running.put("Wys&AUI-ane", [(IN_TERM + HOUR, letter(ANNA, JAN, "dwa", "x"))])
        running.put("Osobiste &AUI-", [(IN_TERM, letter(JAN, ANNA, OLD, OLD))])
        running.put("Stare", [(PAST_TERM, letter(ANNA, JAN, OLD, OLD))])
        yield running


def mbox(*messages: tuple[datetime, bytes]) -> bytes:
    """Return an mbox, whose times are in UTC."""
    return b"".join(
        f"From {JAN} {at:%a %b %e %H:%M:%S %Y} +0000\n".encode() + content.rstrip(b"\n") + b"\n\n"
        for at, content in messages
    )


def test_an_mbox_is_kept_as_it_stands_under_the_days_that_it_states(
    office: ImportOffice, tmp_path: Path
) -> None:
    """Texts with ``From ``, bytes that are no text and a last message that was cut off are kept; of all else a number is left."""
    moved = b"Received: from a by b; Wed, 21 Oct 2026 08:00:00 +0200\n" + QUOTED
    hard = [each.replace(b"\r\n", b"\n") for each in HARD if b":" in each.split(b"\n")[0]]
    whole = [QUOTED, QUOTED, *hard, moved]
    cut_off = letter(JAN, ANNA, "ucięty", "w pół zd")[:-5]
    file = tmp_path / "skrzynka"
    file.write_bytes(
        mbox(
            *((IN_TERM, each) for each in whole), (IN_TERM, PRIVATE), (IN_TERM, UNION), (PAST_TERM, letter(JAN, ANNA, OLD, OLD)),
            (BEFORE, letter(JAN, ANNA, OLD, OLD)), (IN_TERM, cut_off),
        )[:-2]
    )  # fmt: skip
    count = len(whole) + 1
    assert office.imported("--mbox", file) == {
        "found": count + 4, "kept": count, "private": 1, "exempt": 1, "past-term": 1, "too-early": 1,
    }  # fmt: skip
    assert office.imported("--mbox", file) == {
        "found": count + 4, "known": count, "private": 1, "exempt": 1, "past-term": 1, "too-early": 1,
    }  # fmt: skip
    held = office.history()
    stands = [*(each.rstrip(b"\n") + b"\n" for each in whole), cut_off]
    assert sorted(each["sha256"] for each in held) == sorted(sha256(each).hexdigest() for each in stands)
    assert len({each["stands"] for each in held}) == count, "an instant names a message"
    assert {each["received"] for each in held} == {NOON.isoformat(timespec="minutes")}
    assert {(each["day"], each["stated"]) for each in held} == {
        (IN_TERM.date().isoformat(), IN_TERM.isoformat()), ("2026-10-21", "2026-10-21T06:00:00+00:00"),
    }  # fmt: skip
    assert office.holds(iter([OLD, "sekret-91", "sekret-95", "From my window"])) == []


def test_what_was_changed_is_imported_anew_on_somebodys_word_alone(
    office: ImportOffice, tmp_path: Path
) -> None:
    """One more message in an mbox: which of them are there already cannot be told, so it is said."""
    file = tmp_path / "rośnie"
    file.write_bytes(mbox((IN_TERM, letter(JAN, ANNA, "a", "x"))))
    assert office.imported("--mbox", file) == {"found": 1, "kept": 1}
    file.write_bytes(file.read_bytes() + mbox((IN_TERM, letter(JAN, ANNA, "b", "x"))))
    assert "was changed since" in office.refused("--mbox", file)
    assert office.imported("--mbox", file, "--again") == {"found": 2, "kept": 2}


def test_a_killed_import_loses_nothing_and_doubles_nothing(office: ImportOffice, tmp_path: Path) -> None:
    """Killed when an object is durable and not booked: a repetition goes on behind what is booked, and nothing is left over."""
    before, file = len(office.history()), tmp_path / "przerwany"
    file.write_bytes(mbox(*((IN_TERM - timedelta(days=day), letter(JAN, ANNA, f"{day}", "x")) for day in range(3))))  # fmt: skip
    office.import_step(NOON, "killed", file)
    assert not office.is_clean(), "an object that nobody knows of"
    assert office.imported("--mbox", file) == {"found": 3, "kept": 2, "known": 1}
    assert len(office.history()) == before + 3
    listed = json.loads(office.rejent(NOON, "mail imports", "--journal", "dziennik", "--json"))
    assert [each["ended-at"] is None for each in listed[:2]] == [False, True]
    assert office.is_clean()


def test_a_maildir_brings_what_is_new(office: ImportOffice, tmp_path: Path) -> None:
    """With its folders and fifty megabytes; what is being delivered is left; a mark that was set makes no other message."""
    box, name = tmp_path / "Maildir", f"{int(IN_TERM.timestamp())}.M1P1.host"
    for each in ("cur", "new", "tmp", ".Archiwum/cur", ".Prywatne.Lekarz/cur"):
        (box / each).mkdir(parents=True)
    (box / "new" / name).write_bytes(BIG)
    (box / "tmp" / "w-drodze").write_bytes(b"Subject: pol")
    (box / ".Archiwum" / "cur" / f"{name}2:2,S").write_bytes(letter(JAN, ANNA, "w folderze", "x"))
    (box / ".Prywatne.Lekarz" / "cur" / f"{name}4:2,").write_bytes(letter(JAN, ANNA, OLD, OLD))
    assert office.imported("--maildir", box, "--owner", ANNA) == {"found": 3, "kept": 2, "private": 1}
    (box / "new" / name).rename(box / "cur" / f"{name}:2,S")
    (box / "cur" / f"{name}3:2,").write_bytes(letter(JAN, ANNA, "nowa", "x"))
    misspelt = office.refused(
        "--maildir", box, "--private-folder", "Archiwum", "--private-folder", "Prywtane"
    )
    assert "No message lies in a folder prywtane; nothing was imported." in misspelt
    assert office.imported("--maildir", box, "--owner", ANNA, "--private-folder", "Archiwum") == {
        "found": 4,
        "kept": 2,
        "private": 1,
        "known": 1,
    }
    held = [each for each in office.history() if ANNA in each["to"]]
    assert len(held) == 4
    assert sha256(BIG).hexdigest() in {each["sha256"] for each in held}


def test_a_mailbox_on_a_server_is_read_and_not_touched(
    office: ImportOffice, server: Dovecot, tmp_path: Path
) -> None:
    """By TLS with a certificate that is trusted; one folder or all; nobody sees that a message was read."""
    authority, user = ("--ca", server.authority), USER.replace("@", "%40")
    secret = tmp_path / "hasło"
    secret.write_text(f"{PASSWORD}\n")
    given, every = ("--password-file", secret), f"imaps://{user}@127.0.0.1:{server.tls}"
    sent = office.imported("--imap", f"{every}/Wysłane", *given, *authority)
    assert sent == {"found": 1, "kept": 1}
    assert office.imported("--imap", every, *given, *authority, "--private-folder", "osobiste ł") == {
        "found": 5, "kept": 1, "private": 2, "known": 1, "past-term": 1,
    }  # fmt: skip
    assert server.seen("INBOX") == 0
    here = office.imported("--imap", f"imap://{user}@127.0.0.1:{server.port}/INBOX", *given, *authority)
    assert here == {"found": 2, "private": 1, "known": 1}
    assert "cannot be trusted" in office.refused("--imap", every, *given)
    assert "refuses user or password" in office.refused("--imap", every, "--password-stdin", *authority, stdin="inne\n")  # fmt: skip
    assert "no such folder" in office.refused("--imap", f"{every}/Nie%20ma", *given, *authority)
    assert "does not answer" in office.refused("--imap", f"imap://{user}@127.0.0.1:1", *given)
    assert PASSWORD not in office.refused("--imap", f"imaps://{user}:{PASSWORD}@127.0.0.1:1")


def test_what_is_not_handed_out_is_asked_for_again_and_what_is_shorter_is_said(
    office: ImportOffice, tmp_path: Path
) -> None:
    """Of a message that is ``NIL`` nothing is kept; the next import asks for it, and for no other."""
    secret = tmp_path / "hasło"
    secret.write_text("x\n")
    script = ImapScript(bodies={1: b"BODY[] NIL", 2: b"BODY[] {20}\r\n" + MESSAGE[:20]})
    with imap_server(script) as port:
        given = ("--imap", f"imap://ewa@127.0.0.1:{port}/INBOX", "--password-file", secret)
        assert office.imported(*given) == {"found": 3, "kept": 2, "not-taken": 1, "shorter": 1}
        script.bodies.clear()
        assert office.imported(*given) == {"found": 3, "kept": 1, "known": 2}


def test_an_exempt_letter_is_not_kept_inside_another(office: ImportOffice, tmp_path: Path) -> None:
    """A line that nearly parts two messages is counted, named by its number, and the rules are applied to what follows it."""
    file, plain = tmp_path / "wątpliwy", letter(JAN, ANNA, "zwykły", "x").replace(b"\r\n", b"\n")
    nearly = f"\n\nFrom {JAN} w listopadzie\n".encode()
    file.write_bytes(
        mbox((IN_TERM, plain + nearly + UNION.replace(b"\r\n", b"\n")), (IN_TERM, plain + nearly + plain))
    )
    done = office.done(NOON, "mail import", "--journal", "dziennik", "--mbox", file, "--json")
    (told,) = json.loads(done.out)
    assert {name: told[name] for name in ("found", "kept", "exempt", "doubtful")} == {
        "found": 2,
        "kept": 1,
        "exempt": 1,
        "doubtful": 2,
    }
    lines = [
        number for number, line in enumerate(file.read_bytes().split(b"\n"), 1) if b"listopadzie" in line
    ]
    assert f"states: {lines[0]}, {lines[1]}." in done.err
    assert "listopadzie" not in done.err


def test_what_is_no_mailbox_is_said_in_a_line(office: ImportOffice, tmp_path: Path) -> None:
    """An empty mbox holds nothing; anything else is named."""
    (tmp_path / "pusty").touch()
    (tmp_path / "nie").write_bytes(b"\x00\xff\n")
    assert office.imported("--mbox", tmp_path / "pusty") == {}
    assert "is no mbox" in office.refused("--mbox", tmp_path / "nie")
    assert "is no file" in office.refused("--mbox", tmp_path)
    assert "No such file" in office.refused("--mbox", tmp_path / "brak")
    assert "is no maildir" in office.refused("--maildir", tmp_path)
    assert "Name one mailbox" in office.refused()


def test_history_is_read_in_a_case_and_goes_with_the_terms_of_its_days(tmp_path: Path) -> None:
    """Thirty days after what a message states, and not after its import; pages say that a time is stated, and when it was imported."""
    office, file, later = new_office(tmp_path / "office"), tmp_path / "skrzynka", NOON + 2 * HOUR
    file.write_bytes(mbox((IN_TERM, QUOTED), (NOON + HOUR / 6, QUOTED)))
    assert office.imported("--mbox", file, at=later)["kept"] == 2
    (history,) = (each["id"] for each in json.loads(office.rejent(later, "source list", "--json")) if each["state"] == "by-hand")  # fmt: skip
    viewed, sources = office.step(later, "view", history), office.step(later, "sources", history)
    assert (viewed["links"], "Czas podany przez skrzynkę" in shown(viewed["open"])) == (1, True)
    assert "Zaimportowano 02.11.2026 14:00" in shown(viewed["messages"][0])
    assert "Zaimportowane skrzynki" in shown(sources[f"/sources/{history}"])
    assert "z importu" in shown(sources["/sources"])
    over = IN_TERM + timedelta(days=31)
    assert "failed: []" in office.rejent(over, "keep", "--once")
    assert [each["stated"] for each in office.history(over)] == [(NOON + HOUR / 6).isoformat()]
    assert office.import_step(over, "places") == [{"known": 1}]
    assert office.imported("--mbox", file, at=over) == {"found": 2, "known": 1, "past-term": 1}
    assert office.is_clean(over)
