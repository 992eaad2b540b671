"""Photos of plates: taken by whoever looks at plates, judged by their content, shown inert, and kept from others."""

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from rejent.cases.attachments.models import AttachedFile
from tests.unit.web.conftest import Browser, text_of
from tests.unit.web.copied import office
from tests.unit.web.test_notice_pages import TODAY, plate

__all__ = ["office", "plate"]

pytestmark = pytest.mark.usefixtures("people", "office")


def sent(client: Client, number: str, content: bytes, name: str = "IMG_0001.jpg") -> Any:
    """What the form with a photo answers."""
    told = {"about": f"plate:{number}", "of": "", "role": "photo", "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("file-attach"), told, follow=True)


def photo() -> bytes:
    """A picture as a telephone takes it."""
    held = BytesIO()
    Image.new("RGB", (64, 48), "white").save(held, "JPEG")
    return held.getvalue()


def test_a_photo_is_taken_on_the_walk_and_shown_inert(browser: Browser, plate: str) -> None:
    """It stands on the plate's page, runs nothing wherever it is opened, and whoever sees no plates does not see it."""
    content = photo()
    page = text_of(sent(browser("clerk"), plate, content))
    assert "Dzisiejsze zdjęcie jest dołączone" in page
    (shown,) = re.findall(r'<img src="(/files/[^"]+)"', page)
    opened = browser("head").get(shown)
    assert b"".join(opened.streaming_content) == content
    assert opened.headers["Content-Type"] == "image/jpeg"
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in opened.headers["Content-Security-Policy"]
    assert browser("viewer").get(shown).status_code == 403
    assert Client().get(shown).status_code in {302, 403}


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"GIF89a" + bytes(64),
        b"%PDF-1.7\n" + bytes(64),
        b"",
    ],
    ids=["html", "svg", "gif", "pdf", "empty"],
)
def test_what_only_claims_to_be_a_picture_is_refused(browser: Browser, plate: str, content: bytes) -> None:
    """Whatever its name says, its content decides; one line, and nothing is kept."""
    answer = sent(browser("clerk"), plate, content)
    assert 'class="notice stopped"' in text_of(answer) or 'role="alert"' in text_of(answer)
    assert not AttachedFile.objects.exists()


def test_who_looks_at_no_plates_attaches_nothing(browser: Browser, plate: str) -> None:
    """Nor is anything attached to a plate that is not there, or to one that was taken down."""
    assert sent(browser("viewer"), plate, photo()).status_code == 403
    assert sent(browser("clerk"), "T-2026-9", photo()).status_code == 404
    browser("head").post(f"/notices/plates/{plate}/down", {"down_on": TODAY, "reason": "remont"})
    sent(browser("clerk"), plate, photo())
    assert not AttachedFile.objects.exists()
