"""Run a simulated PBX: ``python -m rejent.streams.calls.practice.simulated --to 127.0.0.1:5080 --own 105550100 --every 20``.

Calls come from unassigned numbers and consist of synthetic vowels; until stopped, or ``--calls`` of them.
"""

import argparse
import asyncio
import random
import signal
import sys
from contextlib import suppress
from pathlib import Path

from rejent.kernel.clock import SystemClock
from rejent.streams.calls.catalog.errors import SoundRefusedError
from rejent.streams.calls.practice.session import CALLERS, SimulatedCall, hand_over
from rejent.streams.calls.practice.voice import Announcement, conversation

STARS = 3


async def place_calls(
    recorder: tuple[str, int], given: argparse.Namespace, announcing: Announcement | None
) -> None:
    """Place a call every ``every`` seconds, however long each lasts."""
    chance = random.Random(given.own)  # noqa: S311 - who calls guards nothing
    clock, under_way, number = SystemClock(), set[asyncio.Task[None]](), 0

    async def place(call: SimulatedCall) -> None:
        done = await hand_over(call, recorder, clock)
        sys.stdout.write(f"{done.status} {done.packets}\n")
        sys.stdout.flush()

    while given.calls is None or number < given.calls:
        number += 1
        legs = conversation(given.lasts * chance.uniform(0.5, 1.5), number)
        if announcing is not None:
            legs = announcing.before(legs, star=number % STARS == 0)
        caller = given.caller or chance.choice(CALLERS)
        task = asyncio.create_task(place(SimulatedCall(caller, given.own, legs)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        if given.calls is None or number < given.calls:
            await asyncio.sleep(given.every)
    await asyncio.gather(*under_way)


async def serve(
    recorder: tuple[str, int], given: argparse.Namespace, announcing: Announcement | None
) -> None:
    """Place calls until stopped."""
    calling = asyncio.create_task(place_calls(recorder, given, announcing))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, calling.cancel)
    with suppress(asyncio.CancelledError):
        await calling


def main(arguments: list[str] | None = None) -> int:
    """Place the calls given on the command line."""
    parser = argparse.ArgumentParser(
        prog="rejent.streams.calls.practice.simulated", description="A simulated PBX."
    )
    parser.add_argument("--to", required=True, help="host and port of the recorder")
    parser.add_argument("--own", default="105550100", help="the number that is called")
    parser.add_argument(
        "--from", dest="caller", help="the number that calls; numbers that no office has if not given"
    )
    parser.add_argument("--every", type=float, default=20.0, help="seconds from one call to the next")
    parser.add_argument(
        "--lasts", type=float, default=15.0, help="seconds that a call lasts, give or take a half"
    )
    parser.add_argument(
        "--announcement",
        type=Path,
        help="what is played before every call: a WAV that `rejent calls announcement export` wrote",
    )
    parser.add_argument(
        "--clause", type=Path, help="likewise, played to every third caller, who presses the star"
    )
    parser.add_argument("--calls", type=int, help="how many; without end if not given")
    given = parser.parse_args(arguments)
    try:
        announcing = Announcement.of(given.announcement, given.clause) if given.announcement else None
    except (SoundRefusedError, OSError):
        parser.error("a sound cannot be played: write it with rejent calls announcement export DIR --to FILE")
    host, _, port = given.to.rpartition(":")
    asyncio.run(serve((host, int(port)), given, announcing))
    return 0


if __name__ == "__main__":
    sys.exit(main())
