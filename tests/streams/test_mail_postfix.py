"""A real Postfix hands its mail to the installed program: nothing is lost while the program is away, nobody outside notices anything."""

import json
import re
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from rejent.streams.mail.messages.rendering import digest_of
from tests.certificates import Authority
from tests.installation import COMMAND, HERE, environment, rejent
from tests.ports import free_port
from tests.streams.mail_corpus import DOMAINS, EXEMPT, JOURNAL, PRIVATE, letter
from tests.streams.mail_steps import CASE, CONTROL, NOON
from tests.streams.postfix import ELSEWHERE, PASSWORD, SENDER, postfix, socket_folder
from tests.streams.test_mail import HOUR, NEXT_DAY, REGULATION, MailOffice
from tests.waiting import CEILING_S, until

ANNA, OUTSIDE, NOBODY = "anna@urzad.example", "jan@dostawca.example", "nikt@dostawca.example"


@contextmanager
def running(office: MailOffice, at: datetime) -> Iterator[None]:
    """Run the program from an instant on; of its keepers no more than the round that they begin with."""
    office.rejent(at, "keep", "--once")
    process = subprocess.Popen(
        [*COMMAND, "run", str(office.folder), "--role", "recorder"],
        cwd=HERE, env=environment(REJENT_CLOCK=at.isoformat()), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(CEILING_S) == 0


def check(office: MailOffice, *more: str, journal: str = "dziennik") -> str:
    """Return the one line that a check says which fails."""
    done = office.done(NOON, "mail check", "--journal", journal, *more)
    assert (done.status, done.err.count("\n")) == (1, 1), done
    return done.err


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[MailOffice, str, int]:
    """An office with a journal, which source that is, and its port."""
    office, port = MailOffice(tmp_path_factory.mktemp("postfix") / "office"), free_port()
    signed = Authority(office.folder.parent).server("127.0.0.1", whenever=True)
    signed.key.chmod(0o600)
    senders = office.folder.with_name("senders")
    made = rejent("mail", "sender", "--name", SENDER, "--passphrase-stdin", stdin=f"{PASSWORD}\n")
    senders.write_text(made.out)
    senders.chmod(0o600)
    office.rejent(NOON - HOUR, "init", "--regulation", REGULATION, "--test")
    for role, passphrase in (("case", CASE), ("control", CONTROL)):
        office.rejent(
            NOON - HOUR, "mail key", "--role", role, "--holder", role, "--passphrase-stdin", stdin=f"{passphrase}\n"
        )  # fmt: skip
    source = office.rejent(
        NOON - HOUR, "source add", "--stream", "mail", "--name", "dziennik", "--listen", f"smtp://127.0.0.1:{port}", "--journal", JOURNAL,
        "--domain", DOMAINS, "--exempt", EXEMPT, "--authserv", "mx.urzad.example", "--private-header", "X-Folder:Prywatne",
        "--certificate", signed.certificate, "--key", signed.key, "--allow", f"{ELSEWHERE}/32", "--senders", senders,
    ).strip()  # fmt: skip
    return office, source, port


def test_postfix_archives_and_keeps_what_cannot_be_archived_now(office: tuple[MailOffice, str, int]) -> None:
    """By a password, from another address: a message out, a private one, one that bounces, one without a sender; two while the program is away, which arrive when it is back."""
    here, source, port = office
    with postfix(port, refused=NOBODY) as server:
        with running(here, NOON):
            server.send(ANNA, [OUTSIDE], letter(ANNA, OUTSIDE, "oferta", "x"))
            server.send(ANNA, [OUTSIDE], PRIVATE)
            server.send(ANNA, [NOBODY], letter(ANNA, NOBODY, "odbije się", "x"))
            server.send("", [ANNA], letter("robot@dostawca.example", ANNA, "Autoodpowiedź", "x"))
            server.send(OUTSIDE, [JOURNAL], letter(OUTSIDE, JOURNAL, "wprost do dziennika", "x"))
            until(lambda: not server.queue())
            through = ("--through", f"127.0.0.1:{server.port}", "--to", ANNA)
            sealed = here.rejent(NOON, "mail check", "--journal", "dziennik", *through)
            refused = check(here, "--to", OUTSIDE)
        silent = check(here)
        waiting = check(here, *through, "--seconds", "1")
        for number in range(2):
            server.send(ANNA, [OUTSIDE], letter(ANNA, OUTSIDE, f"bez programu {number}", "x"))
        until(lambda: server.deferred(3))
        with running(here, NOON + HOUR / 2):
            until(lambda: not server.queue())
        log = here.folder.parent / "maillog"
        log.write_text(re.sub(r"(?m)^\w{3} [ \d]\d", "Nov  2", server.log()))
    assert sorted(server.world.got) == sorted([*[(ANNA, (OUTSIDE,))] * 4, *[("<>", (ANNA,))] * 4]), (
        "only what was sent, and the mail server's own bounce"
    )
    assert re.fullmatch(r"2026-11-02T\S+ \S+\n", sealed)
    assert "refused the test message at RCPT TO: 450 4.1.1" in refused
    assert "Nobody answers" in silent
    assert "took the test message, and after 1 s it is not among" in waiting
    here.rejent(NEXT_DAY, "keep", "--once")
    (counted,) = json.loads(here.rejent(NEXT_DAY, "mail counts", "--journal", "dziennik", "--json"))
    assert {name: counted[name] for name in ("acknowledged", "kept", "private", "exempt", "refused", "missing")} == {
        "acknowledged": 9, "kept": 8, "private": 1, "exempt": 0, "refused": 0, "missing": 0,
    }  # fmt: skip
    with_log = here.rejent(NEXT_DAY, "mail counts", "--journal", "dziennik", "--log", log, "--json")
    assert [(each["day"], each["delivered"], each["unaccounted"]) for each in json.loads(with_log)] == [
        ("2026-11-02", 9, 0)
    ]
    opened = here.step(NOON + timedelta(hours=2), "stolen", source)
    assert opened == {"both": 8}
    assert json.loads(here.rejent(NEXT_DAY, "fsck", "--json")) == {"clean": True, "findings": []}


def test_a_milter_sees_whom_a_message_is_for_and_never_holds_it_up(
    office: tuple[MailOffice, str, int],
) -> None:
    """Blind recipients are in its envelope; what is sent while the program is away is delivered, and that nobody listened is a gap."""
    here, journal, port = office
    at = free_port()
    with socket_folder() as folder:
        by_file = folder / "milter"
        here.rejent(
            NOON, "source add", "--stream", "mail", "--name", "gniazdo", "--listen", f"milter://{by_file}", "--domain", DOMAINS, "--exempt", EXEMPT,
        )  # fmt: skip
        taken = here.done(NOON, "source add", "--stream", "mail", "--name", "drugi", "--listen", f"lmtp://127.0.0.1:{port}", "--journal", JOURNAL, "--domain", DOMAINS)  # fmt: skip
        assert (taken.status, "dziennik listens at this address already" in taken.err) == (1, True), taken
        source = here.rejent(
            NOON, "source add", "--stream", "mail", "--name", "milter", "--listen", f"milter://127.0.0.1:{at}", "--domain", DOMAINS, "--exempt", EXEMPT,
        ).strip()  # fmt: skip
        sent = letter(
            ANNA,
            OUTSIDE,
            "zażółć",
            "x\r\n.\r\nFrom y",
            "X-Zlozone: raz\r\n\tdwa",
            "X-Bez:odstepu",
            "Bcc: ukryty@dostawca.example",
        )
        with postfix(port, milters=f"inet:127.0.0.1:{at}, unix:{by_file}") as server:
            with running(here, NOON + timedelta(hours=3)):
                until(lambda: not server.queue() and _reaches(at) and by_file.is_socket())
                assert (stat.S_IMODE(by_file.stat().st_mode), by_file.group()) == (0o660, "postfix")
                server.send(ANNA, [OUTSIDE, NOBODY], sent)
                server.send(ANNA, [OUTSIDE], PRIVATE)
                until(lambda: len(re.findall(rf"to=<{JOURNAL}>.* status=sent", server.log())) == 2)
            server.send(ANNA, [OUTSIDE], letter(ANNA, OUTSIDE, "mimo milter", "x"))
            until(lambda: len(server.world.got) == 3)
        assert sorted(to for _, to in server.world.got) == sorted([(OUTSIDE, NOBODY), (OUTSIDE,), (OUTSIDE,)])
        ((sender, recipients, kept),) = here.step(NOON + timedelta(hours=4), "read_all", source)["messages"]
        assert (sender, sorted(recipients)) == (ANNA, sorted([OUTSIDE, NOBODY]))
        head, _, body = kept.encode("latin-1").partition(b"\r\n\r\n")
        sent_head, _, sent_body = sent.partition(b"\r\n\r\n")
        assert body == sent_body
        copies = [
            each for _, _, each in here.step(NOON + timedelta(hours=4), "read_all", journal)["messages"]
        ]
        known = digest_of(kept.encode("latin-1"))
        assert [digest_of(each.encode("latin-1")) == known for each in copies].count(True) == 1, (
            "the same message"
        )
        missing = [line for line in sent_head.split(b"\r\n") if line not in head.split(b"\r\n")]
        assert missing == [b"Bcc: ukryty@dostawca.example"], "which the server drops"
        here.rejent(NEXT_DAY + HOUR, "keep", "--once")
        for name in ("milter", "gniazdo"):
            counted = json.loads(here.rejent(NEXT_DAY + HOUR, "mail counts", "--journal", name, "--json"))
            assert [(each["acknowledged"], each["kept"], each["private"]) for each in counted] == [(2, 1, 1)]
        assert "program-off" in here.rejent(NEXT_DAY + HOUR, "gaps", "--source", "milter", "--from", NOON.isoformat(), "--to", NEXT_DAY.isoformat())  # fmt: skip
        assert json.loads(here.rejent(NEXT_DAY + HOUR, "fsck", "--json"))["clean"]
        assert "is tried through its mail server" in check(here, journal="milter")


def _reaches(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
