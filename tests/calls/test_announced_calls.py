"""The whole program answers a call with its announcement, plays the clause on the star, hands over, and knows it afterwards."""

import asyncio
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rejent.formats.sound.g711 import decoded
from rejent.streams.calls.announcing.playback import encoded
from rejent.streams.calls.catalog.announcement_wav import plain_wav
from rejent.streams.calls.practice.session import SimulatedCall, hand_over
from rejent.streams.calls.practice.voice import conversation
from tests.calls.announced import AnnouncedCall
from tests.calls.exchange import free_ports, until
from tests.calls.pbx import CLOCK, HOST
from tests.installation import CommandServer, Office, RunningProgram, another_office, running

pytestmark = pytest.mark.sipp

NAME, OWN = "Switchboard", "105550100"
TARGET, AROUND = f"sip:100@{HOST}", f"sip:199@{HOST}"
SPOKEN, CLAUSE = (decoded("PCMA", conversation(seconds, seed)[0]) for seconds, seed in ((1.6, 11), (0.6, 12)))
SAID, CLAUSED = encoded("PCMA", SPOKEN), encoded("PCMA", CLAUSE)


@dataclass
class Announced:
    """An office whose calls are announced."""

    office: Office
    program: RunningProgram
    command: CommandServer
    siprec: int
    announcing: int

    def json(self, command: str, *arguments: str) -> Any:
        """What a command that must succeed prints."""
        done = self.command(command, *arguments, "--json")
        assert done.status == 0, done
        return done.json

    def noted(self) -> int:
        """How much evidence there is."""
        with sqlite3.connect(self.office.directory / "catalog" / "catalog.db") as base:
            (count,) = base.execute(
                "SELECT count(*) FROM calls_callnotice WHERE caller = '+48107770201'"
            ).fetchone()
        return int(count)

    def calls(self) -> list[dict[str, Any]]:
        """Today's calls."""
        found: list[dict[str, Any]] = self.json("calls list")
        return found

    def record(self, **said: tuple[bytes, bytes]) -> list[dict[str, Any]]:
        """Hand calls of these callers over to the recorder at once, and give each once it has ended."""
        known = {one["id"] for one in self.calls()}

        async def handed_over() -> list[int]:
            calls = [SimulatedCall(caller.lstrip("n"), OWN, legs) for caller, legs in said.items()]
            return [
                one.status
                for one in await asyncio.gather(
                    *(hand_over(call, (HOST, self.siprec), CLOCK) for call in calls)
                )
            ]

        assert set(asyncio.run(handed_over())) == {200}

        def ended() -> list[dict[str, Any]]:
            new = [one for one in self.calls() if one["id"] not in known and one["end"]]
            return new if len(new) == len(said) else []

        return until(ended)


@pytest.fixture(scope="module")
def announced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Announced]:
    """An office of Bolesławiec's kind, whose callers hear an announcement and, on the star, the clause."""
    folder = tmp_path_factory.mktemp("announced")
    office = another_office(folder / "office", regulation="boleslawiec")
    first = free_ports(44)
    with (office.directory / "rejent.toml").open("a") as file:
        file.write(f"\n[calls]\nrtp_ports = [{first + 4}, {first + 43}]\n")
    command = CommandServer(office)
    siprec, listen = f"{HOST}:{first}", f"{HOST}:{first + 2}"
    add = [
        "source add",
        "--stream",
        "calls",
        "--name",
        NAME,
        "--siprec",
        siprec,
        "--numbers",
        "+48 10 555 01",
    ]
    assert command(*add, "--refusal-key", "9").status == 0
    for kind, samples in (("incoming", SPOKEN), ("clause", CLAUSE)):
        sound = folder / f"{kind}.wav"
        sound.write_bytes(plain_wav(samples))
        told = ["--line", NAME, "--kind", kind, "--file", str(sound), "--text", f"The {kind}."]
        done = command("calls announcement set", *told)
        assert (done.status, done.out) == (0, f"{kind} 1\n"), done
    way = ["--line", NAME, "--listen", listen, "--to", TARGET, "--around", AROUND]
    assert command("calls announcing", *way).status == 0
    assert command("keep", "--once").status == 0
    with running(office, "--role", "recorder") as program:
        program.until("calls.listening")
        made = Announced(office, program, command, first, first + 2)
        until(lambda: _answers(made))
        yield made


def _answers(announced: Announced) -> bool:
    call = AnnouncedCall(announced.announcing, "10777099", patience_s=0.3)
    try:
        answered = call.place().status == 200
        call.hang_up()
    except (AssertionError, OSError):
        return False
    finally:
        call.close()
    return answered


def test_caller_hears_the_announcement_presses_the_star_and_is_handed_over(announced: Announced) -> None:
    """Sound and clause arrive bit by bit, REFER names the line's target; the recorded call then knows what was heard."""
    call = AnnouncedCall(announced.announcing, "107770201", {30: "*"})
    assert call.place().status == 200
    refer = call.hear_until("REFER")
    split = bytes(call.heard).index(CLAUSED)
    assert split % 160 == 0
    assert 30 * 160 <= split <= 60 * 160
    rest = split + len(CLAUSED)
    assert bytes(call.heard[:split] + call.heard[rest : rest + len(SAID) - split]) == SAID
    assert refer.headers.get("Refer-To") == f"<{TARGET}>"
    call.reply(refer, 202)
    call.notify(200)
    call.reply(call.hear_until("BYE"), 200)
    call.close()
    (recorded,) = announced.record(n107770201=conversation(0.5, 3))
    until(lambda: announced.noted() >= 2)
    assert announced.command("keep", "--once").status == 0
    (known,) = [one for one in announced.calls() if one["id"] == recorded["id"]]
    assert known["announced"] == "service"
    assert announced.command("fsck").out == "Clean.\n"


def test_caller_who_refuses_is_sent_where_nobody_records(announced: Announced) -> None:
    """The refusal's key goes to the other address."""
    call = AnnouncedCall(announced.announcing, "107770202", {10: "9"})
    assert call.place().status == 200
    refer = call.hear_until("REFER")
    assert refer.headers.get("Refer-To") == f"<{AROUND}>"
    assert call.packets < 40
    call.reply(refer, 603)
    assert call.hear_until("BYE").headers.get("Reason") == "Q.850;cause=21"
    call.close()


def test_announcement_that_the_pbx_plays_is_found_in_the_recording(announced: Announced) -> None:
    """A minute after its end the keeper finds the sound in the call; a call without it stays marked."""
    one, other = conversation(2.0, 5)
    with_it = (one, b"\xd5" * 1600 + SAID + other[:2400])
    calls = announced.record(n107770203=with_it, n107770204=conversation(2.0, 6))
    later = CLOCK.now() + timedelta(minutes=2)
    assert announced.office.at(later, "keep", "--once").status == 0
    marked = {call["id"]: call["announced"] for call in announced.calls()}
    assert sorted(marked[call["id"]] for call in calls) == ["found", "no"]
    assert announced.json("status")["unannounced"] == 1


def test_a_real_phone_is_answered_and_handed_over(announced: Announced, tmp_path: Path) -> None:
    """Debian's sipp calls, hears it out, takes the REFER and reports it done."""
    scenario = Path(__file__).parent / "sipp" / "announced.xml"
    command = [
        "sipp", f"{HOST}:{announced.announcing}", "-i", HOST, "-mi", HOST, "-sf", str(scenario), "-m", "1",
        "-nostdin", "-timeout", "20s", "-mp", str(free_ports(4)),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_what_is_no_sound_is_refused_in_one_line(announced: Announced) -> None:
    """A file of another kind is named as that, and no version is made."""
    before = announced.json("calls announcement list", "--line", NAME)
    file = announced.office.directory / "rejent.toml"
    told = ["--line", NAME, "--kind", "clause", "--file", str(file), "--text", "x"]
    done = announced.command("calls announcement set", *told)
    assert (done.status, done.err.count("\n")) == (1, 1)
    assert "No sound can be read" in done.err
    assert announced.json("calls announcement list", "--line", NAME) == before


def test_killed_announcing_is_back_and_nobody_waits(announced: Announced) -> None:
    """After `kill -9` it is started again; while it is not there a call is refused by the system, not left to wait."""
    started = [told for told in announced.program.events if told["event"] == "process.started"]
    (pid,) = [told["pid"] for told in started if told["process"] == "announcing"]
    os.kill(pid, signal.SIGKILL)
    assert announced.program.until("process.started", process="announcing")["pid"] != pid
    assert until(lambda: _answers(announced))
