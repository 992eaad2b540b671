"""Makes a small office that records calls, for the browser tests: a line, two calls of yesterday, who may hear them.

Run as a process of its own, for the past is made under another clock: ``python -m tests.browser.calls_office DIR``.
"""

import argparse
import os
from datetime import timedelta
from pathlib import Path

from rejent.kernel.clock import ManualClock, SystemClock, civil_date, local_midnight
from rejent.office.regulation.loading import example
from tests.browser.office import PASSWORD
from tests.people import add_person

CALLS = ("0a" * 16, "0b" * 16)
SECONDS = 24


def make(directory: Path) -> None:
    """Fill an empty folder; at 14:05:20 somebody calls from outside, at 14:20 the office calls back."""
    begun = local_midnight(civil_date(SystemClock().now()) - timedelta(days=1)) + timedelta(hours=13)
    os.environ["REJENT_CLOCK"] = begun.isoformat()
    regulation = directory.parent / "calls.toml"
    listed = 'stations = "listed"\n'
    text = example("boleslawiec")
    assert text.count(listed) == 1
    regulation.write_text(text.replace(listed, ""), encoding="utf-8")
    from rejent.ops.commands import init

    init.create(directory, str(regulation), test=True)
    from django.conf import settings

    clock = ManualClock(begun)
    settings.CLOCK = settings.VAULT.clock = clock
    _people(clock)
    _calls(clock)


def _people(clock: ManualClock) -> None:
    from rejent.access import services as access

    made = {
        role: add_person(
            f"Osoba {role}", post=role, roles=[role], username=role, password=PASSWORD, clock=clock, actor="cli"
        )
        for role in ("viewer", "head", "iod")
    }  # fmt: skip
    access.issue_authorisation(
        person_id=made["viewer"].id, acts=["recordings"], stream="calls", source_ids=None,
        valid_from=civil_date(clock.now()), valid_until=None, clock=clock, actor=str(made["head"].id),
    )  # fmt: skip


def _calls(clock: ManualClock) -> None:
    from django.conf import settings

    from rejent.catalog import services as catalog
    from rejent.retention import services as retention
    from rejent.streams.calls.catalog import services as call_services
    from rejent.streams.calls.catalog.lines.addresses import StatedLine
    from tests.spoken_call import book

    line = call_services.add_line(
        name="Sekretariat",
        stated=StatedLine(siprec="127.0.0.1:5060", numbers=("+4874555",)),
        clock=clock,
        actor="cli",
    )
    catalog.switch_source(line, on=False, clock=clock, actor="cli")
    retention.keep_once(settings.KEEPING())
    start = clock.now() + timedelta(minutes=65, seconds=20)
    clock.advance(timedelta(hours=2))
    book(line, CALLS[0], start, SECONDS, clock=clock)
    back = {"direction": "outgoing", "caller": "+48745550100", "called": "+48225550123"}
    book(line, CALLS[1], start + timedelta(minutes=15), 6, clock=clock, **back)
    settings.CLOCK = settings.VAULT.clock = SystemClock()
    retention.keep_once(settings.KEEPING())
    retention.confirm_clock(settings.CLOCK, "cli")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, help="an empty or a new folder")
    make(parser.parse_args().directory)
