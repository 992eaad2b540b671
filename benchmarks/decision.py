"""Cost of one decision on who may see a recording or a live picture: the pure function, and the whole check of a page.

The pure function gets a person with 32 authorisations of which only the last fits, with everything a regulation may
demand demanded, and that person with one thing lacking at a time. The whole check of a page reads the person's
authorisations, the regulation in force and the source from SQLite, as before every piece. Wall-clock time, medians
and 99th percentiles.

``python -m benchmarks.decision [--rounds 20000]``
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from rejent.access.presence.values import Presence, Second
from rejent.access.rules.decision import Grant, Provisions, Request, SeeingAct, Statement, decide
from rejent.devices.views import ClientStation, Lack
from tests.people import add_person

MUST_US = 50.0
DAY = date(2026, 11, 21)
GRANTS = 32


def fullest() -> Request:
    """Return a request that is allowed only after every rule."""
    roles = frozenset({"viewer", "clerk", "employee"})
    grant = Grant("U/32/2026", frozenset({"live", "recordings"}), "video", frozenset({"s31"}), DAY, DAY)
    others = tuple(
        replace(grant, number=f"U/{number}/2026", source_ids=frozenset({f"s{number}"}))
        for number in range(GRANTS - 1)
    )
    return Request(
        act=SeeingAct.RECORDINGS,
        stream="video",
        source_id="s31",
        day=DAY,
        active=True,
        roles=roles,
        grants=(*others, grant),
        provisions=Provisions(
            roles,
            roles,
            frozenset({"mienie", "bezpieczenstwo"}),
            listed_stations=True,
            second_person=True,
            guests=True,
            photographing_forbidden=True,
            statement_first=True,
            clause="§ 6 ust. 2",
        ),
        statement=Statement("mienie", "OR.1431.17.2026", acknowledged=True),
        client_station=ClientStation("4", "Kasa", None),
        presence=Presence(second=Second.AGREED, guests=1),
    )


def requests() -> list[Request]:
    """Return that request, and those that lack one thing."""
    whole = fullest()
    expired = tuple(
        replace(grant, valid_from=DAY - timedelta(9), valid_until=DAY - timedelta(1))
        for grant in whole.grants
    )
    lacking = [
        {"act": SeeingAct.LIVE},
        {"active": False},
        {"signed": False},
        {"roles": whole.roles | {"guard"}},
        {"roles": frozenset({"secretary"})},
        {"provisions": None},
        {"grants": ()},
        {"grants": expired},
        {"grants": tuple(replace(grant, revoked=True) for grant in whole.grants)},
        {"client_station": ClientStation(lack=Lack.REVOKED)},
        {"unfinished": "O/7/2026"},
        {"statement": Statement("ciekawosc", "OR.1", acknowledged=True)},
        {"statement": Statement("mienie", " ", acknowledged=True)},
        {"statement": Statement("mienie", "OR.1", acknowledged=False)},
        {"presence": Presence(second=Second.SAME)},
        {"presence": Presence(second=Second.NOBODY)},
    ]  # fmt: skip
    return [whole, *(replace(whole, **changed) for changed in lacking)]  # type: ignore[arg-type]  # fields of it


def measured(act: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return median and 99th percentile of a call in microseconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter_ns()
        act()
        times.append((time.perf_counter_ns() - began) / 1000)
    times.sort()
    return statistics.median(times), times[int(len(times) * 0.99)]


def pure(rounds: int) -> float:
    """Print the cost of each rule; return the slowest median."""
    slowest, rules = 0.0, Counter[str]()
    for asked in requests():
        rule = decide(asked).rule.value
        rules[rule] += 1
        median, late = measured(lambda asked=asked: decide(asked), rounds)  # type: ignore[misc]  # bound at once
        slowest = max(slowest, median)
        print(f"{rule:<32}{asked.act.value:<12}median {median:6.2f} µs  p99 {late:6.2f} µs")
    verdict = "must met" if slowest <= MUST_US else "TOO SLOW"
    print(f"slowest of {len(rules)} rules: {slowest:.2f} µs  {verdict} (must {MUST_US:.0f})")
    return slowest


def asked_by_a_page(rounds: int) -> None:
    """Print the cost of the whole check before each piece, its rows read anew."""
    with tempfile.TemporaryDirectory() as folder:
        from rejent.ops.commands.init import create

        create(Path(folder) / "office", "pleszew", test=True)
        from django.conf import settings

        from rejent.access import queries, services
        from rejent.catalog import services as catalog
        from rejent.kernel.clock import civil_date

        clock = settings.CLOCK
        source = catalog.add_source(
            stream="video", name="Hol", address="rtsp://192.0.2.7/hol", building="Ratusz", place="hol", kind="hall", clock=clock,
            actor="", credentials_box=settings.VAULT.credentials,
        )  # fmt: skip
        head, viewer = (
            add_person(f"Osoba {role}", post="", roles=[role], username=role, password=os.urandom(12).hex(), clock=clock, actor="")
            for role in ("head", "viewer")
        )  # fmt: skip
        services.issue_authorisation(
            person_id=viewer.id, acts=["recordings"], stream="video", source_ids=None, valid_from=civil_date(clock.now()),
            valid_until=None, clock=clock, actor=str(head.id),
        )  # fmt: skip
        stated = Statement("bezpieczenstwo", "OR.1431.17.2026", acknowledged=True)

        def ask() -> object:
            return queries.may(viewer, SeeingAct.RECORDINGS, source, clock=clock, statement=stated)

        median, late = measured(ask, max(rounds // 20, 100))
        print(f"{'the whole question of a page':<44}median {median:6.0f} µs  p99 {late:6.0f} µs")


def main() -> int:
    """Measure both; return 1 if the pure decision misses its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20_000)
    given = parser.parse_args()
    slowest = pure(given.rounds)
    asked_by_a_page(given.rounds)
    return 0 if slowest <= MUST_US else 1


if __name__ == "__main__":
    sys.exit(main())
