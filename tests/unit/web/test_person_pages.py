"""What the IT administrator does for people: a forgotten password."""

import pytest
from django.contrib.auth import authenticate

from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.web.conftest import Browser

NEW = "cztery ciche jasne rzeki"


def test_a_forgotten_password_is_set_anew_by_the_administrator(
    browser: Browser, people: dict[str, PersonView]
) -> None:
    """The person's own sessions end, the new password opens, and the register says who set it."""
    viewer = people["viewer"]
    theirs, own = browser("viewer"), browser("administrator")
    address = f"/people/{viewer.id}/password"
    assert viewer.username in own.get(f"/people/{viewer.id}").content.decode()
    assert own.post(address, {"password": NEW}).status_code == 302
    assert authenticate(username=viewer.username, password=NEW) is not None
    assert theirs.get("/").status_code == 302
    (entered,) = registers.acts(names=["person.password-set"]).acts
    assert entered.actor == str(people["administrator"].id)
    assert own.get("/").status_code == 200


@pytest.mark.parametrize(("role", "who"), [("administrator", "administrator"), ("iod", "viewer")])
def test_nobody_else_sets_passwords_and_nobody_their_own_this_way(
    browser: Browser, people: dict[str, PersonView], role: str, who: str
) -> None:
    """One's own password needs the old one; supervision sets none."""
    own = browser(role)
    assert own.post(f"/people/{people[who].id}/password", {"password": NEW}).status_code in {200, 403}
    assert registers.acts(names=["person.password-set"]).acts == []
    assert authenticate(username=people[who].username, password=NEW) is None


def test_a_weak_password_is_refused_at_its_field(browser: Browser, people: dict[str, PersonView]) -> None:
    """The page says why, and the old one stays."""
    page = browser("administrator").post(f"/people/{people['viewer'].id}/password", {"password": "krótkie"})
    assert page.status_code == 200
    assert 'id="id_password-error"' in page.content.decode() or "aria-invalid" in page.content.decode()
    assert registers.acts(names=["person.password-set"]).acts == []
