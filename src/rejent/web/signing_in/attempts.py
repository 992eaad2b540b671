"""Waits after failed sign-ins, so that guessing is slow and nobody is locked out for good.

Failures count twice: for an account and an address, which slows down guessing from one place; and for the account from
everywhere, which slows down places the person never signed in from. Places where they did in the last month wait for their
own failures alone. A wait grows to a bound; an attempt during it is refused unread and does not make it longer.
"""

import hashlib
import threading
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache

from rejent.kernel.clock import Clock
from rejent.office.proxies import counted_as

FORGOTTEN_AFTER = timedelta(hours=1)
"""Without a further failure."""
KNOWN_FOR = timedelta(days=30)
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Delay:
    """The growth of waits: ``free`` failures without one, then ``first_s`` seconds, doubled by each failure up to ``longest_s``."""

    free: int
    first_s: float
    longest_s: float

    def after(self, failures: int) -> float:
        """Seconds to wait after so many failures."""
        over = failures - self.free
        return 0.0 if over < 0 else min(self.first_s * 2 ** min(over, 32), self.longest_s)


HERE = Delay(free=5, first_s=10.0, longest_s=300.0)
"""For an account at one address."""
EVERYWHERE = Delay(free=20, first_s=5.0, longest_s=60.0)
"""For an account at all addresses together."""


class Attempts:
    """The attempts to sign in to one account, by the name typed, from one address."""

    def __init__(self, account: str, address: str, clock: Clock) -> None:
        self._clock = clock
        place = counted_as(address)
        self._here = _key("here", account.casefold(), place)
        self._everywhere = _key("everywhere", account.casefold())
        self._known = _key("known", account.casefold(), place)

    def begin(self) -> bool:
        """Count an attempt as failed until `succeeded` says otherwise; false if it comes too early and must not be read."""
        with _LOCK:
            counted = self._counted()
            if any(self._left(key, delay) > 0 for key, delay in counted):
                return False
            for key, _ in counted:
                failures, _last = self._kept(key)
                cache.set(key, (failures + 1, self._now()), FORGOTTEN_AFTER.total_seconds())
        return True

    @property
    def wait_s(self) -> float:
        """Seconds until an attempt is read again."""
        return max(self._left(key, delay) for key, delay in self._counted())

    def succeeded(self) -> None:
        """The person proved who they are: their own failures here are forgotten, and the place is known."""
        with _LOCK:
            cache.delete(self._here)
            failures, last = self._kept(self._everywhere)
            if failures:
                cache.set(self._everywhere, (failures - 1, last), FORGOTTEN_AFTER.total_seconds())
            cache.set(self._known, True, KNOWN_FOR.total_seconds())

    def _counted(self) -> list[tuple[str, Delay]]:
        here = [(self._here, HERE)]
        return here if cache.get(self._known) else [*here, (self._everywhere, EVERYWHERE)]

    def _left(self, key: str, delay: Delay) -> float:
        """Return the seconds left of a wait; a clock that was set back ends it."""
        failures, last = self._kept(key)
        passed = self._now() - last
        return max(0.0, delay.after(failures) - passed) if passed >= 0 else 0.0

    def _kept(self, key: str) -> tuple[int, float]:
        kept: tuple[int, float] = cache.get(key, (0, 0.0))
        return kept

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _key(kind: str, *parts: str) -> str:
    return f"sign-in:{kind}:{hashlib.sha256(repr(parts).encode()).hexdigest()}"
