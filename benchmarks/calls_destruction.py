"""Destruction of 10 000 calls of a month: time, proofs, and completeness.

Each call is as a recorder leaves it: a row with its numbers, one sealed object, its begin and its end in the ledger.
Database, key store and vault are real ones on the disk. Afterwards no number, object or key of them is there, every
destruction's act is proved under a signed checkpoint, and each proof is verified as a third party would. Beside it
stands the removal of as many plain files.

``python -m benchmarks.calls_destruction [--calls 10000]``
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.destruction import CONTENT, laid_out, removed_plainly
from benchmarks.figures import row
from rejent.kernel.clock import ManualClock, SystemClock, civil_date, local_midnight

CALLS = 10_000
DAYS = 30
MUST_S = 60.0
APART = timedelta(seconds=80)


def recorded_month(keeping: Any, line: str, calls: int) -> list[str]:
    """Book the calls of a month and put an object under the name of each."""
    from rejent.catalog import services
    from rejent.streams.calls.catalog import services as call_services

    names: list[str] = []
    first = civil_date(keeping.clock.now())
    for number in range(DAYS):
        day = first + timedelta(days=number)
        recipient = keeping.keys.make_keys(line, [day])[day].text
        services.store_day_keys(line, {day: recipient}, clock=keeping.clock)
        booked = []
        for place in range(calls // DAYS + (number < calls % DAYS)):
            call, made = uuid4().hex, uuid4()
            start = local_midnight(day) + place * APART
            end = start + timedelta(seconds=60)
            caller = f"+4810{place:07d}"
            begun = call_services.BegunCall(
                call, line, day, start, "incoming", caller, "+48105550100", "siprec"
            )
            call_services.begin_call(begun, clock=keeping.clock)
            call_services.end_call(call, end, "bye", clock=keeping.clock)
            name = f"{line}/{day.isoformat()}/{place:06d}-{made.hex}.age"
            booked.append(
                services.FinishedSegment(
                    id=made,
                    source_id=line,
                    day=day,
                    start=start,
                    end=end,
                    run=call,
                    object_name=name,
                    bytes=len(CONTENT),
                    sha256=made.hex * 2,
                    recipient=recipient,
                    units=6000,
                    index=bytes(380),
                    traits={"codec": "pcma,pcma"},
                )
            )
            names.append(name)
        services.book_segments(booked, keeping.clock)
    laid_out(keeping.store.root, names)
    return names


def proved(keeping: Any) -> int:
    """Prove every destruction under a signed checkpoint, verify it as a third party does, and count them."""
    from rejent.ledger.proof import parse_proof, verify_proof
    from rejent.registers.signing import checkpoints
    from rejent.retention import queries

    checkpoints.checkpoint(keeping.ledger, clock=keeping.clock)
    done = queries.destructions()
    for each in done:
        assert each.done_entry is not None
        verify_proof(
            parse_proof(checkpoints.prove(keeping.ledger, each.done_entry)), keeping.ledger.verifier()
        )
    return len(done)


def main() -> int:
    """Record, destroy, prove; return 1 where that takes too long or leaves anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as made:
        from rejent.ops.commands.init import create

        folder = Path(made)
        create(folder / "office", "walbrzych-mops", test=True)
        from django.conf import settings

        from rejent.retention.services import keep_once
        from rejent.streams.calls.catalog import services as call_services
        from rejent.streams.calls.catalog.lines.addresses import StatedLine
        from rejent.streams.calls.catalog.models import Call

        clock = ManualClock(SystemClock().now())
        keeping = replace(settings.KEEPING(), clock=clock)
        stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 10 555",))
        line = call_services.add_line(name="Switchboard", stated=stated, clock=clock, actor="")
        names = recorded_month(keeping, line, calls)
        clock.advance(timedelta(days=3 * DAYS))
        begun, spent = time.perf_counter(), time.process_time()
        done = keep_once(keeping)
        took, spent = time.perf_counter() - begun, time.process_time() - spent
        assert done.failed == [], done.failed
        assert done.destroyed_segments == calls, done.summary()
        assert not list(keeping.store.objects())
        proofs = proved(keeping)
        assert not Call.objects.exclude(caller="", called="", salt="", destroyed=True).exists()
        plain = removed_plainly(folder / "plain", names)
        row("calls destroyed", f"{calls:,}", f"{done.destroyed_days} keys, {proofs} proofs verified")
        row(
            "keys, objects and numbers gone after",
            f"{took:.2f} s",
            f"must {MUST_S:.0f} s; {spent:.2f} s of CPU",
        )
        row("as many plain files removed, nothing else", f"{plain:.2f} s")
    return 0 if took <= MUST_S else 1


if __name__ == "__main__":
    raise SystemExit(main())
