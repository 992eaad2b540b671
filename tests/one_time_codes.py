"""What an application for one-time codes shows (RFC 6238), and time that stands still for it.

A code is good for the step of thirty seconds it was made in: a test that makes one late in a step would be refused.
"""

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal import auth


def code_of(secret: str) -> str:
    """The code that an application shows now."""
    return str(
        auth.format_hotp_value(auth.hotp_value(secret, next(iter(auth.yield_hotp_counters_from_time()))))
    )


def wrong_code(secret: str, number: int) -> str:
    """A code that no application shows now; other numbers give others."""
    return next(
        code for code in (f"{start:06d}" for start in range(number * 7, 10**6)) if code != code_of(secret)
    )


@pytest.fixture(autouse=True)
def one_step() -> Iterator[None]:
    """Every code of a test is made and looked at in one step."""
    now = time.time()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(auth, "time", SimpleNamespace(time=lambda: now))
        yield
