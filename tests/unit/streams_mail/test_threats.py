"""Messages held against rules, lists and ClamAV: what is found is named, what was not looked at is said, nothing is refused."""

import gzip
import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from rejent.formats.records import whole_packets
from rejent.kernel.clock import SystemClock
from rejent.kernel.errors import InputRefusedError
from rejent.streams.mail.messages.framing import MessageFrame
from rejent.streams.mail.threats.checking import Checking, Examiner
from rejent.streams.mail.threats.clamd import Clamd
from rejent.streams.mail.threats.known import Known, read_known, stamps_of
from rejent.streams.mail.threats.scanners import scanners_of, state_of
from rejent.streams.mail.threats.settings import MailSettings
from rejent.streams.mail.threats.unpacking import MOST_UNPACKED, Unpacking
from rejent.streams.mail.threats.verdicts import NotCheckedError, Unchecked, Verdict
from tests.streams.clamav import daemon
from tests.streams.mail_corpus import BAD, RULE, archive, bomb, mixed, page, part
from tests.unit.streams_mail.journal import journal
from tests.waiting import CEILING_S, until

KNOWN = Known({"biuro": RULE}, {"lista": ["zly.example"]})
CLOCK = SystemClock()


def file(content: bytes, name: str = "a.bin") -> bytes:
    """Return a message with a file."""
    return mixed(
        "plik", part("text/plain", b"tresc"), part(f"application/octet-stream; name={name}", content)
    )


@pytest.fixture(scope="module")
def examiner() -> Iterator[Examiner]:
    """Rules and a list in a confined child."""
    made = Examiner(KNOWN, CLOCK, CEILING_S)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (file(BAD), ("yara=Wzorzec",)),
        (file(archive(BAD, "a.txt", depth=3)), ("yara=Wzorzec",)),
        (file(gzip.compress(archive(BAD, "a.txt"))), ("yara=Wzorzec",)),
        (b"Content-Type: message/rfc822\r\n\r\n" + file(BAD), ("yara=Wzorzec",)),
        (page("a", '<a href="&#104;ttps://x.ZLY.example:8080/a">b</a>'), ("hosts=lista",)),
        (page("a", "ftp://kto@zly.example/ https://niezly.example https://zly.example.com http://a.pl/zly.example"), ("hosts=lista",)),
        (page("a", "https://niezly.example https://zly.example.com http://a.pl/zly.example"), ()),
        (file(b"nic"), ()),
    ],
)  # fmt: skip
def test_what_is_known_is_found_wherever_it_lies(
    examiner: Examiner, content: bytes, found: tuple[str, ...]
) -> None:
    """In a file, in archives, in a message within; a host with its subdomains, and no other that looks like it."""
    assert examiner.check(content) == Verdict(found)


@pytest.mark.parametrize(
    "content",
    [
        file(bomb()),
        file(archive(BAD, "a.txt", depth=6)),
        file(archive(BAD, "a.txt")[:-30]),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 60_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 5000,
        file(b"Rar!\x1a\x07\x01\x00"),
        b"Subject: a\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n",
    ],
    ids=["bomb", "deep", "torn", "tree", "wide", "rar", "encrypted"],
)  # fmt: skip
def test_what_is_not_looked_at_whole_is_said(examiner: Examiner, content: bytes) -> None:
    """A bomb costs what is allowed, and is no message in which nothing was found."""
    assert "yara=partly" in examiner.check(content).unchecked


def test_a_text_that_is_looked_at_in_part_is_said(examiner: Examiner) -> None:
    """Too long, or of too many links."""
    for text in (b"x" * (2 << 20) + b" http://zly.example", b"http://a.example/ " * 6000):
        assert examiner.check(b"Subject: a\r\n\r\n" + text) == Verdict((), ("hosts=partly",))


def test_unpacking_is_bounded() -> None:
    """In bytes over all of it, whatever an archive says of its sizes."""
    unpacking = Unpacking()
    assert sum(len(each) for each in unpacking.of(bomb())) <= 2 * MOST_UNPACKED
    assert unpacking.partly


@pytest.mark.parametrize(
    ("seconds", "does"), [(CEILING_S, ""), (0.2, "import signal; signal.pause()")], ids=["ends", "hangs"]
)
def test_a_child_that_fails_costs_a_verdict_alone(seconds: float, does: str) -> None:
    """Its message was not checked, and that is said."""
    failing = Examiner(KNOWN, CLOCK, seconds, [sys.executable, "-c", does])
    with pytest.raises(NotCheckedError) as told:
        failing.check(file(BAD))
    assert told.value.why is Unchecked.LATE
    failing.close()


def test_rules_and_lists_are_read_and_what_is_wrong_is_named(tmp_path: Path) -> None:
    """Of a broken rule the file and the line; lists as people and hosts files write them."""
    rules, hosts = tmp_path / "rules", tmp_path / "hosts"
    for each in (rules, hosts):
        with pytest.raises(InputRefusedError, match="cannot be read"):
            read_known(str(each), "")
        each.mkdir()
    with pytest.raises(InputRefusedError, match="no file that ends in"):
        read_known(str(rules), "")
    (rules / "biuro.yar").write_text(RULE)
    (hosts / "lista.txt").write_text("# lista\n0.0.0.0 Zly.Example\nżółty.example # a\nnie host\n\n@@\n")
    before = stamps_of(str(rules), str(hosts))
    assert read_known(str(rules), str(hosts)) == Known(
        {"biuro": RULE}, {"lista": ["zly.example", "xn--ty-4ja03asj.example"]}
    )
    (rules / "zla.yar").write_text("rule Zla { condition: ")
    assert stamps_of(str(rules), str(hosts)) != before
    with pytest.raises(
        InputRefusedError, match=r"A rule for threats cannot be used: zla: error\[E001\]: syntax error"
    ):
        read_known(str(rules), "")
    stated = MailSettings(str(rules), str(hosts), str(tmp_path / "nowhere"))
    assert [each.names for each in scanners_of(stated, CLOCK)] == [("yara",), ("hosts",), ("clamav",)]
    told = state_of(stated, CLOCK)
    assert (told["hosts"], told["clamav"]) == ("2 hosts", "does not answer")
    assert told["yara"].startswith("A rule for threats cannot be used: zla")


def test_clamav_finds_its_signatures_and_says_what_it_did_not_look_at(tmp_path: Path) -> None:
    """In a file and in an archive of a real daemon; one that is too large, or away, is not checked."""
    with daemon(tmp_path / "clamav", BAD) as address:
        clamd = Clamd(address, CLOCK, CEILING_S)
        assert clamd.answers()
        assert clamd.check(file(BAD)).found == ("clamav=Wlasny.Wzorzec.UNOFFICIAL",)
        assert clamd.check(file(archive(BAD, "a.txt", depth=2))).found == (
            "clamav=Wlasny.Wzorzec.UNOFFICIAL",
        )
        assert clamd.check(file(b"nic")) == Verdict()
        assert clamd.check(file(archive(b"x", "a.txt", depth=20))).unchecked == ("clamav=partly",)
        with pytest.raises(NotCheckedError) as large:
            clamd.check(file(os.urandom(5 << 20)))
        assert large.value.why is Unchecked.LARGE
    assert not clamd.answers()
    with pytest.raises(NotCheckedError) as away:
        clamd.check(file(BAD))
    assert away.value.why is Unchecked.AWAY


def test_a_daemon_that_hangs_is_late(tmp_path: Path) -> None:
    """It takes the message and never answers."""
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(tmp_path / "mute"))
        mute.listen()
        with pytest.raises(NotCheckedError) as late:
            Clamd(str(tmp_path / "mute"), CLOCK, 0.1).check(file(BAD))
    assert late.value.why is Unchecked.LATE


class Held:
    """A scanner that waits until it is let go."""

    name, names = "held", ("held",)

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked = 0

    def check(self, _content: bytes) -> Verdict:
        """Wait."""
        self.asked += 1
        assert self.go.wait(CEILING_S)
        raise NotCheckedError(Unchecked.LATE)

    def close(self) -> None:
        """Let go."""
        self.go.set()


def test_verdicts_lie_beside_the_sealed_message_and_nothing_is_refused(tmp_path: Path) -> None:
    """Whatever is found or not looked at, the answer is 250, and the frame says which."""
    silent = Examiner(KNOWN, CLOCK, CEILING_S, [sys.executable, "-c", ""])
    private = b"Subject: [prywatne]\r\n\r\n" + BAD + b"\r\n"
    with journal(tmp_path / "store", checking=Checking) as here:
        replies = [here.send(file(b"przed"))]
        here.recorder.check_by([Examiner(KNOWN, CLOCK, CEILING_S)])
        replies += [here.send(each) for each in (file(BAD), file(bomb()), private, file(b"nic"))]
        here.recorder.check_by([silent])
        replies.append(here.send(file(BAD)))
    assert replies == [250] * 6
    facts = [
        MessageFrame.decoded(frame).facts
        for segment in here.bench.ledger.segments_booked
        for frame in whole_packets(here.bench.content(segment))
    ]
    assert [each.examined for each in facts] == [False, True, True, True, True]
    assert [(each.threats, each.unchecked) for each in facts] == [
        ((), ()), (("yara=Wzorzec",), ()), ((), ("yara=partly",)), ((), ()), ((), ("yara=late", "hosts=late")),
    ]  # fmt: skip
    assert {name: here.counted[name] for name in ("acknowledged", "checked", "unchecked")} == {
        "acknowledged": 6,
        "checked": 2,
        "unchecked": 2,
    }
    assert here.counted["yara=Wzorzec"] == 1


def test_a_scanner_that_hangs_is_still_asked_and_holds_up_one_message(tmp_path: Path) -> None:
    """Who waits is told that it was busy; once it was late twice nobody waits any more, and whoever finds it free asks."""
    held = Held()
    with journal(tmp_path / "store", checking=lambda: Checking(0.1)) as here:
        here.recorder.check_by([held])
        replies: list[int] = []
        first = threading.Thread(target=lambda: replies.append(here.send()))
        first.start()
        until(lambda: held.asked == 1)
        replies.append(here.send())
        held.go.set()
        first.join()
        replies += [here.send(), here.send()]
        assert held.asked >= 3
    assert replies == [250] * 4
    assert (here.counted["unchecked"], here.counted["failed"], here.counted["rechecked"]) == (4, 4, 0)


class Recovering(Held):
    """A scanner that fails at first."""

    def __init__(self, fails: int) -> None:
        super().__init__()
        self._fails = fails

    def check(self, content: bytes) -> Verdict:
        """Fail so many times, then look."""
        self.asked += 1
        if self.asked <= self._fails:
            raise NotCheckedError(Unchecked.AWAY)
        return Verdict(("held=Wzorzec",) if BAD in content else ())


def test_a_message_at_which_checking_failed_is_checked_again(tmp_path: Path) -> None:
    """From memory, once its scanner answers; what is found then is counted on its day, and the frame says what was known when it was sealed."""
    with journal(tmp_path / "store", checking=Checking) as here:
        here.recorder.check_by([Recovering(4)])
        assert [here.send(b"Subject: a\r\n\r\n" + BAD + b"\r\n"), here.send()] == [250, 250]
        until(lambda: here.counted["rechecked"] == 2)
    assert here.counted["held=Wzorzec"] == 1
    assert (here.counted["failed"], here.counted["checked"]) == (2, 0)


LZMA_BOMB = bytes.fromhex(
    "504b03043f0002000e00fc14795d038a62ac1600000032000000010000006109040500"
    "5dffffffff003c6e3b07ffffffff800000 00504b01023f033f0002000e00fc14795d038a62ac16000000320000000100000000000000000000008001000000"
    "0061504b05060000000001000100 2f000000350000000000"
)
"""A ZIP file whose one file asks for a dictionary of 4 GiB."""


@pytest.mark.parametrize(
    "hostile",
    [
        LZMA_BOMB,
        b"x" * 100 + b"PK\x05\x06" + b"\xff" * 18,
        b"PK\x03\x04"
        + b"\xff" * 60
        + b"PK\x01\x02"
        + b"\xff" * 60
        + b"PK\x05\x06"
        + b"\0" * 6
        + b"\xff" * 12,
    ],
    ids=["lzma", "end of a zip", "zip"],
)
def test_no_archive_ends_the_child_that_checks(examiner: Examiner, hostile: bytes) -> None:
    """It is said of its message alone; beside it and after it everything is found, by the same child."""
    examiner.check(file(b"nic"))
    child = examiner._course
    both = mixed("plik", part("application/zip; name=a.zip", hostile), part("text/plain; name=b.txt", BAD))
    seen = examiner.check(both)
    assert ("yara=Wzorzec" in seen.found, seen.failed) == (True, False)
    assert examiner.check(file(BAD)) == Verdict(("yara=Wzorzec",))
    assert examiner._course is child is not None


def test_a_fault_of_the_examination_is_said_of_its_message(
    examiner: Examiner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of parts that cannot be walked at all nothing is said to be checked, and the others are."""
    from rejent.streams.mail.threats import examining

    assert examiner.names == ("yara", "hosts")
    whole = examining.Examination(json.dumps(asdict(KNOWN)).encode())
    monkeypatch.setattr(examining, "protection_of", lambda _: int("x"))
    assert json.loads(whole.feed(file(BAD)))["partly"] == ["hosts", "yara"]


MORTAL = """
import os, sys
from rejent.content import workshop_child
from rejent.streams.mail.threats.examining import Examination
feed = Examination.feed
Examination.feed = lambda self, content: os._exit(1) if b"smierc" in content else feed(self, content)
workshop_child.serve(sys.stdin.buffer, sys.stdout.buffer)
"""


def test_a_child_that_dies_is_started_anew_at_once() -> None:
    """Its message was not checked; the next one meets a child that is ready, and no pause."""
    mortal = Examiner(KNOWN, CLOCK, CEILING_S, [sys.executable, "-P", "-c", MORTAL])
    assert mortal.check(file(BAD)) == Verdict(("yara=Wzorzec",))
    before = mortal._course
    for _ in range(3):
        with pytest.raises(NotCheckedError) as told:
            mortal.check(b"Subject: smierc\r\n\r\nx")
        assert told.value.why is Unchecked.LATE
        assert mortal._course not in {None, before}
    assert mortal.check(file(BAD)) == Verdict(("yara=Wzorzec",))
    mortal.close()


def test_no_scanner_is_no_check(tmp_path: Path) -> None:
    """Nothing is said of messages that nobody was asked about."""
    with journal(tmp_path / "store", checking=Checking) as here:
        assert here.send() == 250
    assert (here.counted["checked"], here.counted["unchecked"]) == (0, 0)
