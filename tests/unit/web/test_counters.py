"""What counts failed sign-ins: nothing read from the database is run, and no crowd of names makes it forget a count."""

import base64
import pickle
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from rejent.kernel.clock import ManualClock
from rejent.web.signing_in.attempts import HERE, Attempts

pytestmark = pytest.mark.django_db
HOME = "198.51.100.1"


class Planted:
    """What whoever may write the database would like the process of the pages to do."""

    def __init__(self, proof: Path) -> None:
        self._proof = proof

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self._proof,)


def test_what_a_stranger_wrote_into_the_table_is_not_run(clock: ManualClock, tmp_path: Path) -> None:
    """A pickle in the place of a count, as a recorder that was taken over could put it there, does nothing."""
    attempts = Attempts("guard", HOME, clock)
    attempts.begin()
    planted = base64.b64encode(pickle.dumps(Planted(tmp_path / "proof"))).decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE web_cache SET value = %s", [planted])
    page = Client(REMOTE_ADDR=HOME).post(reverse("account_login"), {"login": "guard", "password": "wrong"})
    assert (page.status_code, attempts.begin()) == (200, True)
    assert not (tmp_path / "proof").exists()


def test_guessing_under_many_names_makes_no_count_forgotten(clock: ManualClock) -> None:
    """Whoever has used up the free attempts at one account still waits after a thousand at others."""
    target = Attempts("guard", HOME, clock)
    assert [target.begin() for _ in range(HERE.free + 1)] == [True] * HERE.free + [False]
    for number in range(1000):
        Attempts(f"nobody{number}", HOME, clock).begin()
    assert not target.begin()


def test_a_value_stays_until_its_time_and_is_kept_once(clock: ManualClock) -> None:
    """Counts, times and codes that were used once come back as they were, until they expire by the office's clock."""
    cache.set("count", (3, 1.5), 60)
    assert (cache.get("count"), cache.get("other", "nothing")) == ([3, 1.5], "nothing")
    assert [cache.add("code", "y", 30), cache.add("code", "n", 30), cache.get("code")] == [True, False, "y"]
    assert [cache.touch("code", 90), cache.touch("other", 90)] == [True, False]
    clock.advance(timedelta(seconds=60))
    assert (cache.get("count"), cache.get("code")) == (None, "y")
    clock.advance(timedelta(seconds=30))
    assert cache.add("code", "again", None)
    assert [cache.delete("code"), cache.delete("code")] == [True, False]
    cache.set("count", 1)
    cache.clear()
    assert cache.get("count") is None


def test_an_upgraded_office_keeps_its_table(clock: ManualClock) -> None:
    """The table that earlier versions made is the one that is used."""
    Attempts("guard", HOME, clock).begin()
    call_command("createcachetable", verbosity=0)
    assert cache.get(Attempts("guard", HOME, clock)._here)[0] == 1
