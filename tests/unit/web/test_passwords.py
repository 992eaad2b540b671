"""A crowd that tries to sign in takes the machine's memory twice, not a hundred times."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

from rejent.web.people.people import PasswordForm
from rejent.web.signing_in.passwords import AT_ONCE
from tests.waiting import CEILING_S

PASSWORD = "spokojna długa rzeka"


@pytest.mark.parametrize("step", ["encode", "verify"])
def test_few_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Of many attempts, with accounts that are there or not, two are computed while the others wait."""
    known = make_password(PASSWORD)
    together = threading.Barrier(AT_ONCE, timeout=CEILING_S)
    lock, active, most = threading.Lock(), [0], [0]
    slow = getattr(Argon2PasswordHasher, step)

    def watched(self: Argon2PasswordHasher, *given: str) -> object:
        with lock:
            active[0] += 1
            most[0] = max(most[0], active[0])
        together.wait()
        try:
            return slow(self, *given)
        finally:
            with lock:
                active[0] -= 1

    monkeypatch.setattr(Argon2PasswordHasher, step, watched)
    with ThreadPoolExecutor(4) as crowd:
        if step == "encode":
            list(crowd.map(make_password, ["wrong"] * 4))
        else:
            list(crowd.map(check_password, ["wrong"] * 4, [known] * 4))
    assert most[0] == AT_ONCE


def test_a_password_hashed_by_an_earlier_version_still_opens() -> None:
    """The hash is Django's own, with its parameters."""
    assert check_password(PASSWORD, Argon2PasswordHasher().encode(PASSWORD, "salt of an earlier year"))


def test_blanks_of_a_password_count_where_another_gives_it() -> None:
    """Signing in takes them as they are typed: a form that dropped them would give a password that opens nothing."""
    given = f" {PASSWORD} "
    form = PasswordForm({"password": given})
    assert form.is_valid()
    assert form.cleaned_data["password"] == given
