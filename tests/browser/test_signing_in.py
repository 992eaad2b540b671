"""Signing in: by password, by passkey, and not too often."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn, Site
from tests.browser.office import PASSWORD

pytestmark = pytest.mark.browser


def test_a_wrong_password_is_said_once_above_the_form(visit: SignIn, site: Site) -> None:
    """The error summary has the focus and does not tell whether the account exists."""
    page = visit().page
    page.goto(f"{site.base}/account/login/?next=/holds")
    page.fill("[name=login]", "nobody")
    page.fill("[name=password]", "not a password at all")
    page.press("[name=password]", "Enter")
    expect(page.locator(".summary")).to_be_focused()
    expect(page).to_have_title("Błąd: Zaloguj się – Rejent")


def test_a_passkey_signs_in_without_a_password(visit: SignIn, site: Site, complaints: list[str]) -> None:
    """A key made by the browser's own authenticator is added on the security page and opens the office alone."""
    site_base = site.base.replace("127.0.0.1", "localhost")
    page = visit().page
    page.goto(f"{site_base}/account/login/")
    client = page.context.new_cdp_session(page)
    client.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    client.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.fill("[name=login]", "secretary")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{site_base}/")
    page.goto(f"{site_base}/account/2fa/webauthn/add/")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "webauthn/add" not in url)
    page.goto(f"{site_base}/")
    page.click(".side .self button:has-text('Wyloguj')")
    page.goto(f"{site_base}/account/login/")
    page.click("#passkey_login")
    page.wait_for_url(f"{site_base}/")
    expect(page.locator(".side .who")).to_contain_text("Osoba secretary")
    elsewhere = f"asked elsewhere: {site_base}"
    complaints[:] = [complaint for complaint in complaints if not complaint.startswith(elsewhere)]
